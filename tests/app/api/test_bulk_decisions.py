"""Many decisions in one call: each has its own result, and one that fails stops no other."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core.errors import Unavailable
from app.reports.models import Report
from app.review import audit, verification
from tests.factories import make_report, sign_in_as
from tests.queueing import Responder
from tests.reporting import mistakes_of


@pytest.fixture
def client(dynoxide_client: FlaskClient) -> FlaskClient:
    """A product whose database takes several transactions at once, which moto does not."""
    return dynoxide_client


@pytest.fixture
def responder(client: FlaskClient, noon: Any) -> Responder:
    return Responder(client)


def verified(report: Report | str, *, version: int = 1, **more: Any) -> dict[str, Any]:
    report_id = report if isinstance(report, str) else report.id
    decision = {"report_id": report_id, "version": version, "decision": "verified", "reason": "seen_by_staff"}
    return decision | more


def rejected(report: Report, **more: Any) -> dict[str, Any]:
    return verified(report) | {"decision": "rejected", "reason": "test"} | more


def test_a_whole_cluster_is_verified_but_for_one(client: FlaskClient, responder: Responder) -> None:
    reports = [make_report() for _ in range(50)]

    answer = responder.decide(*(verified(report) for report in reports[:-1]), rejected(reports[-1]))

    results = answer.json["results"]
    assert answer.status_code == 200
    assert [result["report_id"] for result in results] == [report.id for report in reports]
    assert {result["status"] for result in results} == {200}
    assert [result["report"]["status"] for result in results] == ["verified"] * 49 + ["rejected"]
    assert client.get(f"/v1/reports/{reports[-1].id}").status_code == 404
    assert [row.action for row in audit.history_of(reports[0].id)] == ["report.verified"]


def test_each_mistake_is_a_result_and_stops_no_other(client: FlaskClient, responder: Responder) -> None:
    first, stale, last = make_report(), make_report(), make_report()
    wrong = rejected(first, reason="seen_by_staff")
    merged = {"report_id": first.id, "version": 1, "decision": "merged", "into": first.id}

    results = responder.decide(
        verified(first),
        verified("rep_gone"),
        verified(stale, version=7),
        wrong,
        "nonsense",
        {"version": 1},
        merged,
        verified(first),
        verified(last),
    ).json["results"]

    assert [result["status"] for result in results] == [200, 404, 412, 422, 422, 422, 412, 412, 200]
    assert results[3]["problem"]["errors"][0]["pointer"] == "/decisions/3/reason"
    assert results[4]["report_id"] is None and results[1]["problem"]["type"] == "/docs/errors/not-found"
    assert {mistake["pointer"] for mistake in results[5]["problem"]["errors"]} >= {"/decisions/5/report_id"}
    assert client.get(f"/v1/reports/{last.id}").json["status"] == "verified"


def test_merges_of_a_cluster_into_one_are_all_stored(client: FlaskClient, responder: Responder) -> None:
    target, others = make_report(), [make_report() for _ in range(10)]
    merges = [{"report_id": one.id, "version": 1, "decision": "merged", "into": target.id} for one in others]

    results = responder.decide(*merges).json["results"]

    assert {result["status"] for result in results} == {200}
    assert client.get(f"/v1/reports/{target.id}").json["merged_from"] == [one.id for one in others]


def test_a_database_that_does_not_answer_is_the_result_of_one(
    responder: Responder, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = make_report(), make_report()
    decide = verification.decide

    def failing(report_id: str, *args: Any, **named: Any) -> Report:
        if report_id == bad.id:
            raise Unavailable("Very busy.")
        return decide(report_id, *args, **named)

    monkeypatch.setattr(verification, "decide", failing)

    results = responder.decide(verified(bad), verified(good)).json["results"]

    assert [result["status"] for result in results] == [503, 200]


def test_the_list_itself_is_checked(client: FlaskClient, responder: Responder) -> None:
    report = make_report()

    assert mistakes_of(responder.decide()) == {("/decisions", "length")}
    assert mistakes_of(responder.decide(*[verified(report)] * 51)) == {("/decisions", "length")}
    answer = client.post("/v1/review/decisions", json={"decisions": "all"}, headers=responder.headers)
    assert mistakes_of(answer) == {("/decisions", "type")}


@pytest.mark.parametrize("role", ["resident", ""])
def test_only_responders_decide(client: FlaskClient, role: str) -> None:
    headers = sign_in_as(role) if role else {}
    answer = client.post("/v1/review/decisions", json={"decisions": [verified(make_report())]}, headers=headers)

    assert answer.status_code == (403 if role else 401)
