"""Store a change of a report's photos under the lock of its row."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.core import retries
from app.core.errors import Unavailable
from app.reports.models import Report
from app.reports.photo_column import Photo
from app.reports.replace import try_touch

if TYPE_CHECKING:
    from app.review.audit import AuditRow

TRIES = 6
Alter = Callable[[Report], Sequence[Photo] | None]


def change(
    report_id: str,
    alter: Alter,
    *,
    is_shown: bool = True,
    rows_of: Callable[[Report], Sequence["AuditRow"]] | None = None,
) -> Report | None:
    """Give a report other photos; None if there is no such report. Its public version stays.

    `alter` returns them, or None to leave all as it is; it is called again with what is stored then, if another writer
    was first. `is_shown`: lists of changes carry it. `rows_of`: returns the audit rows of an act of staff, which are
    stored with it or not at all. Raises Unavailable if others were faster each time.
    """
    for attempt in range(TRIES):
        report = Report.find(report_id, consistent=True)
        if report is None:
            return None
        photos = alter(report)
        if photos is None or list(photos) == report.photos:
            return report
        rows = rows_of(report) if rows_of else ()
        report.photos = photos
        if _is_stored(report, rows) if rows else try_touch(report, is_shown=is_shown):
            return report
        retries.pause(attempt, first_s=0.02)
    raise Unavailable("The report is being changed by many at this moment. Try again.", retry_after_s=2)


def _is_stored(report: Report, rows: Sequence["AuditRow"]) -> bool:
    from app.review.decided_rows import Change, is_stored  # imported here because cleaning photos needs it never

    return is_stored([Change(report, int(report.version), is_touch=True)], rows)
