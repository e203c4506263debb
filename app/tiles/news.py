"""What is newer than the tile documents: read beside them, so that no list ever waits for the consumer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from app import clock, db
from app.reports.entry import NEWER_THAN_ALL, Entry, sort_key
from app.reports.models import Report, lanes_of
from app.tiles.models import ROOT, Document, TileDocument
from app.tiles.sources import Merge, by_creation, by_update, lane_reader, units_of

# Without knowing how far the documents reach, half a unit of each index; knowing it, all that is newer.
BLIND_LIMIT = 12
NEWS_LIMIT = 100
LATE_LIMIT = 500
MOST_DAYS = 3
ROOT_GOOD_FOR_MS = 2000


@dataclass
class Reach:
    """The root document as this process last saw it: how far the documents reached then (ms), at the least."""

    root: Document | None = None
    seen_ms: int = 0

    def fresh_root(self, now_ms: int) -> Document | None:
        """The root, when it was seen so lately that reading it again would tell little."""
        return self.root if 0 <= now_ms - self.seen_ms < ROOT_GOOD_FOR_MS else None


reach = Reach()


class Reading(NamedTuple):
    """One round's answers: documents by tile, the root, and entries of each lane and of the changes above `after`."""

    documents: dict[str, Document]
    root: Document | None
    fresh: list[list[Entry]]
    after: str
    limit: int
    units: float


def read_with_news(keys: Sequence[str], now_ms: int) -> Reading:
    """One round: the documents of some tiles with the root, and today's newest entries of lanes and changes."""
    known = reach.root.as_of() if reach.root else 0
    after, limit = (sort_key(known), NEWS_LIMIT) if known >= clock.day_start(now_ms) else ("", BLIND_LIMIT)
    today = clock.day_of(now_ms)
    root = reach.fresh_root(now_ms)
    wanted = {*keys} if root else {*keys, ROOT}
    calls: list[Callable[[], Any]] = [partial(TileDocument.read, wanted)]
    for lane in lanes_of(today):
        calls.append(partial(Report.newest_in_lane, lane, after=after, limit=limit))
    calls.append(partial(Report.newest_changes, today, after=after, limit=limit))
    documents, *fresh = db.in_one_round(calls)
    if ROOT in documents:
        root, reach.root, reach.seen_ms = documents[ROOT], documents[ROOT], now_ms
    return Reading(documents, root, fresh, after, limit, len(wanted) / 2)


def add(merge: Merge, reading: Reading, *, now_ms: int) -> bool:
    """Add what is newer than the documents; False when that is too much, or too long ago, to be read."""
    merge.rounds += 1
    merge.units += reading.units
    _add_all(merge, reading.fresh)
    as_of = reading.root.as_of() if reading.root else 0
    if now_ms - as_of > MOST_DAYS * clock.DAY_MS:
        return False
    late = _late(reading, as_of=as_of, now_ms=now_ms)
    merge.rounds += bool(late)
    rest = db.in_one_round(late) if late else []
    _add_all(merge, rest)
    return all(len(entries) < LATE_LIMIT for entries in rest)


def _add_all(merge: Merge, answers: Sequence[list[Entry]]) -> None:
    for entries in answers:
        merge.units += units_of(len(entries))
        merge.add(entries)


def _late(reading: Reading, *, as_of: int, now_ms: int) -> list[Callable[[], list[Entry]]]:
    """The reads that are still needed to know all since `as_of`."""
    today, *earlier = clock.days_between(as_of, now_ms)
    floor = sort_key(as_of)
    calls: list[Callable[[], list[Entry]]] = []
    for place, entries in enumerate(reading.fresh):
        is_change = place == len(reading.fresh) - 1
        ask, key = (Report.newest_changes, by_update) if is_change else (lane_reader(place), by_creation)
        read = partial(ask, after=floor, limit=LATE_LIMIT)
        begun = key(entries[-1]) if len(entries) == reading.limit else reading.after
        if begun > floor:
            calls.append(partial(read, today, before=begun))
        calls.extend(partial(read, day, before=NEWER_THAN_ALL) for day in earlier)
    return calls
