"""Lists of history, by day, at a cost that grows with the days asked for; and changes since a moment."""

from typing import NamedTuple

from app.core import clock
from app.geo.box_circle import Shape
from app.reports.entry import NEWER_THAN_ALL, PUBLIC, Entry, created_of, sort_key
from app.reports.index.merge import Merge, by_update, change_sources, drain, lane_sources
from app.reports.index.search import ReportPage, page_from
from app.reports.models import Calendar

ROUNDS = 40  # at least this many days a page, however few reports they have
UNITS = 100.0
# Delay after which a change is visible in an index: 15 s for the longest run of the writing function, and as much for
# clock differences and index lag.
SETTLED_MS = 30_000


class PeriodQuery(NamedTuple):
    """Filter of reports by creation time (imports: observation time). Both ends are included."""

    search_area: Shape | None
    severities: frozenset[str]
    statuses: frozenset[str]
    since_ms: int | None
    until_ms: int | None
    limit: int
    before_key: str | None = None

    def accepts(self, entry: Entry) -> bool:
        return (
            entry.status in self.statuses
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


def find_period(query: PeriodQuery) -> ReportPage:
    """Return a page of the reports of a period, newest first."""
    merge = Merge(query.accepts, query.limit)
    return page_from(merge, _drain_days(merge, before=query.upper_key(), floor=query.lower_key()))


def _drain_days(merge: Merge, *, before: str, floor: str) -> str:
    first = clock.day_of(created_of(floor)) if floor else ""
    sources = lane_sources(Calendar.days_known(first=first, last=_day_of(before)), before=before, floor=floor)
    return drain(merge, sources, rounds=ROUNDS, units=UNITS)


def find_changed(query: PeriodQuery, *, updated_since_ms: int) -> ReportPage:
    """Return a page of reports made or changed since a moment, latest change first.

    Not in order of creation as other lists: each page would have to gather all changes since the moment. A report that
    changes again while a client pages moves to the front; a delta since the moment of the first page includes it.
    """
    floor, before = sort_key(updated_since_ms), query.before_key or NEWER_THAN_ALL

    def accepts(entry: Entry) -> bool:
        return floor <= by_update(entry) < before and query.accepts(entry)

    merge = Merge(accepts, query.limit, by_update)
    first, last = clock.day_of(updated_since_ms), _day_of(before)
    made = lane_sources(Calendar.days_known(first=first, last=last), before=before, floor=floor)
    changed = change_sources(Calendar.days_known("changed", first=first, last=last), before=before, floor=floor)
    return page_from(merge, drain(merge, [*made, *changed], rounds=ROUNDS, units=UNITS))


def _day_of(before: str) -> str:
    return "9999-12-31" if before == NEWER_THAN_ALL else clock.day_of(created_of(before))


def is_gone(entry: Entry) -> bool:
    """Return whether it is rejected, merged or withdrawn; the public sees a tombstone."""
    return entry.status not in PUBLIC
