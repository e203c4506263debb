"""Read reports from the first filled sheet of an Excel workbook (XLSX), as a stream.

openpyxl reads it; it is there where commands run, and not in the artifact.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import chain, islice
from typing import Any
from zipfile import ZipFile

from app.core.unicode_text import shown
from app.reports.importer.columns import plain
from app.reports.importer.opening import MOST_GROWTH, Source
from app.reports.importer.read_csv import MOST_TITLE_LINES, are_names, names_in, no_rows
from app.reports.importer.row import RawRecord, RefusedRow, Unreadable

# The texts of a workbook stand together in one part, which is held in memory.
MOST_BYTES, MOST_TEXT_BYTES = 2_000_000_000, 40_000_000
_NO_RESULT = re.compile(rb"(?:</f>|<f(?: [^>]*)?/>)\s*(?:<v\s*/>|<v></v>)?\s*$")
_MOST_OF_CELL = 65_536  # bytes kept of a cell that goes on in the next block
_MOST_BLANK = 1_000  # rows in a row, behind which no more are looked for
WITHOUT_READER = "openpyxl, which reads XLSX, is not here: pip install openpyxl, or save the sheet as CSV."


def records(source: Source) -> Iterator[RawRecord | RefusedRow]:
    """Yield all rows below the header; raises Unreadable."""
    with _sheet(source) as rows:
        names = names_in([_text(cell) for cell in next(rows, ())])
        number = blank = 0
        for cells in _without_title(names, rows):
            blank = 0 if any(cell not in (None, "") for cell in cells) else blank + 1
            if blank > _MOST_BLANK:
                return
            if not blank:
                number += 1
                yield _found(number, cells, names)


def _without_title(names: list[str], rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Return the rows; raises Unreadable if the header is one cell, and a row behind it looks like names."""
    if len(titles := [name for name in names if name]) != 1:
        return rows
    first = list(islice(rows, MOST_TITLE_LINES))
    for cells in first:
        if are_names(below := [_text(cell) for cell in cells]):
            begin = next(filter(None, below))
            raise Unreadable(
                f"The first row, {shown(titles[0])!r}, looks like a title: the columns seem to be named below, in the "
                f"row that begins with {shown(begin)!r}. Delete all rows above that one, and import again."
            )
    return chain(first, rows)


def empty(source: Source) -> str:
    """Return what is said of a workbook without rows."""
    with _sheet(source) as rows:
        names = [_text(cell) for cell in next(rows, ())]
    return no_rows(names) if names else "The file holds no row: its sheets are empty."


@contextmanager
def _sheet(source: Source) -> Iterator[Iterator[tuple[Any, ...]]]:
    """Open the first sheet that has a filled cell, from its header on."""
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError as error:
        raise Unreadable(WITHOUT_READER) from error
    _require_size(source)
    with source.path.open("rb") as file:  # by its name alone a workbook called .xls would be refused
        try:
            workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except (InvalidFileException, KeyError, ValueError, OSError) as error:
            raise Unreadable("The Excel workbook cannot be read; save it again, or as CSV.") from error
        try:
            if source.formulas_without_result is None:
                source.formulas_without_result = _formulas_without_result(source)
            source.is_since_1904 = workbook.epoch.year == 1904
            filled = [(sheet.title, rows) for sheet in workbook.worksheets if (rows := _from_header(sheet))]
            source.sheets = tuple(name for name, _ in filled)
            yield filled[0][1] if filled else iter(())
        finally:
            workbook.close()


def _from_header(sheet: Any) -> Iterator[tuple[Any, ...]] | None:
    sheet.reset_dimensions()  # what a program wrote there may be wrong
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    for number, cells in enumerate(rows):
        if any(cell not in (None, "") for cell in cells):
            return _again(cells, rows)
        if number > _MOST_BLANK:
            break
    return None


def _again(first: tuple[Any, ...], rest: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    yield first
    yield from rest


def _formulas_without_result(source: Source) -> int:
    """Return how many cells hold a formula and no result, as programs write them that do not calculate."""
    count = 0
    with ZipFile(source.path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with archive.open(name) as sheet:
                    rest = b""
                    while block := sheet.read(1 << 20):
                        parts = (rest + block).split(b"</c>")
                        rest = parts.pop()[-_MOST_OF_CELL:]
                        count += sum(bool(_NO_RESULT.search(part)) for part in parts)
    return count


def _require_size(source: Source) -> None:
    """Refuse bombs, and workbooks whose texts do not fit in memory."""
    with ZipFile(source.path) as archive:
        sizes = {member.filename: member.file_size for member in archive.infolist()}
    if sum(sizes.values()) > min(MOST_BYTES, max(MOST_GROWTH * source.size, 32_000_000)):
        raise Unreadable("The Excel workbook is packed many times smaller than its content, as no honest one is.")
    if sizes.get("xl/sharedStrings.xml", 0) > MOST_TEXT_BYTES:
        raise Unreadable("The Excel workbook is too large to be read here: save the sheet as CSV.")


def _found(number: int, cells: tuple[Any, ...], names: list[str]) -> RawRecord | RefusedRow:
    where = f"row {number}"
    columns = {name: _value(cell) for name, cell in zip(names, cells, strict=False) if plain(name)}
    if any(cell not in (None, "") for cell in cells[len(names) :]):
        return RefusedRow(where, None, f"it has {len(cells)} cells, but there are {len(names)} columns", columns)
    return RawRecord(where, {name: columns.get(name, "") for name in names if plain(name)})


def _value(cell: Any) -> Any:
    """Return a cell's value; dates and times as text, and nothing as an empty text, as in a CSV."""
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return "" if cell is None else cell


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)
