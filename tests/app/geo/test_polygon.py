"""Geometry of outlines: agreement with an independent library and with plain samples along every edge."""

from itertools import pairwise
from math import cos, inf, pi, radians, sin

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.geo import coordinates
from app.geo.box_circle import Box
from app.geo.distance import shape_distance_km, touches_circle
from app.geo.encode import pack, unpack
from app.geo.polygon import MultiPolygon, NotAPolygon, Position, contains, covers_box, tiles, touches_box
from app.geo.polygon_geojson import from_rings
from app.geo.repair import make_valid, union
from app.geo.tiles import tile_at

SQUARE = [(0.0, 50.0), (2.0, 50.0), (2.0, 52.0), (0.0, 52.0)]
HOLE = [(0.5, 50.5), (1.5, 50.5), (1.5, 51.5), (0.5, 51.5)]
NEAR_THE_RIM = 1e-5  # the grid of places moves rims by half a millionth of a degree
SIZES = st.sampled_from([0.0005, 0.02, 0.7, 15.0])
MIDDLES = st.sampled_from([(0.0, 0.0), (-1.5, 53.7), (179.9, -17.5), (-179.99, 62.0), (25.0, 74.0)])


def ring_shape(*rings: list[Position]) -> MultiPolygon:
    return make_valid(MultiPolygon((tuple((*ring, ring[0]) for ring in rings),)))


def wrapped(lon: float) -> float:
    return (lon + 180) % 360 - 180


@st.composite
def stars(draw: st.DrawFn) -> tuple[MultiPolygon, shapely.Polygon]:
    """A shape and the same for the library, on a map that is not cut at the antimeridian; some have a hole."""
    lon, lat = draw(MIDDLES)
    size, corners = draw(SIZES), draw(st.integers(3, 30))
    reaches = draw(st.lists(st.floats(0.5, 1), min_size=corners, max_size=corners))
    angles = [2 * pi * number / corners for number in range(corners)]
    outer = [
        (lon + cos(angle) * size * reach, lat + sin(angle) * size * reach)
        for angle, reach in zip(angles, reaches, strict=True)
    ]
    rings = [outer]
    if draw(st.booleans()):
        rings.append([(lon + (x - lon) * 0.3, lat + (y - lat) * 0.3) for x, y in outer])
    on_globe = [[(wrapped(x), y) for x, y in ring] for ring in rings]
    return ring_shape(*on_globe), shapely.Polygon(rings[0], rings[1:])


@st.composite
def stars_and_places(draw: st.DrawFn) -> tuple[MultiPolygon, shapely.Polygon, float, float]:
    shape, reference = draw(stars())
    west, south, east, north = reference.bounds
    across, up = draw(st.floats(-0.3, 1.3)), draw(st.floats(-0.3, 1.3))
    return shape, reference, west + across * (east - west), south + up * (north - south)


@given(stars_and_places())
@settings(max_examples=80)
def test_place_is_inside_where_an_independent_library_says_so(
    case: tuple[MultiPolygon, shapely.Polygon, float, float],
) -> None:
    shape, reference, lon, lat = case
    assume(reference.boundary.distance(shapely.Point(lon, lat)) > NEAR_THE_RIM)

    assert contains(shape, lat=lat, lon=wrapped(lon)) == reference.contains(shapely.Point(lon, lat))


@pytest.mark.parametrize(("lon", "lat"), [*SQUARE, *HOLE, (0.0, 51.0), (1.0, 52.0), (1.5, 51.0), (1.0, 50.5)])
def test_place_on_the_rim_or_on_the_rim_of_a_hole_is_inside(lon: float, lat: float) -> None:
    shape = ring_shape(SQUARE, HOLE)

    assert contains(shape, lat=lat, lon=lon)
    assert shape_distance_km(shape, lat=lat, lon=lon) == 0


def test_place_in_a_hole_is_outside() -> None:
    shape = ring_shape(SQUARE, HOLE)

    assert not contains(shape, lat=51.0, lon=1.0)
    assert shape_distance_km(shape, lat=51.0, lon=1.0) == pytest.approx(34.988, abs=0.001)  # asin(sin 0.5° · cos 51°)


def test_meridians_180_and_minus_180_are_one() -> None:
    shape = ring_shape([(179.0, -18.0), (180.0, -18.0), (180.0, -17.0), (179.0, -17.0)])

    assert contains(shape, lat=-17.5, lon=-180.0)
    assert contains(shape, lat=-17.5, lon=180.0)
    assert touches_box(shape, Box(-180.0, -17.6, -179.0, -17.5))
    assert tile_at(lat=-17.5, lon=-180.0, z=7) in tiles(shape, 7)


def sampled_distance_km(shape: MultiPolygon, lat: float, lon: float) -> float:
    """Places along every edge, then ever closer ones (in thirds) around the nearest."""
    return min(
        sampled_edge_km(edge, lat, lon) for polygon in shape.polygons for ring in polygon for edge in pairwise(ring)
    )


def sampled_edge_km(edge: tuple[Position, Position], lat: float, lon: float) -> float:
    (ax, ay), (bx, by) = edge

    def at(share: float) -> float:
        return coordinates.distance_km(lat=lat, lon=lon, to_lat=ay + (by - ay) * share, to_lon=ax + (bx - ax) * share)

    nearest = min((number / 40 for number in range(41)), key=at)
    low, high = max(0.0, nearest - 1 / 40), min(1.0, nearest + 1 / 40)
    for _ in range(40):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, right) if at(left) < at(right) else (left, high)
    return min(at(low), at(nearest))


@given(stars_and_places(), st.sampled_from([1.0, 20.0]))
@settings(max_examples=30)
def test_distance_is_that_of_the_nearest_place_of_any_edge(
    case: tuple[MultiPolygon, shapely.Polygon, float, float], farther: float
) -> None:
    shape, reference, lon, lat = case
    middle = reference.centroid
    lon, lat = middle.x + (lon - middle.x) * farther, min(max(middle.y + (lat - middle.y) * farther, -90.0), 90.0)
    assume(not contains(shape, lat=lat, lon=wrapped(lon)))

    expected = sampled_distance_km(shape, lat, wrapped(lon))

    assert shape_distance_km(shape, lat=lat, lon=wrapped(lon)) == pytest.approx(expected, rel=0.001, abs=1e-5)


@given(st.floats(86, 90), st.floats(-180, 180), st.floats(88, 89.9), st.floats(0.001, 60))
@settings(max_examples=40)
def test_distance_is_right_beside_a_pole(lat: float, lon: float, south: float, width: float) -> None:
    shape = ring_shape([(100.0, south - 1), (100.0 + width, south - 1), (100.0 + width, south), (100.0, south)])
    assume(not contains(shape, lat=lat, lon=lon))

    expected = sampled_distance_km(shape, lat, lon)

    assert shape_distance_km(shape, lat=lat, lon=lon) == pytest.approx(expected, rel=0.001, abs=1e-5)


@given(stars_and_places(), st.floats(0, 300))
@settings(max_examples=40)
def test_circle_touches_a_shape_that_is_as_near_as_its_radius(
    case: tuple[MultiPolygon, shapely.Polygon, float, float], radius_km: float
) -> None:
    shape, _, lon, lat = case
    far = shape_distance_km(shape, lat=lat, lon=wrapped(lon))
    assume(abs(far - radius_km) > 1e-6)

    assert touches_circle(shape, lat=lat, lon=wrapped(lon), radius_km=radius_km) == (far < radius_km)
    assert shape_distance_km(shape, lat=lat, lon=wrapped(lon), at_most_km=radius_km) == (
        far if far < radius_km else inf
    )


@given(stars_and_places(), st.floats(0.01, 1.5))
@settings(max_examples=80)
def test_box_touches_or_is_covered_where_an_independent_library_says_so(
    case: tuple[MultiPolygon, shapely.Polygon, float, float], share: float
) -> None:
    shape, reference, west, south = case
    left, low, right, high = reference.bounds
    east, north = west + (right - left) * share, south + (high - low) * share
    other = shapely.box(west, south, east, north)
    smaller, larger = reference.buffer(-NEAR_THE_RIM), reference.buffer(NEAR_THE_RIM)
    box = Box(wrapped(west), south, wrapped(east), north)

    if smaller.intersects(other) == larger.intersects(other):
        assert touches_box(shape, box) == reference.intersects(other)
    if smaller.covers(other) == larger.covers(other):
        assert covers_box(shape, box) == reference.covers(other)


def test_shape_covers_a_box_of_its_own_size_but_not_one_around_its_hole() -> None:
    own = Box(0.0, 50.0, 2.0, 52.0)

    assert covers_box(ring_shape(SQUARE), own)
    assert not covers_box(ring_shape(SQUARE, HOLE), own)
    assert not covers_box(ring_shape(SQUARE), Box(0.0, 50.0, 2.0, 52.001))


@given(stars_and_places(), st.sampled_from([0, 4, 7, 10]))
@settings(max_examples=50)
def test_tiles_of_a_shape_hold_every_place_in_it_and_no_tile_lies_apart(
    case: tuple[MultiPolygon, shapely.Polygon, float, float], z: int
) -> None:
    shape, _, lon, lat = case
    assume(shape.box.count_tiles(z) < 300)

    found = tiles(shape, z)

    if contains(shape, lat=lat, lon=wrapped(lon)):
        assert tile_at(lat=lat, lon=wrapped(lon), z=z) in found
    # A hair wider than the tile: what only meets its rim may count.
    bounds = [tile.bounds() for tile in found]
    assert all(
        touches_box(shape, Box(max(w, -180), s - 2e-7, min(e, 180), n + 2e-7)) or e == 180 for w, s, e, n in bounds
    )


def test_box_is_the_narrowest_and_may_cross_the_antimeridian() -> None:
    west = from_rings([[(170.0, 10.0), (175.0, 10.0), (175.0, 11.0)]])
    east = from_rings([[(-170.0, 12.0), (-165.0, 12.0), (-165.0, 13.0)]])

    assert union([west, east]).box == Box(170.0, 10.0, -165.0, 13.0)
    assert union([west]).box == Box(170.0, 10.0, 175.0, 11.0)
    with pytest.raises(NotAPolygon):
        _ = MultiPolygon(()).box


@given(st.lists(stars(), min_size=1, max_size=4))
@settings(max_examples=25)
def test_packed_shape_is_the_same_again(cases: list[tuple[MultiPolygon, shapely.Polygon]]) -> None:
    shape = union(shape for shape, _ in cases)

    assert unpack(pack(shape)) == shape


def test_outline_of_ten_thousand_places_is_packed_in_few_bytes() -> None:
    angles = [radians(360 * number / 10_000) for number in range(10_000)]
    coast = [(1 + cos(angle) * (1 + 0.1 * sin(angle * 90)), 51 + sin(angle)) for angle in angles]

    assert len(pack(ring_shape(coast))) < 30_000


@pytest.mark.parametrize("damaged", [b"", b"\x02abc", b"\x01abc", pack(ring_shape(SQUARE))[:-9]])
def test_bytes_that_are_no_packed_shape_are_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="packed shape"):
        unpack(damaged)
