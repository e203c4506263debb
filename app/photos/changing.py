"""Store a change of a report's photos under the lock of its row."""

from collections.abc import Callable, Sequence

from app.core import retries
from app.core.errors import Unavailable
from app.reports.models import Report
from app.reports.photo_column import Photo
from app.reports.replace import try_touch

TRIES = 6
Alter = Callable[[Report], Sequence[Photo] | None]


def change(report_id: str, alter: Alter, *, is_shown: bool = True) -> Report | None:
    """Give a report other photos; None if there is no such report. Its public version stays.

    `alter` returns them, or None to leave all as it is; it is called again with what is stored then, if another writer
    was first. `is_shown`: lists of changes carry it. Raises Unavailable if others were faster each time.
    """
    for attempt in range(TRIES):
        report = Report.find(report_id, consistent=True)
        if report is None:
            return None
        photos = alter(report)
        if photos is None or list(photos) == report.photos:
            return report
        report.photos = photos
        if try_touch(report, is_shown=is_shown):
            return report
        retries.pause(attempt, first_s=0.02)
    raise Unavailable("The report is being changed by many at this moment. Try again.", retry_after_s=2)
