"""A new gazetteer is loaded beside the one in use, and takes its place at once when all of it is there."""

import zlib
from itertools import islice
from pathlib import Path

import boto3
import pytest
from flask import Flask

from app.gazetteer import loading, pack_file, search
from app.gazetteer.models import CURRENT, STORE, GazetteerBlock
from tests.conftest import PREFIX

TABLE = f"{PREFIX}-gazetteer"


def pack(folder: Path, name: str, body: bytes = b"x" * 3) -> tuple[Path, str]:
    """A pack of 2,500 blocks, another for each body; gives its version too."""
    file = folder / f"{name}.pack"
    blocks = ((f"n/{number}", zlib.compress(body)) for number in range(2500))
    return file, pack_file.write(file, blocks, {"date": "2026-11-28"})["version"]


def keys() -> set[str]:
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
    return {item["key"]["S"] for page in pages for item in page["Items"]}


def load(file: Path) -> list[int]:
    return [progress.stored for progress in loading.load(file)]


def test_first_pack_is_read_once_all_of_it_is_stored(tables: None, sample_pack: Path) -> None:
    steps = loading.load(sample_pack)
    next(steps)
    assert search.search("Burrowbridge").places == []

    list(steps)

    assert search.search("Burrowbridge").places[0].name == "Burrowbridge"


def test_loading_again_changes_nothing(tables: None, tmp_path: Path) -> None:
    file, version = pack(tmp_path, "one")
    assert load(file) == [0, 1000, 2000, 2500]
    before = keys()

    assert load(file) == [2500]

    assert keys() == before
    assert GazetteerBlock.get(CURRENT).version == version


def test_cut_off_loading_goes_on_where_it_stopped(tables: None, tmp_path: Path) -> None:
    file, version = pack(tmp_path, "one")
    list(islice(loading.load(file), 2))  # ended after the first thousand

    assert load(file) == [1000, 2000, 2500]
    assert len({key for key in keys() if key.startswith(f"{version}/n/")}) == 2500


def test_version_before_stays_and_the_one_before_that_goes(tables: None, tmp_path: Path) -> None:
    versions = []
    for body in (b"one", b"two", b"three"):
        file, version = pack(tmp_path, body.decode(), body)
        load(file)
        versions.append(version)

    assert {key.split("/")[0] for key in keys()} == {"current", versions[1], versions[2]}
    assert (GazetteerBlock.get(CURRENT).version, GazetteerBlock.get(CURRENT).previous) == (versions[2], versions[1])


def test_process_goes_over_to_the_new_version_by_itself(places: None, tmp_path: Path) -> None:
    assert search.search("Burrowbridge").places
    load(pack(tmp_path, "other")[0])

    STORE.read_at = float("-inf")  # a minute later

    assert search.search("St Ives") == search.SearchResult([])


def test_code_of_another_form_does_not_see_these_rows(places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.gazetteer.models.CURRENT", "current/2")
    STORE.forget()

    assert not search.search("Burrowbridge").is_whole
    assert search.search("Bridgwater").places[0].source == "small_list"


def test_blocks_that_a_later_form_widened_are_read(places: None) -> None:
    from app.gazetteer import blocks

    key = f"{GazetteerBlock.get(CURRENT).version}/o/TA"
    rows = [[*row, "something newer"] for row in blocks.read_rows(GazetteerBlock.read([key])[key])]
    GazetteerBlock(key, body=blocks.pack_rows(rows)).save()

    assert search.search("TA7").places[0].name == "TA7"


def test_command_loads_a_pack_and_says_which(app: Flask, sample_pack: Path) -> None:
    ran = app.test_cli_runner().invoke(args=["load-gazetteer", str(sample_pack)])

    version = pack_file.read_about(sample_pack)["version"]
    assert (ran.exit_code, ran.output.startswith(f"The gazetteer {version} of 2026-11-28 is in use: ")) == (0, True)


def test_command_refuses_a_file_that_is_no_pack(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "towns.csv"
    file.write_text("name\nBath\n")

    ran = app.test_cli_runner().invoke(args=["load-gazetteer", str(file)])

    assert (ran.exit_code, "is not a gazetteer pack" in ran.output) == (1, True)
