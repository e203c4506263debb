"""Compare with a real server, dynoxide: the accountant's units, and the time of near-me with 100,000 reports."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any

import boto3

from app.core import dynamodb
from bench import environment
from bench.asking import Asker, begin_anew, event
from bench.loading import World
from bench.metering import Bill, Meter
from bench.questions import questions
from bench.stand_in import StandIn
from infra.local.dynoxide import DYNOXIDE, running_dynoxide
from infra.tables import create_tables, table_properties

CHECKED_SIZE = 10_000
NEAR_SIZE = 100_000
BATCH = 25
TIMED_ROUNDS = 3
Record = dict[str, Any]


def measure(parts: Sequence[str]) -> Iterator[Record]:
    """Measure `check`: units by our accountant and by dynoxide; `near`: time of near-me and the database's share."""
    if not DYNOXIDE.exists():
        yield {"measure": "check", "absent": "dynoxide is not installed for this system"}
        return
    if "check" in parts:
        with _loaded(CHECKED_SIZE) as (world, asker, _):
            yield _checked(world, asker)
    if "near" in parts:
        with _loaded(NEAR_SIZE) as (world, asker, client):
            yield _timed(world, asker, client)


@contextmanager
def _loaded(size: int) -> Iterator[tuple[World, Asker, Any]]:
    """Run dynoxide with a world in it, and the web function connected to it."""
    with running_dynoxide() as address:
        world = load(size, address)
        from handlers.api import handler

        client = dynamodb.connection().client
        meter = Meter()
        meter.attach(client)
        yield world, Asker(handler, meter), client
        meter.detach(client)


def load(size: int, address: str) -> World:
    """Load a world into a database at an address, with the tile documents that the product builds over it."""
    environment.stop_clock(environment.NOON_MS)
    _connect_to(address)
    client = dynamodb.connection().client
    meter, stand_in = Meter(), StandIn(table_properties(environment.PREFIX))
    meter.attach(client)  # it notes each request, from which the stand-in answers
    stand_in.attach(client)
    world = World(size, environment.NOON_MS, stand_in)
    stand_in.detach(client)
    meter.detach(client)
    _copy(world, address)
    return world


def _connect_to(address: str) -> None:
    """Connect the product to another database; otherwise it keeps one client for its life."""
    import os

    os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = address
    dynamodb.connection.cache_clear()
    for model in dynamodb.Table.__subclasses__():
        model._connection = None


def _copy(world: World, address: str) -> None:
    client = boto3.client("dynamodb", endpoint_url=address, region_name="eu-west-2")
    create_tables(client, environment.PREFIX, streams=False)
    for table in world.stand_in.tables.values():
        keys = list(table.items)
        for place in range(0, len(keys), BATCH):
            items = [table.read(key) for key in keys[place : place + BATCH]]
            puts = [{"PutRequest": {"Item": item}} for item in items]
            client.batch_write_item(RequestItems={table.name: puts})


def _checked(world: World, asker: Asker) -> Record:
    """Count the same queries twice."""
    whole = Bill()
    for asking in questions(world):
        begin_anew()
        for page in asker.pages(asking.query, 3):
            whole.reads += page.bill.reads
            whole.reported += page.bill.reported
            whole.empty_queries += page.bill.empty_queries
            whole.calls += page.bill.calls
    return {
        "measure": "check",
        "stored": world.total,
        "calls": whole.calls.total(),
        "ours": whole.reads,
        "dynoxide": whole.reported,
        "empty_queries": whole.empty_queries,
        "difference": whole.reads - whole.reported,
    }


class _Stopwatch:
    """Times the calls to the database: overlapping requests of a client count once."""

    def __init__(self, client: Any) -> None:
        self.spans: list[tuple[float, float]] = []
        self.session = client._endpoint.http_session
        self.send = self.session.send
        self.session.send = self._send

    def _send(self, request: Any) -> Any:
        began = time.perf_counter()
        try:
            return self.send(request)
        finally:
            self.spans.append((began, time.perf_counter()))

    def covered_s(self) -> float:
        covered, reached = 0.0, 0.0
        for began, ended in sorted(self.spans):
            covered += max(0.0, ended - max(began, reached))
            reached = max(reached, ended)
        return covered


def _timed(world: World, asker: Asker, client: Any) -> Record:
    watch = _Stopwatch(client)
    took, waited = [], []
    near = [asking for asking in questions(world) if asking.kind == "near 2 km"]
    for asking in near * TIMED_ROUNDS:
        query = "&".join(f"{name}={value}" for name, value in asking.query.items())
        watch.spans.clear()
        began = time.perf_counter()
        asker.ask(event("GET", "/v1/reports", query))
        took.append((time.perf_counter() - began) * 1000)
        waited.append(watch.covered_s() * 1000)
    return {
        "measure": "near",
        "stored": world.total,
        "asked": len(took),
        "p50_ms": round(median(took), 1),
        "p95_ms": round(quantiles(took, n=20)[-1], 1),
        "database_p50_ms": round(median(waited), 1),
        "database_share": round(sum(waited) / sum(took), 2),
    }
