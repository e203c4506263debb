"""A copy of the product, asked from outside: `python asked.py`, put into the copy's own folder.

Takes one JSON list from stdin: requests (`{"method", "path", ...}` as Flask's test client takes them), and ids of
reports (`{"absorb"}`) of which the table's stream is to tell. Says what came of each: status and text, or what the
stream's handler has returned.
"""

import json
import os
import sys
import time
from typing import Any

import boto3

from app.factory import create_app
from handlers import report_changed


def main() -> None:
    client = create_app(TESTING=True).test_client()
    said: list[Any] = []
    for one in json.load(sys.stdin):
        if "absorb" in one:
            said.append(report_changed.handler(_event(one["absorb"]), None))
        else:
            answer = client.open(one.pop("path"), **one)
            said.append([answer.status_code, answer.get_data(as_text=True)])
    json.dump(said, sys.stdout)


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
