"""Streams of entries, newest first (cells, shards of days), and a k-way merge of several into one list.

Each stream has a low watermark: it has returned all its entries down to and including that sort key. An empty one: the
stream is exhausted. A merged list is complete above the highest low watermark of its streams.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from app.core import clock, dynamodb
from app.reports.connections import first_folded
from app.reports.entry import NEWER_THAN_ALL, Entry, sort_key
from app.reports.index.keys import IndexPage, change_shards, day_shards, place_shards
from app.reports.models import Report

# Sizes of an index entry in bytes, for estimates of cost only: keys and columns without the title, and the whole of one
# with a title of average length.
UNTITLED_BYTES, ENTRY_BYTES = 180, 220
HALF_UNIT_BYTES = 4096  # bytes that half a unit pays for, if eventually consistent
MAX_PAGE_ENTRIES = 500
MIN_PAGE_ENTRIES = 9
HALF_UNIT_ENTRIES = HALF_UNIT_BYTES // ENTRY_BYTES


@dataclass
class Budget:
    """Read units, sequential rounds and database calls that a page may still use."""

    units: float
    rounds: int
    calls: int = 1000

    def spend(self, *, units: float, calls: int) -> None:
        """Note one round."""
        self.units, self.rounds, self.calls = self.units - units, self.rounds - 1, self.calls - calls


class HasLowWatermark(Protocol):
    low_watermark: str


AnyWithLowWatermark = TypeVar("AnyWithLowWatermark", bound=HasLowWatermark)


class EntryStream(HasLowWatermark, Protocol):
    def read(self, limit: int) -> list[Entry]:
        """Read the next entries, newest first, with one query."""
        ...

    def units_of(self, entries: Sequence[Entry]) -> float:
        """Return the read units of entries that were read."""
        ...

    @property
    def is_stored(self) -> bool:
        """Return whether its entries are rows of documents, which entries of an index replace."""
        ...


class _OfIndex:
    """A stream of an index's entries."""

    is_stored = False

    def units_of(self, entries: Sequence[Entry]) -> float:
        """Return the read units of entries that were read."""
        return units_of(entries)


@dataclass
class PlaceStream(_OfIndex):
    """One shard of a tile's reports of any status, down to a sort key."""

    shard: str
    low_watermark: str = NEWER_THAN_ALL
    lower_key: str = ""

    def read(self, limit: int) -> list[Entry]:
        page = Report.newest_in_place(self.shard, before=self.low_watermark, after=self.lower_key, limit=limit)
        self.low_watermark = page.last_key
        return page.entries


@dataclass
class CellStream(_OfIndex):
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
class DayShardStream(_OfIndex):
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
    """Return one stream for each shard, which reads day after day."""
    shards = zip(*map(day_shards, days), strict=True)
    return [DayShardStream(Report.newest_in_shard, shard, before, lower_key) for shard in shards]


def streams_of_places(tiles: Iterable[str], *, before: str, lower_key: str) -> list[EntryStream]:
    """Return one stream for each shard of some tiles of the place index."""
    return [PlaceStream(shard, before, lower_key) for shard in place_shards(tiles)]


def streams_of_days(days: Iterable[str], *, before: str, lower_key: str) -> list[EntryStream]:
    """Return one stream for each shard of each day, so that several days can be read in one round."""
    shards = [shard for day in days for shard in day_shards(day)]
    return [DayShardStream(Report.newest_in_shard, [shard], before, lower_key) for shard in shards]


def streams_of_changes(days: Iterable[str], *, before: str, lower_key: str) -> list[EntryStream]:
    """Like `streams_of_days`, of changes, latest change first; their sort keys are those of the changes."""
    shards = [shard for day in days for shard in change_shards(day)]
    return [DayShardStream(Report.newest_changes, [shard], before, lower_key) for shard in shards]


@dataclass
class KWayMerge:
    """K-way merge: the latest version of each entry of several sources, greatest key first."""

    accepts: Callable[[Entry], bool]
    limit: int
    key: Callable[[Entry], str] = by_creation
    folds: bool = False  # whether the limit counts the reports of one connection and cell as one

    def __post_init__(self) -> None:
        self.versions: dict[str, int] = {}
        self.accepted_entries: dict[str, Entry] = {}
        self.seen_bytes = 0

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
        if entry.id not in self.versions:
            self.seen_bytes += bytes_of(entry)
        self.versions[entry.id] = entry.version
        if self.accepts(entry):
            self.accepted_entries[entry.id] = entry
        else:
            self.accepted_entries.pop(entry.id, None)

    def accepted(self, low_watermark: str = "") -> list[Entry]:
        """Return the accepted entries above the watermark, greatest key first."""
        above = [entry for entry in self.accepted_entries.values() if self.key(entry) >= low_watermark]
        return sorted(above, key=self.key, reverse=True)

    def page(self, low_watermark: str = "") -> tuple[list[Entry], bool]:
        """Return the first accepted entries above the watermark, and whether that is a full page."""
        above = self.accepted(low_watermark)
        return first_folded(above, self.limit) if self.folds else (above[: self.limit], len(above) >= self.limit)

    def is_done(self, streams: Iterable[HasLowWatermark], floor: str = "") -> bool:
        low_watermark = max(floor, highest_low_watermark(streams))
        return not low_watermark or self.page(low_watermark)[1]

    def read(self, streams: Sequence[EntryStream], limit: int, budget: Budget) -> None:
        """Read the next entries of each source in one round."""
        pages = dynamodb.in_one_round([partial(stream.read, limit) for stream in streams])
        units = sum(stream.units_of(page) for stream, page in zip(streams, pages, strict=True))
        budget.spend(units=units, calls=len(streams))
        for stream, entries in zip(streams, pages, strict=True):
            (self.add_older if stream.is_stored else self.add)(entries)

    def blocking_streams(self, streams: Iterable[AnyWithLowWatermark]) -> list[AnyWithLowWatermark]:
        """Return the sources that could still hold an entry before the last one wanted, those that block most first."""
        entries, is_full = self.page()
        last_wanted = self.key(entries[-1]) if is_full else ""
        blocking = [stream for stream in streams if stream.low_watermark > last_wanted]
        return sorted(blocking, key=lambda stream: stream.low_watermark, reverse=True)

    def entries_for(self, units: float) -> int:
        """Return how many entries like those seen some read units pay for, in steps of half a unit."""
        mean_bytes = max(ENTRY_BYTES, self.seen_bytes / len(self.versions)) if self.versions else ENTRY_BYTES
        return int(int(units * 2) * HALF_UNIT_BYTES / mean_bytes)

    def share_accepted(self) -> float:
        return len(self.accepted_entries) / len(self.versions) if self.versions else 1.0


def drain(
    merge: KWayMerge, streams: Sequence[EntryStream], budget: Budget, *, width: int | None = None, floor: str = ""
) -> str:
    """Read round by round until the page is full or the budget is used; return the low watermark.

    With a `width` the first round reads that many streams, those that block most, even if that is more calls than the
    budget has, and each later one four times as many; else every round reads all that block. Below `floor` nothing is
    read.
    """
    page_entries, is_begun = max(merge.limit + 1, MIN_PAGE_ENTRIES), False
    while budget.rounds > 0 and not merge.is_done(streams, floor):
        blocking, is_last_round = merge.blocking_streams(streams), budget.rounds == 1
        if width:
            blocking = blocking[
                : _most_at_once(budget, budget.calls if is_last_round else width) if is_begun else width
            ]
        if not blocking or len(blocking) > budget.calls and (is_begun or not width):
            break
        affordable = merge.entries_for(budget.units / len(blocking))
        if affordable < MIN_PAGE_ENTRIES:
            break
        if is_last_round or len(blocking) >= budget.calls:
            # As many as the filter needs, judged by what it has accepted.
            wanted = int(page_entries / max(merge.share_accepted(), 0.01))
        else:
            wanted = max(HALF_UNIT_ENTRIES, 2 * page_entries // len(blocking))  # some hold more than others
        merge.read(blocking, min(affordable, wanted, MAX_PAGE_ENTRIES), budget)
        page_entries, is_begun = page_entries * 2, True  # each round reads more, for filters that accept few
        width = width and width * 4
    return max(floor, highest_low_watermark(streams))


def _most_at_once(budget: Budget, wanted: int) -> int:
    return max(0, min(wanted, budget.calls, int(budget.units * 2)))


def highest_low_watermark(streams: Iterable[HasLowWatermark]) -> str:
    return max((stream.low_watermark for stream in streams), default="")


def bytes_of(entry: Entry) -> int:
    """Estimate the size of an index entry."""
    return UNTITLED_BYTES + len((entry.title or "").encode())


def units_of(entries: Sequence[Entry]) -> float:
    """Estimate the read units of a query's page: half a unit for each 4 KB begun."""
    return max(1, -(-sum(map(bytes_of, entries)) // HALF_UNIT_BYTES)) / 2
