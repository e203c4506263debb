"""The tables as the tests and local runs build them from infra/dynamodb.yml."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import yaml
from types_boto3_dynamodb import DynamoDBClient

from app.reports.index import completeness
from infra.tables import (
    COMPLETE,
    create_tables,
    delete_tables,
    incomplete_copies,
    table_properties,
    table_resources,
)

FIRST = Path(__file__).parents[1] / "samples" / "releases" / "dynamodb_before_entries.yml"


@pytest.fixture
def river(cloud: None) -> Iterator[DynamoDBClient]:
    """A client, in a cloud that holds no table of the prefix "river", now and afterwards."""
    client = boto3.client("dynamodb")
    yield client
    delete_tables(client, "river")


def tables_of(client: DynamoDBClient, prefix: str) -> set[str]:
    return {name for name in client.list_tables()["TableNames"] if name.startswith(f"{prefix}-")}


def test_every_table_is_made_as_written(river: DynamoDBClient) -> None:
    create_tables(river, "river")

    for wanted in table_properties("river"):
        made = river.describe_table(TableName=wanted["TableName"])["Table"]
        completeness = {index["IndexName"]: index["KeySchema"] for index in made.get("GlobalSecondaryIndexes", [])}
        assert made["KeySchema"] == wanted["KeySchema"]
        assert completeness == {
            index["IndexName"]: index["KeySchema"] for index in wanted.get("GlobalSecondaryIndexes", [])
        }


def test_rows_expire_where_the_fragment_says_so(river: DynamoDBClient) -> None:
    wanted = {table["TableName"] for table in table_properties("river") if "TimeToLiveSpecification" in table}

    create_tables(river, "river")

    made = tables_of(river, "river")
    times = {name: river.describe_time_to_live(TableName=name)["TimeToLiveDescription"] for name in made}
    assert {name for name, time in times.items() if time.get("TimeToLiveStatus") == "ENABLED"} == wanted


@pytest.mark.parametrize("streams", [True, False])
def test_the_reports_table_streams_unless_told_otherwise(river: DynamoDBClient, streams: bool) -> None:
    create_tables(river, "river", streams=streams)

    assert ("LatestStreamArn" in river.describe_table(TableName="river-reports")["Table"]) == streams


def test_making_the_tables_again_keeps_what_is_in_them(dynoxide_address: str) -> None:
    client = boto3.client("dynamodb", endpoint_url=dynoxide_address)
    create_tables(client, "again")
    client.put_item(TableName="again-tiles", Item={"tile": {"S": "4/7/5"}})

    create_tables(client, "again")

    assert client.get_item(TableName="again-tiles", Key={"tile": {"S": "4/7/5"}})["Item"]
    delete_tables(client, "again")


def make_first_table(client: DynamoDBClient) -> None:
    """Make the reports table as the first release had it."""
    table = yaml.safe_load(FIRST.read_text(encoding="utf-8"))["Resources"]["ReportsTable"]["Properties"]
    names = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    client.create_table(TableName="older-reports", **{name: table[name] for name in names})


def test_a_table_of_the_first_release_gets_its_missing_indexes_with_what_it_holds(dynoxide_address: str) -> None:
    client = boto3.client("dynamodb", endpoint_url=dynoxide_address)
    make_first_table(client)
    item = {"id": {"S": "rep_1"}, "cell": {"S": "13/1/1"}, "sort": {"S": "1"}, "entry": {"B": b"packed"}}
    client.put_item(TableName="older-reports", Item=item)

    create_tables(client, "older")

    changed = {"id": {"S": "rep_2"}, "changed_day": {"S": "2026-11-21"}, "changed_sort": {"S": "1"}}
    client.put_item(TableName="older-reports", Item=changed)
    question = {"KeyConditionExpression": "cell = :cell", "ExpressionAttributeValues": {":cell": item["cell"]}}
    found = client.query(TableName="older-reports", IndexName="entries_by_cell", **question)["Items"]
    assert [each["entry"]["B"] for each in found] == [b"packed"]
    assert incomplete_copies(client, "older") == sorted(completeness.COPIES)
    delete_tables(client, "older")


def test_nothing_has_to_be_filled_in_a_new_database(river: DynamoDBClient) -> None:
    create_tables(river, "river")

    assert incomplete_copies(river, "river") == []
    assert set(COMPLETE["copies"]["SS"]) == set(completeness.COPIES)


def test_tables_can_be_dropped_twice(river: DynamoDBClient) -> None:
    create_tables(river, "river")

    delete_tables(river, "river")
    delete_tables(river, "river")

    assert tables_of(river, "river") == set()


@pytest.mark.parametrize(("name", "table"), table_resources().items())
def test_no_table_is_lost_by_a_mistake(name: str, table: dict) -> None:
    properties = table["Properties"]

    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
