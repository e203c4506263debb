"""Static files as they are staged: packed once, always to the same bytes, and only where it gains something."""

import gzip
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
import time_machine

from app.pages.frame import assets
from infra import precompressed

STYLE = b".map { inset: 0; }\n" * 100
NOISE = random.Random(1).randbytes(2000)
Pack = Callable[..., Path]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """`pack({"a.css": b".."})` stages these files and gives their folder."""

    def packed(files: dict[str, bytes], name: str = "static") -> Path:
        folder = tmp_path / name
        for file, content in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content)
        precompressed.pack(folder)
        return folder

    return packed


def lying_in(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_text_lies_there_in_both_packed_forms_in_place_of_itself(pack: Pack) -> None:
    staged = lying_in(pack({"deep/map.css": STYLE}))

    assert staged.keys() == {"deep/map.css.br", "deep/map.css.gz"}
    assert brotli.decompress(staged["deep/map.css.br"]) == STYLE
    assert gzip.decompress(staged["deep/map.css.gz"]) == STYLE


def test_index_names_every_file_with_the_digest_that_a_source_tree_gives_it(tmp_path: Path) -> None:
    shutil.copytree(assets.FOLDER, tmp_path / "static")
    precompressed.pack(tmp_path / "static")

    digests = json.loads((tmp_path / "static.json").read_text())

    assert digests == {name: found.digest for name in assets.names() if (found := assets.find(name))}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("small.css", STYLE[:1000]),
        ("photo.png", STYLE),
        ("font.woff2", STYLE),
        ("LICENSE", STYLE),
        ("bundle.js.LICENSE.txt", STYLE),
        ("noise.json", NOISE),
    ],
)
def test_what_is_small_of_another_kind_or_gains_nothing_stays_as_it_is(pack: Pack, name: str, content: bytes) -> None:
    assert lying_in(pack({name: content})) == {name: content}


@pytest.mark.parametrize(("seed", "share"), [(27, 1.02), (0, 0.98)])
def test_brotli_that_takes_less_than_a_tenth_off_gzip_is_left_out(pack: Pack, seed: int, share: float) -> None:
    content = bytes(random.Random(seed).choices(range(32, 132), k=1118))
    packed, tight = gzip.compress(content, 9), brotli.compress(content, quality=11)
    assert len(tight) / len(packed) == pytest.approx(share, abs=0.015) and len(packed) < len(content)

    assert lying_in(pack({"odd.json": content})).keys() == {"odd.json.gz"}


def test_pages_for_developers_weigh_once_on_each_start(pack: Pack) -> None:
    staged = lying_in(pack({"vendor/swagger-ui-5.35.0/swagger-ui-bundle.js": STYLE}))

    assert staged.keys() == {"vendor/swagger-ui-5.35.0/swagger-ui-bundle.js.gz"}


def test_same_bytes_come_of_another_day_and_another_order(pack: Pack) -> None:
    files = {f"{name}.js": STYLE + name.encode() for name in "abcde"}

    with time_machine.travel("2026-11-21"):
        first = pack(files, "first")
    with time_machine.travel("2027-01-05"):
        again = pack(dict(reversed(files.items())), "again")

    assert lying_in(first) == lying_in(again)
    assert first.with_suffix(".json").read_bytes() == again.with_suffix(".json").read_bytes()


def test_source_tree_holds_no_packed_forms_that_could_go_stale() -> None:
    packed = [file for file in assets.FOLDER.rglob("*") if file.suffix in assets.FORMS.values()]

    assert (packed, assets.FOLDER.with_suffix(".json").exists()) == ([], False)
