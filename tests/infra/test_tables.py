"""The tables as the tests and local runs build them from infra/dynamodb.yml."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from infra.tables import TableOutdated, create_tables, delete_tables, table_properties, table_resources


@pytest.fixture
def cloud_of_its_own() -> Iterator[None]:
    with mock_aws():
        yield


def test_every_table_is_made_as_written(cloud_of_its_own: None) -> None:
    client = boto3.client("dynamodb")

    create_tables(client, "river")

    for wanted in table_properties("river"):
        made = client.describe_table(TableName=wanted["TableName"])["Table"]
        indexes = {index["IndexName"]: index["KeySchema"] for index in made.get("GlobalSecondaryIndexes", [])}
        assert made["KeySchema"] == wanted["KeySchema"]
        assert indexes == {index["IndexName"]: index["KeySchema"] for index in wanted.get("GlobalSecondaryIndexes", [])}


def test_rows_expire_where_the_fragment_says_so(cloud_of_its_own: None) -> None:
    client = boto3.client("dynamodb")
    wanted = {table["TableName"] for table in table_properties("river") if "TimeToLiveSpecification" in table}

    create_tables(client, "river")

    names = client.list_tables()["TableNames"]
    times = {name: client.describe_time_to_live(TableName=name)["TimeToLiveDescription"] for name in names}
    assert {name for name, time in times.items() if time.get("TimeToLiveStatus") == "ENABLED"} == wanted


@pytest.mark.parametrize("streams", [True, False])
def test_the_reports_table_streams_unless_told_otherwise(cloud_of_its_own: None, streams: bool) -> None:
    client = boto3.client("dynamodb")

    create_tables(client, "river", streams=streams)

    assert ("LatestStreamArn" in client.describe_table(TableName="river-reports")["Table"]) == streams


def test_making_the_tables_again_keeps_what_is_in_them(dynoxide_address: str) -> None:
    client = boto3.client("dynamodb", endpoint_url=dynoxide_address)
    create_tables(client, "again")
    client.put_item(TableName="again-tiles", Item={"tile": {"S": "4/7/5"}})

    create_tables(client, "again")

    assert client.get_item(TableName="again-tiles", Key={"tile": {"S": "4/7/5"}})["Item"]
    delete_tables(client, "again")


def test_a_table_without_a_wanted_index_is_named(cloud_of_its_own: None) -> None:
    client = boto3.client("dynamodb")
    client.create_table(
        TableName="river-reports",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )

    with pytest.raises(TableOutdated, match=r"river-reports.*by_cell"):
        create_tables(client, "river")


def test_tables_can_be_dropped_twice(cloud_of_its_own: None) -> None:
    client = boto3.client("dynamodb")
    create_tables(client, "river")

    delete_tables(client, "river")
    delete_tables(client, "river")

    assert client.list_tables()["TableNames"] == []


@pytest.mark.parametrize(("name", "table"), table_resources().items())
def test_no_table_is_lost_by_a_mistake(name: str, table: dict) -> None:
    properties = table["Properties"]

    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
