"""Outlines as CAP draws them: few points, no holes, closed and simple, whatever the issuer draws."""

import random
from math import cos, pi, sin

import pytest

from app.feeds import cap_geometry
from app.feeds.cap_geometry import MOST_IN_ALL, MOST_POLYGONS, drawn
from app.geo.polygon import MultiPolygon, Ring, contains
from app.geo.polygon_geojson import from_rings
from app.geo.repair import make_valid
from app.geo.simple_ring import hull, is_simple, parted
from tests.app.feeds.alerts import check_ring


def jagged(points: int, *, seed: int = 1, radius: float = 1.0, lon: float = 0.0, lat: float = 50.0) -> Ring:
    """A ring around a place that goes out and in at random, so that a simplified one often crosses itself."""
    chance = random.Random(seed)
    around = [(2 * pi * number / points, radius * chance.uniform(0.4, 1.0)) for number in range(points)]
    ring = [(round(lon + away * cos(turn), 6), round(lat + away * sin(turn), 6)) for turn, away in around]
    return (*ring, ring[0])


def outline(*rings: Ring) -> MultiPolygon:
    return make_valid(from_rings(rings))


@pytest.mark.parametrize("points", [3, 4, 249, 250, 251, 1_000, 2_000])
@pytest.mark.parametrize("seed", range(3))
def test_jagged_outlines_become_simple_rings_of_few_points(points: int, seed: int) -> None:
    shown = drawn(outline(jagged(points, seed=seed)))

    for polygon in shown.polygons:
        check_ring(polygon)
    assert ("Its outline is simplified here." in shown.notes) == (points > 249)


@pytest.mark.long
def test_outline_of_93000_positions_is_drawn() -> None:
    shown = drawn(MultiPolygon(((jagged(93_000, radius=3.0),),)))

    assert shown.polygons
    for polygon in shown.polygons:
        check_ring(polygon)


def test_few_points_are_left_as_they_are() -> None:
    shape = outline(jagged(100))

    shown = drawn(shape)

    (ring,) = shape.polygons[0]
    assert shown.notes == ()
    assert shown.polygons == (" ".join(f"{cap_geometry.number(lat)},{cap_geometry.number(lon)}" for lon, lat in ring),)


def test_very_many_parts_are_drawn_by_their_size() -> None:
    parts = [jagged(60, radius=0.2 + number / 10_000, lon=-170.0 + number % 60 * 5, lat=-60.0 + number // 60 * 8)
             for number in range(MOST_POLYGONS + 100)]  # fmt: skip

    shown = drawn(MultiPolygon(tuple((part,) for part in parts)))

    assert len(shown.polygons) >= MOST_POLYGONS
    assert sum(polygon.count(" ") + 1 for polygon in shown.polygons) <= MOST_IN_ALL
    assert f"Of its outline only the {MOST_POLYGONS} largest parts are drawn here." in shown.notes


def test_ring_that_touches_itself_is_cut_there() -> None:
    eight: Ring = ((0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (2.0, 2.0), (1.0, 1.0), (0.0, 2.0), (0.0, 0.0))

    shown = drawn(MultiPolygon(((eight,),)))

    assert len(shown.polygons) == 2 and shown.notes == ()
    for polygon in shown.polygons:
        check_ring(polygon)


def test_ring_whose_corner_lies_on_its_own_edge_is_drawn_without_that() -> None:
    touching: Ring = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 0.0), (0.0, 4.0), (0.0, 0.0))

    shown = drawn(MultiPolygon(((touching,),)))

    assert not is_simple(touching)
    for polygon in shown.polygons:
        check_ring(polygon)


@pytest.mark.parametrize("seed", range(20))
def test_hull_covers_every_position(seed: int) -> None:
    ring = jagged(50, seed=seed)

    around = hull(ring)

    assert is_simple(around)
    assert all(contains(MultiPolygon(((around,),)), lat=lat, lon=lon) for lon, lat in ring)


@pytest.mark.parametrize(
    ("corners", "simple"),
    [
        ("0,0 1,0 1,1 0,1", True),
        ("0,0 1,1 1,0 0,1", False),
        ("0,0 2,0 1,0 1,1", False),
        ("0,0 1,0 1,0 0,1", False),
        ("0,0 2,0 2,2 1,0 0,2", False),
        ("0,0 2,0 2,2 1,1 0,2", True),
    ],
)
def test_simple_rings_are_known(corners: str, simple: bool) -> None:
    ring = [tuple(map(float, corner.split(","))) for corner in corners.split()]

    assert is_simple(tuple((x, y) for x, y in [*ring, ring[0]])) == simple


def test_part_without_area_is_left_out() -> None:
    assert parted(((0.0, 0.0), (1.0, 0.0), (0.0, 0.0))) == []


@pytest.mark.parametrize("at", [(0.0, 0.0), (180.0, 90.0), (-180.0, -90.0)])
def test_outline_without_area_is_drawn_as_the_smallest_box(at: tuple[float, float]) -> None:
    (polygon,) = drawn(MultiPolygon((((at, at, at, at),),))).polygons

    check_ring(polygon)


@pytest.mark.parametrize(
    ("value", "text"), [(1e-7, "0"), (-1e-7, "0"), (51.5, "51.5"), (-180.0, "-180"), (1e-5, "0.00001")]
)
def test_numbers_have_no_exponent_and_six_decimals(value: float, text: str) -> None:
    assert cap_geometry.number(value) == text
