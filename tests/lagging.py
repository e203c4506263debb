"""A database whose indexes, and whose reads that need not be consistent, are behind its tables.

Each write reaches the copy that these reads see after some seconds of its own, so in another order than it was made;
only the writes of one item keep theirs. Consistent reads and conditions see the tables themselves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest

from app.core import clock
from app.core.config import settings
from app.core.dynamodb import SharedConnection
from infra.tables import KEPT, table_properties

COPY = "lagging-copy"
Item = dict[str, Any]


class LaggingCopy:
    """The copy of some tables; `look` takes over what was written since, and shows what is due."""

    def __init__(self, client: Any, random: Random, *nouns: str, at_most_ms: int) -> None:
        self.client, self.random, self.at_most_ms = client, random, at_most_ms
        self.tables = {settings().table(noun): f"{COPY}-{noun}" for noun in nouns}
        self.seen: dict[tuple[str, str], tuple[Item, Item]] = {}
        self.due: list[tuple[int, str, Item, Item | None]] = []
        self.latest: dict[tuple[str, str], int] = {}

    def make(self) -> None:
        """Make the copy, with all that is stored by now."""
        for table in table_properties(COPY):
            if table["TableName"] in self.tables.values():
                self.client.create_table(**{name: table[name] for name in KEPT if name in table})
        at_most_ms, self.at_most_ms = self.at_most_ms, 0
        self.look()
        self.at_most_ms = at_most_ms

    def remove(self) -> None:
        for copy in self.tables.values():
            self.client.delete_table(TableName=copy)

    def look(self) -> None:
        """Note what has been written, and let appear what has waited long enough."""
        for table in self.tables:
            self._note(table)
        now_ms = clock.now_ms()
        waiting = []
        for at_ms, table, key, image in self.due:
            if at_ms > now_ms:
                waiting.append((at_ms, table, key, image))
            elif image is None:
                self.client.delete_item(TableName=self.tables[table], Key=key)
            else:
                self.client.put_item(TableName=self.tables[table], Item=image)
        self.due = waiting

    def _note(self, table: str) -> None:
        names = [key["AttributeName"] for key in self._described(table)]
        stored = {}
        for page in self.client.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                key = {name: item[name] for name in names}
                stored[table, repr(key)] = (key, item)
        gone = {one: (key, None) for one, (key, _) in self.seen.items() if one[0] == table and one not in stored}
        for one, (key, image) in {**stored, **gone}.items():
            if image is None or one not in self.seen or self.seen[one][1] != image:
                self._put_off(one, key, image)
        self.seen = {one: image for one, image in self.seen.items() if one[0] != table} | stored

    def _put_off(self, one: tuple[str, str], key: Item, image: Item | None) -> None:
        at_ms = clock.now_ms() + self.random.randint(0, self.at_most_ms)
        at_ms = self.latest[one] = max(at_ms, self.latest.get(one, 0))
        self.due.append((at_ms, one[0], key, image))

    def _described(self, table: str) -> list[Item]:
        keys: list[Item] = self.client.describe_table(TableName=table)["Table"]["KeySchema"]
        return keys


@contextmanager
def lagging(client: Any, random: Random, *nouns: str, at_most_ms: int) -> Iterator[LaggingCopy]:
    """Let all reads of these tables that are not consistent, and so all of indexes, see a copy that is behind."""
    copy = LaggingCopy(client, random, *nouns, at_most_ms=at_most_ms)
    call = SharedConnection._make_api_call

    def led(self: SharedConnection, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        if operation == "BatchGetItem":
            return _of_batch(call, self, copy, asked)
        if operation in ("Query", "GetItem") and not asked.get("ConsistentRead"):
            asked = asked | {"TableName": copy.tables.get(asked["TableName"], asked["TableName"])}
        return call(self, operation, asked)

    with pytest.MonkeyPatch.context() as patch:
        copy.make()
        patch.setattr(SharedConnection, "_make_api_call", led)
        yield copy
    copy.remove()


def _of_batch(call: Any, connection: SharedConnection, copy: LaggingCopy, asked: Item) -> Item:
    renamed = {
        table if wanted.get("ConsistentRead") else copy.tables.get(table, table): wanted
        for table, wanted in asked["RequestItems"].items()
    }
    original = {name: table for table, name in copy.tables.items()}
    answer = dict(call(connection, "BatchGetItem", asked | {"RequestItems": renamed}))
    for part in ("Responses", "UnprocessedKeys"):
        answer[part] = {original.get(name, name): items for name, items in answer.get(part, {}).items()}
    return answer
