"""Add to stored reports what the indexes of this release need. Paced, resumable, safe to repeat.

Reports are found through the indexes of the previous release, which this release also writes, so that no table is
scanned.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from app.core import clock, dynamodb
from app.reports.entry import NEWER_THAN_ALL
from app.reports.index import completeness
from app.reports.index.keys import lanes_of
from app.reports.models import Calendar, Report

PAGE = 100


class Place(NamedTuple):
    """A partition of an index, and the sort key down to which it has been read."""

    index_name: str
    partition: str
    before: str = NEWER_THAN_ALL


class Step(NamedTuple):
    """A page: its reports, whether its partition is done, and the position for the next page."""

    reports: list[Report]
    is_last: bool
    place: Place


def places(*, since_ms: int | None = None) -> list[Place]:
    """List all partitions with reports, newest day first; or those with reports made or changed since a moment."""
    first = clock.day_of(since_ms) if since_ms is not None else ""
    made = [Place("by_day", lane) for day in Calendar.days_known(first=first) for lane in lanes_of(day)]
    if since_ms is None:
        return made
    return made + [Place("by_change", day) for day in Calendar.days_known("changed", first=first)]


def remaining(wanted: list[Place], position: list[str] | None) -> list[Place]:
    """Return the partitions still to be read from a noted position on. Later days were written by this release."""
    if position is None:
        return wanted
    at = Place(*position)
    names = [place.partition for place in wanted if place.index_name == at.index_name]
    if at.partition not in names:
        return wanted
    start = next(number for number, place in enumerate(wanted) if place[:2] == at[:2])
    return [at, *wanted[start + 1 :]]


def walk(wanted: list[Place]) -> Iterator[Step]:
    """Yield the reports of some partitions, page by page."""
    for place in wanted:
        before = place.before
        while before:
            ids, before = Report.ids_on(place.index_name, place.partition, before=before, limit=PAGE)
            found = Report.find_all(ids, consistent=True) if ids else []
            yield Step(found, not before, place._replace(before=before))


def make_whole(reports: list[Report]) -> int:
    """Add what reports lack, in parallel; return their number. A concurrent change adds it as well."""
    lacking = [report for report in reports if not report.is_whole()]
    acts: list[Callable[[], bool]] = [report.make_whole for report in lacking]
    return sum(dynamodb.in_one_round(acts)) if acts else 0


def note_if_fresh() -> None:
    """Note all copies as complete if no report was ever stored, since there is nothing to fill."""
    if not completeness.is_noted() and not Calendar.has_reports():
        completeness.note_complete(completeness.COPIES, since_ms=clock.now_ms())
