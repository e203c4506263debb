"""Make the tables of infra/dynamodb*.yml in a database on this machine, for tests and local runs.

What only a deployment needs (recovery, encryption at rest, deletion protection) is left out: local stores do not
know it.
"""

import time
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
else:
    DynamoDBClient = Any

FRAGMENTS = sorted(Path(__file__).parent.glob("dynamodb*.yml"))
PREFIX = "${self:custom.prefix}"
KEPT = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
# As `app.reports.index.completeness` reads it: in a new and empty database all copies are complete.
COMPLETE: dict[str, Any] = {
    "id": {"S": "complete"},
    "copies": {"SS": ["entries_by_cell", "entries_by_change", "entries_by_day", "entries_by_place", "tiles"]},
}
# The number with which this release marks what it writes, and what the one before it does not write.
ROOT, RELEASE, LATEST = "2/0/0/0", "3", ("entries_by_place",)
INDEX_WITHIN_S = 600


def table_resources() -> dict[str, dict[str, Any]]:
    """Return the tables of the fragments, by logical id, as written."""
    return deepcopy(_read())


@cache
def _read() -> dict[str, dict[str, Any]]:
    fragments = [yaml.safe_load(file.read_text(encoding="utf-8"))["Resources"] for file in FRAGMENTS]
    resources = {name: body for fragment in fragments for name, body in fragment.items()}
    return {name: body for name, body in resources.items() if body["Type"] == "AWS::DynamoDB::Table"}


def table_properties(prefix: str) -> list[dict[str, Any]]:
    """Return the properties of every table, named for `prefix`."""
    tables = [dict(body["Properties"]) for body in table_resources().values()]
    for table in tables:
        table["TableName"] = table["TableName"].replace(PREFIX, prefix)
    return tables


def create_tables(client: DynamoDBClient, prefix: str, *, streams: bool = True) -> None:
    """Make every missing table, and every index that a table of an earlier release lacks.

    Safe to repeat. Existing rows are in a new index too, but `flask backfill` adds the attributes that only it needs.
    """
    there = {name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]}
    for table in table_properties(prefix):
        if table["TableName"] in there:
            _create_indexes(client, table)
            _start_stream(client, table, streams=streams)
        else:
            client.create_table(**_request(table, streams=streams))
            client.get_waiter("table_exists").wait(TableName=table["TableName"], WaiterConfig={"Delay": 1})
            note_complete(client, prefix, table["TableName"])
        _expire_rows(client, table)


def delete_tables(client: DynamoDBClient, prefix: str) -> None:
    """Drop every table. Safe to repeat."""
    for table in table_properties(prefix):
        try:
            client.delete_table(TableName=table["TableName"])
        except client.exceptions.ResourceNotFoundException:
            continue


def _request(table: dict[str, Any], *, streams: bool) -> dict[str, Any]:
    request = {name: table[name] for name in KEPT if name in table}
    if streams and "StreamSpecification" in table:
        # CloudFormation leaves out the switch that the API needs.
        request["StreamSpecification"] = {"StreamEnabled": True, **table["StreamSpecification"]}
    return request


def _start_stream(client: DynamoDBClient, table: dict[str, Any], *, streams: bool) -> None:
    """Turn on the stream; a table of an earlier version may have none yet."""
    is_there = "LatestStreamArn" in client.describe_table(TableName=table["TableName"])["Table"]
    if streams and not is_there and (wanted := _request(table, streams=True).get("StreamSpecification")):
        client.update_table(TableName=table["TableName"], StreamSpecification=wanted)


def note_complete(client: DynamoDBClient, prefix: str, table: str) -> None:
    """Note in a new and empty reports table that nothing has to be filled."""
    if table == f"{prefix}-reports":
        client.put_item(TableName=table, Item=COMPLETE)


def incomplete_copies(client: DynamoDBClient, prefix: str) -> list[str]:
    """Return what `flask backfill` has to fill, as `app.reports.index.completeness` sees it."""
    row = client.get_item(TableName=f"{prefix}-reports", Key={"id": COMPLETE["id"]}).get("Item", {})
    root = client.get_item(TableName=f"{prefix}-tiles", Key={"tile": {"S": ROOT}}).get("Item")
    is_ours = root is None or int(root.get("kept_by", {}).get("S", 0)) >= int(RELEASE)
    complete = set(row.get("copies", {}).get("SS", [])) - set(() if is_ours else LATEST)
    return [copy for copy in COMPLETE["copies"]["SS"] if copy not in complete]


def _create_indexes(client: DynamoDBClient, table: dict[str, Any]) -> None:
    """Create indexes in turn, as DynamoDB requires."""
    name = table["TableName"]
    there = {index["IndexName"] for index in _indexes_of(client, name)}
    for index in table.get("GlobalSecondaryIndexes", []):
        if index["IndexName"] not in there:
            client.update_table(
                TableName=name,
                AttributeDefinitions=table["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[{"Create": index}],
            )
            _await_active(client, name)


def _await_active(client: DynamoDBClient, name: str) -> None:
    deadline = time.monotonic() + INDEX_WITHIN_S
    while any(index.get("IndexStatus", "ACTIVE") != "ACTIVE" for index in _indexes_of(client, name)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"An index of {name} is not ready after {INDEX_WITHIN_S} s.")
        time.sleep(1)


def _indexes_of(client: DynamoDBClient, name: str) -> list[Any]:
    return list(client.describe_table(TableName=name)["Table"].get("GlobalSecondaryIndexes", []))


def _expire_rows(client: DynamoDBClient, table: dict[str, Any]) -> None:
    """Turn on time-to-live where the fragment does; enabling it twice is an error, so check first."""
    name, wanted = table["TableName"], table.get("TimeToLiveSpecification")
    if not wanted:
        return
    now = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if now.get("TimeToLiveStatus") in (None, "DISABLED"):
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)
