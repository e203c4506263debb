"""Photos for tests: what a browser does with the form of a ticket, and the event that S3 sends then."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote_plus

import boto3


@cache
def s3() -> Any:
    """Return a client of moto's S3. A new one costs ten times as much as what it is then asked."""
    return boto3.client("s3")


def send(form: Mapping[str, Any], content: bytes, *, bucket: str) -> str:
    """Put a file where the form of a ticket puts it; return its key."""
    key = str(form["fields"]["key"])
    s3().put_object(Bucket=bucket, Key=key, Body=content, ContentType=form["fields"]["Content-Type"])
    return key


def event_of(*keys: str, bucket: str) -> dict[str, Any]:
    """Return the event of SQS for objects that have come, one message for each, as S3 sends it."""
    return {"Records": [_message(number, key, bucket) for number, key in enumerate(keys, 1)]}


def _message(number: int, key: str, bucket: str) -> dict[str, Any]:
    put = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Post"}
    record = put | {"s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key, safe="/")}}}
    return {"messageId": f"m{number}", "eventSource": "aws:sqs", "body": json.dumps({"Records": [record]})}


def keys_in(bucket: str) -> list[str]:
    """Return the keys of all objects, in order."""
    listed = s3().list_objects_v2(Bucket=bucket).get("Contents", [])
    return sorted(one["Key"] for one in listed)
