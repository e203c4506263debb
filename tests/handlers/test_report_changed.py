"""The consumer of the reports table's stream: batches in, tiles out."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from handlers.report_changed import handler
from tests.factories import make_report, stream_record


def test_filed_report_reaches_its_tile(client: FlaskClient) -> None:
    client.get("/tiles/6/31/21")
    report = make_report(lat=51.5, lon=-0.12)

    answer = handler({"Records": [stream_record(new=report)], "shardId": "shard-1"}, None)

    assert answer == {"batchItemFailures": []}
    assert report.id in client.get("/tiles/6/31/21").get_data(as_text=True)


def test_empty_batch_that_closes_a_window_is_taken(tables: None) -> None:
    assert handler({"Records": [], "shardId": "shard-1", "isFinalInvokeForWindow": True}, None) == {
        "batchItemFailures": []
    }


def test_unreadable_record_alone_comes_again(tables: None) -> None:
    good, bad = stream_record(new=make_report(), number=1), stream_record(new=make_report(), number=2)
    bad["dynamodb"]["NewImage"]["lat"] = {"N": "somewhere"}

    answer = handler({"Records": [good, bad], "shardId": "shard-1"}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}


@pytest.mark.parametrize("event", [{}, None, [], {"Records": "all"}, {"Records": [{"eventSource": "aws:sqs"}]}])
def test_any_other_event_is_refused(event: Any) -> None:
    with pytest.raises(ValueError, match="nothing else"):
        handler(event, None)
