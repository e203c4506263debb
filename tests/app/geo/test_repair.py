"""Outlines as senders write them become sound ones, or say why not; simplifying keeps what it promises."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from math import atan2, cos, pi, radians, sin
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.geo.box_circle import Box, Circle
from app.geo.coordinates import EARTH_RADIUS_KM
from app.geo.distance import shape_distance_km
from app.geo.polygon import NotAPolygon, Position, contains
from app.geo.polygon_geojson import MOST_POINTS, from_rings, read_geojson, signed_area, to_geojson
from app.geo.repair import circle, make_valid
from app.geo.simplify_valid import simplify_valid

SQUARE = [(0.0, 50.0), (2.0, 50.0), (2.0, 52.0), (0.0, 52.0)]
AREA = 4.0
GRID = st.integers(0, 8)
NEAR_THE_RIM = 1e-4


def area(geometry: dict[str, Any]) -> float:
    return float(shapely.from_geojson(json.dumps(geometry)).area)


@pytest.mark.parametrize(
    ("ring", "square_degrees"),
    [
        pytest.param(SQUARE, AREA, id="not closed"),
        pytest.param([*SQUARE, SQUARE[0]], AREA, id="closed"),
        pytest.param(SQUARE[::-1], AREA, id="clockwise"),
        pytest.param([place for place in SQUARE for _ in range(3)], AREA, id="places doubled"),
        pytest.param([*SQUARE[:2], (9.0, 50.0), *SQUARE[1:]], AREA, id="spike"),
        pytest.param([*SQUARE, *SQUARE], AREA, id="twice round"),
        pytest.param([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], AREA / 2, id="bow tie"),
        pytest.param([(lon + 360, lat) for lon, lat in SQUARE], AREA, id="a turn too far"),
    ],
)
def test_odd_ring_becomes_the_area_that_it_goes_around(ring: list[Position], square_degrees: float) -> None:
    geometry = to_geojson(make_valid(from_rings([ring])))

    assert shapely.from_geojson(json.dumps(geometry)).is_valid
    assert area(geometry) == pytest.approx(square_degrees)


def winding(ring: list[Position], lon: float, lat: float) -> int:
    """Return the winding number of the ring around a place: the sum of the angles of its edges."""
    seen = [atan2(y - lat, x - lon) for x, y in [*ring, ring[0]]]
    turns = sum((after - before + pi) % (2 * pi) - pi for before, after in pairwise(seen))
    return round(turns / (2 * pi))


@given(st.lists(st.tuples(GRID, GRID), min_size=3, max_size=14), st.floats(0, 8), st.floats(0, 8), st.booleans())
@settings(max_examples=150)
def test_tangled_ring_holds_what_it_goes_around(
    corners: list[tuple[int, int]], across: float, up: float, over_the_seam: bool
) -> None:
    shift = 176.0 if over_the_seam else -3.0
    ring = [(x + shift, y + 48.0) for x, y in corners]
    lon, lat = across + shift, up + 48
    assume(shapely.LinearRing(ring).distance(shapely.Point(lon, lat)) > NEAR_THE_RIM)

    try:
        shape = make_valid(from_rings([[(x - 360 if x > 180 else x, y) for x, y in ring]]))
    except NotAPolygon:
        assert winding(ring, lon, lat) == 0
        return

    assert contains(shape, lat=lat, lon=lon - 360 if lon > 180 else lon) == (winding(ring, lon, lat) != 0)


def test_hole_is_cut_out_whichever_way_it_runs_and_wherever_it_reaches() -> None:
    inside = [[0.5, 50.5], [0.5, 51.5], [1.5, 51.5], [1.5, 50.5]]
    across = [[1.0, 51.0], [3.0, 51.0], [3.0, 53.0], [1.0, 53.0]]

    for hole, cut in ((inside, 1.0), (inside[::-1], 1.0), (across, 1.0)):
        shape = make_valid(read_geojson({"type": "Polygon", "coordinates": [[list(place) for place in SQUARE], hole]}))

        assert area(to_geojson(shape)) == pytest.approx(AREA - cut)


def test_parts_that_overlap_become_one() -> None:
    shape = make_valid(from_rings([SQUARE, [(lon + 1, lat) for lon, lat in SQUARE]]))

    assert len(shape.polygons) == 1
    assert area(to_geojson(shape)) == pytest.approx(AREA * 1.5)


def test_geojson_of_a_shape_runs_as_the_standard_wants() -> None:
    hole = [[0.5, 50.5], [1.5, 50.5], [1.5, 51.5], [0.5, 51.5]]
    shape = make_valid(
        read_geojson({"type": "Polygon", "coordinates": [[list(place) for place in SQUARE[::-1]], hole]})
    )

    outer, inner = to_geojson(shape)["coordinates"]

    assert signed_area(tuple(outer)) > 0 > signed_area(tuple(inner))
    assert make_valid(read_geojson(to_geojson(shape))) == shape


@pytest.mark.parametrize(
    ("ring", "box", "inside"),
    [
        ([(179, -17), (-179, -17), (-179, -18), (179, -18)], Box(179, -18, -179, -17), (-180, -17.5)),
        ([(0, 80), (120, 80), (-120, 80)], Box(-180, 80, 180, 90), (33, 90)),
        ([(-180, -90), (180, -90), (180, -84), (0, -75), (-180, -84)], Box(-180, -90, 180, -75), (0, -80)),
        ([(-180, 60), (180, 60), (180, 70), (-180, 70)], Box(-180, 60, 180, 70), (77, 65)),
        ([(-180, -90), (180, -90), (180, 90), (-180, 90)], Box(-180, -90, 180, 90), (77, 65)),
    ],
    ids=["over the seam", "around the pole", "cut at the pole", "band", "everywhere"],
)
def test_ring_over_the_antimeridian_or_a_pole_is_cut(ring: list[Position], box: Box, inside: Position) -> None:
    shape = make_valid(from_rings([ring]))

    assert shape.box == box
    assert contains(shape, lon=inside[0], lat=inside[1])
    assert make_valid(shape) == shape


LATS = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0])


@given(LATS, st.floats(-180, 180), st.floats(0.01, 800), st.floats(-90, 90), st.floats(-180, 180))
@settings(max_examples=80)
def test_circle_holds_every_place_within_its_radius(
    lat: float, lon: float, radius_km: float, other_lat: float, other_lon: float
) -> None:
    shape = circle(lat=lat, lon=lon, radius_km=radius_km)

    assert contains(shape, lat=lat, lon=lon)
    there = Circle(lat, lon, radius_km).contains(lat=other_lat, lon=other_lon)
    assert not there or shape_distance_km(shape, lat=other_lat, lon=other_lon) < radius_km * 0.01
    assert not contains(shape, lat=other_lat, lon=other_lon) or Circle(lat, lon, radius_km * 1.02).contains(
        lat=other_lat, lon=other_lon
    )


@pytest.mark.parametrize(
    ("lat", "lon", "radius_km"), [(50, 0, 0), (50, 0, -1), (50, 0, 2e4), (91, 0, 1), (float("nan"), 0, 1)]
)
def test_circle_without_an_outline_says_so(lat: float, lon: float, radius_km: float) -> None:
    with pytest.raises(NotAPolygon, match="circle"):
        circle(lat=lat, lon=lon, radius_km=radius_km)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "no geometry"),
        ("Polygon", "not a GeoJSON object"),
        ({"type": "Polygon", "coordinates": []}, "no geometry"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}, "three different points"),
        ({"type": "Polygon", "coordinates": [[[0, 0], ["1", 1], [1, 0]]]}, "pair of numbers"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [True, 1], [1, 0]]]}, "pair of numbers"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [float("nan"), 1], [1, 0]]]}, "not finite"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [10**400, 1], [1, 0]]]}, "not on the globe"),
        ({"type": "Polygon", "coordinates": [[[530000.0, 180000.0], [530001.0, 180000.0]]]}, "not on the globe"),
        ({"type": "Polygon", "coordinates": [[[0, 0, 5], [1, 1, 5], [2, 2, 5]]]}, "no area"),
        ({"type": "Point", "coordinates": [0, 0]}, "only Point"),
        ({"type": "Sphere", "coordinates": [0, 0]}, "not a GeoJSON type"),
        ({"type": ["Polygon"], "coordinates": [0, 0]}, "not a GeoJSON type"),
    ],
)
def test_value_without_an_outline_says_why(value: Any, reason: str) -> None:
    with pytest.raises(NotAPolygon, match=reason):
        make_valid(read_geojson(value))


def test_collections_in_collections_without_end_are_refused() -> None:
    value: dict[str, Any] = {"type": "Polygon", "coordinates": [[list(place) for place in SQUARE]]}
    for _ in range(500):
        value = {"type": "GeometryCollection", "geometries": [value]}

    with pytest.raises(NotAPolygon, match="too deep"):
        read_geojson(value)


def test_long_outline_is_mended_and_too_long_or_tangled_ones_are_refused() -> None:
    angles = [radians(360 * number / 50_000) for number in range(50_000)]
    coast = [(cos(angle) * (1 + 0.1 * sin(angle * 900)), sin(angle)) for angle in angles]
    tangle = [(number * 7919 % 10_007 / 1e3, number % 2 * 10.0 + number / 1e6) for number in range(50_000)]

    assert make_valid(from_rings([coast])).points > 45_000
    with pytest.raises(NotAPolygon, match="tangled"):
        make_valid(from_rings([tangle]))
    with pytest.raises(NotAPolygon, match=f"more than {MOST_POINTS} points"):
        from_rings([coast * 3])


@given(st.integers(3, 150), st.sampled_from([0.01, 0.5]), st.sampled_from([5.0, 200.0, 5000.0]), st.randoms())
@settings(max_examples=30)
def test_simplified_outline_stays_within_its_tolerance(
    corners: int, size: float, tolerance_m: float, chance: Any
) -> None:
    reaches = [size * chance.uniform(0.8, 1) for _ in range(corners)]
    turns = [2 * pi * number / corners for number in range(corners)]
    shape = make_valid(from_rings([[(2 + cos(t) * r, 52 + sin(t) * r) for t, r in zip(turns, reaches, strict=True)]]))

    simple = simplify_valid(shape, tolerance_m)

    assert simple.points <= shape.points
    off = [shape_distance_km(simple, lat=lat, lon=lon) for polygon in shape.polygons for lon, lat in polygon[0]]
    assert max(off) * 1000 <= tolerance_m * 1.02 + 0.2


def test_island_smaller_than_the_tolerance_keeps_a_triangle_and_a_small_hole_goes() -> None:
    far = 100 / EARTH_RADIUS_KM
    hole = [[1.0, 51.0], [1.0, 51.001], [1.001, 51.001], [1.001, 51.0]]
    island = [[lon + far + 3, lat] for lon, lat in hole]
    value = {"type": "MultiPolygon", "coordinates": [[[list(place) for place in SQUARE], hole], [island]]}

    simple = simplify_valid(make_valid(read_geojson(value)), 1000)

    assert [len(polygon) for polygon in simple.polygons] == [1, 1]
    assert len(simple.polygons[1][0]) >= 4


def recorded(folder: Path) -> Iterator[Any]:
    """Every GeoJSON value, the features of collections each by itself too, and the polygons of CAP."""
    for file in sorted([*folder.glob("ea/*"), *folder.glob("nws/*json"), *folder.glob("hostile/geojson/*/*")]):
        try:
            value = json.loads(file.read_bytes())
        except ValueError:
            continue
        yield value
        features = value.get("features") if isinstance(value, dict) else None
        yield from features if isinstance(features, list) else []
    for file in sorted(folder.glob("cap/*/*")):
        for text in re.findall(r"<polygon>(.*?)</polygon>", file.read_text(encoding="utf-8", errors="replace"), re.S):
            pairs = re.findall(r"(-?[\d.]+)\s*,\s*(-?[\d.]+)", text)
            yield {"type": "Polygon", "coordinates": [[[float(lon), float(lat)] for lat, lon in pairs]]}


def test_every_recorded_geometry_is_a_sound_shape_or_says_why_not(shared_data: Path) -> None:
    found, refused = 0, 0
    for value in recorded(shared_data):
        try:
            shape = make_valid(read_geojson(value))
        except NotAPolygon as fact:
            assert str(fact)
            refused += 1
            continue
        found += 1
        assert make_valid(shape) == shape
        assert shapely.from_geojson(json.dumps(to_geojson(shape))).is_valid

    assert found > 140
    assert refused > 100


def test_web_function_loads_no_clipping_of_polygons() -> None:
    script = "import sys, app.factory; print([name for name in sys.modules if 'clipper' in name or 'shape_re' in name])"

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=True)

    assert ran.stdout.strip() == "[]"
