"""Count what one request costs in the real client: calls, sequential rounds, and consumed capacity."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from app.core import dynamodb
from bench.units import units_of_read

READS = ("GetItem", "BatchGetItem", "Query")


@dataclass
class Bill:
    """The consumption. `reported` is what the database itself says of the reads; a stand-in says nothing."""

    reads: float = 0.0
    writes: float = 0.0
    reported: float = 0.0
    empty_queries: int = 0
    rounds: int = 0
    calls: Counter[str] = field(default_factory=Counter)


class Meter:
    """Attached to a client once; counts into the open bill until it is detached."""

    def __init__(self) -> None:
        self.bill = Bill()
        self.lock = threading.Lock()
        self.inside = threading.local()
        self.send = dynamodb.in_one_round
        self.send_both = dynamodb.at_once

    def attach(self, client: Any) -> None:
        """Count this client's calls from now on, and the rounds that they are sent in."""
        dynamodb.in_one_round = self._in_one_round  # type: ignore[assignment]  # wrapped until `detach`
        dynamodb.at_once = self._at_once  # type: ignore[assignment]  # as above
        client.meta.events.register_first("before-call.dynamodb", self._note_request)
        client.meta.events.register_last("after-call.dynamodb", self._count)

    def detach(self, client: Any) -> None:
        """Leave the client and the product's functions as they were found."""
        dynamodb.in_one_round, dynamodb.at_once = self.send, self.send_both
        client.meta.events.unregister("before-call.dynamodb", self._note_request)
        client.meta.events.unregister("after-call.dynamodb", self._count)

    @contextmanager
    def counting(self) -> Iterator[Bill]:
        """Open a new bill for the calls inside the block."""
        self.bill = Bill()
        yield self.bill

    def _note_request(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["bench_request"] = json.loads(params["body"])

    def _count(self, model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        request = context["bench_request"]
        with self.lock:
            self.bill.calls[model.name] += 1
            if getattr(self.inside, "depth", None) is None:
                self.bill.rounds += 1
            else:
                self.inside.depth += 1
            if model.name not in READS:
                # DynamoDB charges for a refused write too: one unit or more.
                self.bill.writes += _units(parsed) or 1
                return
            self.bill.reads += units_of_read(model.name, request, parsed)
            self.bill.reported += _units(parsed)
            self.bill.empty_queries += model.name == "Query" and not parsed["Items"]

    def _in_one_round(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """Call the product's function and note the longest chain of calls in it."""
        depths, counted = self._counted(calls)
        answers = self.send(counted)
        self._add(max(depths))
        return answers

    def _at_once(self, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
        """Call the product's function and note the longer chain of calls in it."""
        depths, counted = self._counted([first, second])
        answers = self.send_both(*counted)
        self._add(max(depths))
        return answers

    def _counted(self, calls: Sequence[Callable[[], Any]]) -> tuple[list[int], list[Callable[[], Any]]]:
        """Return the list that will hold the length of each chain of calls, and the wrapped calls."""
        depths = [0] * len(calls)

        def counted(place: int) -> Any:
            around = getattr(self.inside, "depth", None)
            self.inside.depth = 0
            try:
                return calls[place]()
            finally:
                depths[place] = self.inside.depth
                self.inside.depth = around

        return depths, [partial(counted, place) for place in range(len(calls))]

    def _add(self, rounds: int) -> None:
        """Count rounds, inside others as a part of their chain."""
        if getattr(self.inside, "depth", None) is None:
            self.bill.rounds += rounds
        else:
            self.inside.depth += rounds


def _units(parsed: dict[str, Any]) -> float:
    consumed = parsed.get("ConsumedCapacity") or []
    return sum(one["CapacityUnits"] for one in (consumed if isinstance(consumed, list) else [consumed]))
