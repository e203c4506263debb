"""The small shipped list answers if the table is unavailable: towns and postcode districts, for any typed text."""

import subprocess
import sys
import time
from itertools import pairwise
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.gazetteer import positions, search, small_list
from app.gazetteer.models import STORE
from app.gazetteer.place import Place
from app.geo.box_circle import Box
from app.geo.coordinates import distance_km

ROOT = Path(__file__).parents[3]
WORLD = Box(-180, -90, 180, 90)
LEVELS = Box(-3.2, 50.95, -2.6, 51.25)


@pytest.fixture(autouse=True)
def _no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(STORE, "is_loaded", lambda: False)


def names(text: str, **more: int) -> list[str]:
    return [one.name for one in search.find(text, **more)]


def all_towns() -> list[Place]:
    return small_list.towns_in(WORLD, limit=10_000)


@pytest.mark.parametrize(
    ("text", "code"),
    [("TA7", "TA7"), (" ta7 ", "TA7"), ("ta70aa", "TA7"), ("TA7 0", "TA7"), ("TA11", "TA11"), ("TA11AA", "TA1"),
     ("SW1A 1AA", "SW1A"), ("ＴＡ７", "TA7"), ("M1\u00a01AA", "M1"), ("BT1 1AA", "BT1"), ("JE2", "JE2")],
)  # fmt: skip
def test_postcode_is_its_district_and_said_to_be_coarse(text: str, code: str) -> None:
    (place,) = search.find(text)

    assert (place.name, place.kind, place.radius_km, place.match) == (code, "postcode_district", 10, "coarse")


@pytest.mark.parametrize("text", ["ZZ9", "TA99 1AA", "QQ1 1AA", "TA7 0AAX", "TA7 AA"])
def test_postcode_that_is_none_finds_nothing(text: str) -> None:
    assert search.find(text) == []


@pytest.mark.parametrize(
    ("text", "name", "detail"),
    [
        ("bridgwater", "Bridgwater", "Somerset, England"),
        ("st. ives", "St Ives", "Cambridgeshire, England"),
        ("Saint Ives, Cornwall", "St Ives", "Cornwall, England"),
        ("King’s Lynn", "King's Lynn", "Norfolk, England"),
        ("sao paulo", "São Paulo", "Brazil"),
        ("kobenhavn", "Copenhagen", "Denmark"),
        ("Wien", "Vienna", "Austria"),
        ("washington dc", "Washington, D.C.", "District of Columbia, United States"),
        ("newport wales", "Newport", "Wales"),
        ("newport, isle of wight", "Newport", "Isle of Wight, England"),
        ("Hebden Bridge", "Hebden Bridge", "Calderdale, England"),
    ],
)
def test_town_is_found_case_free_and_accent_free(text: str, name: str, detail: str) -> None:
    place = search.find(text)[0]

    assert (place.name, place.detail) == (name, detail)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Bridgewater", "Bridgwater"), ("Tauntno", "Taunton"), ("Mumbay", "Mumbai"), ("Birmingam", "Birmingham")],
)
def test_small_misspelling_is_asked_about_and_never_taken(text: str, name: str) -> None:
    assert name not in names(text)
    assert search.find_similar(text)[0].name == name


def test_towns_of_one_name_are_all_given() -> None:
    newports = search.find("Newport", limit=50)

    assert {one.name for one in newports} == {"Newport"}
    assert len({one.detail for one in newports}) == len(newports) == 5
    assert not search.is_clear(newports)


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "'", ",,,", "\u200b", "°", "-", "\x00", "xyz", "0, 0"])
def test_nothing_typed_and_nothing_known_find_nothing(text: str) -> None:
    assert search.search(text).places == []


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
@example("\ud800")
@example("İıſßŉ")
@example("a,b,c")
@example("٣,٣")
@example("N1,")
def test_any_text_is_answered(text: str) -> None:
    STORE.version, STORE.read_at = "", inf  # no table: hypothesis runs many texts in one test
    found = search.search(text).places

    assert len(found) <= 8
    assert all(-90 <= one.lat <= 90 and -180 <= one.lon <= 180 for one in found)


@pytest.mark.parametrize(
    "text",
    ["a" * 5_000_000, "\ufdfa" * 1_000_000, "1" * 1_000_000, " " * 5_000_000, "e\u0301" * 1_000_000, "-" * 1_000_000,
     "st " * 1_000_000, "saeirnostl aeirno stlan ero " * 9, "1.1 , " * 100_000, "1 1 1 1 1 " * 100_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_text_of_any_length_is_cut_before_it_is_read(text: str) -> None:
    began = time.process_time()

    search.search(text)

    assert time.process_time() - began < 5  # what is not cut takes minutes


def test_towns_of_a_view_lie_in_it_largest_first() -> None:
    found = positions.towns_in(LEVELS)

    assert [one.name for one in found][:2] == ["Taunton", "Bridgwater"]
    assert {"Langport", "Glastonbury", "Street"} <= {one.name for one in found}
    assert all(LEVELS.contains(lat=one.lat, lon=one.lon) for one in found)
    assert positions.towns_in(LEVELS, limit=0) == positions.towns_in(LEVELS, limit=-1) == []
    assert positions.towns_in(Box(0, 10, 1, -10)) == []


def test_view_over_the_antimeridian_has_what_lies_on_both_sides() -> None:
    found = {one.name for one in positions.towns_in(Box(170, -25, -170, -10))}

    assert {"Suva", "Apia"} <= found
    assert "London" not in found


def test_nearest_town_is_the_nearest_of_all_and_none_where_none_is_near() -> None:
    for lat, lon in [(51.08, -2.96), (53.4, -2.3), (57.5, -4.5), (40.7, -74.0), (-18.2, 178.4)]:
        near = min(all_towns(), key=lambda one: distance_km(lat=lat, lon=lon, to_lat=one.lat, to_lon=one.lon))
        assert positions.nearest(lat=lat, lon=lon, within_km=100) == near

    assert positions.nearest(lat=0, lon=-30) is None
    assert positions.nearest(lat=51.128, lon=-2.999, within_km=0.1) is None


@pytest.mark.parametrize(
    ("lat", "lon", "within_km"),
    [(nan, 0, 25), (0, inf, 25), (91, 0, 25), (51, -3, nan), (51, -3, -1), (51, -3, inf)],
)
def test_place_or_distance_that_is_none_has_no_nearest_town(lat: float, lon: float, within_km: float) -> None:
    assert positions.nearest(lat=lat, lon=lon, within_km=within_km) is None


def test_shipped_towns_are_whole_and_in_order_of_size() -> None:
    towns = all_towns()

    assert len(towns) > 2000
    assert len({(one.name, one.detail) for one in towns}) == len(towns)
    assert all(one.name.strip() and one.detail.strip() and 5 <= one.radius_km <= 30 for one in towns)
    assert all(one.size >= other.size for one, other in pairwise(towns))


def test_what_ships_is_small_and_the_pack_does_not_ship() -> None:
    files = list((ROOT / "app" / "gazetteer" / "data").iterdir())

    assert sum(file.stat().st_size for file in files) < 300_000
    assert not list((ROOT / "app").rglob("*.pack"))


def test_nothing_is_read_before_something_is_asked() -> None:
    script = "import gzip; gzip.open = None\nimport sys, app.gazetteer.search\nprint('flask' in sys.modules)"

    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )

    assert ran.stdout.strip() == "False"
