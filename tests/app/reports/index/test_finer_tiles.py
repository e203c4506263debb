"""The finer tiles that a list reads are those which its area touches, in a small area as in a large one."""

import pytest

from app.geo.box_circle import Box, Circle, SearchArea
from app.geo.tiles import tile_at, tile_from_key
from app.reports.index.view import finer_tiles

AREAS: list[SearchArea] = [
    *(
        Circle(lat, lon, km)
        for lat, lon in ((51.5, -0.12), (89.9, 10.0), (0.0, 180.0))
        for km in (0.1, 2.0, 10.0, 50.0)
    ),
    Box(-0.13, 51.49, -0.11, 51.51),
    Box(179.9, -1.0, -179.9, 1.0),
    Box(-5.0, 50.0, 1.5, 55.0),
]


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize(("coarse", "fine"), [(8, 10), (10, 13)])
def test_finer_tiles_are_those_that_the_area_touches_in_their_order(area: SearchArea, coarse: int, fine: int) -> None:
    first = area.tiles(coarse)[:6]
    keys = [child.key for tile in first for child in tile.children(fine)]
    assert finer_tiles(area, keys) == [key for key in keys if area.touches(tile_from_key(key))]


def test_without_an_area_all_tiles_are_read() -> None:
    keys = [child.key for child in tile_at(lat=51.5, lon=-0.12, z=10).children(13)]
    assert finer_tiles(None, keys) == keys


def test_tiles_of_two_zooms_are_told_apart() -> None:
    circle = Circle(51.5, -0.12, 2.0)
    tile = tile_at(lat=51.5, lon=-0.12, z=8)
    keys = [child.key for zoom in (10, 13) for child in tile.children(zoom)]
    assert finer_tiles(circle, keys) == [key for key in keys if circle.touches(tile_from_key(key))]
