"""Flags: they fold a pending report, and never remove it; what strangers can do with them is bounded."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.reports.models import Report
from app.review.settle import settle
from tests.factories import make_report, tell_consumer
from tests.reporting import filed
from tests.voices import Visitor


def shown(client: FlaskClient, report_id: str) -> dict[str, Any]:
    answer = client.get(f"/v1/reports/{report_id}")
    assert isinstance(answer.json, dict)
    return answer.json


def flag_by(client: FlaskClient, report: Report, number: int, reason: str = "not_flooding", **visitor: Any) -> None:
    for _ in range(number):
        assert Visitor(client, **visitor).flag(report.id, reason).status_code == 204


def made(**wanted: Any) -> Report:
    return make_report(title="Words", description="More words", **wanted)


def test_flags_of_three_networks_fold_a_pending_report(client: FlaskClient, noon: Any) -> None:
    report = made(depth_cm=40)
    flag_by(client, report, 2)
    assert shown(client, report.id)["title"] == "Words"

    flag_by(client, report, 1)

    folded = shown(client, report.id)
    assert (folded["is_disputed"], folded["title"], folded["description"]) == (True, None, None)
    assert (folded["depth_cm"], folded["location"]) == (40, {"lat": 51.5, "lon": -0.12})
    listed = client.get("/v1/reports?lat=51.5&lon=-0.12&radius_km=2").json["items"]
    assert [(item["is_disputed"], item["title"]) for item in listed if item["id"] == report.id] == [(True, None)]


def test_a_person_flags_once_and_the_second_replaces_the_first(client: FlaskClient, noon: Any) -> None:
    report, stranger = made(), Visitor(client)
    for reason in ("other", "duplicate", "offensive", "not_flooding"):
        assert stranger.flag(report.id, reason).status_code == 204

    assert shown(client, report.id)["is_disputed"] is False


@pytest.mark.parametrize(
    "visitor",
    [pytest.param({"address": "20.3.3.3"}, id="of one network"), pytest.param({"known_for_h": 0.5}, id="just known")],
)
def test_flags_fold_nothing(client: FlaskClient, noon: Any, visitor: dict[str, Any]) -> None:
    report = made()
    flag_by(client, report, 6, **visitor)

    assert shown(client, report.id)["is_disputed"] is False


def test_harmful_texts_are_hidden_at_the_second_flag(client: FlaskClient, noon: Any) -> None:
    report = made()
    flag_by(client, report, 2, "personal_data")

    assert shown(client, report.id)["title"] is None


def test_a_verified_report_is_never_folded(client: FlaskClient, noon: Any) -> None:
    report = made(status="verified")
    flag_by(client, report, 5, "offensive")

    assert shown(client, report.id)["is_disputed"] is False


def test_as_many_neighbours_as_flags_keep_it_open(client: FlaskClient, noon: Any) -> None:
    report = made()
    for _ in range(3):
        Visitor(client).vote(report.id)
    flag_by(client, report, 3)
    assert shown(client, report.id)["is_disputed"] is False

    flag_by(client, report, 1)
    assert shown(client, report.id)["is_disputed"] is True
    Visitor(client).vote(report.id)
    settle(report.id)
    assert shown(client, report.id)["title"] == "Words"


def test_a_votes_that_comes_from_who_flagged_keeps_nothing_open(client: FlaskClient, noon: Any) -> None:
    report, strangers = made(), [Visitor(client) for _ in range(3)]
    for stranger in strangers:
        stranger.vote(report.id)
        stranger.flag(report.id)

    assert shown(client, report.id)["is_disputed"] is True


def test_folding_stops_where_a_tenth_of_a_region_is_folded(client: FlaskClient, noon: Any) -> None:
    reports = [made() for _ in range(12)]
    tell_consumer(reports)
    for report in reports:
        for number in range(3):
            Visitor(client, address=f"20.{number}.8.1", known_for_h=3).send(
                "POST", f"/v1/reports/{report.id}/flags", json={"reason": "other"}
            )
        noon.shift(3)

    folded = [shown(client, report.id)["is_disputed"] for report in reports]
    assert folded == [True] * 10 + [False] * 2


def test_a_persons_flags_are_limited_for_a_day(client: FlaskClient, noon: Any) -> None:
    stranger = Visitor(client)
    statuses = [stranger.flag(made().id).status_code for _ in range(11)]

    assert statuses == [204] * 10 + [429]


def test_mistakes_are_named(client: FlaskClient, noon: Any) -> None:
    answer = Visitor(client).flag(made().id, "boring", note="x" * 501, kind=1)

    assert {mistake["pointer"] for mistake in answer.json["errors"]} == {"/reason", "/note", "/kind"}


def test_the_reporters_own_flag_counts_nothing(client: FlaskClient, noon: Any) -> None:
    sender = Visitor(client)
    report = Report.find(filed(client, headers=sender.headers, title="Words")["id"])
    assert report is not None
    flag_by(client, report, 2)

    assert sender.flag(report.id).status_code == 204
    assert shown(client, report.id)["is_disputed"] is False
