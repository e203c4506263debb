"""Operation beside release 1: what it can read of this release, what it writes, and that readers stay correct."""

from typing import Any

import boto3
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core import clock
from app.reports import entry_encoding
from app.reports.index import completeness
from app.reports.index.former_copies import HELD
from app.reports.index.models import FORMER, OWN, ROOT, TileDocument
from app.reports.models import Report
from tests.conftest import PREFIX
from tests.factories import make_report, stream_record, tell_consumer
from tests.rig import release_1

PATHS = [
    "/v1/reports",
    "/v1/reports?lat=51.5&lon=-0.12&radius_km=5",
    "/v1/reports?since=2020-01-01T00:00:00Z",
    "/v1/reports?updated_since=2020-01-01T00:00:00Z",
    "/v1/nearby?lat=51.5&lon=-0.12&radius_km=5",
    "/tiles/8/127/85",
]
REPORTS, TILES = f"{PREFIX}-reports", f"{PREFIX}-tiles"


def raw(report_id: str) -> dict[str, Any]:
    return boto3.client("dynamodb").get_item(TableName=REPORTS, Key={"id": {"S": report_id}})["Item"]


def change(report: Report, **values: Any) -> Report:
    """An edit of today's code, which the consumer learns of."""
    old = Report.get(report.id)
    for name, value in values.items():
        setattr(report, name, value)
    report.version, report.updated_at_ms = report.version + 1, clock.now_ms()
    report.index(clock.now_ms(), is_change=True)
    report.save()
    from handlers import report_changed

    report_changed.handler({"Records": [stream_record(old=old, new=report)], "shardId": "shard-1"}, None)
    return report


def change_as_release_1(report: Report, **values: Any) -> None:
    """Make an edit as release 1 does; its consumer rebuilds its own root."""
    known = release_1.as_written(raw(report.id)) | {name: {"S": value} for name, value in values.items()}
    now_ms = clock.now_ms()
    known |= {"version": {"N": str(report.version + 1)}, "updated": {"N": str(now_ms)}}
    known |= {
        "changed_day": {"S": clock.day_of(now_ms)},
        "changed_sort": {"S": f"{release_1.sort_key(now_ms)}#{report.id}"},
    }
    client = boto3.client("dynamodb")
    client.put_item(TableName=REPORTS, Item=known)
    client.update_item(TableName=TILES, Key={"tile": {"S": "0/0/0"}}, UpdateExpression="REMOVE kept_by")
    completeness.cache.read_ms = None  # a process that starts


def answers(client: FlaskClient) -> dict[str, Any]:
    told = {path: client.get(path) for path in PATHS}
    assert {answer.status_code for answer in told.values()} == {200}
    return {path: answer.get_json(force=True) for path, answer in told.items()}


@pytest.mark.usefixtures("noon")
class TestWhatItReads:
    def test_it_reads_every_row_of_ours(self, tables: None) -> None:
        report = make_report(title="Water", depth_cm=12.5)
        change(report, title="More water")

        read = release_1.Report()
        read.deserialize(raw(report.id))

        assert tuple(read.entry()) == tuple(report.entry())[: len(release_1.Entry._fields)]

    def test_its_documents_are_kept_up_beside_ours(self, tables: None) -> None:
        made = [make_report(title=f"Water {number}", created_ms=clock.now_ms() - number) for number in range(60)]
        tell_consumer(made)
        change(made[0], severity="extreme")
        change(made[1], status="withdrawn")

        items = boto3.client("dynamodb").scan(TableName=TILES)["Items"]
        former = {item["tile"]["S"]: item for item in items if item["tile"]["S"][0].isdigit()}
        former = {key: item for key, item in former.items() if not key.startswith("2/")}
        ours = TileDocument.read(former, tree=OWN)

        assert set(ours) == set(former)
        for key, item in former.items():
            read = release_1.Document.unpack(item["body"]["B"], int(item["version"]["N"]))
            assert (read.counts, read.children) == (ours[key].counts, ours[key].children)
            held = {HELD: clock.now_ms()} if key == ROOT else {}
            assert read.shards == ours[key].stream_shards | held
            count = len(release_1.Entry._fields)
            for one, other in zip(read.rows, ours[key].rows, strict=False):
                assert tuple(one) == tuple(other)[:count]
            assert read.rows[0].severity == "extreme"


@pytest.mark.usefixtures("noon")
class TestWhatItLeavesBehind:
    def test_a_change_of_its_own_is_in_every_list(self, client: FlaskClient) -> None:
        report = make_report(title="Before")
        tell_consumer([report])

        change_as_release_1(report, title="After")

        delta = client.get("/v1/reports?updated_since=2020-01-01T00:00:00Z").get_json()
        assert [item["title"] for item in delta["items"]] == ["After"]
        assert not any(completeness.is_complete(copy) for copy in completeness.COPIES)

    def test_its_rows_are_brought_up_and_then_read_by_the_new_indexes(self, app: Flask, client: FlaskClient) -> None:
        report = make_report(title="Before")
        untouched = make_report(created_ms=clock.now_ms() - 30 * clock.DAY_MS)
        tell_consumer([report, untouched])
        change_as_release_1(report, title="After")

        done = app.test_cli_runner().invoke(args=["backfill", "--rate", "10000"])

        assert done.exit_code == 0, done.output
        completeness.cache.read_ms = None
        assert all(completeness.is_complete(copy) for copy in completeness.COPIES)
        assert entry_encoding.unpack(report.id, raw(report.id)["entry"]["B"]).title == "After"
        assert answers(client)[PATHS[3]]["items"][0]["title"] == "After"

    def test_the_consumer_notes_that_it_has_served_before_it_writes_over_the_sign(self, tables: None) -> None:
        report = make_report()
        tell_consumer([report])
        change_as_release_1(report)

        tell_consumer([make_report()])

        completeness.cache.read_ms = None
        assert not any(completeness.is_complete(copy) for copy in completeness.COPIES)

    def test_the_consumer_brings_up_a_row_of_its_web_function(self, tables: None) -> None:
        report = make_report(title="Before")
        old_row = release_1.as_written(raw(report.id))
        boto3.client("dynamodb").put_item(TableName=REPORTS, Item=old_row)
        record = stream_record(new=report)
        record["dynamodb"]["NewImage"] = old_row

        from handlers import report_changed

        report_changed.handler({"Records": [record], "shardId": "shard-1"}, None)

        assert entry_encoding.unpack(report.id, raw(report.id)["entry"]["B"]) == Report.get(report.id).entry()

    def test_former_documents_do_not_hide_what_ours_know(self, client: FlaskClient) -> None:
        made = [make_report(created_ms=clock.now_ms() - number) for number in range(5)]
        tell_consumer(made)
        told = answers(client)

        boto3.client("dynamodb").update_item(
            TableName=REPORTS, Key={"id": {"S": "complete"}}, UpdateExpression="REMOVE copies"
        )
        completeness.cache.read_ms = None

        assert answers(client) == told
        assert TileDocument.read(["0/0/0"], tree=FORMER)["0/0/0"].counts == {"moderate": 5}
