"""The product in virtual time: its clock, its pauses, its parallel calls, and what it takes of the processor."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from app.core import clock, dynamodb
from app.reports.index import consume
from bench.slow_stand_in import SlowStandIn


class Processor:
    """The processor's time (s) that tile documents took, without the stand-in's own."""

    def __init__(self, database: SlowStandIn) -> None:
        self.database = database
        self.documents_s = 0.0

    def watched(self, act: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same act, which says to the stand-in that it is about documents."""

        def run(*given: Any, **named: Any) -> Any:
            caller, began_s, rig_s = self.database.of_caller, time.thread_time(), self.database.cpu_s()
            caller.is_documents = True
            try:
                return act(*given, **named)
            finally:
                caller.is_documents = False
                self.documents_s += time.thread_time() - began_s - (self.database.cpu_s() - rig_s)

        return run

    def record(self, writes: int) -> dict[str, Any]:
        """Return the figures, which differ from machine to machine."""
        return {"document_cpu_ms_a_write": round(self.documents_s * 1000 / writes, 2)}


@contextmanager
def as_in_lambda(database: SlowStandIn) -> Iterator[Processor]:
    """Let the product's calls go to a stand-in, and its time be the stand-in's."""
    client: Any = dynamodb.connection().client
    processor = Processor(database)
    former = (clock.now_ms, time.sleep, dynamodb.in_one_round, consume.apply_changes, consume.sweep)
    clock.now_ms = database.time.now_ms  # type: ignore[assignment]  # in this process only
    time.sleep = lambda seconds: database.time.spend(seconds * 1000)  # type: ignore[assignment]
    dynamodb.in_one_round = _in_turn(database)  # type: ignore[assignment]
    consume.apply_changes, consume.sweep = processor.watched(consume.apply_changes), processor.watched(consume.sweep)
    database.attach(client)
    try:
        yield processor
    finally:
        database.detach(client)
        clock.now_ms, time.sleep, dynamodb.in_one_round, consume.apply_changes, consume.sweep = former  # type: ignore[assignment]


def _in_turn(database: SlowStandIn) -> Callable[[Sequence[Callable[[], Any]]], list[Any]]:
    """Return a replacement of `in_one_round` without threads: the calls take a share of the time each."""

    def run(calls: Sequence[Callable[[], Any]]) -> list[Any]:
        caller = database.of_caller
        before = getattr(caller, "at_once", 1)
        caller.at_once = min(len(calls), dynamodb.REQUESTS_AT_ONCE) or 1
        try:
            return [call() for call in calls]
        finally:
            caller.at_once = before

    return run
