"""Store a change of a report under an optimistic lock. Workers load this module, so it loads no Flask."""

from typing import Any

from app.core import clock
from app.core.errors import PreconditionFailed
from app.reports import alert_chain
from app.reports.calendar_models import AlertDay, Calendar
from app.reports.models import Report

RACED = "Another request changed the report at the same moment. Read it again, then retry."


def replace(report: Report) -> Report:
    """Store a change of a report under an optimistic lock. Raises PreconditionFailed."""
    if not try_replace(report):
        raise PreconditionFailed(RACED)
    return report


def try_replace(report: Report) -> bool:
    """Store a change of a report; False if another writer was first."""
    advance(report)
    return _store(report)


def try_touch(report: Report, *, is_shown: bool) -> bool:
    """Store what others say about a report; its public version stays. False if another writer was first.

    `is_shown`: lists of changes carry it. Else its time of change stays as well.
    """
    advance(report, is_touch=True, is_shown=is_shown)
    return _store(report)


def advance(report: Report, *, is_touch: bool = False, is_shown: bool = True) -> int:
    """Prepare a report for being stored as its next version; return the version that it must replace."""
    now_ms, seen_version = clock.now_ms(), int(report.version)
    report.version = seen_version + 1
    if alert_chain.note(report, seen_version=seen_version, now_ms=now_ms):
        AlertDay.note(clock.day_of(now_ms), report.id)
    if is_touch:
        report.touches = int(report.touches or 0) + 1
    if is_shown:
        report.updated_at_ms = now_ms
        Calendar.note(clock.day_of(now_ms), "changed")
    report.index(now_ms, is_change=is_shown)
    return seen_version


def _store(report: Report) -> bool:
    return report.replace(seen_version=int(report.version) - 1) or _is_stored(report)


def _is_stored(report: Report) -> bool:
    """Return whether our own write had won: its reply was lost and the repeat was refused.

    Version and time are not enough, since another writer may have won within the same millisecond: all values are
    compared.
    """
    stored = Report.find(report.id, consistent=True)
    return stored is not None and _values(stored) == _values(report)


def _values(report: Report) -> dict[str, Any]:
    return {name: value for name, value in report.attribute_values.items() if value is not None}
