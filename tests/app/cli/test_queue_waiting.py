"""`flask queue-waiting`: reports that an earlier release has stored come into the queue and are rated, once."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.cli import queue_waiting
from app.core import clock
from app.reports.index import completeness
from app.reports.index.consume import Change, apply_changes
from app.reports.models import Report
from app.review import warned_areas
from tests.factories import make_report
from tests.followed import Stream
from tests.queueing import Responder, queue_rows, stored
from tests.rated import by_neighbour, confidence, make_trusted, of_trusted, signed_in


def run(app: Flask) -> str:
    done = app.test_cli_runner().invoke(args=["queue-waiting", "--rate", "100000"])
    assert done.exit_code == 0, done.output
    return str(done.stdout.splitlines()[-1])


def bring_to_the_map(reports: list[Report]) -> None:
    """Let reports reach the documents, as in a release that knew of no queue and no confidence."""
    apply_changes([Change(None, report, clock.now_ms()) for report in reports], shard="shard-1")


def test_what_waits_is_queued_and_a_second_run_writes_nothing(app: Flask, client: FlaskClient, noon: Any) -> None:
    waiting = [make_report(lat=50.0 + number, lon=number - 3.0) for number in range(5)]
    others = [make_report(status=status) for status in ("verified", "rejected", "withdrawn")]
    over = make_report(created_ms=clock.now_ms() - 50 * clock.HOUR_MS)
    disputed = make_report(status="verified", flags_waiting=1)
    bring_to_the_map([*waiting, *others, over, disputed])
    assert queue_rows() == []

    assert run(app) == "7 active reports looked at, 6 rows of the queue written."
    assert set(Responder(client).ids()) == {disputed.id, *(report.id for report in waiting)}
    before = stored("review"), stored("reports")
    assert run(app) == "7 active reports looked at, 0 rows of the queue written."

    assert (stored("review"), stored("reports")) == before


def test_what_others_support_is_rated_too(app: Flask, client: FlaskClient, noon: Any) -> None:
    account = make_trusted(client, noon, Stream())
    ids = [of_trusted(client, signed_in(account)), *(by_neighbour(client, number) for number in range(3))]
    bring_to_the_map(Report.find_all(ids))

    run(app)

    assert [confidence(client, report_id)["level"] for report_id in ids] == ["likely", "low", "low", "low"]


def test_a_run_that_was_stopped_goes_on_where_it_was(
    app: Flask, client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warned_areas, "AT_ONCE", 4)
    reports = [make_report(lat=51.5 + 0.2 * (number % 3)) for number in range(24)]
    bring_to_the_map(reports)

    def stopping(_: int) -> Any:
        def pace(done: int) -> None:
            if done >= 12:
                raise KeyboardInterrupt

        return pace

    with monkeypatch.context() as patched:
        patched.setattr(queue_waiting, "paced", stopping)
        assert app.test_cli_runner().invoke(args=["queue-waiting"]).exit_code == 1
    assert len(queue_rows()) == 12

    assert run(app) == "12 active reports looked at, 12 rows of the queue written."
    assert len(queue_rows()) == 24
    assert completeness.read_notes().positions["queue"] is None
