"""Lists of history, and changes since a moment.

History of a small area is read by place, at a cost that grows with what is found there; of a larger one by day, at a
cost that grows with the reports of those days.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from app.core import clock
from app.geo.box_circle import SearchArea
from app.reports.calendar_models import CHANGED, MADE, Calendar
from app.reports.entry import NEWER_THAN_ALL, PUBLIC, Entry, created_of, sort_key
from app.reports.index import completeness
from app.reports.index.keys import PLACE_SHARDS, PLACE_ZOOM
from app.reports.index.merge import (
    Budget,
    EntryStream,
    KWayMerge,
    by_update,
    drain,
    highest_low_watermark,
    streams_of_changes,
    streams_of_days,
    streams_of_places,
)
from app.reports.index.models import INDEX_LAG_MS
from app.reports.index.search import ReportPage, first_page_budget, page_from

# Days whose streams one page may need at most; earlier ones are left to the next page.
MOST_DAYS = 64
# Partitions of the place index that one page may need at most. Each costs at least half a unit, on each page again.
MOST_PLACE_SHARDS = 24
ROUNDS_BY_PLACE = 8
# Delay after which a change is visible in an index: the longest run of a function that writes, the most by which clocks
# differ, and the most by which an index is behind its table.
LONGEST_WRITE_MS, CLOCKS_MS = 15_000, 5_000
SETTLED_MS = LONGEST_WRITE_MS + CLOCKS_MS + INDEX_LAG_MS


class PeriodQuery(NamedTuple):
    """Filter of reports by creation time (imports: observation time). Both ends are included."""

    search_area: SearchArea | None
    severities: frozenset[str]
    statuses: frozenset[str]
    since_ms: int | None
    until_ms: int | None
    limit: int
    before_key: str | None = None
    may_see_hidden: Callable[..., bool] | None = None  # by `lat` and `lon`; None: all hidden ones of `statuses`

    def accepts(self, entry: Entry) -> bool:
        return (
            entry.status in self.statuses
            and (
                entry.status in PUBLIC
                or self.may_see_hidden is None
                or self.may_see_hidden(lat=entry.lat, lon=entry.lon)
            )
            and entry.severity in self.severities
            and (self.search_area is None or self.search_area.contains(lat=entry.lat, lon=entry.lon))
        )

    def upper_key(self) -> str:
        """Return the sort key above all wanted reports."""
        ends = [
            self.before_key or NEWER_THAN_ALL,
            NEWER_THAN_ALL if self.until_ms is None else sort_key(self.until_ms + 1),
        ]
        return min(ends)

    def lower_key(self) -> str:
        return sort_key(self.since_ms) if self.since_ms is not None else ""


def find_period(query: PeriodQuery, budget: Budget | None = None) -> ReportPage:
    """Return a page of the reports of a period, newest first. `budget`: for callers that need more than a page.

    Pages by place and by day have the same positions, so that a list may begin with one kind and go on with the other.
    """
    budget = budget or _budget_of(query)
    try:
        page = _find_by_place(query, budget)
    except completeness.IndexUnusable:
        page = None
    return page or _find_by_day(query, budget)


def _find_by_place(query: PeriodQuery, budget: Budget) -> ReportPage | None:
    """Read the tiles of the search area; None if they are too many, or their index is not complete."""
    most = min(MOST_PLACE_SHARDS, budget.calls) // PLACE_SHARDS
    tiles = query.search_area and query.search_area.stored_keys(PLACE_ZOOM, most=most)
    if not tiles or not completeness.is_complete(completeness.BY_PLACE):
        return None
    merge, upper_key, lower_key = KWayMerge(query.accepts, query.limit), query.upper_key(), query.lower_key()
    streams = streams_of_places(tiles, before=upper_key, lower_key=lower_key) if lower_key < upper_key else []
    own_budget = Budget(budget.units, min(budget.rounds, ROUNDS_BY_PLACE), budget.calls)
    return page_from(merge, drain(merge, streams, own_budget))


def _find_by_day(query: PeriodQuery, budget: Budget) -> ReportPage:
    merge, upper_key, lower_key = KWayMerge(query.accepts, query.limit), query.upper_key(), query.lower_key()
    first = clock.day_of(created_of(lower_key)) if lower_key else ""
    known = _days_known({MADE}, first=first, last=_day_of(upper_key), budget=budget)
    streams = streams_of_days(known.days[MADE], before=upper_key, lower_key=lower_key)
    return page_from(merge, drain(merge, streams, budget, width=_newest(streams), floor=known.floor))


def find_changed(query: PeriodQuery, *, updated_since_ms: int, budget: Budget | None = None) -> ReportPage:
    """Return a page of reports made or changed since a moment, latest change first.

    Not in order of creation as other lists: each page would have to gather all changes since the moment. A report that
    changes again while a client pages moves to the front; a delta since the moment of the first page includes it.
    """
    lower_key, upper_key = sort_key(updated_since_ms), query.before_key or NEWER_THAN_ALL
    budget = budget or _budget_of(query)

    def accepts(entry: Entry) -> bool:
        return lower_key <= by_update(entry) < upper_key and query.accepts(entry)

    merge = KWayMerge(accepts, query.limit, by_update)
    first, last = clock.day_of(updated_since_ms), _day_of(upper_key)
    known = _days_known({MADE, CHANGED}, first=first, last=last, budget=budget)
    streams = streams_of_days(known.days[MADE], before=upper_key, lower_key=lower_key)
    streams += streams_of_changes(known.days[CHANGED], before=upper_key, lower_key=lower_key)
    return page_from(merge, drain(merge, streams, budget, width=_newest(streams), floor=known.floor))


def _newest(streams: Sequence[EntryStream]) -> int:
    """Return how many streams the newest day has: without all of them nothing of it is known."""
    newest_low_watermark = highest_low_watermark(streams)
    return sum(stream.low_watermark == newest_low_watermark for stream in streams)


def _budget_of(query: PeriodQuery) -> Budget:
    return first_page_budget() if query.before_key is None else Budget(units=19, rounds=MOST_DAYS)


class _KnownDays(NamedTuple):
    """The newest days with reports or changes, newest first, and the sort key below which there may be more."""

    days: Mapping[str, Sequence[str]]
    floor: str


def _days_known(kinds: Iterable[str], *, first: str, last: str, budget: Budget) -> _KnownDays:
    found = Calendar.newest_days(kinds, first=first, last=min(last, clock.day_of(clock.now_ms() + clock.DAY_MS)))
    budget.spend(units=found.rows / 2, calls=found.batches)
    budget.rounds -= found.batches - 1
    floors = [days[MOST_DAYS] for days in found.days.values() if len(days) > MOST_DAYS]
    floors += [found.unread_from] if found.unread_from else []
    if not floors:
        return _KnownDays(found.days, "")
    floor = max(floors)
    days = {kind: [day for day in all_days if day > floor] for kind, all_days in found.days.items()}
    return _KnownDays(days, sort_key(clock.midnight_of(floor) + clock.DAY_MS))


def _day_of(upper_key: str) -> str:
    return "9999-12-31" if upper_key == NEWER_THAN_ALL else clock.day_of(created_of(upper_key))


def is_gone(entry: Entry) -> bool:
    """Return whether it is rejected, merged or withdrawn; the public sees a tombstone."""
    return entry.status not in PUBLIC
