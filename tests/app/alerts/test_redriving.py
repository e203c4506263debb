"""Dead letters of alerts go back to where they came from."""

import json
from collections.abc import Callable

import boto3
import pytest
from flask import Flask

from app.alerts.jobs import Job
from app.aws import functions
from handlers import fan_out
from handlers.batches import set_aside
from tests.app.alerts.saying import say
from tests.app.api.fake_aws import fake_aws
from tests.conftest import PREFIX
from tests.factories import make_report

Taking = Callable[[str], list[str]]


def put_aside(row_id: str) -> None:
    record = {"eventName": "MODIFY", "dynamodb": {"Keys": {"id": {"S": row_id}}, "SequenceNumber": "1"}}
    set_aside(fan_out.DEAD_LETTERS, record, ValueError(), event={})


@pytest.mark.parametrize("kind", ["warning", "report", "gone"])
def test_record_is_noted_as_its_row_is_now(
    app: Flask, queues: Taking, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    makes = {"warning": say, "report": lambda: make_report(status="verified").id, "gone": lambda: "wrn_gone"}
    monkeypatch.setattr(Job, "delay_s", 0)
    put_aside(makes[kind]())
    with fake_aws({f"{PREFIX}-fan_out": fan_out.handler}) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        functions._client.cache_clear()
        done = app.test_cli_runner().invoke(args=["redrive", fan_out.DEAD_LETTERS])
    functions._client.cache_clear()

    assert (done.exit_code, queues(fan_out.DEAD_LETTERS)) == (0, []), done.output
    searches = [json.loads(text) for text in queues("alert-matches")]
    assert len(searches) == (kind != "gone")
    assert all(one["event"][0] == kind[0] for one in searches)


def test_failed_search_goes_back_to_its_queue(app: Flask, queues: Taking) -> None:
    client = boto3.client("sqs")
    body = json.dumps({"event": "w-1", "member": "wrn_a", "change": "1"})
    url = client.get_queue_url(QueueName=f"{PREFIX}-alert-matches-dead-letters")["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody=body)

    done = app.test_cli_runner().invoke(args=["redrive", "alert-matches-dead-letters"])

    assert (done.exit_code, queues("alert-matches")) == (0, [body])
