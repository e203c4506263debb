"""Coverage of sources: by shipped outlines, by files, and none if no source states it."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.core.environment import BadSettings
from app.gazetteer.territories import territories, zone_at
from app.geo.box_circle import Box, Circle
from app.warnings.sources.coverage import Reach, reach
from app.warnings.sources.default_sources import KINDS
from app.warnings.sources.registry import read_sources

FEED = "https://alerts.example/cap.atom"
ENGLISH = {
    "Bristol": (51.4545, -2.5879),
    "Carlisle": (54.8925, -2.9329),
    "Berwick-upon-Tweed": (55.7692, -2.0025),
    "Chester": (53.1905, -2.8916),
    "Shrewsbury": (52.7077, -2.7541),
    "Hugh Town": (49.9143, -6.3146),
    "Lundy": (51.1781, -4.6703),
    "Dover": (51.1279, 1.3134),
}
NOT_ENGLISH = {
    "Cardiff": (51.4816, -3.1791),
    "Newport": (51.5877, -2.9984),
    "Chepstow": (51.6408, -2.6748),
    "Monmouth": (51.8121, -2.7144),
    "Gretna": (54.9951, -3.0667),
    "Lamberton": (55.8150, -2.0500),
    "Eyemouth": (55.8720, -2.0900),
    "Calais": (50.9513, 1.8587),
    "Douglas": (54.1500, -4.4800),
    "Dublin": (53.3498, -6.2603),
}
AMERICAN = {
    "Seattle": (47.61, -122.33),
    "Honolulu": (21.31, -157.86),
    "Nome": (64.5, -165.4),
    "Shemya": (52.72, 174.1),
    "San Juan": (18.47, -66.11),
    "Hagatna": (13.47, 144.75),
    "Pago Pago": (-14.28, -170.7),
    "Saipan": (15.19, 145.75),
    "Charlotte Amalie": (18.34, -64.93),
}
NOT_AMERICAN = {"Vancouver": (49.26, -123.11), "Tijuana": (32.51, -117.04), "Havana": (23.13, -82.38)}


def point(place: tuple[float, float], radius_km: float = 0.1) -> Circle:
    return Circle(*place, radius_km)


@pytest.mark.parametrize(("places", "source", "wanted"), [
    (ENGLISH, "ea", Reach.ALL),
    (NOT_ENGLISH, "ea", Reach.NONE),
    (AMERICAN, "nws", Reach.ALL),
    (NOT_AMERICAN, "nws", Reach.NONE),
])  # fmt: skip
def test_each_service_speaks_in_its_own_country(
    places: dict[str, tuple[float, float]], source: str, wanted: Reach
) -> None:
    found = {name: reach(KINDS[source].covers, point(place)) for name, place in places.items()}

    assert found == dict.fromkeys(places, wanted)


def test_place_across_a_border_is_covered_in_part() -> None:
    """Chepstow lies on the river that is the border; three kilometres take in the other bank."""
    assert reach(KINDS["ea"].covers, point(NOT_ENGLISH["Chepstow"], 3)) is Reach.PART
    assert reach(KINDS["ea"].covers, point(ENGLISH["Bristol"], 5)) is Reach.ALL
    assert reach(KINDS["ea"].covers, Circle(53.0, -1.5, 300)) is Reach.PART


def test_two_countries_cover_together_what_lies_across_their_border() -> None:
    newry = Circle(54.11, -6.35, 10)

    assert (reach(("GB",), newry), reach(("IE",), newry)) == (Reach.PART, Reach.PART)
    assert reach(("GB", "IE"), newry) is Reach.ALL


def test_boxes_are_asked_as_circles_are() -> None:
    assert reach(("GB-ENG",), Box(-1.5, 52.5, -1.0, 53.0)) is Reach.ALL
    assert reach(("GB-ENG",), Box(-3.5, 51.3, -2.5, 51.7)) is Reach.PART
    assert reach(("GB-ENG",), Box(10.0, 50.0, 11.0, 51.0)) is Reach.NONE


def test_feed_covers_what_its_setting_says(tmp_path: Path) -> None:
    drawn = tmp_path / "valley.geojson"
    ring = [[9.0, 47.0], [10.0, 47.0], [10.0, 48.0], [9.0, 48.0], [9.0, 47.0]]
    drawn.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))

    made = read_sources(
        f"cap:isles={FEED} https://more.example covers:GB+IE site:https://weather.example/now,"
        f"cap:valley={FEED} covers:{drawn},cap:silent={FEED}"
    )

    isles, valley, silent = made.values()
    assert (isles.further, isles.covers, isles.website) == (
        ("https://more.example",), ("GB", "IE"), "https://weather.example/now",
    )  # fmt: skip
    assert reach(valley.covers, Circle(47.5, 9.5, 5)) is Reach.ALL
    assert (silent.covers, silent.website) == ((), "https://alerts.example/")
    assert reach(silent.covers, Circle(35.68, 139.69, 5)) is Reach.NONE


def test_every_mistake_of_what_is_covered_is_told_at_once(tmp_path: Path) -> None:
    bent, flat = tmp_path / "bent.geojson", tmp_path / "flat.geojson"
    bent.write_text("{")
    flat.write_text('{"type": "Point", "coordinates": [1, 2]}')

    with pytest.raises(BadSettings) as told:
        read_sources(
            f"ea covers:GB,cap:a={FEED} covers:GB+XX site:http://plain.example,cap:b={FEED} covers:{bent},"
            f"cap:c={FEED} covers:{tmp_path}/none.geojson,cap:d={FEED} covers:{flat},ea=http://127.0.0.1:1 covers:GB"
        )

    text = str(told.value)
    for part in ("'XX'", "no https address", "is no JSON", "cannot be read", "draws no area", "only feeds"):
        assert part in text, text
    assert text.count("\n") == 7


def test_every_country_has_an_outline_and_most_a_time_zone() -> None:
    known = territories()

    assert len(known) > 245
    assert {code for code in known if len(code) == 2 and not known[code].zones} <= {"AQ", "BV", "HM", "XK"}


@pytest.mark.parametrize(("place", "zone"), [
    ((51.48, -3.18), "Europe/London"),
    ((53.35, -6.26), "Europe/Dublin"),
    ((40.42, -3.7), "Europe/Madrid"),
    ((35.68, 139.69), "Asia/Tokyo"),
    ((40.71, -74.0), "America/New_York"),
    ((30.27, -97.74), "America/Chicago"),
    ((39.74, -104.99), "America/Denver"),
    ((33.45, -112.07), "America/Phoenix"),
    ((34.05, -118.24), "America/Los_Angeles"),
    ((47.61, -122.33), "America/Los_Angeles"),
    ((-34.93, 138.6), "Australia/Adelaide"),
])  # fmt: skip
def test_place_has_the_clocks_of_its_country(place: tuple[float, float], zone: str) -> None:
    found = ZoneInfo(zone_at(lat=place[0], lon=place[1]))

    for month in (1, 7):
        there = datetime(2026, month, 1, tzinfo=found)
        assert there.utcoffset() == datetime(2026, month, 1, tzinfo=ZoneInfo(zone)).utcoffset(), found


def test_sea_has_no_clocks() -> None:
    assert zone_at(lat=0.0, lon=-20.0) == ""
