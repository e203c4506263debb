"""Import reports from a file: read them, derive a stable id for each, store them. Safe to repeat.

The id of an imported row is derived from its source and its own id or, if it has none, its whole content. The source is
`--source` if given; for PetaBencana its name; else the format and the names of the row's columns. So neither the name
of the file nor the order of its rows matters, and two tables that both number their rows from 1 do not collide.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

from app.core import clock
from app.core.config import settings
from app.core.parse_time import EARLIEST_YEAR
from app.core.severity import Severity
from app.geo import coordinates
from app.reports.create import DEFAULT_RADIUS_M, derive_id
from app.reports.imported import ImportedReport, store_imported
from app.reports.importer import read_csv, read_geojson, read_petabencana
from app.reports.importer.row import ImportOptions, ReadResult, RefusedRow, Row
from app.reports.models import Report
from app.reports.observation import severity_of_depth

READERS: Mapping[str, Callable[[bytes, ImportOptions], ReadResult]] = {
    "petabencana": read_petabencana.read,
    "geojson": read_geojson.read,
    "csv": read_csv.read,
}
AHEAD_MS = 10 * 60 * 1000
EARLIEST_MS = clock.to_ms(datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC))
DEEPEST_CM, WIDEST_M = 1000, 5000  # limits as for reports that people file (app/api/report_schemas.py)
AT_ONCE = 8


@dataclass(frozen=True)
class ImportTerms:
    """Settings for turning the rows of a file into reports."""

    format: str
    source: str = ""
    is_shifted: bool = False  # times are shifted so that the newest report is now
    active_hours: int | None = None


@dataclass
class ImportedFile:
    """Result of reading a file: reports to store, and messages for the user."""

    reports: list[ImportedReport] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)  # rows whose report an earlier row of the file has already given
    remarks: list[str] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)  # values out of the limits of a report, by field


class Outcome(Enum):
    """Result of storing one report."""

    CREATED = "created"
    PRESENT = "already there"
    ELSEWHERE = "already there, at another place"


def import_file(data: bytes, options: ImportOptions, terms: ImportTerms) -> ImportedFile:
    """Read the reports of a file in the given format; raises Unreadable."""
    reading = READERS[terms.format](data, options)
    rows = [row for row in reading.rows if isinstance(row, Row)]
    now_ms = clock.now_ms()
    shift_ms = now_ms - max(row.observed_at_ms for row in rows) if rows and terms.is_shifted else 0
    imported = ImportedFile(remarks=reading.remarks)
    firsts: dict[str, Row] = {}
    for row in reading.rows:
        if isinstance(row, RefusedRow):
            imported.refused.append(row)
        elif not EARLIEST_MS <= row.observed_at_ms + shift_ms <= now_ms + AHEAD_MS:
            what = "out of range" if shift_ms else "still to come"
            reason = f"no usable time: {clock.rfc3339(row.observed_at_ms)} is {what}"
            imported.refused.append(RefusedRow(row.where, row.own_id, reason))
        else:
            _import_row(row, imported, firsts, terms, shift_ms)
    return imported


def _import_row(row: Row, imported: ImportedFile, firsts: dict[str, Row], terms: ImportTerms, shift_ms: int) -> None:
    source = terms.source or _source(row, terms.format)
    report_id = derive_id("import", source, "id" if row.own_id else "content", row.own_id or row.content)
    if first := firsts.get(report_id):
        how = "says the same as" if first.content == row.content else "has the same id as"
        imported.repeated.append(f"{row.where}: it {how} {first.where}, which counts")
        return
    firsts[report_id] = row
    report, left_out = _report(row, report_id, terms)
    imported.reports.append(_shifted(report, shift_ms))
    for name in left_out:
        imported.left_out[name] = imported.left_out.get(name, 0) + 1


def _source(row: Row, format_: str) -> str:
    return format_ if format_ == "petabencana" or not row.own_id else "\0".join((format_, *row.columns))


def _report(row: Row, report_id: str, terms: ImportTerms) -> tuple[ImportedReport, list[str]]:
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
        source=terms.source or terms.format,
        words={name: word for name, word in row.words.items() if name != "severity"},
    )
    return report, sorted({*left_out, *row.left_out})


def _shifted(report: ImportedReport, shift_ms: int) -> ImportedReport:
    return report._replace(
        observed_at_ms=report.observed_at_ms + shift_ms, expires_at_ms=report.expires_at_ms + shift_ms
    )


def store(reports: Sequence[ImportedReport]) -> Iterator[Outcome]:
    """Store reports in parallel; outcomes come in the order of the reports.

    Raises the first failure after yielding the outcomes of the batch in which it happened.
    """
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="import") as pool:
        for start in range(0, len(reports), AT_ONCE * 8):
            results = list(pool.map(_try_store, reports[start : start + AT_ONCE * 8]))
            yield from (result for result in results if isinstance(result, Outcome))
            for failure in results:
                if isinstance(failure, Exception):
                    raise failure


def _try_store(report: ImportedReport) -> Outcome | Exception:
    try:
        return _outcome(report)
    except Exception as error:  # noqa: BLE001 - returned to the caller, who first reports what was stored before
        return error


def _outcome(report: ImportedReport) -> Outcome:
    if store_imported(report):
        return Outcome.CREATED
    stored = Report.find(report.id)
    exact = [coordinates.rounded(value, places=coordinates.PLACES_EXACT) for value in (report.lat, report.lon)]
    return Outcome.PRESENT if stored is None or [stored.lat, stored.lon] == exact else Outcome.ELSEWHERE
