"""The parts that tests/quick_cloud.py leaves out change none of moto's answers."""

import random
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests import quick_cloud

TABLE = "things"
KEYS = [{"AttributeName": "id", "KeyType": "HASH"}]
INDEXES = {
    "keys": {"ProjectionType": "KEYS_ONLY"},
    "some": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["map", "binary", "number", "absent"]},
    "all": {"ProjectionType": "ALL"},
}
MEMBERS: dict[str, Any] = {
    "text": {"S": "Straße, ½"},
    "empty": {"S": ""},
    "number": {"N": "-12.50"},
    "large": {"N": "12345678901234567890123456789012345678"},
    "binary": {"B": b"\x00\xff"},
    "yes": {"BOOL": True},
    "null": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.5"]},
    "binaries": {"BS": [b"x", b"y"]},
    "list": {"L": [{"S": "a"}, {"N": "1"}, {"M": {"deep": {"B": b"z"}}}]},
    "map": {"M": {"one": {"N": "1"}, "two": {"L": [{"BOOL": False}]}}},
}


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Take moto as it is."""
    was = quick_cloud.SLOW

    def undo() -> None:
        for owner, name, slow in was:
            monkeypatch.setattr(owner, name, slow)

    return undo


def filled() -> BaseClient:
    client = boto3.client("dynamodb")
    indexes = [
        {"IndexName": name, "Projection": kept, "KeySchema": _keys("group", "position" if name != "keys" else "text")}
        for name, kept in INDEXES.items()
    ]
    client.create_table(
        TableName=TABLE,
        KeySchema=KEYS,
        GlobalSecondaryIndexes=indexes,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in (("id", "S"), ("group", "S"), ("position", "N"), ("text", "S"))
        ],
    )
    chance = random.Random(7)
    for number in range(30):
        own = {"id": {"S": f"thing-{number}"}, "group": {"S": chance.choice("ab")}}
        members = dict(chance.sample(sorted(MEMBERS.items()), chance.randrange(len(MEMBERS))))
        item = own | {"position": {"N": str(chance.randrange(-9, 999))}, **members}
        client.put_item(TableName=TABLE, Item=item)
    return client


def _keys(hash_key: str, range_key: str) -> list[dict[str, str]]:
    return [{"AttributeName": hash_key, "KeyType": "HASH"}, {"AttributeName": range_key, "KeyType": "RANGE"}]


def said() -> list[Any]:
    """Return the answers of every kind of read to one table."""
    client = filled()
    ids = [{"id": {"S": f"thing-{number}"}} for number in range(30)]
    names = {"#n": "number", "#b": "binary", "#m": "map"}
    some = {"ProjectionExpression": "#n, #b, #m", "ExpressionAttributeNames": names}
    nested = {"ProjectionExpression": "#m.one, texts", "ExpressionAttributeNames": {"#m": "map"}}
    answers = [client.get_item(TableName=TABLE, Key=key, **more) for key in ids for more in ({}, some, nested)]
    answers += [client.batch_get_item(RequestItems={TABLE: {"Keys": ids}}), client.scan(TableName=TABLE)]
    answers += [client.describe_table(TableName=TABLE)["Table"]["KeySchema"]]
    for index in INDEXES:
        asked = {"KeyConditionExpression": "#g = :g", "ExpressionAttributeNames": {"#g": "group"}}
        for group in "abc":
            values = {"ExpressionAttributeValues": {":g": {"S": group}}}
            answers.append(client.query(TableName=TABLE, IndexName=index, **asked, **values))
    key, guarded = ids[0], {"ConditionExpression": "attribute_not_exists(id)"}
    answers.append(client.update_item(TableName=TABLE, Key=key, UpdateExpression="SET a = :a", ReturnValues="ALL_NEW",
                                      ExpressionAttributeValues={":a": MEMBERS["map"]}))  # fmt: skip
    for asked in ({"TableName": TABLE, "Item": key} | guarded, {"TableName": "nothing", "Item": key}):
        with pytest.raises(ClientError) as refused:
            client.put_item(**asked)
        answers.append(refused.value.response["Error"])
    client.delete_table(TableName=TABLE)
    return [_comparable(answer) for answer in answers]


def _comparable(answer: Any) -> Any:
    """Sets have no order, and each answer has an id of its own."""
    if isinstance(answer, dict):
        return {name: _comparable(value) for name, value in answer.items() if name != "ResponseMetadata"}
    if isinstance(answer, list):
        return [_comparable(each) for each in answer]
    return answer


def test_answers_are_those_of_moto_as_it_is(cloud: Any, without: Callable[[], None]) -> None:
    quick = said()
    without()

    assert quick == said()
