"""Exact places on the page of responders: one row of the audit for each view, and without it none of them."""

import re
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from app.review import audit
from tests.app.pages.conftest import Visitor
from tests.app.pages.review.conftest import fields_of, waiting, words_of

HOME = {"lat": 51.50041, "lon": -0.12463, "place": "home"}


def noted(desk: Visitor) -> list[list[str]]:
    assert desk.account is not None
    return [row.after["reports"] for row in audit.history_of(desk.account.id) if row.action == "exact_place.read"]


def test_one_report_makes_one_row_with_its_id(desk: Visitor) -> None:
    homes = waiting(3, **HOME)

    text = desk.get(f"/review?report={homes[1].id}").text

    assert "51.50041" in text
    assert noted(desk) == [[homes[1].id]]


def test_a_list_with_a_picture_makes_one_row_with_all_ids(desk: Visitor) -> None:
    homes = waiting(3, **HOME)
    waiting(1)

    desk.get("/review?together=1")

    [ids] = noted(desk)
    assert sorted(ids) == sorted(home.id for home in homes)


def test_a_refused_form_shows_the_report_and_notes_it(desk: Visitor) -> None:
    (home,) = waiting(1, **HOME)

    answer = desk.post("/review/decision", report_id=home.id, version="1", decision="verified")

    assert (answer.status_code, "51.50041" in answer.text, noted(desk)) == (422, True, [[home.id]])


@pytest.fixture
def no_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit takes no row."""

    def fail(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    monkeypatch.setattr(audit, "note_exact_places", fail)


@pytest.mark.usefixtures("no_notes")
def test_without_the_row_only_public_places_are_shown(desk: Visitor) -> None:
    homes = waiting(2, **HOME)

    text = desk.get(f"/review?report={homes[0].id}").text

    assert "51.5, -0.125" in words_of(text)
    assert "51.50041" not in text and "0.12463" not in text
    form = fields_of(text, "correct")
    assert (form["where"], form["where_before"], form["lat"], form["lon"]) == (
        "51.5, -0.125",
        "51.5, -0.125",
        "51.5",
        "-0.125",
    )


@pytest.mark.usefixtures("no_notes")
def test_without_the_row_the_picture_of_a_list_has_public_places(desk: Visitor) -> None:
    waiting(1, **HOME)
    waiting(1, lat=51.5, lon=-0.125)  # the middle of the home's square

    text = desk.get("/review?together=1").text

    dots = re.findall(r'class="dot moderate" cx="(\d+)" cy="(\d+)"', text)
    assert len(dots) == 2 and len(set(dots)) == 1


def test_with_the_row_the_picture_of_a_list_has_exact_places(desk: Visitor) -> None:
    waiting(1, **HOME)
    waiting(1, lat=51.5, lon=-0.125)

    text = desk.get("/review?together=1").text

    assert len(set(re.findall(r'class="dot moderate" cx="(\d+)" cy="(\d+)"', text))) == 2


def test_neighbours_are_drawn_at_their_public_places_and_not_noted(desk: Visitor) -> None:
    (report,) = waiting(1, lat=51.5, lon=-0.125)
    waiting(1, **HOME)

    text = desk.get(f"/review?report={report.id}").text

    assert '<path class="lead" d="M320 180L' in text
    assert noted(desk) == []
