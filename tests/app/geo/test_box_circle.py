"""Places: covers never miss a place, distances are great-circle, tiles nest; an independent library agrees."""

from math import isclose, nextafter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from app.geo.box_circle import Box, Circle
from app.geo.coordinates import EARTH_RADIUS_KM, distance_km, rounded
from app.geo.tiles import Tile, tile_at, tile_from_key

LATS = st.floats(-90, 90) | st.sampled_from([-90.0, -85.0511287798, -0.0, 0.0, 85.0511287798, 90.0])
LONS = st.floats(-180, 180) | st.sampled_from([-180.0, 0.0, 180.0])
ZOOMS = st.sampled_from([0, 4, 6, 8, 10, 13])
SMALL_RADII = st.floats(0, 3)


@given(LATS, LONS, SMALL_RADII, st.floats(0, 360), st.floats(0, 1), ZOOMS)
@settings(max_examples=400, deadline=None)
def test_circle_cover_holds_every_place_in_the_circle(
    lat: float, lon: float, radius_km: float, bearing: float, share: float, z: int
) -> None:
    circle = Circle(lat, lon, radius_km)
    there = _moved(lat, lon, bearing, radius_km * share)

    if circle.count_tiles(z) > 500 or not circle.contains(lat=there[0], lon=there[1]):
        return

    assert tile_at(lat=there[0], lon=there[1], z=z) in circle.tiles(z)


def _moved(lat: float, lon: float, bearing: float, km: float) -> tuple[float, float]:
    """The place at a distance and bearing, by the spherical direct formula."""
    from math import asin, atan2, cos, degrees, radians, sin

    angle, turn, phi = km / EARTH_RADIUS_KM, radians(bearing), radians(lat)
    to_phi = asin(max(-1, min(1, sin(phi) * cos(angle) + cos(phi) * sin(angle) * cos(turn))))
    over = atan2(sin(turn) * sin(angle) * cos(phi), cos(angle) - sin(phi) * sin(to_phi))
    return degrees(to_phi), (lon + degrees(over) + 180) % 360 - 180


@given(LONS, LATS, LONS, LATS, st.tuples(st.floats(0, 1), st.floats(0, 1)), ZOOMS)
@settings(max_examples=400, deadline=None)
def test_box_cover_holds_every_place_in_the_box(
    west: float, south: float, east: float, north: float, share: tuple[float, float], z: int
) -> None:
    south, north = min(south, north), max(south, north)
    area = Box(west, south, east, north)
    right, up = share
    width = (east - west) % 360 if west > east else east - west
    lat = min(south + (north - south) * up, north)
    lon = (west + width * right + 180) % 360 - 180

    if area.count_tiles(z) > 5000 or not area.contains(lat=lat, lon=lon):
        return

    tile = tile_at(lat=lat, lon=lon, z=z)
    assert tile in area.tiles(z)
    assert area.touches(tile)


@given(LONS, LATS, LONS, LATS, LATS, LONS)
def test_box_contains_what_shapely_says(
    west: float, south: float, east: float, north: float, lat: float, lon: float
) -> None:
    west, east, south, north = min(west, east), max(west, east), min(south, north), max(south, north)
    if abs(lon) == 180 or abs(west) == 180 or abs(east) == 180:
        return

    assert Box(west, south, east, north).contains(lat=lat, lon=lon) == box(west, south, east, north).covers(
        Point(lon, lat)
    )


@given(LATS, LONS, ZOOMS, ZOOMS)
def test_tiles_nest(lat: float, lon: float, z: int, coarser: int) -> None:
    coarser = min(z, coarser)
    tile = tile_at(lat=lat, lon=lon, z=z)

    assert tile.parent(coarser) == tile_at(lat=lat, lon=lon, z=coarser)
    assert tile_from_key(tile.key) == tile


@given(LATS, LONS, ZOOMS)
def test_tile_bounds_hold_its_places(lat: float, lon: float, z: int) -> None:
    west, south, east, north = tile_at(lat=lat, lon=lon, z=z).bounds()

    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9


@given(LATS, LONS, LATS, LONS)
def test_distance_is_symmetric_and_at_most_half_the_globe(lat: float, lon: float, to_lat: float, to_lon: float) -> None:
    there = distance_km(lat=lat, lon=lon, to_lat=to_lat, to_lon=to_lon)
    back = distance_km(lat=to_lat, lon=to_lon, to_lat=lat, to_lon=lon)

    assert isclose(there, back, abs_tol=1e-6)
    assert 0 <= there <= EARTH_RADIUS_KM * 3.1415926536


@pytest.mark.parametrize(
    ("start", "end", "km"),
    [
        ((0, 0), (90, 0), EARTH_RADIUS_KM * 1.5707963268),  # a quarter of a meridian
        ((0, 179.9), (0, -179.9), 22.239),
        ((89.9, 0), (89.9, 180), 22.239),
        ((0, 0), (0, 0), 0),
    ],
)
def test_known_distances(start: tuple[float, float], end: tuple[float, float], km: float) -> None:
    assert distance_km(lat=start[0], lon=start[1], to_lat=end[0], to_lon=end[1]) == pytest.approx(km, abs=0.2)


def test_known_tile_addresses() -> None:
    assert tile_at(lat=51.5, lon=-0.12, z=10) == Tile(10, 511, 340)
    assert tile_at(lat=90, lon=180, z=4) == Tile(4, 15, 0)
    assert tile_at(lat=-90, lon=-180, z=4) == Tile(4, 0, 15)


def test_whole_world_is_one_tile_of_the_root() -> None:
    assert Box(-180, -90, 180, 90).tiles(0) == [Tile(0, 0, 0)]


def test_rounding_knows_no_minus_zero() -> None:
    assert str(rounded(-0.0001, places=3)) == "0.0"


@pytest.mark.parametrize(
    ("one", "other", "is_met"),
    [
        (Box(0, 0, 1, 1), Box(1, 1, 2, 2), True),  # a corner is inside both
        (Box(0, 0, 1, 1), Box(1.001, 0, 2, 1), False),
        (Box(0, 0, 1, 1), Box(0, 1.001, 1, 2), False),
        (Box(170, -10, -170, 10), Box(-175, 0, -174, 1), True),
        (Box(170, -10, -170, 10), Box(175, 0, 176, 1), True),
        (Box(170, -10, -170, 10), Box(-169, 0, 169, 1), False),
        (Box(170, 0, 180, 1), Box(-180, 0, -170, 1), True),  # 180 and -180 are one meridian
        (Box(0, 0, 1, 1), Circle(0.5, 1.5, 60), True),
        (Box(0, 0, 1, 1), Circle(0.5, 1.5, 50), False),
    ],
)
def test_boxes_meet_where_they_share_a_place_in_either_order(one: Box, other: Box | Circle, is_met: bool) -> None:
    assert one.intersects(other) is is_met
    assert isinstance(other, Circle) or other.intersects(one) is is_met


@given(
    centre=st.tuples(LATS, LONS),
    there=st.tuples(LATS, LONS),
    radius=st.floats(0, 25_000),
)
@settings(max_examples=400, deadline=None)
def test_many_places_are_judged_as_each_alone(
    centre: tuple[float, float], there: tuple[float, float], radius: float
) -> None:
    """Also on the rim, where the radius is exactly the distance, or the next number below it."""
    away = distance_km(lat=centre[0], lon=centre[1], to_lat=there[0], to_lon=there[1])
    for radius_km in (radius, away, nextafter(away, 0), away * (1 + 1e-12)):
        circle = Circle(*centre, radius_km)
        assert circle.tester()(*there) == circle.contains(lat=there[0], lon=there[1])
