"""Measure what the stream's consumer pays for a window with one change in the busiest cell."""

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import mean
from typing import Any

from app.core import clock, dynamodb
from app.geo.tiles import tile_at
from app.reports import entry_encoding
from app.reports.entry import CELL_ZOOM
from app.reports.index import consume
from app.reports.index.consume import Change
from app.reports.models import Report
from bench import environment
from bench.floods import Seen, entry_of, stored_form
from bench.loading import World
from bench.metering import Bill, Meter
from bench.stand_in import StandIn, Table
from bench.units import Item
from infra.tables import table_properties

WINDOWS = 12
WINDOW_MS = 2000
Record = dict[str, Any]


class Windows:
    """A loaded table, its busiest cell, and the windows of one change each."""

    def __init__(self, size: int, meter: Meter) -> None:
        self.stand_in = StandIn(table_properties(environment.PREFIX))
        self.stand_in.attach(dynamodb.connection().client)
        self.meter, self.now_ms = meter, environment.NOON_MS
        environment.stop_clock(self.now_ms)
        self.world = World(size, self.now_ms, self.stand_in)
        cells = Counter(tile_at(lat=one.lat, lon=one.lon, z=CELL_ZOOM).key for one in self.world.active)
        self.cell, self.active = cells.most_common(1)[0]
        here = (one for one in self.world.active if tile_at(lat=one.lat, lon=one.lon, z=CELL_ZOOM).key == self.cell)
        self.here = sorted(here, key=lambda one: one.created_ms)

    @property
    def table(self) -> Table:
        return self.stand_in.tables[Report.Meta.table_name]

    def measure(self) -> Iterator[Record]:
        """Yield one record for each kind of change."""
        middle = len(self.here) // 2
        old = self.here[middle : middle + 3 * WINDOWS]
        kinds = {
            "filed": [self._filed(number) for number in range(WINDOWS)],
            "newest edited": [(one, {"severity": {"S": "minor"}}) for one in self.here[-WINDOWS:]],
            "old one, its words": [(one, {"title": {"S": "Still there"}}) for one in old[:WINDOWS]],
            "old one, its severity": [(one, {"severity": {"S": "unknown"}}) for one in old[WINDOWS : 2 * WINDOWS]],
            "old one withdrawn": [(one, {"status": {"S": "withdrawn"}}) for one in old[2 * WINDOWS :]],
        }
        for kind, changes in kinds.items():
            bills = [self._window(seen, values) for seen, values in changes]
            yield {
                "measure": "window",
                "change": kind,
                "stored": self.world.total,
                "in_cell": self.active,
                "read_units": mean(bill.reads for bill in bills[1:]),
                "read_units_max": max(bill.reads for bill in bills[1:]),
                "write_units": mean(bill.writes for bill in bills[1:]),
                "write_units_max": max(bill.writes for bill in bills[1:]),
                "calls": mean(bill.calls.total() for bill in bills[1:]),
            }

    def _filed(self, number: int) -> tuple[Seen, None]:
        near = self.here[-1 - number]
        return Seen(f"rep_{number:026d}", 0, near.lat, near.lon, is_over=False), None

    def _window(self, seen: Seen, values: Item | None) -> Bill:
        """Let one change happen, and return what the consumer pays for it."""
        self.now_ms += WINDOW_MS
        environment.stop_clock(self.now_ms)
        old, new = self._write(seen, values)
        with self.meter.counting() as bill:
            consume.apply_changes([Change(old and _report(old), _report(new), self.now_ms)], shard="bench")
        return bill

    def _write(self, seen: Seen, values: Item | None) -> tuple[Item | None, Item]:
        old = self.table.read(seen.id)
        if values is None:
            new = stored_form(Seen(seen.id, self.now_ms, seen.lat, seen.lon, is_over=False), self.now_ms)
        else:
            assert old is not None
            new = old | values | {"version": {"N": str(int(old["version"]["N"]) + 1)}}
            new |= {"updated": {"N": str(self.now_ms)}, "changed_day": {"S": clock.day_of(self.now_ms)}}
            new |= {"changed_sort": {"S": f"{self.now_ms:015d}#{seen.id}"}}
            new |= {"changed_lane": {"S": f"{clock.day_of(self.now_ms)}#0"}}
            if new["status"]["S"] == "withdrawn":
                new.pop("cell", None)
        new["entry"] = {"B": entry_encoding.pack(entry_of(new))}
        self.table.write(seen.id, new)
        return old, new


def _report(item: Item) -> Report:
    report = Report()
    report.deserialize({name: dict(value) for name, value in item.items()})
    return report


def measure(sizes: Sequence[int]) -> Iterator[Record]:
    """Measure windows at each size, then how they grow from the smallest to the largest."""
    client, meter = dynamodb.connection().client, Meter()
    meter.attach(client)
    records: list[Record] = []
    for size in sizes:
        windows = Windows(size, meter)
        for record in windows.measure():
            records.append(record)
            yield record
        windows.stand_in.detach(client)
        del windows
        gc.collect()
    meter.detach(client)
    yield from _growth(records)


def _growth(records: list[Record]) -> Iterator[Record]:
    """Return the units at the largest size relative to the smallest."""
    sizes = sorted({one["stored"] for one in records})
    first = {one["change"]: one for one in records if one["stored"] == sizes[0]}
    for one in records:
        if len(sizes) > 1 and one["stored"] == sizes[-1]:
            factors = {name: round(one[name] / first[one["change"]][name], 2) for name in ("read_units", "write_units")}
            yield {"measure": "window growth", "change": one["change"], "from": sizes[0], "to": sizes[-1], **factors}
