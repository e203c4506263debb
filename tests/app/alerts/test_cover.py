"""The squares of a subscription: few, they miss no place of it, and events look for them under the same keys."""

from math import cos, degrees, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.alerts import cover
from app.alerts.cover import TooLarge
from app.alerts.subscription_models import MOST_SQUARES, SHARDS
from app.geo.box_circle import Box, Circle
from app.geo.coordinates import EARTH_RADIUS_KM
from app.geo.tiles import Tile, tile_at

CIRCLES = st.builds(
    Circle,
    lat=st.floats(-79, 79, allow_nan=False),
    lon=st.floats(-180, 180, allow_nan=False),
    radius_km=st.floats(0.1, 50),
)


def holds(squares: list[Tile], *, lat: float, lon: float) -> bool:
    """Whether a place lies in one of the squares, as an event finds it: by its own tile and those above."""
    own = cover.stored_square(tile_at(lat=lat, lon=lon, z=cover.FINEST))
    return any(own.quadkey.startswith(square.quadkey) for square in squares)


def place_at(circle: Circle, bearing: float, share: float) -> tuple[float, float]:
    """A place inside a circle, near enough for circles far smaller than the globe."""
    reach = degrees(circle.radius_km * 0.995 * share / EARTH_RADIUS_KM)
    lat = circle.lat + reach * cos(radians(bearing))
    lon = circle.lon + reach * sin(radians(bearing)) / cos(radians(max(abs(lat), abs(circle.lat))))
    return lat, (lon + 180) % 360 - 180


@given(CIRCLES, st.floats(0, 360), st.floats(0, 1))
def test_no_place_of_a_circle_is_missed_and_its_squares_are_few(circle: Circle, bearing: float, share: float) -> None:
    squares = cover.squares_of(circle.tiles)
    lat, lon = place_at(circle, bearing, share)

    assert 0 < len(squares) <= MOST_SQUARES
    assert not circle.contains(lat=lat, lon=lon) or holds(squares, lat=lat, lon=lon)


@pytest.mark.parametrize(
    ("what", "circle", "most"),
    [
        ("a street", Circle(51.0657, -2.8226, 0.1), 2),
        ("beside the date line", Circle(-17.0, 179.99, 20), MOST_SQUARES),
        ("a pole", Circle(90, 0, 50), 1),
        ("beside a pole", Circle(-89.9, 120, 50), 1),
        ("the highest towns", Circle(78.22, 15.65, 50), MOST_SQUARES),
        ("beyond all towns", Circle(82.5, -62.3, 50), cover.MOST_AT_ALL),
    ],
)
def test_squares_where_maps_are_odd(what: str, circle: Circle, most: int) -> None:
    squares = cover.squares_of(circle.tiles)

    assert len(squares) <= most, what
    for bearing in range(0, 360, 15):
        lat, lon = place_at(circle, bearing, 0.9) if abs(circle.lat) < 85 else (circle.lat, bearing - 180)
        assert holds(squares, lat=lat, lon=lon), (what, bearing)


def test_the_finest_squares_that_are_few_enough_are_taken() -> None:
    zooms = [cover.squares_of(Circle(51.0657, -2.8226, km).tiles)[0].z for km in (0.1, 1, 5, 20, 50)]

    assert zooms == sorted(zooms, reverse=True)
    assert (zooms[0], zooms[-1]) == (cover.FINEST, 9)


def test_both_sides_of_the_date_line_are_covered_once() -> None:
    squares = cover.squares_of(Box(179.9, -17.1, -179.9, -16.9).tiles)

    assert holds(squares, lat=-17, lon=179.95)
    assert holds(squares, lat=-17, lon=-179.95)
    assert len(set(squares)) == len(squares) <= MOST_SQUARES


def test_a_shape_as_large_as_a_continent_is_too_large() -> None:
    with pytest.raises(TooLarge):
        cover.squares_of(Box(-10, 36, 30, 70).tiles)


def test_a_key_names_the_square_of_zoom_7_its_shard_and_the_quadkey() -> None:
    square = tile_at(lat=51.0657, lon=-2.8226, z=12)
    partition, sort = cover.key_of(square, "sub_01m8q217j11z4ejgw14c4zahg2")
    seven = tile_at(lat=51.0657, lon=-2.8226, z=7)

    assert partition == f"{seven.key}#{cover.shard_of('sub_01m8q217j11z4ejgw14c4zahg2')}"
    assert sort == f"{square.quadkey}#sub_01m8q217j11z4ejgw14c4zahg2"
    assert len(square.quadkey) == 12
    assert square.quadkey.startswith(seven.quadkey)


def test_subscriptions_spread_over_all_shards() -> None:
    shards = {cover.shard_of(f"sub_{number:026d}") for number in range(100)}

    assert shards == set(range(SHARDS))
