"""Correct a report on the page of responders, with its place by name, coordinates or pin; mistakes lose nothing."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.accounts.areas import Area
from app.geo.box_circle import Box
from app.reports.models import Report
from app.review import audit
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup
from tests.app.pages.review.conftest import fields_of, follow, status_of, waiting, words_of
from tests.factories import make_account

BRIDGE = "51.50210, -0.12010"


def opened(desk: Visitor, report: Report) -> dict[str, str]:
    """The fields of the form that corrects a report, as they are shown."""
    return fields_of(desk.get(f"/review?report={report.id}").text, "correct")


def correct(desk: Visitor, report: Report, **typed: str) -> TestResponse:
    """Send the form as a browser without scripts does, with these fields changed."""
    return desk.post("/review/decision", **opened(desk, report) | {"reason": "corroborated"} | typed)


def stored(report: Report) -> Report:
    found = Report.find(report.id, consistent=True)
    assert found is not None
    return found


def test_the_form_shows_the_place_and_leaves_an_unchanged_one_alone(desk: Visitor) -> None:
    (report,) = waiting(lat=51.50041, lon=-0.12463, radius_m=80)

    assert opened(desk, report)["where"] == "51.50041, -0.12463"
    follow(desk, correct(desk, report, title="Water at the bridge"))

    now = stored(report)
    assert (now.title, now.lat, now.radius_m, "location" in now.own_words) == (
        "Water at the bridge",
        51.50041,
        80,
        False,
    )


@pytest.mark.parametrize(
    ("typed", "lat", "radius_m"),
    [
        pytest.param({"where": BRIDGE}, 51.5021, range(50, 51), id="coordinates"),
        pytest.param({"where": "Langport"}, 51.04, range(2000, 5001), id="a town, which is known only roughly"),
        pytest.param({"lat": "51.5033", "lon": "-0.1207", "radius_m": "60"}, 51.5033, range(60, 61), id="a pin"),
    ],
)
def test_the_place_is_corrected(desk: Visitor, typed: dict[str, str], lat: float, radius_m: range) -> None:
    (report,) = waiting(lat=51.50041, lon=-0.12463)

    assert "Water 0</a>: Verified." in follow(desk, correct(desk, report, **typed))

    now = stored(report)
    assert (abs(now.lat - lat) < 0.01, int(now.radius_m) in radius_m) == (True, True)
    assert now.own_words["location"] == {"lat": 51.50041, "lon": -0.12463}


def test_undoing_gives_the_place_back_with_how_exact_it_was(desk: Visitor) -> None:
    (report,) = waiting(lat=51.50041, lon=-0.12463, radius_m=80)
    text = follow(desk, correct(desk, report, where="Langport"))

    desk.post("/review/undo", **fields_of(text, "undo"))

    now = stored(report)
    assert (now.status, now.lat, now.radius_m, now.own_words) == ("pending", 51.50041, 80, {})


def test_a_home_stays_on_its_grid(desk: Visitor) -> None:
    (report,) = waiting(lat=51.50041, lon=-0.12463, place="home")

    follow(desk, correct(desk, report, where=BRIDGE))

    now = stored(report)
    assert (now.lat, now.visibility, now.exact_place()["lat"]) == (51.502, "home", 51.5021)


def test_a_name_of_several_places_is_asked_about_and_nothing_is_lost(desk: Visitor) -> None:
    (report,) = waiting()

    asked = correct(desk, report, where="Newport", title="Water at the quay", depth_cm="35")

    assert (asked.status_code, status_of(report)) == (422, "pending")
    assert "There are several places of that name." in words_of(asked.text)
    assert '<a href="#pick">' in asked.text
    again = fields_of(asked.text, "correct")
    assert (again["where"], again["title"], again["depth_cm"]) == ("Newport", "Water at the quay", "35")
    assert again["reason"] == "corroborated"
    picks = [
        one.attributes["value"] for one in markup.named(asked.text, "input") if one.attributes.get("name") == "pick"
    ]

    follow(desk, desk.post("/review/decision", **again | {"pick": str(picks[1])}))

    assert f"{stored(report).lat:g},{stored(report).lon:g}" == picks[1]
    assert stored(report).title == "Water at the quay"


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"where": "   "}, "where", "Say where the water is."),
        ({"where": "Zzyzxburgh"}, "where", "Not all places can be looked up at the moment."),
        ({"lat": "north"}, "where", "That is no place on the map."),
        ({"title": "<b>deep</b>"}, "correct-title", "Write plain words"),
        ({"depth_cm": "1,000"}, "correct-depth_cm", "Give the depth as a number"),
        ({"reason": ""}, "correct-reason", "Choose why."),
    ],
)
def test_a_mistake_stands_beside_its_field(desk: Visitor, typed: dict[str, str], field: str, told: str) -> None:
    (report,) = waiting()

    answer = correct(desk, report, **{"description": "It rises\nfast"} | typed)

    assert (answer.status_code, status_of(report), audit.history_of(report.id)) == (422, "pending", [])
    assert f'<a href="#{field}">{told}' in answer.text
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text)
    assert fields_of(answer.text, "correct")["description"] == "It rises\nfast"


def test_a_place_outside_ones_areas_is_told_beside_the_field(noon: Any, visitor: Visitor) -> None:
    account = make_account("responder", within=[Area("London", Box(-0.5, 51.3, 0.3, 51.7))])
    visitor.sign_in(account.username)
    (report,) = waiting()

    answer = correct(visitor, report, where="53.4, -2.9")

    assert (answer.status_code, status_of(report)) == (403, "pending")
    assert '<a href="#where">That place lies outside your areas.' in answer.text
    assert fields_of(answer.text, "correct")["where"] == "53.4, -2.9"


def test_a_change_in_between_keeps_what_was_typed_beside_how_it_stands(desk: Visitor) -> None:
    (report,) = waiting(depth_cm=20)
    typed = opened(desk, report) | {"reason": "photo", "title": "Typed", "where": BRIDGE}
    follow(desk, correct(desk, report, depth_cm="60"))

    refused = desk.post("/review/decision", **typed)

    assert (refused.status_code, "has changed meanwhile" in refused.text) == (412, True)
    again = fields_of(refused.text, "correct")
    assert (again["title"], again["where"], again["depth_cm"], again["version"]) == ("Typed", BRIDGE, "60", "2")
    follow(desk, desk.post("/review/decision", **again))
    assert (stored(report).title, stored(report).lat, stored(report).depth_cm) == ("Typed", 51.5021, 60)


def test_a_note_is_kept_when_another_was_first(desk: Visitor) -> None:
    waiting()
    fields = fields_of(desk.get("/review").text, "reject") | {"reason": "spam", "note": "Seen it before"}
    desk.post("/review/decision", **fields)

    refused = desk.post("/review/decision", **fields)

    assert refused.status_code == 412
    assert fields_of(refused.text, "reject")["note"] == "Seen it before"
