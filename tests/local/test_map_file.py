"""The streets of a local run: the file that is given, with its credit; what is no such file is refused in words."""

import gzip
import json
import os
import struct
from pathlib import Path

import pytest

from infra.local.map_file import DEMO_MAP, environment_of
from infra.local.processes import Failed
from infra.local.serve import _choose_map


def pmtiles(metadata: bytes, *, compression: int = 2, length: int | None = None, at: int = 127) -> bytes:
    header = bytearray(127)
    header[:8] = b"PMTiles\x03"
    struct.pack_into("<QQ", header, 24, at, len(metadata) if length is None else length)
    header[97] = compression
    return bytes(header) + metadata


def test_demo_has_the_streets_of_bath_with_their_credit() -> None:
    chosen = environment_of("")

    assert chosen["FLOOD_MAP_FILE"] == str(DEMO_MAP)
    assert chosen["FLOOD_TILE_ATTRIBUTION"] == "Contains OS data © Crown copyright and database right 2017"


@pytest.mark.parametrize(
    ("name", "set_before", "file", "credit"),
    [
        ("", {}, str(DEMO_MAP), "Contains OS data © Crown copyright and database right 2017"),
        (
            "",
            {"FLOOD_TILE_ATTRIBUTION": "x"},
            str(DEMO_MAP),
            "Contains OS data © Crown copyright and database right 2017",
        ),
        (str(DEMO_MAP), {"FLOOD_TILE_ATTRIBUTION": "x"}, str(DEMO_MAP), "x"),
        ("", {"FLOOD_MAP_FILE": "/mine", "FLOOD_TILE_ATTRIBUTION": "x"}, "/mine", "x"),
        ("", {"FLOOD_TILE_URL": "https://t.example/{z}/{x}/{y}.png"}, None, None),
        ("", {"FLOOD_PMTILES_URL": "https://t.example/a.pmtiles"}, None, None),
        ("none", {"FLOOD_MAP_FILE": "/mine"}, None, None),
    ],
)
def test_map_is_the_one_that_is_named_then_the_one_that_is_set_then_the_demos(
    monkeypatch: pytest.MonkeyPatch, name: str, set_before: dict[str, str], file: str | None, credit: str | None
) -> None:
    for variable in ("FLOOD_MAP_FILE", "FLOOD_TILE_ATTRIBUTION", "FLOOD_TILE_URL", "FLOOD_PMTILES_URL"):
        monkeypatch.setenv(variable, set_before.get(variable, ""))

    _choose_map(name)

    assert (os.environ.get("FLOOD_MAP_FILE") or None, os.environ.get("FLOOD_TILE_ATTRIBUTION") or None) == (
        file,
        credit,
    )


@pytest.mark.parametrize(
    ("metadata", "compression", "credit"),
    [
        (gzip.compress(json.dumps({"attribution": " (c) the\n town "}).encode(), mtime=0), 2, "© the town"),
        (json.dumps({"attribution": "the town"}).encode(), 1, "the town"),
        (
            json.dumps({"attribution": '<a href="https://t.example">The&nbsp;town</a> &amp; all'}).encode(),
            1,
            "The town & all",
        ),
        (json.dumps({"attribution": "the \ud800 \x00town"}).encode(), 1, "the town"),
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
        pmtiles(b"", at=2**63),
        pmtiles(b"[" * 200_000, compression=1),
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
