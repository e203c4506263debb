"""Add to stored reports what their indexes need and an earlier release did not write. Paced, resumable, repeatable.

Reports are found by their days: every release has written the keys of `entries_by_day`, so it lacks no row.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from app.core import dynamodb
from app.reports.calendar_models import Calendar
from app.reports.entry import NEWER_THAN_ALL
from app.reports.index.keys import day_shards
from app.reports.models import Report

PAGE = 100


class PartitionPosition(NamedTuple):
    """A partition of the day index, and the sort key down to which it has been read."""

    partition: str
    before: str = NEWER_THAN_ALL


class BackfillPage(NamedTuple):
    """A page: its reports, whether its partition is done, and the position for the next page."""

    reports: list[Report]
    is_last: bool
    position: PartitionPosition


def partitions() -> list[PartitionPosition]:
    """List all partitions with reports, newest day first."""
    return [PartitionPosition(shard) for day in Calendar.days_known() for shard in day_shards(day)]


def remaining(all_partitions: list[PartitionPosition], position: list[str] | None) -> list[PartitionPosition]:
    """Return the partitions still to be read from a noted position on. Later days were written by this release."""
    start = PartitionPosition(position[0]) if position else None
    if not position or start not in all_partitions:
        return all_partitions
    return [PartitionPosition(*position), *all_partitions[all_partitions.index(start) + 1 :]]


def read_partitions(partitions_to_read: list[PartitionPosition]) -> Iterator[BackfillPage]:
    """Yield the reports of some partitions, page by page."""
    for position in partitions_to_read:
        before = position.before
        while before:
            ids, before = Report.ids_of_shard(position.partition, before=before, limit=PAGE)
            reports = Report.find_all(ids, consistent=True) if ids else []
            yield BackfillPage(reports, not before, position._replace(before=before))


def complete_rows(reports: list[Report]) -> int:
    """Add what reports lack, in parallel; return their number. A concurrent change adds it as well."""
    lacking = [report for report in reports if not report.is_complete()]
    acts: list[Callable[[], bool]] = [report.complete for report in lacking]
    return sum(dynamodb.in_one_round(acts)) if acts else 0
