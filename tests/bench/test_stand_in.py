"""The benchmark's database answers one call after another, as the real one does for a row."""

from threading import Thread
from types import SimpleNamespace
from typing import Any

from bench.stand_in import StandIn

THINGS: dict[str, Any] = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "id"}],
    "GlobalSecondaryIndexes": [
        {"IndexName": "by_group", "KeySchema": [{"AttributeName": "group"}], "Projection": {"ProjectionType": "ALL"}}
    ],
}
OF_GROUP = {
    "TableName": "things",
    "IndexName": "by_group",
    "KeyConditionExpression": "#0 = :0",
    "ExpressionAttributeNames": {"#0": "group"},
    "ExpressionAttributeValues": {":0": {"S": "a"}},
}


def test_query_beside_a_write_finds_the_row_in_its_index_or_not_at_all() -> None:
    database, found = StandIn([THINGS]), list[int]()
    put = {"TableName": "things", "Item": {"id": {"S": "one"}, "group": {"S": "a"}}}
    ask(database, "PutItem", put)
    beside = Thread(target=lambda: found.append(len(ask(database, "Query", OF_GROUP)["Items"])))

    def look_beside(*_: Any) -> None:
        beside.start()
        beside.join(0.2)  # only a query that does not wait for the write is done by then

    database.tables["things"].follow = look_beside
    ask(database, "PutItem", put | {"Item": {"id": {"S": "one"}}})
    beside.join()

    assert found == [0]


def ask(database: StandIn, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    return database._answer(SimpleNamespace(name=operation), {"bench_request": request})[1]
