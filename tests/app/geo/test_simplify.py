"""Outlines for the eye: few places whatever they are, at a cost that follows their length."""

from itertools import pairwise
from math import cos, pi, radians, sin
from typing import Any

import pytest
import shapely

from app.geo import simplify
from app.geo.polygon import MultiPolygon, Ring
from app.geo.simplify import rounded, simplified, simplified_to_budget

M_PER_DEGREE = 111_195


def star(corners: int, *, inner: float, lon: float = 0.0, size: float = 0.1) -> MultiPolygon:
    """Teeth from `inner` of the size to all of it; round where that is 1."""
    reaches = [size * (inner if number % 2 else 1.0) for number in range(corners)]
    turns = [2 * pi * number / corners for number in range(corners)]
    places = [(lon + cos(turn) * reach, sin(turn) * reach) for turn, reach in zip(turns, reaches, strict=True)]
    return MultiPolygon((((*places, places[0]),),))


def square(west: float, south: float, side: float) -> Ring:
    east, north = west + side, south + side
    return (west, south), (east, south), (east, north), (west, north), (west, south)


def teeth_that_grow(number: int) -> MultiPolygon:
    top = [(count / number, 1 + (count / number if count % 2 else 0.0)) for count in range(number)]
    return MultiPolygon(((((0.0, 0.0), *top, (1.0, 0.0), (0.0, 0.0)),),))


def test_no_outline_is_looked_at_once_for_each_of_its_places(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    real = simplify._farthest

    def count(flat: Any, numbers: range, start: int, end: int) -> tuple[int, float]:
        nonlocal looks
        looks += len(numbers)
        return real(flat, numbers, start, end)

    monkeypatch.setattr(simplify, "_farthest", count)
    simplified(teeth_that_grow(8000), 10)

    assert looks < 8000 * 30


@pytest.mark.parametrize("inner", [0.1, 0.9, 1.0])
def test_places_are_measured_after_thinning(inner: float) -> None:
    shapes = [star(4000, inner=inner, lon=number / 100) for number in range(12)]

    coarse = simplified_to_budget(shapes, 1.0, most=600)

    assert sum(shape.points for shape in coarse) <= 600
    assert all(ring[0] == ring[-1] and len(ring) >= 4 for shape in coarse for part in shape.polygons for ring in part)


def test_dense_outline_is_not_drawn_coarser_than_it_must() -> None:
    """Halves guessed from the number of places would leave a triangle."""
    coarse = simplified_to_budget([star(40_000, inner=1.0)], 10, most=200)

    assert 25 < coarse[0].points <= 200


def test_jagged_outline_costs_the_others_nothing() -> None:
    round_one = star(200, inner=1.0)

    alone = simplified_to_budget([round_one], 10, most=500)
    beside = simplified_to_budget([round_one, star(9000, inner=0.1)], 10, most=500)

    assert beside[0] == alone[0]
    assert beside[0].points + beside[1].points <= 500


def test_coarse_outline_stays_near_where_there_is_room() -> None:
    shape = star(3000, inner=0.97)
    [coarse] = simplified_to_budget([shape], 50, most=3000)
    [one], [other] = shape.polygons[0], coarse.polygons[0]

    assert coarse.points < shape.points
    assert shapely.LinearRing(one).hausdorff_distance(shapely.LinearRing(other)) * M_PER_DEGREE < 3 * 50


def test_many_parts_go_but_for_the_largest() -> None:
    islands = tuple((square(number / 10, 0.0, 0.001 + (number == 7) / 1000),) for number in range(900))

    [coarse] = simplified_to_budget([MultiPolygon(islands)], 10, most=100)
    [kept] = simplified_to_budget([MultiPolygon(islands)], 1000, most=5000)

    assert coarse.points <= 100
    assert coarse.boxes[0].west == kept.boxes[0].west == 0.7
    assert len(kept.polygons) == 1


def test_nothing_and_far_too_many_come_to_an_end() -> None:
    corners = star(9, inner=1.0, lon=5.0)

    assert simplified_to_budget([], 10, most=100) == []
    assert [shape.points for shape in simplified_to_budget([corners] * 50, 0.0, most=10)] == [4] * 50


def test_rounding_leaves_rings_that_have_an_area_to_draw() -> None:
    row = tuple((0.00001 * number, 0.5 * (number > 20)) for number in range(40))
    shape = MultiPolygon((((*row, row[0]), square(0.0001, 0.1, 0.00001)), (square(3.0, 3.0, 0.00001),)))

    coarse = rounded(shape, 4)

    [[ring]] = coarse.polygons
    assert ring[0] == ring[-1]
    assert all(one != other for one, other in pairwise(ring))


def test_outline_smaller_than_the_rounding_is_not_lost() -> None:
    shape = MultiPolygon(((square(1.0, cos(radians(1)), 0.00001),),))

    assert rounded(shape, 4) == shape
