"""Holds: a report that one responder looks at is not offered to others, and no other decides about it meanwhile."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core.errors import Conflict
from app.review import holds
from tests.factories import make_report
from tests.queueing import Responder, Streams, queue_rows, stored
from tests.voices import Visitor

SEVERAL = 8


@pytest.fixture
def two(client: FlaskClient, noon: Any) -> tuple[Responder, Responder]:
    return Responder(client), Responder(client)


def test_a_held_report_is_offered_to_its_holder_alone(two: tuple[Responder, Responder], streams: Streams) -> None:
    one, other = two
    report = make_report()
    streams.catch_up()

    held = one.hold(report.id)

    assert (held.status_code, held.json) == (200, {"until": "2026-11-21T12:05:00Z"})
    assert one.item(report.id)["hold"] == {"until": "2026-11-21T12:05:00Z", "by_you": True}
    assert other.ids() == []
    assert other.one(report.id).json["hold"] == {"until": "2026-11-21T12:05:00Z", "by_you": False}


def test_another_is_told_until_when_and_may_hold_it_then(
    two: tuple[Responder, Responder], streams: Streams, noon: Any
) -> None:
    one, other = two
    report = make_report()
    streams.catch_up()
    one.hold(report.id)
    noon.shift(200)

    refused, renewed = other.hold(report.id), one.hold(report.id)

    assert (refused.status_code, refused.json["until"]) == (409, "2026-11-21T12:05:00Z")
    assert renewed.json == {"until": "2026-11-21T12:08:20Z"}
    noon.shift(301)
    assert other.ids() == [report.id]
    assert other.hold(report.id).status_code == 200


def test_who_lets_go_makes_room_for_others(two: tuple[Responder, Responder], streams: Streams) -> None:
    one, other = two
    report = make_report()
    streams.catch_up()
    one.hold(report.id)

    assert other.let_go(report.id).status_code == 204
    assert other.ids() == []
    assert [one.let_go(report.id).status_code for _ in range(2)] == [204, 204]
    assert other.ids() == [report.id]
    assert other.hold(report.id).status_code == 200


def test_nobody_holds_more_than_three(two: tuple[Responder, Responder], streams: Streams, noon: Any) -> None:
    one, _ = two
    reports = [make_report() for _ in range(4)]

    statuses = [one.hold(report.id).status_code for report in reports]

    assert statuses == [200, 200, 200, 409]
    assert one.hold(reports[0].id).status_code == 200
    one.let_go(reports[1].id)
    assert one.hold(reports[3].id).status_code == 200
    noon.shift(301)
    assert one.hold(reports[1].id).status_code == 200


def test_a_decision_is_refused_while_another_holds_the_report_and_ends_ones_own_hold(
    two: tuple[Responder, Responder], streams: Streams
) -> None:
    one, other = two
    report = make_report()
    one.hold(report.id)
    decision = {"report_id": report.id, "version": 1, "decision": "verified", "reason": "seen_by_staff"}

    refused, [result] = other.verify(report.id), other.decide(decision).json["results"]

    assert (refused.status_code, refused.json["until"]) == (409, "2026-11-21T12:05:00Z")
    assert (result["status"], result["problem"]["until"]) == (409, "2026-11-21T12:05:00Z")
    assert one.verify(report.id).status_code == 200
    assert other.hold(report.id).status_code == 200


def test_a_hold_goes_with_its_row_when_the_report_becomes_more_urgent(
    client: FlaskClient, two: tuple[Responder, Responder], streams: Streams
) -> None:
    one, other = two
    report = make_report()
    streams.catch_up()
    one.hold(report.id)
    [before] = queue_rows()

    Visitor(client).vote(report.id)
    streams.catch_up()

    [after] = queue_rows()
    assert after["sort"] != before["sort"]
    assert other.ids() == [] and one.ids() == [report.id]


def test_a_hold_that_comes_before_the_row_is_kept(two: tuple[Responder, Responder], streams: Streams) -> None:
    one, other = two
    report = make_report()
    one.hold(report.id)
    assert one.ids() == []

    streams.catch_up()

    assert one.ids() == [report.id] and other.ids() == []


def test_of_many_at_once_one_gets_it_and_nobody_a_fourth(dynoxide: str) -> None:
    reports = [make_report() for _ in range(6)]
    outcomes: list[tuple[str, str, bool]] = []

    def take(account_id: str, begin: threading.Barrier) -> None:
        begin.wait()
        for report in reports:
            try:
                holds.hold(report, account_id)
                outcomes.append((account_id, report.id, True))
            except Conflict:
                outcomes.append((account_id, report.id, False))

    barrier = threading.Barrier(SEVERAL)
    threads = [threading.Thread(target=take, args=(f"acc_{number}", barrier)) for number in range(SEVERAL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    got = [(account_id, report_id) for account_id, report_id, is_held in outcomes if is_held]
    assert len(outcomes) == SEVERAL * len(reports)
    assert sorted(report_id for _, report_id in got) == sorted(report.id for report in reports)
    by_account = [account_id for account_id, _ in got]
    assert max(by_account.count(account_id) for account_id in by_account) <= 3


def test_one_person_in_many_windows_holds_three(dynoxide: str) -> None:
    reports = [make_report() for _ in range(SEVERAL)]
    outcomes: list[bool] = []

    def take(number: int, begin: threading.Barrier) -> None:
        begin.wait()
        try:
            holds.hold(reports[number], "acc_1")
            outcomes.append(True)
        except Conflict:
            outcomes.append(False)

    barrier = threading.Barrier(SEVERAL)
    threads = [threading.Thread(target=take, args=(number, barrier)) for number in range(SEVERAL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(outcomes), sum(outcomes)) == (SEVERAL, 3)


def test_holds_end_in_the_database_too(two: tuple[Responder, Responder]) -> None:
    two[0].hold(make_report().id)

    rows = stored("review")

    assert len(rows) == 3 and all("purge_at" in row for row in rows)
