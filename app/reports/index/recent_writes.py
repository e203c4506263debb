"""Read what is newer than the tile documents, beside them, so that no list waits for the stream's consumer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from app.core import clock, dynamodb
from app.reports.entry import NEWER_THAN_ALL, sort_key
from app.reports.index.keys import IndexPage, change_lanes, lanes_of
from app.reports.index.merge import Merge, ReadsDay, units_of
from app.reports.index.models import ROOT, Document, TileDocument
from app.reports.models import Report

# Entries for each index: half a unit if it is unknown how current the documents are, else all newer ones.
BLIND_LIMIT = 12
NEWS_LIMIT = 100
LATE_LIMIT = 500
MOST_DAYS = 3
ROOT_GOOD_FOR_MS = 2000


@dataclass
class Reach:
    """The root document as this process last read it; the documents are at least as current (ms) as it says."""

    root: Document | None = None
    seen_ms: int = 0

    def fresh_root(self, now_ms: int) -> Document | None:
        """Return the root if it was read recently enough, else None."""
        return self.root if 0 <= now_ms - self.seen_ms < ROOT_GOOD_FOR_MS else None


reach = Reach()


class Lane(NamedTuple):
    """A partition of a day, and the query that reads it."""

    read: ReadsDay
    key: str


def lanes_on(day: str) -> list[Lane]:
    """List all partitions with reports made or changed on a day."""
    made = [Lane(Report.newest_in_lane, key) for key in lanes_of(day)]
    return made + [Lane(Report.newest_changes, key) for key in change_lanes(day)]


class Reading(NamedTuple):
    """Answers of one round: documents by tile, the root, and a page of each partition of today above `after`."""

    documents: dict[str, Document]
    root: Document | None
    lanes: list[Lane]
    fresh: list[IndexPage]
    after: str
    units: float


def read_with_news(keys: Sequence[str], now_ms: int) -> Reading:
    """Read in one round the documents of some tiles, the root, and today's newest entries and changes."""
    known = reach.root.as_of() if reach.root else 0
    after, limit = (sort_key(known), NEWS_LIMIT) if known >= clock.day_start(now_ms) else ("", BLIND_LIMIT)
    root = reach.fresh_root(now_ms)
    wanted = {*keys} if root else {*keys, ROOT}
    calls: list[Callable[[], Any]] = [partial(TileDocument.read, wanted)]
    lanes = lanes_on(clock.day_of(now_ms))
    calls += [partial(lane.read, lane.key, before=NEWER_THAN_ALL, after=after, limit=limit) for lane in lanes]
    documents, *fresh = dynamodb.in_one_round(calls)
    if ROOT in documents:
        root, reach.root, reach.seen_ms = documents[ROOT], documents[ROOT], now_ms
    return Reading(documents, root, lanes, fresh, after, len(wanted) / 2)


def add(merge: Merge, reading: Reading, *, now_ms: int) -> bool:
    """Add what is newer than the documents; False if it is too much or too old to be read."""
    merge.rounds += 1
    merge.units += reading.units
    _add_all(merge, reading.fresh)
    as_of = reading.root.as_of() if reading.root else 0
    if now_ms - as_of > MOST_DAYS * clock.DAY_MS:
        return False
    late = _late(reading, as_of=as_of, now_ms=now_ms)
    merge.rounds += bool(late)
    rest = dynamodb.in_one_round(late) if late else []
    _add_all(merge, rest)
    return not any(page.last for page in rest)


def _add_all(merge: Merge, pages: Sequence[IndexPage]) -> None:
    for page in pages:
        merge.units += units_of(len(page.entries))
        merge.add(page.entries)


def _late(reading: Reading, *, as_of: int, now_ms: int) -> list[Callable[[], IndexPage]]:
    """Return the reads still needed to know all writes since `as_of`."""
    _, *earlier = clock.days_between(as_of, now_ms)
    floor = sort_key(as_of)
    calls: list[Callable[[], IndexPage]] = []
    for lane, page in zip(reading.lanes, reading.fresh, strict=True):
        begun = page.last or reading.after
        if begun > floor:
            calls.append(partial(lane.read, lane.key, before=begun, after=floor, limit=LATE_LIMIT))
    for day in earlier:
        for lane in lanes_on(day):
            calls.append(partial(lane.read, lane.key, before=NEWER_THAN_ALL, after=floor, limit=LATE_LIMIT))
    return calls
