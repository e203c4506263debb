"""Ceilings of on-demand tables and their indexes, which moto drops. Kept and told here; nothing is throttled."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from moto.dynamodb.models.table import GlobalSecondaryIndex, Table
from moto.dynamodb.responses import DynamoHandler

NAME = "OnDemandThroughput"


def places() -> list[Any]:
    """Replacement for moto's own code."""
    return [
        patch.object(DynamoHandler, "create_table", _of_table(DynamoHandler.create_table)),
        patch.object(DynamoHandler, "update_table", _of_table(DynamoHandler.update_table)),
        patch.object(GlobalSecondaryIndex, "create", staticmethod(_of_index(GlobalSecondaryIndex.create))),
        patch.object(Table, "describe", _told(Table.describe)),  # of an index: cloud_indexes.py
    ]


def _of_table(original: Callable[..., Any]) -> Any:
    def act(self: DynamoHandler) -> Any:
        answer = original(self)
        if NAME in self.body:
            self.dynamodb_backend.get_table(self.body["TableName"]).ceiling = self.body[NAME]
        return answer

    return act


def _of_index(original: Callable[..., Any]) -> Any:
    def create(wanted: dict[str, Any], keys: Any) -> Any:
        index = original(wanted, keys)
        index.ceiling = wanted.get(NAME)
        return index

    return create


def _told(original: Callable[..., Any]) -> Any:
    def describe(self: Table, *asked: Any, **more: Any) -> Any:
        told = original(self, *asked, **more)
        next(iter(told.values())).update(ceiling_of(self))
        return told

    return describe


def ceiling_of(one: Any) -> dict[str, Any]:
    """Return the ceiling of a table or an index as its description has it."""
    ceiling = getattr(one, "ceiling", None)
    return {NAME: ceiling} if ceiling else {}
