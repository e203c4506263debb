"""Record the calls that reach the database, and the rows that they write."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from app.core import dynamodb

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")


@dataclass
class Calls:
    """The number of calls of each operation, and the keys of all rows written."""

    made: Counter[str] = field(default_factory=Counter)
    written: list[str] = field(default_factory=list)

    def note(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        self.made[model.name] += 1
        if model.name in WRITES:
            self.written += _keys(model.name, json.loads(params["body"]))


def _keys(operation: str, request: dict[str, Any]) -> list[str]:
    if operation == "PutItem":
        return [_key_of(request["Item"])]
    if operation != "BatchWriteItem":
        return [_key_of(request["Key"])]
    acts = [act for acts in request["RequestItems"].values() for act in acts]
    return [_key_of(next(iter(act.values())).get("Item", act.get("DeleteRequest", {}).get("Key"))) for act in acts]


def _key_of(item: dict[str, Any]) -> str:
    return str((item.get("id") or item["tile"])["S"])


@contextmanager
def counted() -> Iterator[Calls]:
    """Count the product's calls on its own connection."""
    calls, events = Calls(), dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb", calls.note)
    try:
        yield calls
    finally:
        events.unregister("before-call.dynamodb", calls.note)


@contextmanager
def cut_off(operation: str, *, after: int = 0, by: type[BaseException] | None = None) -> Iterator[None]:
    """The process is killed, or interrupted `by` a signal, before a call of this operation, after a number of them."""
    kind = by or Killed
    seen, events = Counter[str](), dynamodb.connection().client.meta.events

    def end(model: Any, **_: Any) -> None:
        seen[model.name] += 1
        if model.name == operation and seen[operation] > after:
            raise kind

    events.register("before-call.dynamodb", end)
    try:
        yield
    except kind:
        pass
    finally:
        events.unregister("before-call.dynamodb", end)


class Killed(BaseException):
    """The process has ended."""
