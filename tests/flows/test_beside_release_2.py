"""Operation beside release 2, which knows no index by place: what it writes is found, before and after a backfill."""

from typing import Any

import boto3
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core import clock, dynamodb
from app.reports import entry_encoding
from app.reports.index import backfill as backfilling
from app.reports.index import completeness
from app.reports.models import Report
from infra.tables import incomplete_copies
from tests.conftest import PREFIX
from tests.factories import make_report, stream_record, tell_consumer

REPORTS, TILES = f"{PREFIX}-reports", f"{PREFIX}-tiles"
NEAR = "/v1/reports?lat=51.5&lon=-0.12&radius_km=2&since=2010-01-01T00:00:00Z"
OTHERS = {*completeness.COPIES} - {completeness.BY_PLACE}


def put_as_release_2(report: Report, **values: Any) -> dict[str, Any]:
    """Store a row as release 2 does: an edit of it keeps the attributes that it does not know, a new row has none."""
    for name, value in values.items():
        setattr(report, name, value)
    before = Report.stored_image(report.id)
    report.packed = entry_encoding.pack(report.entry())
    row = report.serialize()
    row.pop("place_shard", None)
    if before is not None and "place_shard" in before and values:
        row["place_shard"] = before["place_shard"]
    boto3.client("dynamodb").put_item(TableName=REPORTS, Item=row)
    return row


def serve_as_release_2() -> None:
    """Let its consumer write the root without a number; the process that reads it is a new one."""
    boto3.client("dynamodb").update_item(
        TableName=TILES, Key={"tile": {"S": completeness.ROOT}}, UpdateExpression="REMOVE kept_by"
    )
    completeness.cache.read_ms = None


def file_as_release_2(**values: Any) -> Report:
    report = make_report(**values)
    Report.get(report.id).delete()
    put_as_release_2(report)
    serve_as_release_2()
    return report


def listed(client: FlaskClient, address: str = NEAR) -> list[str]:
    return [item["id"] for item in client.get(address).json["items"]]


def complete_copies() -> set[str]:
    completeness.cache.read_ms = None
    return {copy for copy in completeness.COPIES if completeness.is_complete(copy)}


def backfill(app: Flask, *more: str) -> str:
    done = app.test_cli_runner().invoke(args=["backfill", "--rate", "100000", *more])
    assert done.exit_code == 0, done.output
    completeness.cache.read_ms = None
    return str(done.output)


@pytest.fixture
def report(tables: None, noon: Any) -> Report:
    made = make_report(created_ms=clock.now_ms() - 400 * clock.DAY_MS)
    tell_consumer([made])
    return made


def test_what_it_files_after_a_roll_back_is_in_the_history_of_its_place(client: FlaskClient, report: Report) -> None:
    assert complete_copies() == {*completeness.COPIES}

    filed = file_as_release_2()

    assert listed(client) == [filed.id, report.id]
    assert complete_copies() == OTHERS


def test_a_reader_that_trusts_its_mark_would_lose_the_report(
    client: FlaskClient, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A naive twin, which takes any mark for its own."""
    monkeypatch.setattr(completeness, "lacking", lambda _: frozenset())

    filed = file_as_release_2()

    assert filed.id not in listed(client)


def test_our_consumer_notes_that_it_has_served_before_it_writes_over_its_mark(report: Report) -> None:
    file_as_release_2()

    tell_consumer([make_report()])

    assert complete_copies() == OTHERS
    root = boto3.client("dynamodb").get_item(TableName=TILES, Key={"tile": {"S": completeness.ROOT}})["Item"]
    assert root["kept_by"] == {"S": completeness.RELEASE}


def test_what_it_has_written_is_filled(app: Flask, client: FlaskClient, report: Report) -> None:
    backfill(app, completeness.BY_PLACE)
    filed = file_as_release_2()
    tell_consumer([make_report(lat=54.0)])
    assert incomplete_copies(dynamodb.connection().client, PREFIX) == [completeness.BY_PLACE]

    told = backfill(app)

    assert "3 reports read, 1 completed." in told
    assert "Complete: entries_by_place." in told
    assert complete_copies() == {*completeness.COPIES}
    assert listed(client) == [filed.id, report.id]
    assert incomplete_copies(dynamodb.connection().client, PREFIX) == []


def test_backfill_that_was_stopped_before_it_served_begins_again(
    app: Flask, client: FlaskClient, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete_rows, done = backfilling.complete_rows, list[int]()

    def stop_at_the_last_day(reports: list[Report]) -> int:
        if report.id in [one.id for one in reports]:
            raise KeyboardInterrupt
        done.append(complete_rows(reports))
        return done[-1]

    file_as_release_2()
    monkeypatch.setattr(backfilling, "complete_rows", stop_at_the_last_day)
    app.test_cli_runner().invoke(args=["backfill", "--rate", "100000"])
    monkeypatch.setattr(backfilling, "complete_rows", complete_rows)
    filed = file_as_release_2()
    tell_consumer([make_report(lat=54.0)])

    backfill(app)

    assert sum(done) == 1
    assert filed.id in listed(client)
    assert complete_copies() == {*completeness.COPIES}


def test_place_that_it_has_corrected_is_put_right(app: Flask, client: FlaskClient, report: Report) -> None:
    moved = Report.get(report.id)
    moved.put_at(lat=52.5, lon=-0.12, visibility="public")
    now_ms = clock.now_ms()
    moved.index(now_ms, is_change=True)
    put_as_release_2(moved, version=2, updated_at_ms=now_ms)
    serve_as_release_2()
    there = NEAR.replace("51.5", "52.5")
    assert (listed(client), listed(client, there)) == ([], [report.id])

    backfill(app)

    assert complete_copies() == {*completeness.COPIES}
    assert (listed(client), listed(client, there)) == ([], [report.id])


def test_backfill_refuses_while_it_still_serves(app: Flask, report: Report) -> None:
    file_as_release_2()
    events = dynamodb.connection().client.meta.events
    again = lambda **_: serve_as_release_2()  # noqa: E731
    events.register("after-call.dynamodb.DescribeTable", again)
    done = app.test_cli_runner().invoke(args=["backfill", "--rate", "100000"])
    events.unregister("after-call.dynamodb.DescribeTable", again)

    assert "has served meanwhile" in done.output
    assert complete_copies() == OTHERS


def test_our_consumer_brings_up_a_row_of_its_web_function(report: Report) -> None:
    filed = make_report()
    row = put_as_release_2(filed)
    record = stream_record(new=filed)
    record["dynamodb"]["NewImage"] = row

    from handlers import report_changed

    report_changed.handler({"Records": [record], "shardId": "shard-1"}, None)

    assert Report.get(filed.id).place_shard == filed.own_place_shard()


def test_a_later_release_is_no_reason_to_distrust_what_it_keeps_up(report: Report) -> None:
    boto3.client("dynamodb").update_item(
        TableName=TILES,
        Key={"tile": {"S": completeness.ROOT}},
        UpdateExpression="SET kept_by = :later",
        ExpressionAttributeValues={":later": {"S": "11"}},
    )

    assert complete_copies() == {*completeness.COPIES}
