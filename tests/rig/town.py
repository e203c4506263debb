"""A town whose people file, correct, move, take back and vote on reports, in the benchmark's database in memory.

Its stream's records are told to the consumer in batches that come twice, late and again, and that are killed half-way.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import time_machine

from app.aws.streams import as_json
from app.core import clock, dynamodb
from app.core.config import settings
from app.geo.tiles import tile_at
from app.reports import entry_encoding
from app.reports.calendar_models import Calendar
from app.reports.entry import CELL_ZOOM, sort_key
from app.reports.models import Report
from bench.floods import Seen, entry_of, stored_form
from bench.metering import Meter
from bench.stand_in import StandIn
from bench.units import Item
from infra.tables import COMPLETE, table_properties

LAT, LON = 51.5, -0.12
WORDS = ("minor", "moderate", "severe", "extreme")
LEASE_S = 11


class Killed(BaseException):
    """The function's process ends here."""


class Town:
    """Reports in one busy cell and a few around it; `kills` is the share of database calls that end the caller."""

    def __init__(self, now: time_machine.Traveller, seed: int) -> None:
        self.now, self.dice = now, random.Random(seed)
        self.database = StandIn(table_properties(settings().prefix))
        self.table = self.database.tables[Report.Meta.table_name]
        self.table.load(COMPLETE)
        self.kills = 0.0
        self.ids: list[str] = []
        self.days: dict[str, set[str]] = {"made": set()}
        self.records: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self.acts: list[Callable[[], None]] = [self.file] * 8 + [self.word, self.touch] * 3
        self.acts += [self.judge] * 2 + [self.take_back, self.move, self.bring_in, self.give_back]

    @contextmanager
    def open(self) -> Iterator["Town"]:
        """Answer the product's calls."""
        client, meter = dynamodb.connection().client, Meter()
        meter.attach(client)
        client.meta.events.register_first("before-call.dynamodb", self._maybe_kill)
        self.database.attach(client)
        try:
            yield self
        finally:
            self.database.detach(client)
            client.meta.events.unregister("before-call.dynamodb", self._maybe_kill)
            meter.detach(client)

    def _maybe_kill(self, **_: Any) -> None:
        if self.dice.random() < self.kills:
            raise Killed

    def between_kills(self, steps: Iterator[None], kills: float) -> Iterator[None]:
        """Yield after each step but the first, while no call is killed; in the steps that share of the calls is."""
        next(steps)
        self.kills = kills
        for _ in steps:
            self.kills = 0
            yield
            self.kills = kills

    def live(self, acts: int) -> None:
        """Let so many things happen, and a moment pass."""
        for _ in range(acts):
            self.dice.choice(self.acts)()
        self.now.shift(self.dice.uniform(0.5, 2))

    def file(self, *, age_ms: int = 0, life_ms: int | None = None) -> None:
        now_ms = clock.now_ms()
        number = self.dice.getrandbits(60)
        place = [round(self.dice.gauss(middle, 0.006), 5) for middle in (LAT, LON)]
        seen = Seen(f"rep_{number:026d}", now_ms - age_ms, *place, is_over=False)
        item = stored_form(seen, now_ms) | {"updated": {"N": str(now_ms)}}
        if life_ms:
            item["expires"] = {"N": str(now_ms + life_ms)}
        self.ids.append(seen.id)
        self._note_day(clock.day_of(seen.created_ms))
        self._store(None, item)

    def _note_day(self, day: str) -> None:
        """Let the calendar have a day: where documents are an hour behind, lists read the days that it has."""
        if day not in self.days.setdefault(f"made:{day[:4]}", set()):
            self.days[f"made:{day[:4]}"].add(day)
            self.days["made"].add(day[:4])
            for key, known in self.days.items():
                self.table.load(Calendar(key, days=known).serialize())

    def bring_in(self) -> None:
        """Import a report of hours ago."""
        self.file(age_ms=self.dice.randrange(20 * clock.HOUR_MS))

    def word(self) -> None:
        self._change({"title": {"S": f"Water {self.dice.randrange(99)}"}})

    def touch(self) -> None:
        """Rate a report: its version moves, its time of change does not."""
        self._change({"confidence": {"S": self.dice.choice(["low", "likely", "high"])}}, is_shown=False)

    def judge(self) -> None:
        self._change({"severity": {"S": self.dice.choice(WORDS)}})

    def take_back(self) -> None:
        self._change({"status": {"S": "withdrawn"}})

    def give_back(self) -> None:
        self._change({"status": {"S": "verified"}})

    def move(self) -> None:
        """Correct a place, across the borders of cells now and then."""
        values = [str(round(self.dice.gauss(middle, 0.02), 5)) for middle in (LAT, LON)]
        self._change({"lat": {"N": values[0]}, "lon": {"N": values[1]}})

    def _change(self, values: Item, *, is_shown: bool = True) -> None:
        if not self.ids:
            return
        old = self.table.read(self.dice.choice(self.ids))
        assert old is not None
        now_ms = clock.now_ms()
        new = old | values | {"version": {"N": str(int(old["version"]["N"]) + 1)}}
        if is_shown:
            new |= {"updated": {"N": str(now_ms)}, "changed_day": {"S": clock.day_of(now_ms)}}
            new |= {"changed_sort": {"S": sort_key(now_ms, old["id"]["S"])}}
            new |= {"changed_lane": {"S": f"{clock.day_of(now_ms)}#0"}}
        self._store(old, new)

    def _store(self, old: Item | None, new: Item) -> None:
        cell = tile_at(lat=float(new["lat"]["N"]), lon=float(new["lon"]["N"]), z=CELL_ZOOM).key
        new.pop("cell", None)
        if new["status"]["S"] != "withdrawn" and int(new["expires"]["N"]) > clock.now_ms():
            new["cell"] = {"S": cell}
        new["entry"] = {"B": entry_encoding.pack(entry_of(new))}
        self.table.write(new["id"]["S"], new)
        self.note(old, new)

    def note(self, old: Item | None, new: Item | None) -> None:
        """Let the stream tell of a write."""
        images = {name: image for name, image in (("OldImage", old), ("NewImage", new)) if image}
        told = {"Keys": {"id": (new or old or {})["id"]}, "SequenceNumber": f"{len(self.records):021d}"}
        told |= as_json(images) | {"ApproximateCreationDateTime": clock.now_ms() // 1000}
        self.records.append({"eventSource": "aws:dynamodb", "eventName": "MODIFY", "dynamodb": told})

    def tell(self, records: list[dict[str, Any]]) -> None:
        """Tell the consumer until it is not killed any more."""
        from app.reports.index import consume
        from handlers.report_changed import _changes

        while True:
            try:
                consume.apply_changes([change for one in records for change in _changes(one)], shard="shard-1")
                return
            except Killed:
                self.now.shift(LEASE_S)

    def tell_all(self) -> None:
        """Tell what is new in batches; some come twice, and some old ones again."""
        while self.records:
            size = self.dice.randint(1, 6)
            batch, self.records = self.records[:size], self.records[size:]
            self.tell(batch)
            if self.dice.random() < 0.2:
                self.tell(batch)
            self.told += batch
            if self.dice.random() < 0.3:
                self.tell(self.dice.sample(self.told, min(3, len(self.told))))

    def sweep(self) -> None:
        """Let the minute's function run."""
        from app.reports.index import consume

        while True:
            try:
                while consume.sweep():
                    pass
                return
            except Killed:
                self.now.shift(LEASE_S)
