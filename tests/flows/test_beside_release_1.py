"""Operation beside release 1: what it can read of this release, what it writes, and that readers stay correct."""

from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.reports import entry_encoding
from app.reports.index import completeness
from app.reports.index.models import ROOT, Document, TileDocument
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
REPORTS = f"{PREFIX}-reports"


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


@pytest.mark.usefixtures("noon")
class TestWhatItLeavesBehind:
    def test_the_consumer_brings_up_a_row_of_its_web_function(self, tables: None) -> None:
        report = make_report(title="Before")
        old_row = release_1.as_written(raw(report.id))
        boto3.client("dynamodb").put_item(TableName=REPORTS, Item=old_row)
        record = stream_record(new=report)
        record["dynamodb"]["NewImage"] = old_row

        from handlers import report_changed

        report_changed.handler({"Records": [record], "shardId": "shard-1"}, None)

        assert entry_encoding.unpack(report.id, raw(report.id)["entry"]["B"]) == Report.get(report.id).entry()

    def test_lists_are_right_while_documents_are_known_to_lack_something(self, client: FlaskClient) -> None:
        made = [make_report(created_ms=clock.now_ms() - number) for number in range(5)]
        tell_consumer(made)
        told = answers(client)
        spoil(TileDocument.get(f"2/{ROOT}"))

        boto3.client("dynamodb").update_item(
            TableName=REPORTS, Key={"id": {"S": "complete"}}, UpdateExpression="REMOVE copies"
        )
        completeness.cache.read_ms = None

        assert client.get(PATHS[0]).get_json() == told[PATHS[0]]
        tell_consumer(made)
        assert TileDocument.read([ROOT], consistent=True)[ROOT].counts == {"moderate": 5}


def spoil(item: TileDocument) -> None:
    """Let a document say that nothing is there."""
    item.body = Document().pack()
    item.save()
