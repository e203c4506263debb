"""Streams of entries, newest first (cells, shards of days), and a k-way merge of several into one list.

Each stream has a low watermark: it has returned all its entries down to and including that sort key. An empty one: the
stream is exhausted. A merged list is complete above the highest low watermark of its streams.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Protocol, TypeVar

from app.core import clock, dynamodb
from app.reports.entry import NEWER_THAN_ALL, Entry, sort_key
from app.reports.index.keys import IndexPage, change_shards, day_shards
from app.reports.models import Report

ENTRY_BYTES = 400  # size of an index entry with a title of average length; used for cost estimates only
UNIT_BYTES = 8192  # bytes that one eventually consistent read unit pays for
MAX_PAGE_ENTRIES = 500
MIN_PAGE_ENTRIES = 9  # entries that half a unit pays for


class HasLowWatermark(Protocol):
    low_watermark: str


AnyWithLowWatermark = TypeVar("AnyWithLowWatermark", bound=HasLowWatermark)


class EntryStream(HasLowWatermark, Protocol):
    def read(self, limit: int) -> list[Entry]:
        """Read the next entries, newest first, with one query."""
        ...


@dataclass
class CellStream:
    """The active reports of one cell."""

    cell: str
    low_watermark: str = NEWER_THAN_ALL

    def read(self, limit: int) -> list[Entry]:
        page = Report.newest_in_cell(self.cell, before=self.low_watermark, limit=limit)
        self.low_watermark = page.last_key
        return page.entries


class ReadShardPage(Protocol):
    def __call__(self, shard: str, *, before: str, after: str, limit: int) -> IndexPage: ...


@dataclass
class DayShardStream:
    """One shard of a day index over several days (newest first), newest entry first, down to a floor."""

    read_page: ReadShardPage
    shards: Sequence[str]  # one for each day
    low_watermark: str = NEWER_THAN_ALL
    lower_key: str = ""

    def __post_init__(self) -> None:
        self._open_day()

    def read(self, limit: int) -> list[Entry]:
        page = self.read_page(self.shards[0], before=self.low_watermark, after=self.lower_key, limit=limit)
        if page.last_key:
            self.low_watermark = page.last_key
        else:
            self.shards = self.shards[1:]
            self._open_day()
        return page.entries

    def _open_day(self) -> None:
        """Move the watermark to the end of the next day: there are no entries in between."""
        end = sort_key(clock.midnight_of(self.shards[0][:10]) + clock.DAY_MS) if self.shards else ""
        self.low_watermark = min(self.low_watermark, end)


def by_creation(entry: Entry) -> str:
    """Sort key of all lists except deltas."""
    return entry.sort


def by_update(entry: Entry) -> str:
    """Sort key of deltas."""
    return sort_key(entry.updated_at_ms, entry.id)


def cell_streams(cells: Iterable[str], *, before: str) -> list[EntryStream]:
    return [CellStream(cell, before) for cell in cells]


def day_shard_streams(days: Sequence[str], *, before: str, lower_key: str = "") -> list[EntryStream]:
    shards = zip(*map(day_shards, days), strict=True)
    return [DayShardStream(Report.newest_in_shard, shard, before, lower_key) for shard in shards]


def change_shard_streams(days: Sequence[str], *, before: str, lower_key: str) -> list[EntryStream]:
    """Sources of changes, latest change first; their sort keys are those of the changes."""
    shards = zip_longest(*map(change_shards, days))
    return [DayShardStream(Report.newest_changes, [key for key in shard if key], before, lower_key) for shard in shards]


@dataclass
class KWayMerge:
    """K-way merge: the latest version of each entry of several sources, and the read units used."""

    accepts: Callable[[Entry], bool]
    limit: int
    key: Callable[[Entry], str] = by_creation

    def __post_init__(self) -> None:
        self.versions: dict[str, int] = {}
        self.accepted_entries: dict[str, Entry] = {}
        self.units = 0.0
        self.rounds = 0

    def add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if entry.version >= self.versions.get(entry.id, 0):
                self._keep(entry)

    def add_older(self, entries: Iterable[Entry]) -> None:
        """Add rows of a document: an entry of the same version that was read from an index wins."""
        for entry in entries:
            if entry.version > self.versions.get(entry.id, 0):
                self._keep(entry)

    def _keep(self, entry: Entry) -> None:
        self.versions[entry.id] = entry.version
        if self.accepts(entry):
            self.accepted_entries[entry.id] = entry
        else:
            self.accepted_entries.pop(entry.id, None)

    def accepted(self, low_watermark: str = "") -> list[Entry]:
        """Return the accepted entries above the watermark, newest first."""
        above = [entry for entry in self.accepted_entries.values() if self.key(entry) >= low_watermark]
        return sorted(above, key=self.key, reverse=True)

    def is_done(self, streams: Iterable[HasLowWatermark]) -> bool:
        low_watermark = highest_low_watermark(streams)
        return (
            not low_watermark
            or sum(self.key(entry) >= low_watermark for entry in self.accepted_entries.values()) >= self.limit
        )

    def read(self, streams: Sequence[EntryStream], limit: int) -> None:
        """Read the next entries of each source in one round."""
        self.rounds += 1
        for entries in dynamodb.in_one_round([partial(stream.read, limit) for stream in streams]):
            self.units += units_of(len(entries))
            self.add(entries)

    def blocking_streams(self, streams: Iterable[AnyWithLowWatermark]) -> list[AnyWithLowWatermark]:
        """Return the sources that could still hold an entry newer than the last one wanted."""
        candidates = self.accepted()
        last_wanted = self.key(candidates[self.limit - 1]) if len(candidates) >= self.limit else ""
        return [stream for stream in streams if stream.low_watermark > last_wanted]


def drain(merge: KWayMerge, streams: Sequence[EntryStream], *, rounds: int, units: float) -> str:
    """Read round by round until the page is full or a limit is reached; return the low watermark."""
    page_entries = max(merge.limit + 1, MIN_PAGE_ENTRIES)
    for round_number in range(rounds):
        if merge.is_done(streams):
            break
        blocking = merge.blocking_streams(streams)
        affordable = entries_for((units - merge.units) / len(blocking))
        if affordable < MIN_PAGE_ENTRIES:
            break
        # Each round reads twice as many entries as the last, for filters that accept few of them.
        merge.read(blocking, min(affordable, page_entries << round_number, MAX_PAGE_ENTRIES))
    return highest_low_watermark(streams)


def highest_low_watermark(streams: Iterable[HasLowWatermark]) -> str:
    return max((stream.low_watermark for stream in streams), default="")


def units_of(entries: int) -> float:
    """Estimate the read units of a query's page: half a unit for each 4 KB begun."""
    return max(1, -(-entries * ENTRY_BYTES // (UNIT_BYTES // 2))) / 2


def entries_for(units: float) -> int:
    """Return how many entries some read units pay for, in steps of half a unit."""
    return int(units * 2) * (UNIT_BYTES // 2) // ENTRY_BYTES
