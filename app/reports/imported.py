"""Store reports from files, which have no reporter."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from app.core import clock, dynamodb
from app.core.retention import FORGOTTEN
from app.reports import entry_encoding
from app.reports.calendar_models import Calendar
from app.reports.entry import Status, sort_key
from app.reports.models import Report


class ImportedReport(NamedTuple):
    """A report from a file, ready to be stored. Times in milliseconds since 1970; the place is public."""

    id: str
    lat: float
    lon: float
    observed_at_ms: int
    severity: str
    depth_cm: float | None
    title: str | None
    description: str | None
    radius_m: int
    expires_at_ms: int
    source: str
    words: Mapping[str, str] = MappingProxyType({})  # further fields with a fixed set of words, by attribute


def store_imported(imported: ImportedReport, now_ms: int) -> bool:
    """Store a report from a file; False if it was stored already. Its creation time is its observation time.

    It is indexed as a change of today, so that lists and tiles show it even if its own day is long past.
    """
    return _made(imported, now_ms).create()


def store_together(imported: Iterable[tuple[ImportedReport, int]]) -> None:
    """Store some reports, each with its moment, in one transaction: all, or none if one of them is there already.

    Raises what the database answers, then with nothing stored; or stored, if only its answer was lost.
    """
    reports = [_made(one, now_ms) for one, now_ms in imported]
    with dynamodb.transaction() as transaction:
        for report in reports:
            report.packed = entry_encoding.pack(report.entry())
            transaction.save(report, condition=Report.id.does_not_exist())


def _made(imported: ImportedReport, now_ms: int) -> Report:
    """Return the row of a report, with its days noted in the calendar."""
    report = Report(
        id=imported.id,
        sort=sort_key(imported.observed_at_ms, imported.id),
        body_hash=FORGOTTEN,
        radius_m=imported.radius_m,
        severity=imported.severity,
        depth_cm=imported.depth_cm,
        title=imported.title,
        description=imported.description,
        status=Status.PENDING,
        condition="flooded",
        observed_at_ms=imported.observed_at_ms,
        updated_at_ms=now_ms,
        expires_at_ms=imported.expires_at_ms,
        version=1,
        source=imported.source,
    )
    for name, word in imported.words.items():
        setattr(report, name, word)
    report.put_at(lat=imported.lat, lon=imported.lon, visibility="public")
    report.index(now_ms, is_change=True)
    Calendar.note(clock.day_of(report.created_at_ms))
    Calendar.note(clock.day_of(now_ms), "changed")
    return report
