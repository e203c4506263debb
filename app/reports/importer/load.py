"""Turn the rows of a file into reports in two passes: one learns, one derives a stable id for each row.

The id of an imported row is derived from its source and its own id or, if it has none, its whole content. The source is
`--source` if given; for PetaBencana its name; else the family of the format and the names of the row's columns. So
neither the name of the file, its packing, nor the order of its rows matters, and two tables that both number their rows
from 1 do not collide. Whether a row's report is there already is decided by its put alone: no list of ids is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from app.core import clock
from app.core.config import settings
from app.core.parse_time import EARLIEST_YEAR
from app.core.severity import Severity
from app.reports.create import DEFAULT_RADIUS_M, derive_id
from app.reports.imported import ImportedReport
from app.reports.importer.forms import Form
from app.reports.importer.interpret import interpret
from app.reports.importer.learn import Learned
from app.reports.importer.opening import Source
from app.reports.importer.row import RawRecord, RefusedRow, Row
from app.reports.observation import severity_of_depth

AHEAD_MS = 10 * 60 * 1000
EARLIEST_MS = clock.to_ms(datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC))
DEEPEST_CM, WIDEST_M = 1000, 5000  # limits as for reports that people file (app/api/report_schemas.py)


@dataclass(frozen=True)
class ImportTerms:
    """Settings for turning the rows of a file into reports."""

    source: str = ""
    is_shifted: bool = False  # times are shifted so that the newest report is now
    active_hours: int | None = None
    now_ms: int | None = None  # of the run that this one continues


class LoadedRow(NamedTuple):
    """One row of the file: with a report to store, or the reason why there is none."""

    number: int  # from 1
    row: Row | RefusedRow
    report: ImportedReport | None = None
    left_out: tuple[str, ...] = ()  # fields whose value no report may have


def take(source: Source, form: Form, learned: Learned, terms: ImportTerms) -> Iterator[LoadedRow]:
    """Yield every row of a file in its order, interpreted; raises Unreadable."""
    now_ms = clock.now_ms() if terms.now_ms is None else terms.now_ms
    is_moved = terms.is_shifted and learned.newest_ms is not None
    shift_ms = now_ms - (learned.newest_ms or 0) if is_moved else 0
    for number, record in enumerate(form.records(source), 1):
        row = interpret(record, learned.sense)
        if isinstance(row, Row) and isinstance(record, RawRecord):
            if EARLIEST_MS <= row.observed_at_ms + shift_ms <= now_ms + AHEAD_MS:
                yield _loaded(number, form.finish(row, record), form, terms, shift_ms)
                continue
            what = "out of range" if shift_ms else "still to come"
            reason = f"no usable time: {clock.rfc3339(row.observed_at_ms)} is {what}"
            row = RefusedRow(row.where, row.own_id, reason, record.columns, record.geometry)
        yield LoadedRow(number, row)


def _loaded(number: int, row: Row, form: Form, terms: ImportTerms, shift_ms: int) -> LoadedRow:
    source = terms.source or _source(row, form)
    report_id = derive_id("import", source, "id" if row.own_id else "content", row.own_id or row.content)
    report, left_out = _report(row, report_id, form, terms)
    moved = report._replace(
        observed_at_ms=report.observed_at_ms + shift_ms, expires_at_ms=report.expires_at_ms + shift_ms
    )
    return LoadedRow(number, row, moved, tuple(left_out))


def _source(row: Row, form: Form) -> str:
    return form.family if form.family == "petabencana" or not row.own_id else "\0".join((form.family, *row.columns))


def _report(row: Row, report_id: str, form: Form, terms: ImportTerms) -> tuple[ImportedReport, list[str]]:
    """Build the report of a row; also return the fields whose value is out of limits."""
    depth = row.depth_cm if row.depth_cm is not None and 0 <= row.depth_cm <= DEEPEST_CM else None
    radius = round(row.radius_m) if row.radius_m is not None and 1 <= row.radius_m <= WIDEST_M else None
    given_and_used = {"depth": (row.depth_cm, depth), "radius": (row.radius_m, radius)}
    left_out = [name for name, (given, used) in given_and_used.items() if given is not None and used is None]
    derived = severity_of_depth(depth) if depth is not None else Severity.UNKNOWN
    life_hours = settings().report_life_hours if terms.active_hours is None else terms.active_hours
    report = ImportedReport(
        id=report_id,
        lat=row.lat,
        lon=row.lon,
        observed_at_ms=row.observed_at_ms,
        severity=row.words.get("severity", str(derived)),
        depth_cm=depth,
        title=row.title,
        description=row.description,
        radius_m=radius or DEFAULT_RADIUS_M,
        expires_at_ms=row.observed_at_ms + life_hours * clock.HOUR_MS,
        source=terms.source or form.family,
        words={name: word for name, word in row.words.items() if name != "severity"},
    )
    return report, sorted({*left_out, *row.left_out})
