"""Naive implementations, without care for lost replies, races and crashes. Each promise's test must catch one of them.

They use the product's own tables, time-outs and retries, so that only the manner of writing differs.
"""

import functools
import json
import os
import time
import uuid
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

Event = dict[str, Any]
KEY_LIFE_S = 24 * 3600


@functools.cache
def _database() -> Any:
    patience = int(os.environ.get("RIG_PATIENCE_S", "2"))
    config = Config(
        connect_timeout=patience, read_timeout=patience, retries={"total_max_attempts": 2, "mode": "standard"}
    )
    return boto3.client("dynamodb", config=config)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    _database()  # before its instances are forked, as the product does


def _table(noun: str) -> str:
    return f"{os.environ['RESOURCE_PREFIX']}-{noun}"


def _answer(status: int, body: Any = None) -> Event:
    headers = {"Retry-After": "1"} if status == 503 else {}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body) if body is not None else ""}


def _failing_as_503(write: Any) -> Any:
    @functools.wraps(write)
    def handler(event: Event, context: Any) -> Event:
        try:
            return write(event)
        except (BotoCoreError, ClientError):
            return _answer(503)

    return handler


def _row(report_id: str, event: Event) -> dict[str, Any]:
    body = json.loads(event["body"])
    return {
        "id": {"S": report_id},
        "title": {"S": body["title"]},
        "severity": {"S": body["severity"]},
        "lat": {"N": str(body["location"]["lat"])},
        "lon": {"N": str(body["location"]["lon"])},
        "version": {"N": "1"},
    }


@_failing_as_503
def file_with_random_id(event: Event) -> Event:
    """Every request is a new report."""
    report_id = f"rep_{uuid.uuid4()}"
    _database().put_item(TableName=_table("reports"), Item=_row(report_id, event))
    return _answer(201, {"id": report_id})


@_failing_as_503
def file_after_looking(event: Event) -> Event:
    """Look for the key; if it is new, store the report, then the key, for a day."""
    key = {"id": {"S": f"key_{event['headers']['idempotency-key']}"}}
    seen = _database().get_item(TableName=_table("reports"), Key=key, ConsistentRead=True).get("Item")
    if seen and int(seen["expires"]["N"]) > time.time():
        return _answer(200, {"id": seen["report"]["S"]})
    report_id = f"rep_{uuid.uuid4()}"
    _database().put_item(TableName=_table("reports"), Item=_row(report_id, event))
    kept = {"report": {"S": report_id}, "expires": {"N": str(int(time.time()) + KEY_LIFE_S)}}
    _database().put_item(TableName=_table("reports"), Item=key | kept)
    return _answer(201, {"id": report_id})


@_failing_as_503
def edit_field_by_field(event: Event) -> Event:
    """PATCH: each field for itself, over whatever is there. DELETE: first the status, then the index."""
    report_id = event["rawPath"].rpartition("/")[2]
    is_withdrawal = event["requestContext"]["http"]["method"] == "DELETE"
    changes = {"status": "withdrawn"} if is_withdrawal else json.loads(event["body"])
    for name, value in changes.items():
        _update(report_id, "SET #name = :value", _column(name), _typed(value))
    if is_withdrawal:
        _update(report_id, "REMOVE #name", "cell")
        return _answer(204)
    stored = _update(report_id, "SET #name = #name + :value", "version", _typed(1))
    return _answer(200, {"version": int(stored["version"]["N"])})


def _update(report_id: str, expression: str, name: str, value: dict[str, str] | None = None) -> dict[str, Any]:
    changed = _database().update_item(
        TableName=_table("reports"),
        Key={"id": {"S": report_id}},
        UpdateExpression=expression,
        ExpressionAttributeNames={"#name": name},
        ReturnValues="ALL_NEW",
        **({"ExpressionAttributeValues": {":value": value}} if value else {}),
    )
    return dict(changed["Attributes"])


def _column(name: str) -> str:
    return "depth" if name == "depth_cm" else name


def _typed(value: Any) -> dict[str, str]:
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


@_failing_as_503
def decide_after_looking(event: Event) -> Event:
    """Look whether the report is still undecided; then store the decision, and after it the audit row."""
    report_id = event["rawPath"].split("/")[3]
    key = {"id": {"S": report_id}}
    row = _database().get_item(TableName=_table("reports"), Key=key, ConsistentRead=True)["Item"]
    if row["status"]["S"] != "pending":
        return _answer(412)
    _update(report_id, "SET #name = :value", "status", _typed(json.loads(event["body"])["decision"]))
    act = {"subject": {"S": report_id}, "id": {"S": f"aud_{uuid.uuid4()}"}}
    _database().put_item(TableName=_table("audit"), Item=act)
    return _answer(200, {})


@_failing_as_503
def vote_after_looking(event: Event) -> Event:
    """Read the count of a report, and store one more."""
    report_id = event["rawPath"].split("/")[3]
    key = {"id": {"S": report_id}}
    row = _database().get_item(TableName=_table("reports"), Key=key, ConsistentRead=True)["Item"]
    count = int(row.get("flooded_votes", {"N": "1"})["N"])
    _update(report_id, "SET #name = :value", "flooded_votes", _typed(count + 1))
    return _answer(200, {})


@_failing_as_503
def register_in_two_steps(event: Event) -> Event:
    """Look for the name; if it is free, store the account, then its claim on the name."""
    username = json.loads(event["body"])["username"]
    key = {"id": {"S": f"name:{username}"}}
    if _database().get_item(TableName=_table("accounts"), Key=key, ConsistentRead=True).get("Item"):
        return _answer(409)
    account = {"id": {"S": f"acc_{uuid.uuid4()}"}, "username_folded": {"S": username}, "username": {"S": username}}
    _database().put_item(TableName=_table("accounts"), Item=account)
    _database().put_item(TableName=_table("accounts"), Item=key | {"account_id": account["id"]})
    return _answer(201, {"id": account["id"]["S"]})


@_failing_as_503
def refresh_once_only(event: Event) -> Event:
    """A token is a number in a row; the one that counts is exchanged for the next, and no other."""
    family, _, number = json.loads(event["body"])["refresh_token"].partition(":")
    following = str(int(number) + 1)
    try:
        _database().update_item(
            TableName=_table("tokens"),
            Key={"id": {"S": family}},
            UpdateExpression="SET #number = :next",
            ConditionExpression="#number = :number",
            ExpressionAttributeNames={"#number": "number"},
            ExpressionAttributeValues={":next": {"N": following}, ":number": {"N": number}},
        )
    except _database().exceptions.ConditionalCheckFailedException:
        return _answer(401)
    return _answer(200, {"access_token": family, "refresh_token": f"{family}:{following}"})


def count_each_record(event: Event, context: Any) -> Event:
    """Keep each tile's counts by adding what a record adds and taking what it takes; read, change, write."""
    from tests.rig.tiles_oracle import ZOOMS, tile_of

    for record in event["Records"]:
        for image, step in ((record["dynamodb"].get("OldImage"), -1), (record["dynamodb"].get("NewImage"), 1)):
            if not image or "cell" not in image:
                continue
            for zoom in ZOOMS:
                _count(tile_of(float(image["lat"]["N"]), float(image["lon"]["N"]), zoom), image["severity"]["S"], step)
    return {"batchItemFailures": []}


def count_and_skip(event: Event, context: Any) -> Event:
    """The same, and never a failure: what cannot be read is passed over, with all that follows it."""
    try:
        return count_each_record(event, context)
    except (KeyError, ValueError):
        return {"batchItemFailures": []}


def count_each_vote(event: Event, context: Any) -> Event:
    """Add one to a report's count for each record of a vote for it."""
    for record in event["Records"]:
        keys = record["dynamodb"]["Keys"]
        vote = _database().get_item(TableName=_table("votes"), Key=keys, ConsistentRead=True).get("Item", {})
        if condition := vote.get("condition"):
            key = {"id": keys["report_id"]}
            row = _database().get_item(TableName=_table("reports"), Key=key, ConsistentRead=True)["Item"]
            name = f"{condition['S']}_votes"
            count = int(row.get(name, {"N": "1" if condition["S"] == "flooded" else "0"})["N"])
            _update(keys["report_id"]["S"], "SET #name = :value", name, _typed(count + 1))
    return {"batchItemFailures": []}


def _count(tile: str, severity: str, step: int) -> None:
    key = {"tile": {"S": tile}}
    row = _database().get_item(TableName=_table("tiles"), Key=key, ConsistentRead=True).get("Item", key)
    counts = row.setdefault("counts", {"M": {}})["M"]
    counts[severity] = {"N": str(int(counts.get(severity, {"N": "0"})["N"]) + step)}
    _database().put_item(TableName=_table("tiles"), Item=row)


def believe_every_reply(event: Event, context: Any) -> Event:
    """The web function, to which an answer is an answer."""
    from app.core import replies
    from handlers import api

    replies._fault = lambda asked, reply: ""
    return api.handler(event, context)
