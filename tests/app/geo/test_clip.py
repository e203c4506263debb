"""An outline cut off at a box: an independent library finds the same area."""

from math import cos, pi, sin

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.geo.box_circle import Box
from app.geo.clip import clipped
from app.geo.polygon import MultiPolygon, Ring

EVERYWHERE = Box(-180.0, -90.0, 180.0, 90.0)


def ring(west: float, south: float, east: float, north: float) -> Ring:
    return (west, south), (east, south), (east, north), (west, north), (west, south)


def area(shape: MultiPolygon) -> float:
    return sum(float(shapely.Polygon(outer, holes).area) for outer, *holes in shape.polygons)


@st.composite
def stars(draw: st.DrawFn) -> MultiPolygon:
    """Some 4 degrees wide around the origin, most of them jagged; some with a hole."""
    reaches = draw(st.lists(st.floats(0.5, 2), min_size=3, max_size=40))
    turns = [2 * pi * number / len(reaches) for number in range(len(reaches))]
    outer = [(cos(turn) * reach, sin(turn) * reach) for turn, reach in zip(turns, reaches, strict=True)]
    inner = [(lon * 0.4, lat * 0.4) for lon, lat in outer]
    rings = [outer, inner] if draw(st.booleans()) else [outer]
    return MultiPolygon((tuple((*each, each[0]) for each in rings),))


@given(stars(), *(st.integers(-220, 220).map(lambda number: number / 100) for _ in range(4)))
@settings(max_examples=150)
def test_what_is_left_is_what_lies_in_the_box(
    shape: MultiPolygon, west: float, south: float, wide: float, high: float
) -> None:
    box = Box(west, south, west + abs(wide) + 0.01, south + abs(high) + 0.01)
    [[outer, *holes]] = shape.polygons

    left = clipped(shape, box)

    wanted = shapely.Polygon(outer, holes).intersection(shapely.box(*box)).area
    assert area(left) == pytest.approx(wanted, abs=1e-9)
    assert all(box.contains(lat=lat, lon=lon) for part in left.polygons for each in part for lon, lat in each)
    assert all(each[0] == each[-1] and len(each) >= 4 for part in left.polygons for each in part)


def test_box_over_the_antimeridian_takes_of_both_sides() -> None:
    shape = MultiPolygon(((ring(175, -20, 180, -10),), (ring(-180, -20, -175, -10),), (ring(0, -20, 5, -10),)))

    left = clipped(shape, Box(179.0, -16.0, -179.0, -15.0))

    assert sorted(left.boxes) == [Box(-180.0, -16.0, -179.0, -15.0), Box(179.0, -16.0, 180.0, -15.0)]


def test_nothing_is_left_of_what_lies_beside_touches_or_goes_around_the_box() -> None:
    box = Box(0.0, 0.0, 1.0, 1.0)
    around = MultiPolygon(((ring(-5, -5, 5, 5), ring(-1, -1, 2, 2)),))

    for shape in (MultiPolygon(((ring(2, 2, 3, 3),),)), MultiPolygon(((ring(1, 0, 2, 1),),)), around):
        assert clipped(shape, box).is_empty


def test_corner_of_a_bent_outline_around_the_box_leaves_nothing() -> None:
    bent = ((-1.0, -1.0), (2.0, -1.0), (2.0, 2.0), (1.5, 2.0), (1.5, -0.5), (-1.0, -0.5), (-1.0, -1.0))

    assert clipped(MultiPolygon(((bent,),)), Box(0.0, 0.0, 1.0, 1.0)).is_empty


def test_box_of_a_whole_turn_leaves_all() -> None:
    shape = MultiPolygon(((ring(-180, -20, 180, -10),), (ring(3, 4, 5, 6),)))

    assert clipped(shape, EVERYWHERE) == shape
