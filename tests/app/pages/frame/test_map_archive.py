"""Tiles are read with few ranges of bytes, before a deadline, and kept."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core import clock
from app.core.config import settings
from app.geo.tiles import Tile
from app.pages.frame import map_archive
from app.pages.frame.map_archive import UnpackedTiles
from tests.rig.map_tiles import Thing, file_of, tile_of
from tests.rig.upstream import Asked, Reply, Upstream

TILES = {Tile(1, x, y): tile_of([Thing("roads", "highway", 2, [(x, y), (9, 9)])]) for x in (0, 1) for y in (0, 1)}
FILE = file_of(TILES, has_leaves=True)


@pytest.fixture
def set_file(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    usual = settings()
    map_archive.forget()
    yield lambda **chosen: monkeypatch.setattr(map_archive, "settings", lambda: usual._replace(**chosen))
    map_archive.forget()


def ranges_of(content: bytes, etag: str = '"one"') -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        first, last = map(int, asked.headers["Range"].removeprefix("bytes=").split("-"))
        return Reply(content[first : last + 1], 206, {"ETag": etag})

    return answer


def read(*tiles: Tile) -> UnpackedTiles | None:
    return map_archive.read(lambda least, most: tiles or list(TILES))


def test_without_a_file_there_is_nothing_to_read(set_file: Callable[..., None]) -> None:
    set_file(map_file="", pmtiles_url="")

    assert read() is None


def test_file_of_this_machine_is_read(set_file: Callable[..., None], tmp_path: Path) -> None:
    file = tmp_path / "town.pmtiles"
    file.write_bytes(FILE)
    set_file(map_file=str(file))

    assert read() == UnpackedTiles(TILES, is_whole=True)
    assert read(Tile(2, 1, 1)) == UnpackedTiles({}, is_whole=True)


def test_address_is_asked_for_ranges_once_and_no_more_for_what_is_known(set_file: Callable[..., None]) -> None:
    with Upstream(ranges_of(FILE)) as host:
        set_file(pmtiles_url=host.address + "/town.pmtiles", map_file="/nowhere")

        assert read() == read() == UnpackedTiles(TILES, is_whole=True)

        # The head, a directory, and four tiles.
        assert len(host.asked) == 6
        assert [one.path for one in host.asked] == ["/town.pmtiles"] * 6


@pytest.mark.parametrize(
    "reply",
    [Reply(b"x", 404), Reply(FILE, 200), Reply(b"<html>", 206), Reply(b"", 206), Reply(FILE[:140], 206)],
    ids=["absent", "no ranges", "no map", "empty", "cut"],
)
def test_file_that_cannot_be_used_is_let_alone_for_a_while(set_file: Callable[..., None], reply: Reply) -> None:
    with Upstream(lambda asked: reply) as host:
        set_file(pmtiles_url=host.address + "/town.pmtiles")

        assert read() == read() == UnpackedTiles({}, is_whole=False)

        assert len(host.asked) == 1


def test_file_that_ends_early_gives_what_comes_before_its_end(set_file: Callable[..., None]) -> None:
    with Upstream(ranges_of(FILE[:-3])) as host:
        set_file(pmtiles_url=host.address)

        found = read()

        assert found
        assert (list(found.tiles), found.is_whole) == ([Tile(1, 0, 0), Tile(1, 0, 1)], False)


def test_file_that_was_replaced_is_read_anew(set_file: Callable[..., None]) -> None:
    with Upstream(ranges_of(FILE)) as host:
        set_file(pmtiles_url=host.address)
        read(Tile(1, 0, 0))
        other = {tile: content * 2 for tile, content in TILES.items()}
        host.answering = ranges_of(file_of(other, has_leaves=True), '"two"')

        assert read(Tile(1, 1, 1)) == UnpackedTiles({}, is_whole=False)

        assert read() == UnpackedTiles(other, is_whole=True)


def test_deadline_ends_all_that_one_picture_reads(
    set_file: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer takes a second of the clock: of the six that are needed two come in time."""
    now = [0.0]
    monkeypatch.setattr(clock, "running_s", lambda: now[0])
    ranges = ranges_of(FILE)

    def slow(asked: Asked) -> Reply:
        now[0] += 1
        return ranges(asked)

    with Upstream(slow) as host:
        set_file(pmtiles_url=host.address)

        assert read() == UnpackedTiles({}, is_whole=False)
        assert len(host.asked) <= 3
        # What has come is kept: each picture is further than the one before.
        for _ in range(6):
            found = read()
        assert found == UnpackedTiles(TILES, is_whole=True)
