"""Add to stored reports what the indexes of this release need. Paced, resumable, safe to repeat.

Reports are found through the indexes of the previous release, which this release also writes, so that no table is
scanned.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from app.core import clock, dynamodb
from app.reports.calendar_models import Calendar
from app.reports.entry import NEWER_THAN_ALL
from app.reports.index import completeness
from app.reports.index.keys import day_shards
from app.reports.models import Report

PAGE = 100


class PartitionPosition(NamedTuple):
    """A partition of an index, and the sort key down to which it has been read."""

    index_name: str
    partition: str
    before: str = NEWER_THAN_ALL


class BackfillPage(NamedTuple):
    """A page: its reports, whether its partition is done, and the position for the next page."""

    reports: list[Report]
    is_last: bool
    position: PartitionPosition


def partitions(*, since_ms: int | None = None) -> list[PartitionPosition]:
    """List all partitions with reports, newest day first; or those with reports made or changed since a moment."""
    first = clock.day_of(since_ms) if since_ms is not None else ""
    partitions_made = [
        PartitionPosition("by_day", shard) for day in Calendar.days_known(first=first) for shard in day_shards(day)
    ]
    if since_ms is None:
        return partitions_made
    return partitions_made + [
        PartitionPosition("by_change", day) for day in Calendar.days_known("changed", first=first)
    ]


def remaining(all_partitions: list[PartitionPosition], position: list[str] | None) -> list[PartitionPosition]:
    """Return the partitions still to be read from a noted position on. Later days were written by this release."""
    if position is None:
        return all_partitions
    noted = PartitionPosition(*position)
    names = [partition.partition for partition in all_partitions if partition.index_name == noted.index_name]
    if noted.partition not in names:
        return all_partitions
    start = next(number for number, partition in enumerate(all_partitions) if partition[:2] == noted[:2])
    return [noted, *all_partitions[start + 1 :]]


def read_partitions(partitions_to_read: list[PartitionPosition]) -> Iterator[BackfillPage]:
    """Yield the reports of some partitions, page by page."""
    for position in partitions_to_read:
        before = position.before
        while before:
            ids, before = Report.ids_on(position.index_name, position.partition, before=before, limit=PAGE)
            reports = Report.find_all(ids, consistent=True) if ids else []
            yield BackfillPage(reports, not before, position._replace(before=before))


def complete_rows(reports: list[Report]) -> int:
    """Add what reports lack, in parallel; return their number. A concurrent change adds it as well."""
    lacking = [report for report in reports if not report.is_complete()]
    acts: list[Callable[[], bool]] = [report.complete for report in lacking]
    return sum(dynamodb.in_one_round(acts)) if acts else 0


def note_if_fresh() -> None:
    """Note all copies as complete if no report was ever stored, since there is nothing to fill."""
    if not completeness.is_noted() and not Calendar.has_reports():
        completeness.note_complete(completeness.COPIES, since_ms=clock.now_ms())
