"""The parts that tests/quick_cloud.py leaves out change none of moto's answers."""

import copy
import random
import re
from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto.dynamodb.models import Table

from tests import quick_cloud
from tests.quick_expressions import ABSENT

TABLE = "things"
OF_ONE_ANSWER = ("RequestId", "x-amzn-requestid", "x-amz-crc32", "date", "content-length")
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
            if slow is ABSENT:
                monkeypatch.delattr(owner, name)
            else:
                monkeypatch.setattr(owner, name, slow)

    return undo


def filled() -> BaseClient:
    client = boto3.client("dynamodb")
    indexes = [
        {"IndexName": name, "Projection": kept, "KeySchema": _keys("group", "position" if name != "keys" else "text")}
        for name, kept in INDEXES.items()
    ]
    shelves = {"IndexName": "shelves", "Projection": INDEXES["all"], "KeySchema": _keys("shelf", "position")}
    client.create_table(
        TableName=TABLE,
        KeySchema=KEYS,
        GlobalSecondaryIndexes=[*indexes, shelves],
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in (("id", "S"), ("group", "S"), ("position", "N"), ("text", "S"), ("shelf", "S"))
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


GROUP = {"KeyConditionExpression": "#g = :g", "ExpressionAttributeNames": {"#g": "group"}}
IDS = [{"id": {"S": f"thing-{number}"}} for number in range(30)]
OWN = IDS[0]["id"]
# Sums, copies, parts of maps and lists, sets, what is absent; then what is refused, some of it for more than one cause.
CHANGES: list[dict[str, Any]] = [
    {"UpdateExpression": "SET a = :m", "ReturnValues": "ALL_NEW"},
    {"UpdateExpression": "SET a.one = :n, b = if_not_exists(nothing, :n) + :n REMOVE texts", "ReturnValues": "ALL_NEW"},
    {"UpdateExpression": "SET #l = list_append(if_not_exists(#l, :l), :l)", "ReturnValues": "UPDATED_NEW"},
    {"UpdateExpression": "REMOVE #l[0], #l[2]", "ReturnValues": "ALL_OLD"},
    {"UpdateExpression": "ADD visits :n, seen :s DELETE texts :s", "ReturnValues": "ALL_NEW"},
    {"UpdateExpression": "DELETE seen :s SET half = :b", "ReturnValues": "UPDATED_OLD"},
    # Whole members, plainly: by name and by `#`, keys of an index too, twice; and what can be added to nothing.
    {"UpdateExpression": "SET #l = :l, half = :m REMOVE texts, #p ADD visits :z, seen :s", "ReturnValues": "ALL_NEW"},
    {"UpdateExpression": "SET #p = :t, #g = :e REMOVE absent", "ReturnValues": "ALL_NEW"},
    {"UpdateExpression": "SET #p = :n ADD seen :b3, visits :half", "ReturnValues": "UPDATED_NEW"},
    {"UpdateExpression": "ADD seen :more, #v :half", "ReturnValues": "UPDATED_OLD"},
    *({"UpdateExpression": wrong} for wrong in (
        "ADD seen :n", "ADD visits :s", "ADD map :n", "ADD fresh :m", "ADD seen :none", "SET #i = :n", "REMOVE #i",
        "SET visits = :n, #v = :n", "SET #absent = :n", "REMOVE #absent", "SET group = :e", "SET text = :n",
        "SET group = :t", "REMOVE x REMOVE y", "SET #v = :absent", "ADD #v :huge", "SET #v = :n, half = :huge",
        "SET half = visits", "SET half = #v, #v = :n", "SET shelf = :n", "SET shelf = :e", "SET shelf = :t",
    )),
    {"UpdateExpression": "SET x = :n", "ConditionExpression": "b > :z AND (attribute_exists(a.two) OR NOT id = :s)"},
    {"UpdateExpression": "SET x = :n", "ConditionExpression": "b BETWEEN :z AND :n AND begins_with(id, :t)"},
    {"UpdateExpression": "SET x = :n", "ConditionExpression": "attribute_not_exists(id)",
     "ReturnValuesOnConditionCheckFailure": "ALL_OLD"},
    *({"UpdateExpression": wrong} for wrong in (
        "SET id = :n", "SET x = :n, x = :n", "SET x = :n SET y = :n ADD y :n ADD z :n", "SET a.one.two = :n",
        "SET x = absent", "SET x = :s + :n", "SET = :n", "SET x = :absent", "SET name = :n", "SET position = :t", "",
    )),
    {"UpdateExpression": "SET x = :n", "ConditionExpression": "b >"},
    {"UpdateExpression": "SET x = :n", "ConditionExpression": "name = :t"},
    {"UpdateExpression": "SET x = :huge"},
]  # fmt: skip
VALUES: dict[str, Any] = {
    ":m": MEMBERS["map"], ":n": {"N": "1"}, ":z": {"N": "-3"}, ":l": MEMBERS["list"], ":s": MEMBERS["texts"],
    ":b": MEMBERS["binary"], ":t": {"S": "thing"}, ":huge": {"S": "½" * 202_000},
    ":e": {"S": ""}, ":b3": {"BS": [b"x"]}, ":half": {"N": "0.5"}, ":more": {"SS": ["b", "c"]}, ":none": {"SS": []},
}  # fmt: skip
NAMES = {"#l": "list", "#p": "position", "#g": "group", "#v": "visits", "#i": "id"}

Call = tuple[str, dict[str, Any]]
PAGES = "pages"


def fill_pages(client: BaseClient) -> None:
    """A table whose rows of one group are in an order, and one index over it without and one with an order."""
    kinds = (("group", "S"), ("position", "N"), ("text", "S"))
    client.create_table(
        TableName=PAGES,
        KeySchema=_keys("group", "position"),
        GlobalSecondaryIndexes=[
            {"IndexName": "by_text", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [_keys("text", "")[0]]},
            {"IndexName": "in_order", "Projection": {"ProjectionType": "ALL"}, "KeySchema": _keys("text", "group")},
        ],
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in kinds],
    )
    for number in (11, -4, 100, 9, 3, 20, 0, 7):
        row = {"position": {"N": str(number)}} | ({"text": {"S": "even" if number % 2 else "odd"}} if number else {})
        for group in "ba":
            client.put_item(TableName=PAGES, Item={"group": {"S": group}} | row)


def pages() -> list[Call]:
    names = {"#k": "group", "#p": "position"}
    both = {"KeyConditionExpression": "#k = :k AND #p > :p", "ExpressionAttributeNames": names}
    own = {"ExpressionAttributeValues": {":k": {"S": "a"}, ":p": {"N": "3"}}}
    after = {"ExclusiveStartKey": {"group": {"S": "a"}, "position": {"N": "11"}}}
    calls = [
        ("query", {"TableName": PAGES} | both | own | more)
        for more in ({}, {"Limit": 2}, {"ScanIndexForward": False}, after, after | {"ScanIndexForward": False})
    ]
    words = {"KeyConditionExpression": "#t = :t", "ExpressionAttributeNames": {"#t": "text"}}
    for index in ("by_text", "in_order", "nothing"):
        asked = words | {"IndexName": index, "ExpressionAttributeValues": {":t": {"S": "odd"}}}
        calls += [("query", {"TableName": PAGES} | asked | more) for more in ({}, {"Limit": 3})]
    none = {"ExpressionAttributeValues": {":k": {"S": "z"}, ":p": {"N": "3"}}}
    return [*calls, ("query", {"TableName": PAGES} | both | none), ("scan", {"TableName": PAGES})]


def said(calls: list[Call]) -> list[Any]:
    """Return the answers to calls, one after another, to one table."""
    client = filled()
    fill_pages(client)
    answers = [answered(client, *call) for call in calls]
    for table in (TABLE, PAGES):
        client.delete_table(TableName=table)
    return answers


def answered(client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
    try:
        return _comparable(getattr(client, operation)(**asked))
    except ClientError as refused:
        return _comparable(refused.response)
    except Exception as broken:  # moto refuses some mistakes by breaking down
        return f"{type(broken).__name__}: {broken}"


def reads() -> list[Call]:
    names = {"#n": "number", "#b": "binary", "#m": "map"}
    some = {"ProjectionExpression": "#n, #b, #m", "ExpressionAttributeNames": names}
    nested = {"ProjectionExpression": "#m.one, texts", "ExpressionAttributeNames": {"#m": "map"}}
    calls = [("get_item", {"TableName": TABLE, "Key": key} | more) for key in IDS for more in ({}, some, nested)]
    calls += [("batch_get_item", {"RequestItems": {TABLE: {"Keys": keys}}}) for keys in (IDS, [*IDS, IDS[0]])]
    filtered = {"FilterExpression": "position > :z OR contains(texts, :t)", "Limit": 7}
    filtered["ExpressionAttributeValues"] = {":z": {"N": "400"}, ":t": {"S": "a"}}
    calls += [("scan", {"TableName": TABLE}), ("scan", {"TableName": TABLE} | filtered)]
    for index in INDEXES:
        for group in "abc":
            asked = GROUP | {"IndexName": index, "ExpressionAttributeValues": {":g": {"S": group}}}
            capacity = {"Limit": 3, "ScanIndexForward": False, "ReturnConsumedCapacity": "INDEXES"}
            calls += [("query", {"TableName": TABLE} | asked | more) for more in ({}, capacity)]
    gone = [{"Get": {"TableName": TABLE, "Key": key}} for key in (IDS[1], {"id": {"S": "nothing"}})]
    return [*calls, ("transact_get_items", {"TransactItems": gone})]


def changes() -> list[Call]:
    return [("update_item", {"TableName": TABLE, "Key": key} | with_values(change)) for change in CHANGES
            for key in (IDS[0], {"id": {"S": "new"}})]  # fmt: skip


def with_values(change: dict[str, Any]) -> dict[str, Any]:
    told = " ".join((change["UpdateExpression"], change.get("ConditionExpression", "")))
    values = {name: value for name, value in VALUES.items() if name in re.findall(r":\w+", told)}
    named = {name: whole for name, whole in NAMES.items() if name in re.findall(r"#\w+", told)}
    names = {"ExpressionAttributeNames": named} if named else {}
    return change | names | ({"ExpressionAttributeValues": values} if values else {})


def puts() -> list[Call]:
    guarded = {"ConditionExpression": "attribute_not_exists(id)"}
    spans = {"S": "x" * 4_000}, {"S": "½" * 4_000}, {"B": b"\xff" * 3_000}, {"L": [{"S": "x" * 2_000}] * 2}
    large = [{f"m{n}": kind for n in range(count)} for kind in spans for count in (98, 101, 102, 200)]
    items = [*({"id": OWN} | more for more in (*large, {"group": {"S": ""}}, {"number": {"N": "many"}})), {"x": OWN}]
    calls = [("put_item", {"TableName": TABLE, "Item": item, "ReturnValues": "ALL_OLD"}) for item in items]
    calls += [("put_item", {"TableName": name, "Item": IDS[0]} | guarded) for name in (TABLE, "nothing")]
    return [
        *calls,
        *(("delete_item", {"TableName": TABLE, "Key": key} | guarded) for key in (IDS[0], {"id": {"S": "-"}})),
    ]


def many_at_once() -> list[Call]:
    new, old = {"Put": {"TableName": TABLE, "Item": IDS[5]}}, {"Delete": {"TableName": TABLE, "Key": IDS[6]}}
    add = {"TableName": TABLE, "Key": IDS[7]} | with_values({"UpdateExpression": "SET #l = :l, x = :n"})
    lost = {"ConditionCheck": {"TableName": TABLE, "Key": IDS[8], "ConditionExpression": "attribute_not_exists(id)"}}
    sets = ([{"Put": new["Put"] | {"Item": IDS[4]}}, lost], [new, old, {"Update": add}], [new, new])
    put, gone = {"PutRequest": {"Item": IDS[9] | MEMBERS}}, {"DeleteRequest": {"Key": IDS[10]}}
    calls: list[Call] = [("transact_write_items", {"TransactItems": acts}) for acts in sets]
    return [*calls, *(("batch_write_item", {"RequestItems": {TABLE: acts}}) for acts in ([put, gone], [put, put]))]


def _comparable(answer: Any) -> Any:
    """Each answer has an id of its own, and a date and a sum that follow from it and from the order of members."""
    if isinstance(answer, dict):
        return {name: _comparable(value) for name, value in answer.items() if name not in OF_ONE_ANSWER}
    if isinstance(answer, list):
        return [_comparable(each) for each in answer]
    return answer


def test_answers_are_those_of_moto_as_it_is(cloud: Any, without: Callable[[], None]) -> None:
    calls = [*reads(), *pages(), *changes(), *puts(), *many_at_once(), *reads()]
    quick = said(calls)
    without()

    for call, answer, slow in zip(calls, quick, said(calls), strict=True):
        assert answer == slow, call


def test_row_that_is_put_beside_a_transaction_that_is_refused_stays(
    cloud: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = filled()
    beside = Thread(target=partial(client.put_item, TableName=TABLE, Item={"id": {"S": "beside"}}))
    deepcopy = copy.deepcopy

    def let_another_put(value: Any, *memo: Any) -> Any:
        made = deepcopy(value, *memo)
        if isinstance(value, Table) and not beside.ident:
            beside.start()
            beside.join(0.2)  # only a call that does not wait for this one is done by then
        return made

    with monkeypatch.context() as patched:
        patched.setattr(copy, "deepcopy", let_another_put)
        refused = [{"Put": {"TableName": TABLE, "Item": {"id": {"S": "new"}}}}]
        refused[0]["Put"]["ConditionExpression"] = "attribute_exists(id)"
        with pytest.raises(client.exceptions.TransactionCanceledException):
            client.transact_write_items(TransactItems=refused)
    beside.join()
    stored = client.get_item(TableName=TABLE, Key={"id": {"S": "beside"}})
    client.delete_table(TableName=TABLE)

    assert "Item" in stored
