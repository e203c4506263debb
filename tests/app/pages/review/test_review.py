"""The page of responders: what waits, decisions by plain forms, undo, and what is not stored."""

import re
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from werkzeug.test import TestResponse

from app.reports.models import Report
from app.review import audit
from tests.app.pages.conftest import Visitor
from tests.app.pages.review.conftest import SignedIn, status_of, waiting
from tests.warning_making import announce_at, square


def send(desk: Visitor, report: Report, **said: str) -> TestResponse:
    """Send the form of a decision."""
    fields = {"report_id": report.id, "version": "1", "decision": "verified", "reason": "seen_by_staff"} | said
    return desk.post("/review/decision", **fields)


def decide(desk: Visitor, report: Report, **said: str) -> str:
    """Send a decision that is stored; return where it leads."""
    answer = send(desk, report, **said)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_the_queue_is_listed_with_the_first_report_beside_it(desk: Visitor) -> None:
    first, second = waiting(2)
    text = desk.get("/review").text

    assert {first.id, second.id} <= set(re.findall(r"report=(rep_[a-z0-9]+)", text))
    assert 'aria-current="true"' in text
    assert 'name="decision" value="rejected"' in text


def test_the_picture_lies_around_a_home_only_when_that_was_noted(
    desk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce_at(square(west=-0.123, south=51.499, side=0.005))
    homes = [waiting(place="home", lat=51.5001 + door, lon=-0.1201)[0] for door in (0, 0.0003)]

    def pictures() -> set[str]:
        pages = [desk.get(f"/review?report={home.id}").text for home in homes]
        return {text[text.index("<svg") : text.index("</svg>")] for text in pages}

    assert len(pictures()) == 2

    def away(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    monkeypatch.setattr(audit, "note_exact_places", away)
    assert len(pictures()) == 1


def test_undoing_is_offered_for_seven_days(desk: Visitor, noon: Any) -> None:
    (report,) = waiting()
    decide(desk, report)
    assert "Undo the decision" in desk.get(f"/review?report={report.id}").text

    noon.shift(7 * 86400 + 1)
    assert desk.account is not None
    desk.sign_in(desk.account.username)

    later = desk.get(f"/review?report={report.id}").text
    assert ("Decided" in later, "Undo the decision" in later) == (True, False)


def test_residents_have_no_queue(noon: Any, signed_in: SignedIn) -> None:
    assert signed_in("resident").get("/review").status_code == 403


def test_a_decision_is_stored_and_the_next_report_is_shown(desk: Visitor) -> None:
    report, following = waiting(2)

    address = decide(desk, report, next=following.id)

    assert status_of(report) == "verified"
    assert f"report={following.id}" in address
    shown = desk.get(address.replace("http://localhost", "")).text
    assert "The decision is stored." in shown and "Water 0</a>: Verified." in shown
    assert 'id="undo"' in shown


def test_the_last_decision_is_undone(desk: Visitor) -> None:
    (report,) = waiting()
    decide(desk, report, decision="rejected", reason="spam")
    assert status_of(report) == "rejected"

    desk.post("/review/undo", report=f"{report.id}@2")

    assert status_of(report) == "pending"


def test_a_report_is_joined_to_a_neighbour(desk: Visitor) -> None:
    report, target = waiting(2)

    decide(desk, report, decision="merged", reason="", into=target.id)

    assert status_of(report) == "merged"


def test_corrections_are_stored_with_the_verification(desk: Visitor) -> None:
    (report,) = waiting(depth_cm=20)

    decide(desk, report, title="Deep water", title_before="Water 0", depth_cm="20", depth_cm_before="20")

    stored = Report.find(report.id, consistent=True)
    assert stored is not None
    assert (stored.title, stored.own_words) == ("Deep water", {"title": "Water 0"})


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        pytest.param(
            {"version": "7"}, 412, "Nothing was stored: the report has changed meanwhile.", id="it has changed"
        ),
        pytest.param({"reason": ""}, 422, "Choose why.", id="no reason"),
        pytest.param(
            {"depth_cm": "deep", "title_before": "Water 0", "title": "Water 0"},
            422,
            "Give the depth as a number of centimetres",
            id="a depth that is none",
        ),
        pytest.param({"report_id": "rep_" + "a" * 26}, 303, "the report is not there any more", id="no report"),
        pytest.param(
            {"decision": "merged", "reason": "", "into": "rep_" + "a" * 26},
            422,
            "Choose an active report of the same flood",
            id="merged into none",
        ),
    ],
)
def test_nothing_is_stored_and_the_page_says_why(desk: Visitor, said: dict[str, str], status: int, told: str) -> None:
    (report,) = waiting()

    answer = send(desk, report, **said)

    assert answer.status_code == status
    assert status_of(report) == "pending"
    assert audit.history_of(report.id) == []
    text = desk.get(answer.headers["Location"].replace("http://localhost", "")).text if status == 303 else answer.text
    assert told in text


def test_many_are_verified_but_those_that_are_unticked(desk: Visitor) -> None:
    reports = waiting(4)
    text = desk.get("/review?together=1").text
    assert all(f'value="{report.id}@1" checked' in text for report in reports)

    ticked = [f"{report.id}@1" for report in reports[1:]]
    answer = desk.client.post(
        "/review/decisions",
        data={"report": ticked, "reason": "corroborated"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )

    assert answer.status_code == 303
    assert [status_of(report) for report in reports] == ["pending", "verified", "verified", "verified"]


def test_a_held_report_is_not_decided_by_another(desk: Visitor, client: Any, signed_in: SignedIn) -> None:
    (report,) = waiting()
    assert desk.post("/review/hold", report_id=report.id).json["until"]
    other = signed_in("responder")

    assert other.post("/review/hold", report_id=report.id).json["held_until"]
    refused = send(other, report)
    assert (refused.status_code, "another responder is looking at" in refused.text) == (409, True)
    assert status_of(report) == "pending"


@pytest.mark.parametrize(
    "query", ["report=nothing", "area=Atlantis", "state=odd", "cursor=bent", "results=x.y.verified~z"]
)
def test_no_address_makes_an_error(desk: Visitor, query: str) -> None:
    waiting()

    assert desk.get(f"/review?{query}").status_code == 200


def test_a_responders_word_ends_a_report(desk: Visitor) -> None:
    (report,) = waiting(status="verified", condition="may_be_over")

    stale = desk.post("/review/end", report_id=report.id, version="7")
    assert "told=changed" in stale.headers["Location"]
    answer = desk.post("/review/end", report_id=report.id, version="1")

    assert "told=ended" in answer.headers["Location"]
    stored = Report.find(report.id, consistent=True)
    assert stored is not None
    assert (stored.condition, stored.ended_by) == ("receded", "staff")


def test_the_page_of_another_leaves_a_held_report_out_and_brings_the_words_for_a_hold_that_ends(
    desk: Visitor, signed_in: SignedIn
) -> None:
    (held,), (free,) = waiting(), waiting(lat=52.5)  # no neighbours, which either's own page would name
    desk.post("/review/hold", report_id=held.id)

    own, of_another = desk.get("/review").text, signed_in("responder").get("/review").text

    assert held.id in own and free.id in own
    assert held.id not in of_another and free.id in of_another
    assert 'data-ending="You hold this report for less than a minute more.' in own


def test_a_fourth_report_is_not_held_on_the_page_either(desk: Visitor) -> None:
    reports = waiting(4)

    answers = [desk.post("/review/hold", report_id=report.id).json for report in reports]

    assert [bool(answer["until"]) for answer in answers] == [True, True, True, False]
