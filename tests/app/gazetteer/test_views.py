"""The towns of a view and the town nearest to a place; what is shipped is whole, and loaded only when asked for."""

import subprocess
import sys
from itertools import pairwise
from math import inf, nan
from pathlib import Path

import pytest

from app.geo import Box, distance_km
from app.places.gazetteer import Place, find, nearest, towns_in

ROOT = Path(__file__).parents[3]
WORLD = Box(-180, -90, 180, 90)
LEVELS = Box(-3.2, 50.95, -2.6, 51.25)


def names(box: Box, **more: int) -> list[str]:
    return [one.name for one in towns_in(box, **more)]


def all_towns() -> list[Place]:
    return towns_in(WORLD, limit=10_000)


def test_towns_of_a_view_lie_in_it_largest_first() -> None:
    found = towns_in(LEVELS)

    assert [one.name for one in found][:2] == ["Taunton", "Bridgwater"]
    assert {"Langport", "Glastonbury", "Street"} <= {one.name for one in found}
    assert [one.rank for one in found] == sorted(one.rank for one in found)
    assert all(LEVELS.contains(lat=one.lat, lon=one.lon) for one in found)


def test_view_has_towns_and_no_postcodes() -> None:
    assert not {"TA7", "TA10"} & set(names(LEVELS, limit=1000))


def test_view_shows_no_more_than_asked_for_and_the_largest_of_them() -> None:
    assert len(names(WORLD)) == 30
    assert names(LEVELS, limit=1) == ["Taunton"]
    assert names(LEVELS, limit=0) == names(LEVELS, limit=-1) == []
    assert "London" in names(Box(-8, 49, 2, 60), limit=1)


def test_view_over_the_antimeridian_has_what_lies_on_both_sides() -> None:
    found = names(Box(170, -25, -170, -10))

    assert {"Suva", "Apia"} <= set(found)
    assert "London" not in found


def test_view_that_is_none_is_empty() -> None:
    assert names(Box(0, 10, 1, -10)) == names(Box(nan, nan, nan, nan)) == []


def test_nearest_town_is_the_nearest_of_all() -> None:
    assert (place := nearest(lat=51.12, lon=-2.99)) and place.name == "Bridgwater"

    for lat, lon in [(51.08, -2.96), (53.4, -2.3), (57.5, -4.5), (40.7, -74.0), (-18.2, 178.4)]:
        near = min(all_towns(), key=lambda one: distance_km(lat=lat, lon=lon, to_lat=one.lat, to_lon=one.lon))
        assert nearest(lat=lat, lon=lon, within_km=100) == near


def test_nearest_town_is_none_where_none_is_near() -> None:
    assert nearest(lat=0, lon=-30) is None
    assert nearest(lat=51.0, lon=-7.5, within_km=25) is None
    assert (place := nearest(lat=51.128, lon=-2.999, within_km=1)) and place.name == "Bridgwater"
    assert nearest(lat=51.128, lon=-2.999, within_km=0.1) is None


def test_nearest_town_may_lie_beyond_the_antimeridian() -> None:
    assert (place := nearest(lat=-18.13, lon=-179.9, within_km=250)) and place.name == "Suva"


@pytest.mark.parametrize(
    ("lat", "lon", "within_km"),
    [(nan, 0, 25), (0, inf, 25), (91, 0, 25), (51, -3, nan), (51, -3, -1), (51, -3, inf)],
)
def test_place_or_distance_that_is_none_has_no_nearest_town(lat: float, lon: float, within_km: float) -> None:
    assert nearest(lat=lat, lon=lon, within_km=within_km) is None


def test_every_town_is_found_first_by_its_name_and_detail() -> None:
    missed = [one for one in all_towns() if find(f"{one.name}, {one.detail}", limit=1) != [one]]

    assert missed == []


def test_shipped_towns_are_whole_and_in_order_of_size() -> None:
    towns = all_towns()

    assert len(towns) > 2000
    assert len({(one.name, one.detail) for one in towns}) == len(towns)
    assert all(one.name.strip() and one.detail.strip() and 5 <= one.radius_km <= 30 for one in towns)
    assert all(one.rank <= other.rank for one, other in pairwise(towns))
    assert {one.rank for one in towns} == set(range(9))


def test_shipped_data_is_small() -> None:
    files = list((ROOT / "app" / "places" / "data").iterdir())

    assert sum(file.stat().st_size for file in files) < 200_000


def test_nothing_is_read_before_something_is_asked() -> None:
    script = (
        "import gzip; gzip.open = None\n"
        "import sys, app.places.gazetteer\n"
        "print([name for name in ('flask', 'botocore', 'pynamodb') if name in sys.modules])"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )

    assert ran.stdout.strip() == "[]"
