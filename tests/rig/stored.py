"""Content of the tables, read without the product's code."""

import os
from functools import cache
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer

Item = dict[str, Any]


def items(noun: str) -> list[Item]:
    """All rows of a table, as plain values."""
    deserialize = TypeDeserializer().deserialize
    return [{name: deserialize(value) for name, value in row.items()} for row in raw_items(noun)]


def raw_items(noun: str) -> list[Item]:
    """All rows of a table, as the database gives them."""
    pages = _client(_address()).get_paginator("scan").paginate(TableName=table(noun), ConsistentRead=True)
    return [row for page in pages for row in page["Items"]]


def reports() -> list[Item]:
    return [item for item in items("reports") if item["id"].startswith("rep_")]


def raw_item(noun: str, key: str) -> Item | None:
    """One row by its id, as the database gives it."""
    found = _client(_address()).get_item(TableName=table(noun), Key={"id": {"S": key}}, ConsistentRead=True)
    return found.get("Item")


def _address() -> str:
    return os.environ["AWS_ENDPOINT_URL_DYNAMODB"]


@cache
def _client(address: str) -> Any:
    return boto3.client("dynamodb", endpoint_url=address)


def table(noun: str) -> str:
    return f"{os.environ['RESOURCE_PREFIX']}-{noun}"


def put(noun: str, item: Item) -> None:
    """Store a row as it is, for the twins."""
    _client(_address()).put_item(TableName=table(noun), Item=item)
