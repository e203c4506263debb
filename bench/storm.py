"""Measure storms: many writes a second from one city, told to 1, 4 or 16 consumers at once, in virtual time.

While it goes on lists are compared with a search of all reports, and at the end every tile document is. A wrong one, or
a batch that fails for anything but an outage, stops the run.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from app.core import clock, dynamodb
from app.core.severity import Severity
from app.reports.index import recent_writes
from app.reports.index.models import IN_FLIGHT_MS, ROOT, TileDocument
from app.reports.index.search import ReportQuery, find_active
from app.reports.models import Report
from bench import brute_force, environment
from bench.as_in_lambda import as_in_lambda
from bench.city import City, Written
from bench.slow_stand_in import Killed, SlowStandIn
from bench.virtual_time import VirtualTime
from infra.tables import COMPLETE, table_properties

BATCH, WINDOW_MS = 1000, 1000
LOOKED_EVERY_MS = 5000
AGAIN = 0.1  # share of the batches that are delivered twice
KILLS = 0.002
THROTTLED_FOR_MS = 6000
PAGE = 50


class StreamShard:
    """One shard of the stream: its records, and how far its consumer is."""

    def __init__(self, name: str, parent: "StreamShard | None" = None) -> None:
        self.name, self.parent = name, parent
        self.records: list[dict[str, Any]] = []
        self.place = 0
        self.is_closed = False

    @property
    def is_done(self) -> bool:
        return self.is_closed and self.place == len(self.records)


class Storm:
    """A storm of `rate` writes a second for some seconds, and the consumers of its records."""

    def __init__(self, rate: float, seconds: float, consumers: int, *, has_faults: bool, seed: int = 3) -> None:
        self.rate, self.seconds, self.consumers, self.has_faults = rate, seconds, consumers, has_faults
        self.time = VirtualTime(environment.NOON_MS)
        self.database = SlowStandIn(table_properties(environment.PREFIX), self.time, seed)
        self.database.tables[Report.Meta.table_name].load(COMPLETE)
        self.dice = random.Random(seed)
        self.city = City(self.database.tables[Report.Meta.table_name], seed)
        self.shards = [StreamShard(f"shard-{number}") for number in range(consumers)]
        if has_faults:  # half-way each shard is split in two
            self.shards += [StreamShard(f"{one.name}-{half}", one) for half in "ab" for one in self.shards]
        self.counts: Counter[str] = Counter()
        self.lags_s: list[float] = []
        self.is_over = False

    def run(self) -> None:
        """Let it pass, and then what comes late."""
        if self.has_faults:
            self.database.kills = KILLS
            self.database.throttled_until_ms = self.time.now + THROTTLED_FOR_MS
        consumers = [lambda one=shard: self._consume(one) for shard in self.shards]
        self.time.run([self._live, *consumers, self._sweep_each_minute, self._look])
        self.database.kills = 0
        self._sweep()
        if self.has_faults:
            self.time.spend(clock.HOUR_MS)
            for shard in self.shards:
                for start in range(0, len(shard.records), BATCH):
                    self._invoke(shard, self._mixed(shard.records[start : start + BATCH]))
        for _ in range(3):  # until the index surely shows what the stream has told
            self.time.spend(clock.MINUTE_MS)
            self._sweep()

    def _live(self) -> None:
        began_ms = self.time.now
        half_ms = began_ms + self.seconds * 500
        for number, moment in enumerate(self.city.live(self.rate, self.seconds, began_ms)):
            self.time.spend(max(0.0, moment - self.time.now))
            written = self.city.write(self.time.now)
            shard = self._shard_of(written, is_late=self.time.now >= half_ms)
            shard.records.append(written.record(number))
        for shard in self.shards:
            shard.is_closed = True
        self.is_over = True

    def _shard_of(self, written: Written, *, is_late: bool) -> StreamShard:
        if not self.has_faults or not is_late:
            return self.shards[written.shard_of(self.consumers)]
        for shard in self.shards[: self.consumers]:
            shard.is_closed = True
        number = written.shard_of(2 * self.consumers)
        return self.shards[self.consumers + number]

    def _consume(self, shard: StreamShard) -> None:
        """Deliver all records of a shard, as Lambda does: a batch that fails comes again."""
        self.time.spend(self.dice.uniform(0, WINDOW_MS))
        while not shard.is_done:
            self.time.spend(WINDOW_MS)
            if shard.parent is not None and not shard.parent.is_done:
                continue
            batch = shard.records[shard.place : shard.place + BATCH]
            if not batch or not self._invoke(shard, self._mixed(batch)):
                continue
            if self.has_faults and self.dice.random() < AGAIN:
                self._invoke(shard, batch)
            shard.place += len(batch)

    def _mixed(self, batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Mix the items of a batch; the records of one item keep their order."""
        if not self.has_faults:
            return batch
        order = {id(record): self.dice.random() for record in batch}
        by_item: dict[str, list[dict[str, Any]]] = {}
        for record in batch:
            by_item.setdefault(record["dynamodb"]["Keys"]["id"]["S"], []).append(record)
        slots = sorted((order[id(record)], key) for key, records in by_item.items() for record in records)
        waiting = {key: iter(records) for key, records in by_item.items()}
        return [next(waiting[key]) for _, key in slots]

    def _invoke(self, shard: StreamShard, batch: list[dict[str, Any]]) -> bool:
        """Hand a batch over; False if the function was killed, or the database was away."""
        from handlers.report_changed import handler

        self.counts["batches"] += 1
        try:
            handler({"Records": batch, "shardId": shard.name}, None)
        except Killed:
            return False
        except Exception as error:  # noqa: BLE001 - Lambda takes any, and so does this
            self.counts[_kind_of(error)] += 1
            return False
        return True

    def _sweep_each_minute(self) -> None:
        while not all(shard.is_done for shard in self.shards):
            self.time.spend(clock.MINUTE_MS)
            self._sweep()

    def _sweep(self) -> None:
        from handlers.end_expired import handler

        try:
            handler({"source": "aws.events"}, None)
        except Killed:
            self.counts["killed sweeps"] += 1
        except Exception as error:  # noqa: BLE001 - as above
            self.counts[_kind_of(error)] += 1

    def _look(self) -> None:
        """Ask as readers do, now and then, without letting time pass, and note how far behind the documents are."""
        self.database.of_caller.is_free = True
        while not all(shard.is_done for shard in self.shards):
            self.time.spend(LOOKED_EVERY_MS)
            recent_writes.root_cache.root = None
            if self.time.now < self.database.throttled_until_ms:
                continue
            root = TileDocument.read([ROOT]).get(ROOT)
            if root and root.stream_shards:
                self.lags_s.append((self.time.now - root.changes_low_watermark_ms() - IN_FLIGHT_MS) / 1000)
            page = find_active(ReportQuery(None, Severity.UNKNOWN.at_least(), PAGE))
            wanted = brute_force.newest_active(self.database, self.time.now_ms())[: len(page.entries)]
            assert [entry.id for entry in page.entries] == wanted, "a list is wrong"
            self.counts["looks"] += 1

    def check(self) -> None:
        """Compare every tile document with the reports."""
        wrong = brute_force.wrong_documents(self.database, self.time.now_ms())
        assert not wrong, f"{len(wrong)} documents are wrong: {dict(list(wrong.items())[:3])}"
        assert not self.counts["failed"], f"{self.counts['failed']} batches failed for no outage"

    @property
    def writes(self) -> int:
        return sum(len(shard.records) for shard in self.shards)

    def record(self) -> dict[str, Any]:
        """Return the figures."""
        lags = sorted(self.lags_s) or [0.0]
        return {
            "measure": "storm",
            "rate": self.rate,
            "seconds": self.seconds,
            "consumers": self.consumers,
            "faults": self.has_faults,
            "writes": self.writes,
            "batches": self.counts["batches"],
            "failed": self.counts["failed"],
            "outages": self.counts["outages"],
            "killed": self.database.counts["killed"],
            "looks": self.counts["looks"],
            "conflicts": self.database.counts["conflicts"],
            "read_units": round(self.database.read_units),
            "write_units": round(self.database.write_units),
            "document_read_units": round(self.database.document_units["read"]),
            "document_write_units": round(self.database.document_units["write"]),
            "wasted_units": round(self.database.wasted_units),
            "lag_median_s": round(median(lags), 1),
            "lag_max_s": round(lags[-1], 1),
            "took_s": round((self.time.now - environment.NOON_MS) / 1000),
        }


def _kind_of(error: Exception) -> str:
    """Return how the handlers take a failure: as an outage, after which the batch comes again, or as a defect."""
    return "outages" if dynamodb.is_outage(error) else "failed"


def measure(
    rates: Sequence[float], consumers: Sequence[int], seconds: float, faults: Sequence[bool] = (False, True)
) -> Iterator[dict[str, Any]]:
    """Measure storms without faults, and check the same with faults."""
    for rate in rates:
        for count in consumers:
            for has_faults in faults:
                storm = Storm(rate, seconds, count, has_faults=has_faults)
                with as_in_lambda(storm.database) as processor:
                    storm.run()
                    figures = storm.record() | processor.record(storm.writes)
                    storm.check()
                yield figures
