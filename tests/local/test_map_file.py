"""The streets of a local run: the file that is given, with its credit; what is no such file is refused in words."""

import gzip
import json
import struct
from pathlib import Path

import pytest

from infra.local.map_file import DEMO_MAP, environment_of
from infra.local.processes import Failed


def pmtiles(metadata: bytes, *, compression: int = 2, length: int | None = None) -> bytes:
    header = bytearray(127)
    header[:8] = b"PMTiles\x03"
    struct.pack_into("<QQ", header, 24, 127, len(metadata) if length is None else length)
    header[97] = compression
    return bytes(header) + metadata


def test_demo_has_the_streets_of_bath_with_their_credit() -> None:
    chosen = environment_of("")

    assert chosen["FLOOD_MAP_FILE"] == str(DEMO_MAP)
    assert chosen["FLOOD_TILE_ATTRIBUTION"] == "Contains OS data © Crown copyright and database right 2017"


def test_no_streets_are_drawn_if_none_are_wanted() -> None:
    assert environment_of("none") == {}


@pytest.mark.parametrize(
    ("metadata", "compression", "credit"),
    [
        (gzip.compress(json.dumps({"attribution": " (c) the\n town "}).encode(), mtime=0), 2, "© the town"),
        (json.dumps({"attribution": "the town"}).encode(), 1, "the town"),
        (json.dumps({"attribution": ["the town"]}).encode(), 1, ""),
        (json.dumps(["the town"]).encode(), 1, ""),
        (b"brotli", 3, ""),
    ],
)
def test_credit_is_that_of_the_file(tmp_path: Path, metadata: bytes, compression: int, credit: str) -> None:
    file = tmp_path / "town.pmtiles"
    file.write_bytes(pmtiles(metadata, compression=compression))

    assert environment_of(str(file)) == {"FLOOD_MAP_FILE": str(file), "FLOOD_TILE_ATTRIBUTION": credit}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"PMTiles\x02" + bytes(119),
        pmtiles(b"not json", compression=1),
        pmtiles(gzip.compress(b"{}", mtime=0)[:9]),
        pmtiles(b"\xff\xfe", compression=1),
        pmtiles(b"", length=2**63),
    ],
)
def test_file_that_is_no_pmtiles_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "town.pmtiles"
    file.write_bytes(content)

    with pytest.raises(Failed, match="it is no PMTiles file of version 3"):
        environment_of(str(file))


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="cannot be read: No such file"):
        environment_of(str(tmp_path / "none.pmtiles"))
    with pytest.raises(Failed, match="cannot be read: Is a directory"):
        environment_of(str(tmp_path))
