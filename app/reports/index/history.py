"""Lists of history, by day, at a cost that grows with the days asked for; and changes since a moment."""

from typing import NamedTuple

from app.core import clock
from app.geo.box_circle import SearchArea
from app.reports.entry import NEWER_THAN_ALL, PUBLIC, Entry, created_of, sort_key
from app.reports.index.merge import KWayMerge, by_update, change_shard_streams, day_shard_streams, drain
from app.reports.index.search import ReportPage, page_from
from app.reports.models import Calendar

ROUNDS = 40  # at least this many days a page, however few reports they have
UNITS = 100.0
# Delay after which a change is visible in an index: 15 s for the longest run of the writing function, and as much for
# clock differences and index lag.
SETTLED_MS = 30_000


class PeriodQuery(NamedTuple):
    """Filter of reports by creation time (imports: observation time). Both ends are included."""

    search_area: SearchArea | None
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
    merge = KWayMerge(query.accepts, query.limit)
    return page_from(merge, _drain_days(merge, upper_key=query.upper_key(), lower_key=query.lower_key()))


def _drain_days(merge: KWayMerge, *, upper_key: str, lower_key: str) -> str:
    first = clock.day_of(created_of(lower_key)) if lower_key else ""
    sources = day_shard_streams(
        Calendar.days_known(first=first, last=_day_of(upper_key)), before=upper_key, lower_key=lower_key
    )
    return drain(merge, sources, rounds=ROUNDS, units=UNITS)


def find_changed(query: PeriodQuery, *, updated_since_ms: int) -> ReportPage:
    """Return a page of reports made or changed since a moment, latest change first.

    Not in order of creation as other lists: each page would have to gather all changes since the moment. A report that
    changes again while a client pages moves to the front; a delta since the moment of the first page includes it.
    """
    lower_key, upper_key = sort_key(updated_since_ms), query.before_key or NEWER_THAN_ALL

    def accepts(entry: Entry) -> bool:
        return lower_key <= by_update(entry) < upper_key and query.accepts(entry)

    merge = KWayMerge(accepts, query.limit, by_update)
    first, last = clock.day_of(updated_since_ms), _day_of(upper_key)
    streams_made = day_shard_streams(Calendar.days_known(first=first, last=last), before=upper_key, lower_key=lower_key)
    streams_changed = change_shard_streams(
        Calendar.days_known("changed", first=first, last=last), before=upper_key, lower_key=lower_key
    )
    return page_from(merge, drain(merge, [*streams_made, *streams_changed], rounds=ROUNDS, units=UNITS))


def _day_of(upper_key: str) -> str:
    return "9999-12-31" if upper_key == NEWER_THAN_ALL else clock.day_of(created_of(upper_key))


def is_gone(entry: Entry) -> bool:
    """Return whether it is rejected, merged or withdrawn; the public sees a tombstone."""
    return entry.status not in PUBLIC
