"""Store a change of a report under an optimistic lock. Workers load this module, so it loads no Flask."""

from typing import Any

from app.core import clock
from app.core.errors import PreconditionFailed
from app.reports.calendar_models import Calendar
from app.reports.models import Report


def replace(report: Report) -> Report:
    """Store a change of a report under an optimistic lock. Raises PreconditionFailed."""
    now_ms = clock.now_ms()
    seen_version = int(report.version)
    report.version, report.updated_at_ms = seen_version + 1, now_ms
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
    return stored is not None and _values(stored) == _values(report)


def _values(report: Report) -> dict[str, Any]:
    return {name: value for name, value in report.attribute_values.items() if value is not None}
