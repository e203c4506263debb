"""Count the code that a request executes: our own files and functions that it enters, its deepest stack, and all calls.

Counted from the handler to the answer, in a process that has answered the same request before, so that nothing is
loaded. Comprehensions and lambdas count with the function that holds them.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from app.core import dynamodb
from bench import environment, official
from bench.asking import Asker, event
from bench.loading import World
from bench.metering import Meter
from bench.stand_in import StandIn
from infra.tables import table_properties

STORED = 2000
ROOT = Path(__file__).parents[1]
BENCH = f"{ROOT}/bench/"
OWN = tuple(f"{ROOT / folder}/" for folder in ("app", "handlers"))
Record = dict[str, Any]


@dataclass
class Trip:
    """Files and functions that one request has entered."""

    files: set[str] = field(default_factory=set)
    functions: set[CodeType] = field(default_factory=set)
    depth: int = 0
    calls: int = 0  # of Python functions, in libraries too
    c_calls: int = 0

    def note(self, frame: FrameType) -> None:
        """Count the function that a frame begins to run."""
        if not _is_own(frame.f_code) or frame.f_code.co_name.startswith("<"):
            return
        self.files.add(frame.f_code.co_filename)
        self.functions.add(frame.f_code)
        depth, step = 0, frame
        while step is not None:
            depth += _is_own(step.f_code) and not step.f_code.co_name.startswith("<")
            step = step.f_back  # type: ignore[assignment]  # None ends the loop
        self.depth = max(self.depth, depth)


def _is_own(code: CodeType) -> bool:
    return code.co_filename.startswith(OWN)


@contextmanager
def travelling() -> Iterator[Trip]:
    """Count calls inside the block, in this thread and in new ones."""
    trip = Trip()

    def watch(frame: FrameType, what: str, _: Any) -> None:
        if frame.f_code.co_filename.startswith(BENCH):
            return
        trip.c_calls += what == "c_call"
        if what == "call":
            trip.calls += 1
            trip.note(frame)

    _forget_threads()  # threads that run already are not watched
    threading.setprofile(watch)
    sys.setprofile(watch)
    try:
        yield trip
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]  # documented so; the stub lacks it
        _forget_threads()


def _forget_threads() -> None:
    dynamodb._pool.cache_clear()
    dynamodb._parts.cache_clear()


def measure() -> Iterator[Record]:
    """Yield one record for each kind of request, over a country's reports and 1,000 official warnings."""
    from handlers.api import handler

    asker = Asker(handler, Meter())
    client = dynamodb.connection().client
    asker.meter.attach(client)
    environment.stop_clock(environment.NOON_MS)
    stand_in = StandIn(table_properties(environment.PREFIX))
    stand_in.attach(client)
    world = World(STORED, environment.NOON_MS, stand_in)
    warned = official.Warned(world)
    for _ in official.take_in(warned, asker):
        pass
    try:
        for name, first, second in _requests(world):
            handler(first, None)
            with travelling() as trip:
                reply = handler(second, None)
            assert reply["statusCode"] in (200, 201), (name, reply)
            counted = {"files": len(trip.files), "functions": len(trip.functions), "depth": trip.depth}
            yield {"part": "trips", "request": name, **counted, "calls": trip.calls, "c_calls": trip.c_calls}
    finally:
        stand_in.detach(client)
        asker.meter.detach(client)


def _requests(world: World) -> Iterator[tuple[str, Any, Any]]:
    """Return name, the request that loads what it needs, and the one that is counted."""
    seen = world.in_flood[0]
    around = f"lat={seen.lat:.3f}&lon={seen.lon:.3f}&radius_km=5"
    page = {"accept": "text/html"}
    for name, path, query, headers in (
        ("GET one report", f"/v1/reports/{seen.id}", "", None),
        ("GET list", "/v1/reports", around, None),
        ("GET nearby", "/v1/nearby", around, None),
        ("GET one warning", "/v1/warnings", "limit=1", None),
        ("page /", "/", around, page),
        ("page / with a filter", "/", f"{around}&severity_min=severe", page),
    ):
        request = event("GET", path, query, headers=headers)
        yield name, request, request
    yield "POST", _filing(0), _filing(1)


def _filing(number: int) -> Any:
    body = {"location": {"lat": 51.5, "lon": -0.12}, "severity": "severe", "title": "Underpass closed"}
    return event("POST", "/v1/reports", body=body, headers={"idempotency-key": f"trips-key-{number:022d}"})
