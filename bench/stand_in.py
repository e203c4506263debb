"""A DynamoDB in this process's memory: the calls that the product makes, a million items, and exact write units.

It answers a botocore client's calls before they are sent, so all of PynamoDB and of botocore's serialising is on the
road. Reads are counted by what they return (units.units_of_read); writes here, where both images are known.
"""

import marshal
from base64 import b64decode
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from threading import RLock
from types import SimpleNamespace
from typing import Any

from bench.expressions import Expression, Unknown
from bench.units import Item, index_write_units, item_size, write_units

MOST_QUERY_BYTES = 1 << 20
HIGHEST = "\U0010ffff" * 4


class Refused(Exception):
    """The condition of a write did not hold; of a transaction with the reason of each act."""

    def __init__(self, reasons: Sequence[str | None] = ()) -> None:
        super().__init__(reasons)
        self.reasons = reasons

    def response(self) -> Any:
        """Return the answer that says so."""
        code = "TransactionCanceledException" if self.reasons else "ConditionalCheckFailedException"
        told: dict[str, Any] = {"Error": {"Code": code, "Message": "The conditional request failed"}}
        if self.reasons:
            told["CancellationReasons"] = [{"Code": reason or "None"} for reason in self.reasons]
        return told | {"ResponseMetadata": {"HTTPStatusCode": 400}}


class Index:
    """A global index: entries by partition, each partition sorted. Entries are projected when read."""

    def __init__(self, definition: dict[str, Any], table_keys: Sequence[str]) -> None:
        keys = [key["AttributeName"] for key in definition["KeySchema"]]
        self.partition, self.sort = keys[0], keys[1] if len(keys) > 1 else ""
        kept = definition["Projection"].get("NonKeyAttributes", [])
        self.keeps_all = definition["Projection"]["ProjectionType"] == "ALL"
        self.kept = frozenset([*table_keys, self.partition, self.sort, *kept])
        self.rows: dict[str, list[tuple[str, str]]] = {}

    def entry(self, item: Item | None) -> Item | None:
        """Return what the index holds of an item; None if the item lacks one of its keys."""
        if item is None or self.partition not in item or (self.sort and self.sort not in item):
            return None
        return {name: value for name, value in item.items() if self.keeps_all or name in self.kept}

    def place(self, item: Item) -> tuple[str, str]:
        return _plain(item[self.partition]), _plain(item[self.sort]) if self.sort else ""

    def move(self, old: Item | None, new: Item | None, key: str) -> int:
        """Follow one write; return its cost."""
        was, now = self.entry(old), self.entry(new)
        if was is not None:
            partition, sort = self.place(was)
            rows = self.rows[partition]
            del rows[bisect_left(rows, (sort, key))]
        if now is not None:
            partition, sort = self.place(now)
            insort(self.rows.setdefault(partition, []), (sort, key))
        return index_write_units(was, now, [self.partition, self.sort] if self.sort else [self.partition])


class Table:
    """Items by their key, packed; the indexes over them, and `rows` for queries of a table with a sort key."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self.name = definition["TableName"]
        self.keys = [key["AttributeName"] for key in definition["KeySchema"]]
        self.items: dict[str, bytes] = {}
        indexes = definition.get("GlobalSecondaryIndexes", [])
        self.indexes = {index["IndexName"]: Index(index, self.keys) for index in indexes}
        own = {"KeySchema": definition["KeySchema"], "Projection": {"ProjectionType": "ALL"}}
        self.rows = Index(own, self.keys) if len(self.keys) > 1 else None
        self.follow: Callable[[Item | None, Item | None], None] = lambda old, new: None  # the table's stream

    def key_of(self, item: Item) -> str:
        """Return the key of an item, or of a request's key, as one text."""
        return "\0".join(_plain(item[name]) for name in self.keys)

    def read(self, key: str) -> Item | None:
        packed = self.items.get(key)
        return None if packed is None else marshal.loads(packed)

    def write(self, key: str, new: Item) -> int:
        """Store an item; return its cost, index entries included."""
        old = self.read(key)
        self.items[key] = _packed(new)
        if self.rows and old is None:
            self.rows.move(None, new, key)
        self.follow(old, new)
        return write_units(old, new) + sum(index.move(old, new, key) for index in self.indexes.values())

    def delete(self, key: str) -> int:
        """Delete an item; a missing one costs one unit too."""
        old = self.read(key)
        if old is None:
            return 1
        del self.items[key]
        if self.rows:
            self.rows.move(old, None, key)
        self.follow(old, None)
        return write_units(old, None) + sum(index.move(old, None, key) for index in self.indexes.values())

    def load(self, item: Item) -> None:
        """Store without counting and without sorting; `sort` ends a load."""
        key = self.key_of(item)
        self.items[key] = marshal.dumps(item)
        for index in [*self.indexes.values(), *([self.rows] if self.rows else [])]:
            if index.entry(item) is not None:
                partition, sort = index.place(item)
                index.rows.setdefault(partition, []).append((sort, key))

    def sort(self) -> None:
        for index in [*self.indexes.values(), *([self.rows] if self.rows else [])]:
            for rows in index.rows.values():
                rows.sort()


class StandIn:
    """The tables, and the calls on them."""

    def __init__(self, definitions: list[dict[str, Any]]) -> None:
        self.tables = {definition["TableName"]: Table(definition) for definition in definitions}
        self.answering = RLock()

    def attach(self, client: Any) -> None:
        """Answer this client's calls from now on; metering must be attached before."""
        client.meta.events.register_last("before-call.dynamodb", self._answer)

    def detach(self, client: Any) -> None:
        client.meta.events.unregister("before-call.dynamodb", self._answer)

    def _answer(self, model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        try:
            with self.answering:  # a query too: a row is in its items before it is in their indexes
                answer = getattr(self, f"_{model.name}")(context["bench_request"])
        except Refused as error:
            return SimpleNamespace(status_code=400, headers={}), error.response()
        return SimpleNamespace(status_code=200, headers={}), answer | {"ResponseMetadata": {"HTTPStatusCode": 200}}

    def _GetItem(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's own name
        table = self.tables[request["TableName"]]
        item = table.read(table.key_of(request["Key"]))
        return {"Item": item} if item else {}

    def _BatchGetItem(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's own name
        found = {}
        for name, asked in request["RequestItems"].items():
            table = self.tables[name]
            items = (table.read(table.key_of(key)) for key in asked["Keys"])
            found[name] = [item for item in items if item]
        return {"Responses": found, "UnprocessedKeys": {}}

    def _Query(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's own name
        if "FilterExpression" in request:
            raise Unknown("FilterExpression")
        table = self.tables[request["TableName"]]
        index = table.indexes[request["IndexName"]] if "IndexName" in request else table.rows
        assert index is not None, "a table without a sort key has no order"
        items: list[Item] = []
        size = 0
        start = request.get("ExclusiveStartKey")
        rows = _chosen(index, request, start and (index.place(start)[1], table.key_of(start)))
        for _, key in rows:
            item = table.read(key)
            entry = index.entry(item)
            assert entry is not None
            items.append(entry)
            size += item_size(entry)
            if len(items) == request.get("Limit") or size >= MOST_QUERY_BYTES:
                last = {name: entry[name] for name in (*table.keys, index.partition, index.sort) if name}
                return {"Items": items, "Count": len(items), "ScannedCount": len(items), "LastEvaluatedKey": last}
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def _PutItem(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's own name
        table = self.tables[request["TableName"]]
        new = {name: _kept(value) for name, value in request["Item"].items()}
        with self.answering:
            key = table.key_of(new)
            self._check(request, table.read(key))
            return _bill(table, table.write(key, new))

    def _UpdateItem(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's own name
        table = self.tables[request["TableName"]]
        with self.answering:
            key = table.key_of(request["Key"])
            old = table.read(key)
            self._check(request, old)
            new = dict(old or request["Key"])
            Expression(request["UpdateExpression"], request).apply(new)
            new = {name: _kept(value) for name, value in new.items()}
            return _bill(table, table.write(key, new)) | {"Attributes": new}

    def _DeleteItem(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's own name
        table = self.tables[request["TableName"]]
        with self.answering:
            key = table.key_of(request["Key"])
            old = table.read(key)
            self._check(request, old)
            former = {"Attributes": old} if old and request.get("ReturnValues") == "ALL_OLD" else {}
            return _bill(table, table.delete(key)) | former

    def _BatchWriteItem(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's own name
        units = 0
        with self.answering:
            for name, acts in request["RequestItems"].items():
                table = self.tables[name]
                for act in acts:
                    item = act["PutRequest"]["Item"] if "PutRequest" in act else act["DeleteRequest"]["Key"]
                    new = {name: _kept(value) for name, value in item.items()}
                    key = table.key_of(new)
                    units += table.write(key, new) if "PutRequest" in act else table.delete(key)
        return {"UnprocessedItems": {}, "ConsumedCapacity": [{"CapacityUnits": float(units)}]}

    def _check(self, request: dict[str, Any], old: Item | None) -> None:
        condition = request.get("ConditionExpression")
        if condition and not Expression(condition, request).holds(old or {}):
            raise Refused


def _plain(value: dict[str, Any]) -> str:
    """Return the text or the number of a key as text, which sorts as it does; negative numbers are no keys."""
    return value["S"] if "S" in value else f"{int(value['N']):020d}"


def _kept(value: dict[str, Any]) -> dict[str, Any]:
    """Convert base64 of the wire to bytes, which clients use."""
    return {"B": b64decode(value["B"])} if isinstance(value.get("B"), str) else value


def _packed(item: Item) -> bytes:
    """Pack an item; names of an enumeration are texts on the wire."""
    try:
        return marshal.dumps(item)
    except ValueError:
        return marshal.dumps({name: {"S": str(v["S"])} if "S" in v else v for name, v in item.items()})


def _bill(table: Table, units: int) -> dict[str, Any]:
    return {"ConsumedCapacity": {"TableName": table.name, "CapacityUnits": float(units)}}


def _chosen(index: Index, request: dict[str, Any], start: tuple[str, str] | None) -> Any:
    """Return the rows of a query, in its order, after the one where the page before ended."""
    bounds = {
        name: (sign, values) for name, sign, values in Expression(request["KeyConditionExpression"], request).bounds()
    }
    rows = index.rows.get(bounds[index.partition][1][0], [])
    first, last = _range_of(rows, *bounds[index.sort]) if index.sort in bounds else (0, len(rows))
    if request.get("ScanIndexForward", True):
        first = max(first, bisect_right(rows, start)) if start else first
        return (rows[place] for place in range(first, last))
    last = min(last, bisect_left(rows, start)) if start else last
    return (rows[place] for place in range(last - 1, first - 1, -1))


def _range_of(rows: Sequence[tuple[str, str]], sign: str, values: Sequence[str]) -> tuple[int, int]:
    """Return the places of the first row that a condition of the sort key holds for, and after the last one."""
    low, high = (values[0], ""), (values[-1], HIGHEST)
    if sign == "begins_with":
        high = (values[0] + HIGHEST, "")
    first = bisect_right(rows, high) if sign == ">" else bisect_left(rows, low)
    last = bisect_left(rows, low) if sign == "<" else bisect_right(rows, high)
    return (0 if sign in ("<", "<=") else first), (len(rows) if sign in (">", ">=") else last)
