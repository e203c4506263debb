"""Indexes of the emulated account: what it refuses as AWS does, and how an index comes and goes."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.deploy.cloud import Cloud
from tests.deploy.cloud_tables import INCONSISTENT, ONE_AT_A_TIME, UNCHANGEABLE
from tests.deploy.conftest import Resources, Stack
from tests.deploy.read_back import faults_of

SHIP: Resources = {"Type": "AWS::Harbour::Ship", "DependsOn": "Table"}


def _index(key: str, *projected: str) -> Resources:
    projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": [*projected]} if projected else {}
    schema = [{"AttributeName": key, "KeyType": "HASH"}]
    return {"IndexName": f"by_{key}", "KeySchema": schema, "Projection": projection or {"ProjectionType": "KEYS_ONLY"}}


def _table(*indexes: Resources, defined: str = "") -> Resources:
    keys = {"id", *(part["AttributeName"] for one in indexes for part in one["KeySchema"]), *defined.split()}
    properties = {
        "TableName": "rows",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in sorted(keys)],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        **({"GlobalSecondaryIndexes": [*indexes]} if indexes else {}),
    }
    return {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}


def _statuses(cloud: Cloud) -> dict[str, str]:
    told = cloud.clients("dynamodb").describe_table(TableName="rows")["Table"]
    return {index["IndexName"]: index["IndexStatus"] for index in told.get("GlobalSecondaryIndexes", [])}


def _ask(cloud: Cloud, key: str, value: str) -> list[Any]:
    asked = {"KeyConditionExpression": f"{key} = :value", "ExpressionAttributeValues": {":value": {"S": value}}}
    found = cloud.clients("dynamodb").query(TableName="rows", IndexName=f"by_{key}", **asked)
    return list(found["Items"])


def _put(cloud: Cloud, **row: str) -> None:
    cloud.clients("dynamodb").put_item(TableName="rows", Item={name: {"S": value} for name, value in row.items()})


def test_a_new_table_gets_all_its_indexes_at_once(cloud: Cloud, stack: Stack) -> None:
    status, _ = stack(_table(_index("town"), _index("river")))

    assert status == "CREATE_COMPLETE"
    assert _statuses(cloud) == {"by_town": "ACTIVE", "by_river": "ACTIVE"}


CHANGES = {
    "two new": ([_index("town")], [_index("town"), _index("river"), _index("year")], ONE_AT_A_TIME),
    "two removed": ([_index("town"), _index("river")], [], ONE_AT_A_TIME),
    "one new and one removed": ([_index("town")], [_index("river")], ONE_AT_A_TIME),
    "another projection": ([_index("town")], [_index("town", "depth")], UNCHANGEABLE),
    "another key": ([_index("town")], [_index("river") | {"IndexName": "by_town"}], UNCHANGEABLE),
}


@pytest.mark.parametrize("change", CHANGES)
def test_more_than_one_change_of_indexes_is_refused_and_nothing_is_changed(
    cloud: Cloud, stack: Stack, change: str
) -> None:
    before, after, words = CHANGES[change]
    stack(_table(*before))

    status, reason = stack(_table(*after))

    assert (status, reason) == ("UPDATE_ROLLBACK_COMPLETE", words)
    assert _statuses(cloud) == {index["IndexName"]: "ACTIVE" for index in before}
    assert faults_of(cloud.resources("tried")) == []


@pytest.mark.parametrize("defined", ["id", "id town river"])
def test_exactly_the_attributes_of_keys_are_defined_or_it_is_refused(stack: Stack, defined: str) -> None:
    table = _table(_index("town"))
    definitions = [{"AttributeName": name, "AttributeType": "S"} for name in defined.split()]
    table["Table"]["Properties"]["AttributeDefinitions"] = definitions

    status, reason = stack(table)

    assert (status, reason) == ("ROLLBACK_COMPLETE", INCONSISTENT)


def test_the_definition_of_a_removed_index_may_not_stay(cloud: Cloud, stack: Stack) -> None:
    stack(_table(_index("town"), _index("river")))

    refused, reason = stack(_table(_index("town"), defined="river"))
    taken, _ = stack(_table(_index("town")))

    assert (refused, reason, taken) == ("UPDATE_ROLLBACK_COMPLETE", INCONSISTENT, "UPDATE_COMPLETE")


def test_a_new_index_answers_nobody_until_it_is_filled(cloud: Cloud, stack: Stack) -> None:
    stack(_table())
    _put(cloud, id="1", town="Langport")

    status, _ = stack(_table(_index("town")))
    assert (status, _statuses(cloud)) == ("UPDATE_COMPLETE", {"by_town": "CREATING"})
    with pytest.raises(ClientError, match="Cannot read from backfilling global secondary index: by_town"):
        _ask(cloud, "town", "Langport")

    assert cloud.settle_indexes() == ["by_town"]
    assert _ask(cloud, "town", "Langport") == [{"id": {"S": "1"}, "town": {"S": "Langport"}}]
    assert faults_of(cloud.resources("tried")) == []


def test_the_next_index_waits_for_the_one_before(cloud: Cloud, stack: Stack) -> None:
    stack(_table())
    stack(_table(_index("town")))

    early, reason = stack(_table(_index("town"), _index("river")))
    cloud.settle_indexes()
    later, _ = stack(_table(_index("town"), _index("river")))

    assert early == "UPDATE_ROLLBACK_COMPLETE"
    assert "Only 1 online index can be created or deleted simultaneously per table" in reason
    assert (later, _statuses(cloud)) == ("UPDATE_COMPLETE", {"by_town": "ACTIVE", "by_river": "CREATING"})


def test_a_removed_index_is_on_its_way_and_answers_no_more(cloud: Cloud, stack: Stack) -> None:
    stack(_table(_index("town"), _index("river")))

    stack(_table(_index("town")))

    assert _statuses(cloud) == {"by_town": "ACTIVE", "by_river": "DELETING"}
    with pytest.raises(ClientError, match="The table does not have the specified index: by_river"):
        _ask(cloud, "river", "Parrett")
    cloud.settle_indexes()
    assert _statuses(cloud) == {"by_town": "ACTIVE"}


def test_what_is_taken_back_leaves_its_index_behind_for_somebody_to_remove(cloud: Cloud, stack: Stack) -> None:
    stack(_table())

    stack(_table(_index("town")) | {"Ship": SHIP})
    cloud.settle_indexes()
    again, reason = stack(_table(_index("town")))
    by_hand = {"Delete": {"IndexName": "by_town"}}
    cloud.clients("dynamodb").update_table(TableName="rows", GlobalSecondaryIndexUpdates=[by_hand])
    cloud.settle_indexes()
    at_last, _ = stack(_table(_index("town")))

    assert (again, at_last) == ("UPDATE_ROLLBACK_COMPLETE", "UPDATE_COMPLETE")
    assert "Attempting to create an index which already exists" in reason
