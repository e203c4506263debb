"""Changes of stored reports that no HTTP request asks for. Workers load this module, so it loads no Flask."""

from collections.abc import Callable
from typing import Any

from app.core import clock
from app.core.errors import PreconditionFailed
from app.core.retention import FORGOTTEN
from app.geo import coordinates
from app.reports.entry import AREA, NEWER_THAN_ALL
from app.reports.models import Calendar, Report

UNLINKED_AT_ONCE = 25


def unlink_reports(account_id: str, *, keeps_texts: bool, goes_on: Callable[[int], bool]) -> bool:
    """Unlink a deleted account's reports: coarse facts stay, without a link to a person. Returns whether all are done.

    Titles and descriptions are deleted unless the person asked to keep them. `goes_on` is asked before each page with
    the number of reports done.
    """
    cut, before = 0, NEWER_THAN_ALL
    while page := Report.of_account(account_id, before=before, limit=UNLINKED_AT_ONCE):
        if not goes_on(cut):
            return False
        for report in page:
            report.account_id, report.body_hash = None, FORGOTTEN
            lat, lon = (
                coordinates.rounded(value, places=coordinates.PLACES_GRID) for value in (report.lat, report.lon)
            )
            report.put_at(lat=lat, lon=lon, place=AREA if report.place == AREA else "home")
            if not keeps_texts:
                report.title = report.description = None
            replace(report)
        cut, before = cut + len(page), page[-1].sort
    return True


def replace(report: Report) -> Report:
    """Store a change of a report under an optimistic lock. Raises PreconditionFailed."""
    now_ms = clock.now_ms()
    seen_version = int(report.version)
    report.version, report.updated = seen_version + 1, now_ms
    report.index(now_ms, is_change=True)
    Calendar.note(clock.day_of(now_ms), "changed")
    if not report.replace(seen_version=seen_version) and not _is_stored(report):
        raise PreconditionFailed("Another request changed the report at the same moment. Read it again, then retry.")
    return report


def _is_stored(report: Report) -> bool:
    """Return whether our own write had won: its reply was lost and the repeat was refused.

    Version and time are not enough, since another writer may have won within the same millisecond: all values are
    compared.
    """
    stored = Report.find(report.id, consistent=True)
    return stored is not None and _said(stored) == _said(report)


def _said(report: Report) -> dict[str, Any]:
    return {name: value for name, value in report.attribute_values.items() if value is not None}
