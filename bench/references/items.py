"""Shared by all references: the DynamoDB client, made at import, and a hand-written check of a new item."""

import uuid

import boto3
from botocore.config import Config

TABLE = "floodmanager-bench-reports"
# The product's own timeouts; and like the product's client it does not validate its calls.
CLIENT = boto3.client(
    "dynamodb",
    config=Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2, "mode": "standard"}),
)


def read(item_id):
    """Return the item as plain values, or None."""
    item = CLIENT.get_item(TableName=TABLE, Key={"id": {"S": item_id}}).get("Item")
    return {name: _plain(value) for name, value in item.items()} if item else None


def store(values):
    """Store a new item and return it; raises ValueError with the mistake."""
    if not isinstance(values.get("lat"), int | float) or not -90 <= values["lat"] <= 90:
        raise ValueError("lat")
    if not isinstance(values.get("lon"), int | float) or not -180 <= values["lon"] <= 180:
        raise ValueError("lon")
    if values.get("severity") not in ("unknown", "minor", "moderate", "severe", "extreme"):
        raise ValueError("severity")
    if not isinstance(values.get("title", ""), str) or len(values.get("title", "")) > 200:
        raise ValueError("title")
    item = {"id": f"rep_{uuid.uuid4().hex}", **values}
    wire = {name: {"N": str(value)} if isinstance(value, int | float) else {"S": value} for name, value in item.items()}
    CLIENT.put_item(TableName=TABLE, Item=wire, ConditionExpression="attribute_not_exists(id)")
    return item


def _plain(value):
    (kind, content), *_ = value.items()
    return float(content) if kind == "N" else content
