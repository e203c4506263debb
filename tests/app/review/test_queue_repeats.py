"""Records that come twice, late, in another order or beside each other leave the rows that the stored reports have."""

import random
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.reports.models import Report
from app.review import queue
from app.review.urgency import keys_of, waits
from handlers import report_changed
from tests.factories import make_report
from tests.queueing import Streams, queue_rows, stored
from tests.reporting import bearer, filed
from tests.voices import Visitor

STEPS = 15


def deliver(records: list[dict[str, Any]]) -> None:
    report_changed.handler({"Records": records, "shardId": "shard-1"}, None)


def expected_keys() -> set[tuple[str, str]]:
    """The keys of what waits, computed from the stored reports; there are no warnings here."""
    ids = [row["id"]["S"] for row in stored("reports") if row["id"]["S"].startswith("rep_")]
    return {keys_of(report)[0] for report in Report.find_all(ids) if waits(report, clock.now_ms())}


def keys_stored() -> set[tuple[str, str]]:
    return {(row["lane"]["S"], row["sort"]["S"]) for row in queue_rows()}


def some_act(client: FlaskClient, dice: random.Random, reports: list[dict[str, Any]]) -> None:
    """File, edit, vote on, flag or withdraw a report."""
    report = dice.choice(reports)
    token, path = bearer(report["edit_token"]), f"/v1/reports/{report['id']}"
    act = dice.choice(["edit", "vote", "vote", "flag", "withdraw", "file"])
    if act == "file":
        reports.append(filed(client, title="Water"))
    if act == "edit":
        body = {
            "severity": dice.choice(["minor", "extreme"]),
            "location": {"lat": dice.choice([51.5, 57.0]), "lon": 0.1},
        }
        client.patch(path, headers=token | {"If-Match": "*"}, json=body)
    if act == "vote":
        Visitor(client).vote(report["id"], dice.choice(["flooded", "receded"]))
    if act == "flag":
        Visitor(client).flag(report["id"])
    if act == "withdraw" and len(reports) > 2:
        client.delete(path, headers=token)


@pytest.mark.parametrize("seed", [1, 2])
def test_repeats_and_late_records_leave_the_rows_of_what_is_stored(client: FlaskClient, noon: Any, seed: int) -> None:
    dice, streams, all_records = random.Random(seed), Streams(), list[dict[str, Any]]()
    reports = [filed(client, title="Water") for _ in range(3)]
    for _ in range(STEPS):
        some_act(client, dice, reports)
        noon.shift(60)
        all_records += streams.catch_up()
        if dice.random() < 0.3:
            start = dice.randrange(len(all_records))
            deliver(all_records[start : start + 5])
    all_records += streams.catch_up()

    assert keys_stored() == expected_keys()
    dice.shuffle(all_records)
    deliver(all_records)
    assert keys_stored() == expected_keys()


def test_a_change_while_a_row_is_written_leaves_the_newer_row(
    tables: None, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, streams = make_report(severity="minor"), Streams()
    write, changed = queue._write, list[bool]()

    def interrupted(*said: Any, **named: Any) -> None:
        write(*said, **named)
        if not changed:
            changed.append(True)
            newer = Report.find(report.id, consistent=True)
            assert newer is not None
            newer.severity, newer.version = "extreme", 2
            assert newer.replace(seen_version=1)

    monkeypatch.setattr(queue, "_write", interrupted)
    streams.catch_up()

    assert changed and keys_stored() == expected_keys()


def test_a_report_that_goes_while_its_row_is_written_leaves_none(
    tables: None, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, streams = make_report(), Streams()
    write = queue._write

    def interrupted(*said: Any, **named: Any) -> None:
        write(*said, **named)
        if Report.find(report.id):
            report.delete()

    monkeypatch.setattr(queue, "_write", interrupted)
    streams.catch_up()

    assert queue_rows() == []
