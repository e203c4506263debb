"""Read files of reports in tests as the command does: two passes over a file, from its bytes."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.reports.imported import ImportedReport
from app.reports.importer.forms import Form, form_of
from app.reports.importer.interpret import interpret
from app.reports.importer.kinds import IsFlood, names_no_flood
from app.reports.importer.learn import Learned, learn
from app.reports.importer.load import ImportTerms, take
from app.reports.importer.opening import Source
from app.reports.importer.row import ImportOptions, RefusedRow, Row
from app.reports.importer.swapped import IsAtSea, nowhere_at_sea


@dataclass
class ReadResult:
    """A whole interpreted file, in its own order."""

    rows: list[Row | RefusedRow] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)


@dataclass
class ImportedFile:
    """The reports of a file, and what was refused and left out."""

    reports: list[ImportedReport] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)


def learned(data: bytes, format_: str = "auto", name: str = "reports", **options: Any) -> tuple[Form, Learned]:
    """Return what the first pass learns of a file."""
    with TemporaryDirectory() as folder:
        source = _source(folder, name, data)
        form = form_of(source, format_)
        return form, learn(source, form, ImportOptions(**options))


def read(data: bytes, format_: str = "auto", options: ImportOptions | None = None, **more: Any) -> ReadResult:
    """Return all rows of a file, interpreted."""
    is_at_sea: IsAtSea = more.pop("is_at_sea", nowhere_at_sea)
    is_flood: IsFlood = more.pop("is_flood", names_no_flood)
    with TemporaryDirectory() as folder:
        source = _source(folder, more.pop("name", "reports"), data, more.pop("encoding", ""))
        form = form_of(source, format_)
        found = learn(source, form, options or ImportOptions(**more), is_at_sea=is_at_sea, is_flood=is_flood)
        rows = []
        for record in form.records(source):
            row = interpret(record, found.sense)
            rows.append(row if isinstance(row, RefusedRow) else form.finish(row, record))  # type: ignore[arg-type]
        return ReadResult(rows, list(found.remarks), dict(found.questions))


def import_file(
    data: bytes, format_: str = "auto", options: ImportOptions | None = None, terms: ImportTerms | None = None
) -> ImportedFile:
    """Return the reports that a file would store; equal ids are not left out."""
    with TemporaryDirectory() as folder:
        source = _source(folder, "reports", data)
        form = form_of(source, format_)
        found = learn(source, form, options or ImportOptions())
        imported = ImportedFile(remarks=list(found.remarks))
        for taken in take(source, form, found, terms or ImportTerms()):
            if isinstance(taken.row, RefusedRow):
                imported.refused.append(taken.row)
            elif taken.report:
                imported.reports.append(taken.report)
                imported.left_out.update(taken.left_out)
        return imported


def _source(folder: str, name: str, data: bytes, encoding: str = "") -> Source:
    path = Path(folder) / name
    path.write_bytes(data)
    return Source(path, encoding=encoding)
