"""Lists of history, by day, at a cost that grows with the days asked for; and changes since a moment."""

from typing import NamedTuple

from app.core import clock
from app.geo.box_circle import Shape
from app.reports.entry import NEWER_THAN_ALL, PUBLIC, Entry, created_of, sort_key
from app.reports.index.merge import Merge, by_update, change_sources, drain, lane_sources
from app.reports.index.search import Found, page_of
from app.reports.models import Calendar

ROUNDS = 40  # at least this many days a page, however few reports they have
UNITS = 100.0
# Delay after which a change is visible in an index: 15 s for the longest run of the writing function, and as much for
# clock differences and index lag.
SETTLED_MS = 30_000


class Period(NamedTuple):
    """Filter of reports by creation time (imports: observation time). Both ends are included."""

    shape: Shape | None
    severities: frozenset[str]
    statuses: frozenset[str]
    since: int | None
    until: int | None
    limit: int
    before: str | None = None

    def accepts(self, entry: Entry) -> bool:
        return (
            entry.status in self.statuses
            and entry.severity in self.severities
            and (self.shape is None or self.shape.contains(lat=entry.lat, lon=entry.lon))
        )

    def top(self) -> str:
        """Return the sort key above all wanted reports."""
        ends = [self.before or NEWER_THAN_ALL, NEWER_THAN_ALL if self.until is None else sort_key(self.until + 1)]
        return min(ends)

    def floor(self) -> str:
        return sort_key(self.since) if self.since is not None else ""


def find_period(period: Period) -> Found:
    """Return a page of the reports of a period, newest first."""
    merge = Merge(period.accepts, period.limit)
    return page_of(merge, _drain_days(merge, before=period.top(), floor=period.floor()))


def _drain_days(merge: Merge, *, before: str, floor: str) -> str:
    first = clock.day_of(created_of(floor)) if floor else ""
    sources = lane_sources(Calendar.days_known(first=first, last=_day_of(before)), before=before, floor=floor)
    return drain(merge, sources, rounds=ROUNDS, units=UNITS)


def find_changed(period: Period, *, updated_since: int) -> Found:
    """Return a page of reports made or changed since a moment, latest change first.

    Not in order of creation as other lists: each page would have to gather all changes since the moment. A report that
    changes again while a client pages moves to the front; a delta since the moment of the first page includes it.
    """
    floor, before = sort_key(updated_since), period.before or NEWER_THAN_ALL

    def accepts(entry: Entry) -> bool:
        return floor <= by_update(entry) < before and period.accepts(entry)

    merge = Merge(accepts, period.limit, by_update)
    first, last = clock.day_of(updated_since), _day_of(before)
    made = lane_sources(Calendar.days_known(first=first, last=last), before=before, floor=floor)
    changed = change_sources(Calendar.days_known("changed", first=first, last=last), before=before, floor=floor)
    return page_of(merge, drain(merge, [*made, *changed], rounds=ROUNDS, units=UNITS))


def _day_of(before: str) -> str:
    return "9999-12-31" if before == NEWER_THAN_ALL else clock.day_of(created_of(before))


def is_gone(entry: Entry) -> bool:
    """Return whether it is rejected, merged or withdrawn; the public sees a tombstone."""
    return entry.status not in PUBLIC
