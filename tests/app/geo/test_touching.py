"""Two shapes share a place, or not, as an independent library says."""

import random

import pytest
import shapely

from app.geo.box_circle import Box
from app.geo.polygon import MultiPolygon, inner_tiles, tiles
from app.geo.polygon_geojson import from_rings
from app.geo.repair import make_valid
from app.geo.touching import outline_of, shapes_touch


def ring(dice: random.Random) -> list[tuple[float, float]]:
    lon, lat, size = dice.uniform(-1, 1), dice.uniform(-1, 1), dice.uniform(0.05, 0.9)
    return [(lon + dice.uniform(-size, size), lat + dice.uniform(-size, size)) for _ in range(dice.randint(3, 9))]


def shape(dice: random.Random) -> MultiPolygon:
    while True:
        made = make_valid(from_rings([ring(dice) for _ in range(dice.randint(1, 2))]))
        if not made.is_empty:
            return made


def as_theirs(one: MultiPolygon) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([(polygon[0], polygon[1:]) for polygon in one.polygons])


@pytest.mark.parametrize("seed", range(300))
def test_shapes_touch_where_an_independent_library_says_so(seed: int) -> None:
    dice = random.Random(seed)
    one, other = shape(dice), shape(dice)
    theirs = as_theirs(one), as_theirs(other)

    if 0 < theirs[0].distance(theirs[1]) < 1e-9:
        return  # a matter of rounding
    assert shapes_touch(one, other) == shapes_touch(other, one) == theirs[0].intersects(theirs[1])


def test_shape_in_another_or_in_its_hole() -> None:
    outer, hole, inner = (outline_of(Box(-side, -side, side, side)) for side in (3, 2, 1))
    with_hole = MultiPolygon(((outer.polygons[0][0], hole.polygons[0][0]),))

    assert shapes_touch(outer, inner)
    assert not shapes_touch(with_hole, inner)
    assert shapes_touch(with_hole, hole)
    assert not shapes_touch(MultiPolygon(()), inner)


def test_box_over_the_antimeridian_is_two_polygons() -> None:
    over = outline_of(Box(179, -1, -179, 1))

    assert [(box.west, box.east) for box in over.boxes] == [(179, 180), (-180, -179)]
    assert shapes_touch(over, outline_of(Box(-179.5, 0, -170, 2)))
    assert not shapes_touch(over, outline_of(Box(-10, 0, 10, 2)))


@pytest.mark.parametrize("seed", range(20))
def test_inner_tiles_lie_in_the_shape_and_are_all_that_do(seed: int) -> None:
    one = shape(random.Random(seed))
    theirs = as_theirs(one)
    inside = inner_tiles(one, 9)

    assert all(theirs.covers(shapely.box(*tile.bounds())) for tile in inside)
    held = {tile for tile in tiles(one, 9) if theirs.buffer(-1e-6).covers(shapely.box(*tile.bounds()))}
    whole = [polygon for polygon in theirs.geoms if polygon.area > 0]
    assert inside >= held or len(whole) > 1
