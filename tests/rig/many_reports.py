"""Thousands of reports in the benchmark's database in memory, with the cost of each request; and what lists must say.

The expected lists are computed from the reports alone, without the product's code: distances by vectors.
"""

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from app.core import clock, dynamodb
from app.core.config import settings
from app.reports import entry_encoding
from app.reports.calendar_models import Calendar
from app.reports.index import recent_writes, tile_documents
from app.reports.models import Report
from bench.floods import Seen, entry_of, stored_form
from bench.metering import Meter
from bench.stand_in import StandIn
from infra.tables import COMPLETE, table_properties
from tests.forgetting import forget_what_is_known
from tests.moments import NOON

NOW_MS = NOON * 1000
HOUR_MS = 3_600_000
EARTH_KM = 6371.0088
RANKS = ("unknown", "minor", "moderate", "severe", "extreme")


class Told(NamedTuple):
    """A report as its reporter told it. All are active at noon."""

    id: str
    created_ms: int
    lat: float
    lon: float
    severity: str

    def km_from(self, lat: float, lon: float) -> float:
        return km_between((self.lat, self.lon), (lat, lon))


def km_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    chord = math.dist(_on_sphere(*one), _on_sphere(*other))
    return 2 * EARTH_KM * math.asin(min(1.0, chord / 2))


def _on_sphere(lat: float, lon: float) -> tuple[float, float, float]:
    phi, theta = math.radians(lat), math.radians(lon)
    return math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)


def scattered(count: int, *, around: tuple[float, float], spread: float, seed: int, hours: int = 40) -> list[Told]:
    chance = random.Random(seed)
    made = []
    for number in range(count):
        lat, lon = (round(chance.gauss(middle, spread), 5) for middle in around)
        age_ms = chance.randrange(HOUR_MS // 60, hours * HOUR_MS)
        severity = chance.choices(RANKS, weights=[2, 40, 30, 6, 1])[0]
        made.append(Told(f"rep_{seed}x{number:05d}", NOW_MS - age_ms, lat, lon, severity))
    return made


# What tables hold with these reports, and perhaps their documents, at a moment: documents take seconds to build.
_filled: dict[tuple[tuple[Told, ...], bool, int], StandIn] = {}


class Loaded:
    """A database with these reports and perhaps their documents; `open` lets the product use it."""

    def __init__(self, reports: list[Told], *, has_documents: bool = True) -> None:
        self.has_documents, self.meter = has_documents, Meter()
        self.stand_in = StandIn(table_properties(settings().prefix))
        asked = (tuple(reports), has_documents, clock.now_ms())
        if asked in _filled:
            _copy(_filled[asked], self.stand_in)
        else:
            self._fill(reports)
            _filled[asked] = StandIn(table_properties(settings().prefix))
            _copy(self.stand_in, _filled[asked])
        forget_what_is_known()  # whether it was filled or copied

    def _fill(self, reports: list[Told]) -> None:
        table = self.stand_in.tables[Report.Meta.table_name]
        for told in reports:
            item = stored_form(Seen(told.id, told.created_ms, told.lat, told.lon, is_over=False), NOW_MS)
            item["severity"] = {"S": told.severity}
            item["entry"] = {"B": entry_encoding.pack(entry_of(item))}
            table.load(item)
        days = {clock.day_of(told.created_ms) for told in reports}
        for key, known in {"made": {day[:4] for day in days}, "made:2026": days}.items():
            table.load(Calendar(key, days=known).serialize())
        table.load(COMPLETE)
        table.sort()
        if self.has_documents:
            with self.open():
                _build(list(table.indexes["entries_by_cell"].rows))

    @contextmanager
    def open(self) -> Iterator["Loaded"]:
        client = dynamodb.connection().client
        self.meter = Meter()
        self.meter.attach(client)
        self.stand_in.attach(client)
        try:
            yield self
        finally:
            self.stand_in.detach(client)
            self.meter.detach(client)


def _copy(source: StandIn, target: StandIn) -> None:
    for name, table in source.tables.items():
        copied = target.tables[name]
        copied.items = dict(table.items)
        for index, own in copied.indexes.items():
            own.rows = {partition: list(rows) for partition, rows in table.indexes[index].rows.items()}


def _build(cells: list[str]) -> None:
    for cell in cells:
        tile_documents.build_cell(cell, {})
    tile_documents.build_above(cells)
    tile_documents.build_root(set(), {"shard-1": NOW_MS})


class Page(NamedTuple):
    body: dict[str, Any]
    units: float
    calls: int
    rounds: int


def pages(client: Any, database: Loaded, address: str, *, most: int = 300) -> list[Page]:
    """All pages of a list, each asked of a process without caches."""
    found = list[Page]()
    while address:
        assert len(found) < most, "the list does not end"
        recent_writes.root_cache.root, recent_writes.root_cache.read_at_ms = None, 0
        with database.meter.counting() as bill:
            answer = client.get(address)
        assert answer.status_code == 200, answer.text
        found.append(Page(answer.json, bill.reads, bill.calls.total(), bill.rounds))
        address = next((link["href"] for link in answer.json["links"] if link["rel"] == "next"), "")
    return found
