"""Feeds of official warnings as their readers see them."""

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.geo.repair import make_valid
from app.warnings.area_models import Area
from app.warnings.sources.message import Text
from tests.app.feeds.reading import entries, feed, items, links, terms_of
from tests.factories import count_inside
from tests.reporting import mistakes_of
from tests.warning_making import announce, announce_at, message, place, square

HOUR = clock.HOUR_MS
FORMS = ("atom", "rss", "geojson", "csv")
NEAR = "lat=51.5&lon=-0.12&radius_km=5"


def own(answer: Any) -> list[Any]:
    """The entries of warnings, without those that say what is away."""
    return [entry for entry in entries(answer) if "warnings/" in entry.id]


def test_title_names_the_place_before_the_rank(client: FlaskClient) -> None:
    announce(message("Bath"))

    [entry] = own(client.get("/feeds/warnings.atom"))

    assert entry.title == "River at Bath: act now (Flood warning)"
    assert "The river is high at Bath." in entry.text and "Sent by Environment Agency (England)" in entry.text
    assert entry.terms["severity"] == "severe" and entry.terms["state"] == "severe"


def test_update_is_no_newer_thing(client: FlaskClient, noon: Any) -> None:
    announce_at(square(), "E", severity="moderate")
    first = items(client.get("/feeds/warnings.rss"))
    noon.shift(3600)
    announce_at(square(), "E", severity="extreme")
    then = items(client.get("/feeds/warnings.rss"))

    dates = [[item.published for item in read if "warnings/" in item.guid] for read in (first, then)]
    assert dates[0] == dates[1] and len(dates[0]) == 1


def test_warning_without_a_named_area_has_no_rank_in_its_title(client: FlaskClient) -> None:
    nameless = place("A1", square())
    announce(message("Bath", places=(type(nameless)("A1", (), square()),)))

    [entry] = own(client.get("/feeds/warnings.atom"))

    assert entry.title == "Flood warning for Bath"


def test_outline_near_a_place_is_a_polygon_and_anywhere_a_box(client: FlaskClient) -> None:
    announce(message("Bath"))

    [near], [anywhere] = own(client.get(f"/feeds/warnings.atom?{NEAR}")), own(client.get("/feeds/warnings.atom"))

    assert near.polygon == "51.4 -0.2 51.4 0 51.6 0 51.6 -0.2 51.4 -0.2"
    assert (anywhere.box, anywhere.polygon) == ("51.4 -0.2 51.6 0", "")
    assert [item.guid for item in items(client.get("/feeds/warnings.rss")) if "warnings/" in item.guid] == [near.id]


def test_outline_over_the_date_line_is_no_band_around_the_globe(client: FlaskClient) -> None:
    announce(message("Fiji", places=(place("A1", make_valid(square(179.5, -17.5, side=1.0))),)))

    for query in ("", "?bbox=179,-18,-179,-16"):
        [entry] = own(client.get(f"/feeds/warnings.atom{query}"))
        assert (entry.box, entry.polygon) == ("", "")
        lat, lon = map(float, entry.point.split())
        assert (round(lat, 3), abs(lon) > 179.4) == (-17.0, True)


def test_warning_without_outline_or_language_is_told_all_the_same(client: FlaskClient) -> None:
    text = Text("", "Flood warning", "Flood warning", "Water rises.", "")
    announce(message("Bath", places=(place("Bath"),), texts=(text,)))

    for form in FORMS:
        assert "Water rises." in client.get(f"/feeds/warnings.{form}").text
    [entry] = own(client.get("/feeds/warnings.atom"))
    assert (entry.point, entry.box, entry.polygon) == ("", "", "")


def test_warning_that_has_ended_stays_for_a_day_and_says_so(client: FlaskClient, noon: Any) -> None:
    ends = clock.now_ms() + HOUR
    announce(message("Bath", expires_at_ms=ends))
    [before] = own(client.get("/feeds/warnings.atom"))
    noon.shift(2 * 3600)

    [after] = own(client.get("/feeds/warnings.atom"))
    announce(message("Wells"))
    noon.shift(25 * 3600)

    assert (before.id, after.terms["state"]) == (after.id, "ended")
    assert "over" in after.title and after.updated == clock.rfc3339(ends)
    assert before.id not in {entry.id for entry in own(client.get("/feeds/warnings.atom"))}


def test_moment_of_an_entry_moves_when_what_it_says_does(client: FlaskClient, noon: Any) -> None:
    begins = clock.now_ms() + HOUR
    announce(message("Bath", onset_at_ms=begins))
    [before] = own(client.get("/feeds/warnings.atom"))
    noon.shift(1800)
    [same] = own(client.get("/feeds/warnings.atom"))
    noon.shift(2 * 3600)

    [after] = own(client.get("/feeds/warnings.atom"))

    assert same == before and before.terms["state"] == "later"
    assert (after.terms["state"], after.updated) == ("severe", clock.rfc3339(begins))


def test_feed_of_an_area_holds_its_warnings_alone(client: FlaskClient) -> None:
    for code in ("A1", "A2"):
        announce_at_code(code)
    area = Area("ea-A1", source="ea", code="A1", name="River at A1")
    area.put_outline(square(), reason="", centre=None)
    Area.store([area])

    read = own(client.get("/feeds/warnings.atom?area=ea-A1"))

    assert [entry.title for entry in read] == ["River at A1: act now (Flood warning)"]
    assert len(client.get("/feeds/warnings.geojson?area=ea-A1").json["features"]) == 1


def announce_at_code(code: str) -> None:
    announce(message(code, places=(place(code, square()),)), is_whole=False)


def test_pages_of_a_feed_hold_every_warning_once(client: FlaskClient) -> None:
    announce(*(message(f"E{number}") for number in range(5)))

    found, address, names = [], "/feeds/warnings.atom?limit=2", set()
    while address:
        answer = client.get(address)
        found += [entry.id for entry in own(answer)]
        names.add(feed(answer).id)
        address = links(answer).get("next", "")

    assert (len(found), len(set(found)), len(names)) == (5, 5, 1)


@pytest.mark.parametrize("form", FORMS)
def test_mistake_in_a_query_is_named(client: FlaskClient, form: str) -> None:
    for limit in ("0", "10000"):
        answer = client.get(f"/feeds/warnings.{form}?limit={limit}")
        assert (answer.status_code, mistakes_of(answer)) == (422, {("limit", "range")})


def test_source_that_is_silent_is_said_in_every_form(client: FlaskClient, noon: Any) -> None:
    announce_at(square())
    noon.shift(3 * 3600)

    answers = {form: client.get(f"/feeds/warnings.{form}?{NEAR}") for form in FORMS}

    [notice] = [entry for entry in entries(answers["atom"]) if "notices/" in entry.id]
    assert notice.title.startswith("Environment Agency (England) has not been heard since Saturday 21 November, 12:00")
    assert "does not mean that it is over" in notice.text and notice.terms == {"state": "missing"}
    assert next(item.guid for item in items(answers["rss"])) == notice.id
    assert answers["geojson"].json["missing"] == ["ea"]
    assert {answers[form].headers["X-Missing"] for form in ("atom", "rss", "csv")} == {"ea"}


def test_table_has_the_columns_of_the_list(client: FlaskClient) -> None:
    announce(message("Bath"))
    count_inside()

    [row] = csv.DictReader(io.StringIO(client.get("/feeds/warnings.csv").text))
    [listed] = csv.DictReader(io.StringIO(client.get("/v1/warnings.csv").text))

    assert {name for name in listed if row[name] != listed[name]} == {"reports_active", "reports_active_as_of"}


def test_states_are_those_of_the_pages(client: FlaskClient) -> None:
    announce(message("Bath", severity="extreme"), message("Wells", urgency="past"))

    assert sorted(terms_of(own(client.get("/feeds/warnings.atom")), "state")) == ["extreme", "past"]
