"""The consumer of the reports table's stream: batches in, tiles out, poison aside."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.reports.index import consume
from app.reports.models import Report
from handlers.report_changed import DEAD_LETTERS, handler
from tests.factories import make_report, stream_record

Taking = Callable[[str], list[str]]


def batch(*records: dict[str, Any]) -> dict[str, Any]:
    return {"Records": list(records), "shardId": "shard-1"}


def poisoned(report: Report, *, number: int) -> dict[str, Any]:
    record = stream_record(new=report, number=number)
    record["dynamodb"]["NewImage"]["lat"] = {"N": "somewhere"}
    return record


def test_filed_report_reaches_its_tile(client: FlaskClient) -> None:
    client.get("/tiles/6/31/21")
    report = make_report(lat=51.5, lon=-0.12)

    answer = handler(batch(stream_record(new=report)), None)

    assert answer == {"batchItemFailures": []}
    assert report.id in client.get("/tiles/6/31/21").get_data(as_text=True)


def test_empty_batch_that_closes_a_window_is_taken(tables: None) -> None:
    assert handler(batch() | {"isFinalInvokeForWindow": True}, None) == {"batchItemFailures": []}


def test_poison_record_is_set_aside_by_its_key_and_holds_up_no_other(client: FlaskClient, queues: Taking) -> None:
    before, bad, after = make_report(), poisoned(make_report(), number=2), make_report()

    answer = handler(batch(stream_record(new=before, number=1), bad, stream_record(new=after, number=3)), None)

    assert answer == {"batchItemFailures": []}
    letter = json.loads(queues(DEAD_LETTERS)[0])
    cell, key = bad["dynamodb"]["NewImage"]["cell"]["S"], bad["dynamodb"]["Keys"]["id"]["S"]
    at_s = bad["dynamodb"]["ApproximateCreationDateTime"]
    assert letter == {
        "changed": {"id": key, "event": "MODIFY", "cells": [cell], "sequence": "2", "at": at_s},
        "shard": "shard-1",
        "error": "JSONDecodeError",
    }
    shown = client.get("/tiles/6/31/21").get_data(as_text=True)
    assert before.id in shown and after.id in shown


def test_report_that_breaks_the_tiles_is_found_among_the_others(
    client: FlaskClient, queues: Taking, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = [make_report() for _ in range(7)]
    absorb = consume.apply_changes

    def breaking(changes: list[consume.Change], *, shard: str) -> None:
        assert reports[4].id not in [change.new.id for change in changes if change.new]
        absorb(changes, shard=shard)

    monkeypatch.setattr(consume, "apply_changes", breaking)
    handler(batch(*(stream_record(new=report, number=n) for n, report in enumerate(reports))), None)

    letters = [json.loads(text)["changed"]["id"] for text in queues(DEAD_LETTERS)]
    shown = client.get("/tiles/6/31/21").get_data(as_text=True)
    assert letters == [reports[4].id]
    assert all(report.id in shown for report in reports if report is not reports[4])


def test_outage_is_no_poison(tables: None, queues: Taking, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.eu-west-2.amazonaws.com")

    record = stream_record(new=make_report())
    monkeypatch.setattr(consume, "apply_changes", away)

    with pytest.raises(EndpointConnectionError):
        handler(batch(record), None)

    assert queues(DEAD_LETTERS) == []


@pytest.mark.parametrize("event", [{}, None, [], {"Records": "all"}, {"Records": [{"eventSource": "aws:sqs"}]}])
def test_any_other_event_is_refused(event: Any) -> None:
    with pytest.raises(ValueError, match="nothing else"):
        handler(event, None)
