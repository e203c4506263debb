"""Lists that reach history: by day, at a cost that follows the days asked for. And what changed since a moment."""

from dataclasses import dataclass
from functools import partial

from app import clock, db
from app.geo import Shape
from app.reports.models import NEWER_THAN_ALL, PUBLIC, Calendar, Entry, Report, created_of, sort_key
from app.tiles.finding import Found, page_of
from app.tiles.sources import Merge, drain, lane_sources

ROUNDS = 12
UNITS = 100.0
CHANGES_AT_ONCE = 1000


@dataclass(frozen=True)
class Period:
    """Which reports, by the time they were made (imports: by the time they were seen). Both ends are inside."""

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
        """The sort key that all wanted reports are below."""
        ends = [self.before or NEWER_THAN_ALL, NEWER_THAN_ALL if self.until is None else sort_key(self.until + 1)]
        return min(ends)

    def floor(self) -> str:
        return sort_key(self.since) if self.since is not None else ""


def find_period(period: Period) -> Found:
    """A page of the reports of a period, newest first."""
    merge = Merge(period.accepts, period.limit)
    return page_of(merge, _drain_days(merge, before=period.top(), floor=period.floor()))


def _drain_days(merge: Merge, *, before: str, floor: str) -> str:
    first = clock.day_of(created_of(floor)) if floor else ""
    last = "9999-12-31" if before == NEWER_THAN_ALL else clock.day_of(created_of(before))
    sources = lane_sources(Calendar.days_known(first=first, last=last), before=before, floor=floor)
    return drain(merge, sources, rounds=ROUNDS, units=UNITS)


def find_changed(period: Period, *, updated_since: int) -> Found:
    """A page of what was made or changed since a moment, newest first by when it was made.

    First all that was made since, then what is older but changed: those are gathered and sorted, so the cost
    follows how much has changed.
    """
    floor = sort_key(updated_since)
    is_late = period.before is not None and period.before <= floor
    if not is_late:
        merge = Merge(period.accepts, period.limit)
        found = page_of(merge, _drain_days(merge, before=period.top(), floor=floor))
        if found.following is not None:
            return found
        return _cut([*found.entries, *_changed_before(period, updated_since, top=floor)], period.limit)
    return _cut(_changed_before(period, updated_since, top=period.top()), period.limit)


def _cut(entries: list[Entry], limit: int) -> Found:
    return Found(entries[:limit], entries[limit - 1].sort if len(entries) > limit else None)


def _changed_before(period: Period, updated_since: int, *, top: str) -> list[Entry]:
    """All older reports that changed since, in their present form, newest first."""
    after = sort_key(updated_since)
    days = Calendar.days_known("changed", first=clock.day_of(updated_since))
    calls = [partial(_all_changes, day, after) for day in days]
    changed = {entry.id: entry for entries in db.in_one_round(calls) for entry in entries}
    wanted = [entry for entry in changed.values() if entry.sort < top and period.accepts(entry)]
    return sorted(wanted, key=lambda entry: entry.sort, reverse=True)


def _all_changes(day: str, after: str) -> list[Entry]:
    found: list[Entry] = []
    before = NEWER_THAN_ALL
    while page := Report.newest_changes(day, before=before, after=after, limit=CHANGES_AT_ONCE):
        found += page
        if len(page) < CHANGES_AT_ONCE:
            break
        before = sort_key(page[-1].updated, page[-1].id)
    return found


def is_gone(entry: Entry) -> bool:
    """Rejected, merged or withdrawn: the public sees a tombstone."""
    return entry.status not in PUBLIC
