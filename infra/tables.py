"""Make the tables of infra/dynamodb*.yml in a database on this machine, for tests and local runs.

What only a deployment needs (recovery, encryption at rest, deletion protection) is left out: local stores do not
know it.
"""

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


class TableOutdated(Exception):
    """A table of an earlier version of the product lacks an index. Its text names both."""


def table_resources() -> dict[str, dict[str, Any]]:
    """The tables of the fragments, by logical id, as written."""
    fragments = [yaml.safe_load(file.read_text(encoding="utf-8"))["Resources"] for file in FRAGMENTS]
    resources = {name: body for fragment in fragments for name, body in fragment.items()}
    return {name: body for name, body in resources.items() if body["Type"] == "AWS::DynamoDB::Table"}


def table_properties(prefix: str) -> list[dict[str, Any]]:
    """The properties of every table, named for `prefix`."""
    tables = [dict(body["Properties"]) for body in table_resources().values()]
    for table in tables:
        table["TableName"] = table["TableName"].replace(PREFIX, prefix)
    return tables


def create_tables(client: DynamoDBClient, prefix: str, *, streams: bool = True) -> None:
    """Make every table that is not there yet. Safe to repeat; raises TableOutdated for one that lacks an index."""
    there = {name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]}
    for table in table_properties(prefix):
        if table["TableName"] in there:
            _check_indexes(client, table)
            _start_stream(client, table, streams=streams)
        else:
            client.create_table(**_request(table, streams=streams))
            client.get_waiter("table_exists").wait(TableName=table["TableName"], WaiterConfig={"Delay": 1})
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
        # CloudFormation leaves out the switch that the API wants.
        request["StreamSpecification"] = {"StreamEnabled": True, **table["StreamSpecification"]}
    return request


def _start_stream(client: DynamoDBClient, table: dict[str, Any], *, streams: bool) -> None:
    """A table of an earlier version may have none yet."""
    is_there = "LatestStreamArn" in client.describe_table(TableName=table["TableName"])["Table"]
    if streams and not is_there and (wanted := _request(table, streams=True).get("StreamSpecification")):
        client.update_table(TableName=table["TableName"], StreamSpecification=wanted)


def _check_indexes(client: DynamoDBClient, table: dict[str, Any]) -> None:
    name = table["TableName"]
    wanted = {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])}
    description = client.describe_table(TableName=name)["Table"]
    missing = wanted - {index["IndexName"] for index in description.get("GlobalSecondaryIndexes", [])}
    if missing:
        raise TableOutdated(f"The table {name} is of an earlier version: it has no index {', '.join(sorted(missing))}.")


def _expire_rows(client: DynamoDBClient, table: dict[str, Any]) -> None:
    """Turn on time-to-live where the fragment does; asking twice is an error, so look first."""
    name, wanted = table["TableName"], table.get("TimeToLiveSpecification")
    if not wanted:
        return
    now = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if now.get("TimeToLiveStatus") in (None, "DISABLED"):
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)
