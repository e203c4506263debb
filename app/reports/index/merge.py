"""Sources of entries, newest first (cells, shards of days), and a k-way merge of several into one list.

Each source has a low watermark (`frontier`): it has returned all its entries down to and including that sort key. An
empty watermark: the source is exhausted. A merged list is complete above the highest watermark of its sources.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Protocol, TypeVar

from app.core import clock, dynamodb
from app.reports.entry import NEWER_THAN_ALL, Entry, sort_key
from app.reports.index.keys import IndexPage, change_lanes, lanes_of
from app.reports.models import Report

ENTRY_BYTES = 400  # size of an index entry with a title of average length; used for cost estimates only
UNIT_BYTES = 8192  # bytes that one eventually consistent read unit pays for
MOST_AT_ONCE = 500
FEWEST_AT_ONCE = 9  # entries that half a unit pays for


class Bounded(Protocol):
    frontier: str


AnyBounded = TypeVar("AnyBounded", bound=Bounded)


class Source(Bounded, Protocol):
    def read(self, limit: int) -> list[Entry]:
        """Read the next entries, newest first, with one query."""
        ...


@dataclass
class CellSource:
    """The active reports of one cell."""

    cell: str
    frontier: str = NEWER_THAN_ALL

    def read(self, limit: int) -> list[Entry]:
        page = Report.newest_in_cell(self.cell, before=self.frontier, limit=limit)
        self.frontier = page.last
        return page.entries


class ReadsDay(Protocol):
    def __call__(self, lane: str, *, before: str, after: str, limit: int) -> IndexPage: ...


@dataclass
class DaySource:
    """One shard of a day index over several days (newest first), newest entry first, down to a floor."""

    ask: ReadsDay
    lanes: Sequence[str]  # one for each day
    frontier: str = NEWER_THAN_ALL
    floor: str = ""

    def __post_init__(self) -> None:
        self._open_day()

    def read(self, limit: int) -> list[Entry]:
        page = self.ask(self.lanes[0], before=self.frontier, after=self.floor, limit=limit)
        if page.last:
            self.frontier = page.last
        else:
            self.lanes = self.lanes[1:]
            self._open_day()
        return page.entries

    def _open_day(self) -> None:
        """Move the watermark to the end of the next day: there are no entries in between."""
        end = sort_key(clock.start_of_day(self.lanes[0][:10]) + clock.DAY_MS) if self.lanes else ""
        self.frontier = min(self.frontier, end)


def by_creation(entry: Entry) -> str:
    """Sort key of all lists except deltas."""
    return entry.sort


def by_update(entry: Entry) -> str:
    """Sort key of deltas."""
    return sort_key(entry.updated, entry.id)


def cell_sources(cells: Iterable[str], *, before: str) -> list[Source]:
    return [CellSource(cell, before) for cell in cells]


def lane_sources(days: Sequence[str], *, before: str, floor: str = "") -> list[Source]:
    lanes = zip(*map(lanes_of, days), strict=True)
    return [DaySource(Report.newest_in_lane, lane, before, floor) for lane in lanes]


def change_sources(days: Sequence[str], *, before: str, floor: str) -> list[Source]:
    """Sources of changes, latest change first; their sort keys are those of the changes."""
    lanes = zip_longest(*map(change_lanes, days))
    return [DaySource(Report.newest_changes, [key for key in lane if key], before, floor) for lane in lanes]


@dataclass
class Merge:
    """K-way merge: the latest version of each entry of several sources, and the read units used."""

    accepts: Callable[[Entry], bool]
    limit: int
    key: Callable[[Entry], str] = by_creation

    def __post_init__(self) -> None:
        self.versions: dict[str, int] = {}
        self.wanted: dict[str, Entry] = {}
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
            self.wanted[entry.id] = entry
        else:
            self.wanted.pop(entry.id, None)

    def accepted(self, frontier: str = "") -> list[Entry]:
        """Return the accepted entries above the watermark, newest first."""
        above = [entry for entry in self.wanted.values() if self.key(entry) >= frontier]
        return sorted(above, key=self.key, reverse=True)

    def is_done(self, sources: Iterable[Bounded]) -> bool:
        frontier = highest(sources)
        return not frontier or sum(self.key(entry) >= frontier for entry in self.wanted.values()) >= self.limit

    def read(self, sources: Sequence[Source], limit: int) -> None:
        """Read the next entries of each source in one round."""
        self.rounds += 1
        for entries in dynamodb.in_one_round([partial(source.read, limit) for source in sources]):
            self.units += units_of(len(entries))
            self.add(entries)

    def blocking(self, sources: Iterable[AnyBounded]) -> list[AnyBounded]:
        """Return the sources that could still hold an entry newer than the last one wanted."""
        candidates = self.accepted()
        last_wanted = self.key(candidates[self.limit - 1]) if len(candidates) >= self.limit else ""
        return [source for source in sources if source.frontier > last_wanted]


def drain(merge: Merge, sources: Sequence[Source], *, rounds: int, units: float) -> str:
    """Read round by round until the page is full or a limit is reached; return the low watermark."""
    wanted = max(merge.limit + 1, FEWEST_AT_ONCE)
    for number in range(rounds):
        if merge.is_done(sources):
            break
        blocking = merge.blocking(sources)
        affordable = entries_for((units - merge.units) / len(blocking))
        if affordable < FEWEST_AT_ONCE:
            break
        # Each round reads twice as many entries as the last, for filters that accept few of them.
        merge.read(blocking, min(affordable, wanted << number, MOST_AT_ONCE))
    return highest(sources)


def highest(sources: Iterable[Bounded]) -> str:
    return max((source.frontier for source in sources), default="")


def units_of(entries: int) -> float:
    """Estimate the read units of a query's page: half a unit for each 4 KB begun."""
    return max(1, -(-entries * ENTRY_BYTES // (UNIT_BYTES // 2))) / 2


def entries_for(units: float) -> int:
    """Return how many entries some read units pay for, in steps of half a unit."""
    return int(units * 2) * (UNIT_BYTES // 2) // ENTRY_BYTES
