"""Tiles are found in a map file by its directories; what is no such file is refused."""

import pytest

from app.geo import pmtiles
from app.geo.pmtiles import Unreadable
from app.geo.tiles import Tile
from app.geo.vector_tile import LINE, POINT, features
from tests.rig.map_tiles import Thing, file_of, tile_of


def everything(layer: str, kind: str, shape: int) -> bool:
    return True


def test_numbers_of_tiles_follow_the_curve_of_the_format() -> None:
    """The first five, and one more, as the specification's own readers number them."""
    first = [Tile(0, 0, 0), Tile(1, 0, 0), Tile(1, 0, 1), Tile(1, 1, 1), Tile(1, 1, 0), Tile(2, 0, 0)]

    assert [pmtiles.number_of(tile) for tile in first] == [0, 1, 2, 3, 4, 5]
    assert pmtiles.number_of(Tile(12, 3423, 1763)) == 19078479
    whole = {pmtiles.number_of(Tile(3, x, y)) for x in range(8) for y in range(8)}
    assert whole == set(range(21, 85))


@pytest.mark.parametrize("has_leaves", [False, True])
def test_tile_is_found_where_the_directories_say(has_leaves: bool) -> None:
    tiles = {Tile(1, 0, 0): b"one", Tile(1, 1, 1): b"another"}
    content = file_of(tiles, has_leaves=has_leaves)
    header = pmtiles.read_header(content)
    entries = pmtiles.read_directory(content[header.root_at :][: header.root_bytes], header.directories_packed)
    if has_leaves:
        leaf = entries[0]
        assert pmtiles.find(entries, 9) == leaf
        packed = content[header.leaves_at + leaf.at :][: leaf.length]
        entries = pmtiles.read_directory(packed, header.directories_packed)

    for tile, plain in tiles.items():
        entry = pmtiles.find(entries, pmtiles.number_of(tile))
        assert entry
        packed = content[header.tiles_at + entry.at :][: entry.length]
        assert pmtiles.unpacked(packed, header.tiles_packed, 100) == plain
    assert pmtiles.find(entries, pmtiles.number_of(Tile(1, 0, 1))) is None


def test_what_is_no_map_file_is_refused() -> None:
    good = file_of({Tile(0, 0, 0): b"x"})
    header = pmtiles.read_header(good)
    root = good[header.root_at :][: header.root_bytes]

    for head in (b"", b"<html>" * 40, good[:100], good[:97] + b"\x03" + good[98:], good[:99] + b"\x02" + good[100:]):
        with pytest.raises(Unreadable):
            pmtiles.read_header(head)
    for directory in (b"", root[:-9], b"\xff" * 40, root[:10] + b"\0" * 9):
        with pytest.raises(Unreadable):
            pmtiles.read_directory(directory, 2)
    for plain in (b"\xff" * 40, b"\x05\x01", b"\xff\xff\x03"):
        with pytest.raises(Unreadable):
            pmtiles.read_directory(plain, 1)


def test_tile_that_unpacks_to_more_than_is_wanted_is_refused() -> None:
    content = file_of({Tile(0, 0, 0): bytes(100_000)})
    header = pmtiles.read_header(content)

    with pytest.raises(Unreadable):
        pmtiles.unpacked(content[header.tiles_at :], header.tiles_packed, 99_999)


def test_objects_of_a_tile_come_with_their_kind_name_and_lines() -> None:
    road = Thing("roads", "minor_road", LINE, [(0, 0), (4096, -20), (4000, 30)], "Water Lane")
    town = Thing("places", "locality", POINT, [(7, 9)], "Muchney")

    found = list(features(tile_of([road, town]), everything))

    assert [(one.layer, one.kind, one.name, one.shape, one.lines) for one in found] == [
        ("roads", "minor_road", "Water Lane", LINE, [[(0, 0), (4096, -20), (4000, 30)]]),
        ("places", "locality", "Muchney", POINT, [[(7, 9)]]),
    ]
    assert [one.name for one in features(tile_of([road, town]), lambda layer, *_: layer == "places")] == ["Muchney"]


def test_cut_or_foreign_bytes_are_refused_and_never_fail_otherwise() -> None:
    whole = tile_of(
        [Thing("roads", "minor_road", LINE, [(0, 0), (9, 9)], "Lane"), Thing("water", "water", 3, [(1, 1)])]
    )

    for cut in range(len(whole)):
        for content in (whole[:cut], whole[cut:], whole[:cut] + b"\xff" + whole[cut + 1 :]):
            try:
                list(features(content, everything))
            except Unreadable:
                continue
