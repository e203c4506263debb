"""Indexes of the emulated DynamoDB: made and removed one at a time, while the table is in use.

moto makes an index in the call that asks for it. Here it is CREATING and cannot be queried until `settle` lets
time pass; a removed one is DELETING. The messages are AWS's own, as people have recorded them.
"""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from moto.dynamodb.exceptions import MockValidationException, ResourceInUseException
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import GlobalSecondaryIndex, Table
from moto.dynamodb.responses import DynamoHandler

from tests.deploy.cloud_ceilings import ceiling_of

ACTIVE, CREATING, DELETING = "ACTIVE", "CREATING", "DELETING"
Update = dict[str, Any]


class LimitExceeded(ResourceInUseException):
    """https://github.com/architect/architect/issues/334"""

    def __init__(self) -> None:
        super().__init__(
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
        )
        self.error_type = self.error_type.replace("ResourceInUseException", "LimitExceededException")


def settle(account: str) -> list[str]:
    """Let time pass until every index is there or gone; names those that were on their way."""
    on_their_way = []
    for backend in dynamodb_backends[account].values():
        for table in backend.tables.values():
            on_their_way += [index.name for index in table.global_indexes if index.status != ACTIVE]
            table.global_indexes = [index for index in table.global_indexes if index.status != DELETING]
            for index in table.global_indexes:
                index.status = ACTIVE
    return on_their_way


def places() -> list[Any]:
    """Replacement for moto's own code."""
    return [
        patch.object(DynamoDBBackend, "update_table", _update_table(DynamoDBBackend.update_table)),
        patch.object(DynamoHandler, "query", _read(DynamoHandler.query)),
        patch.object(DynamoHandler, "scan", _read(DynamoHandler.scan)),
        patch.object(GlobalSecondaryIndex, "describe", _describe(GlobalSecondaryIndex.describe)),
    ]


def _update_table(original: Callable[..., Table]) -> Any:
    def update_table(self: DynamoDBBackend, name: str, **asked: Any) -> Table:
        table = self.get_table(name)
        updates: list[Update] = asked.pop("global_index") or []
        definitions: list[dict[str, str]] = asked.pop("attr_definitions") or []
        if updates:
            _change_index(table, updates, definitions)
        elif any(index.status != ACTIVE for index in table.global_indexes):
            raise ResourceInUseException(
                f"Attempt to change a resource which is still in use: Table is being updated: {name}"
            )
        return original(self, name=name, attr_definitions=None, global_index=[], **asked)

    return update_table


def _change_index(table: Table, updates: list[Update], definitions: list[dict[str, str]]) -> None:
    there = {index.name: index for index in table.global_indexes}
    [update] = updates if len(updates) == 1 else [None]
    if update is None:
        raise LimitExceeded
    if "Delete" in update:
        index = there.get(update["Delete"]["IndexName"])
        if not index:
            raise MockValidationException("Cannot delete an index that is not a GlobalSecondaryIndex")
        # One that is being filled can be given up.
        if any(one.status != ACTIVE for one in there.values() if one is not index):
            raise LimitExceeded
        index.status = DELETING
    else:
        _create(table, update["Create"], definitions)
    _define(table, definitions)


def _create(table: Table, wanted: Update, definitions: list[dict[str, str]]) -> None:
    # https://github.com/aws-amplify/amplify-cli/issues/4094
    if wanted["IndexName"] in {index.name for index in table.global_indexes}:
        raise MockValidationException("Attempting to create an index which already exists")
    if any(index.status != ACTIVE for index in table.global_indexes):
        raise LimitExceeded
    # https://github.com/nubo-db/dynoxide/issues/144: the table's own definitions do not count.
    keys = [part["AttributeName"] for part in wanted["KeySchema"]]
    if not {*keys} <= {one["AttributeName"] for one in definitions}:
        raise MockValidationException(
            "One or more parameter values were invalid: Some index key attributes are not defined in "
            f"AttributeDefinitions. Keys: [{', '.join(keys)}]"
        )
    made = GlobalSecondaryIndex.create(wanted, table.table_key_attrs)
    made.status = CREATING
    table.global_indexes = [*table.global_indexes, made]


def _define(table: Table, definitions: list[dict[str, str]]) -> None:
    """Exactly the keys are defined, whatever was asked: https://github.com/nubo-db/dynoxide/issues/131"""
    schemas = [
        table.schema,
        *(index.schema for index in table.all_indexes() if getattr(index, "status", "") != DELETING),
    ]
    used = {part["AttributeName"] for schema in schemas for part in schema}
    defined = {one["AttributeName"]: one for one in [*table.attr, *definitions]}
    table.attr = [one for name, one in defined.items() if name in used]


def _read(original: Callable[..., Any]) -> Any:
    def read(self: DynamoHandler) -> Any:
        name = self.body.get("IndexName")
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        index = next((one for one in table.all_indexes() if one.name == name), None)
        status = getattr(index, "status", ACTIVE)
        if name and (not index or status == DELETING):
            raise MockValidationException(f"The table does not have the specified index: {name}")
        if status == CREATING:
            # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1075
            raise MockValidationException(f"Cannot read from backfilling global secondary index: {name}")
        return original(self)

    return read


def _describe(original: Callable[..., dict[str, Any]]) -> Any:
    def describe(self: GlobalSecondaryIndex) -> dict[str, Any]:
        return original(self) | ceiling_of(self) | ({"Backfilling": True} if self.status == CREATING else {})

    return describe
