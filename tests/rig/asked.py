"""A copy of the product, asked from outside: `python asked.py`, put into the copy's own folder.

Takes JSON lists from stdin, one a line: requests (`{"method", "path", ...}` as Flask's test client takes them), and ids
of reports (`{"absorb"}`) of which the table's stream is to tell. Answers each list with a line of what came of each:
status and text, or what the stream's handler has returned. A process answers one list and ends, so that it knows
nothing of those before; it is a fork of one that has only read its code, which takes longer than most answers.
"""

import json
import os
import signal
import sys
import time
from typing import Any

import boto3
from flask import Flask

from app.factory import create_app
from app.pages.frame.rendering import environment
from handlers import report_changed

HANGS_S = 300  # only what hangs is ended by it


def main() -> None:
    app = create_app(TESTING=True)
    for template in environment().list_templates(extensions=["html"]):
        environment().get_template(template)  # else each fork would compile those of its pages
    for line in sys.stdin:
        if child := os.fork():
            _, status = os.waitpid(child, 0)
            if status:
                sys.exit(1)
        else:
            signal.alarm(HANGS_S)
            print(json.dumps(_answers(app, json.loads(line))), flush=True)
            os._exit(0)


def _answers(app: Flask, asked: list[dict[str, Any]]) -> list[Any]:
    client = app.test_client()
    said: list[Any] = []
    for one in asked:
        if "absorb" in one:
            said.append(report_changed.handler(_event(one["absorb"]), None))
        else:
            answer = client.open(one.pop("path"), **one)
            said.append([answer.status_code, answer.get_data(as_text=True)])
    return said


def _event(report_id: str) -> dict[str, Any]:
    table = f"{os.environ['RESOURCE_PREFIX']}-reports"
    row = boto3.client("dynamodb").get_item(TableName=table, Key={"id": {"S": report_id}}, ConsistentRead=True)["Item"]
    told = {
        "Keys": {"id": row["id"]},
        "NewImage": row,
        "SequenceNumber": "9",
        "ApproximateCreationDateTime": time.time(),
    }
    record = {"eventID": "9", "eventSource": "aws:dynamodb", "eventName": "MODIFY", "dynamodb": told}
    return {"Records": [record], "shardId": "shard-1"}


if __name__ == "__main__":
    main()
