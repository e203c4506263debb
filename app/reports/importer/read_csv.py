"""Read reports from tables with the usual separators, encodings and spellings of places and times. Pure."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.reports.importer.columns import chosen, guess_ids, guess_layout, listed, plain, require_columns
from app.reports.importer.interpret import interpret
from app.reports.importer.row import ImportOptions, RawRecord, ReadResult, RefusedRow, Unreadable
from app.reports.importer.text import decode

SEPARATORS = ",;\t|"
_SAMPLE_LINES = 200
_LONGEST_CELL = 50_000_000  # characters: a country's outline may stand in one cell
_MOST_OPEN_QUOTES = 50  # each one costs another pass over the rest of the file
_ENOUGH_COLUMNS = 6


class _Record(NamedTuple):
    """One record of the table and the line that it begins on (from 1)."""

    line: int
    cells: list[str]
    fault: str = ""


def read(data: bytes, options: ImportOptions) -> ReadResult:
    """Read all rows; raises Unreadable."""
    text = decode(data).lstrip("\ufeff")
    if text.lstrip()[:1] in ("{", "<"):
        raise Unreadable("The file is not a table but JSON or XML.")
    lines = list(io.StringIO(text, newline=""))
    separator, start = _separator(lines)
    records = (record for record in _records(lines, separator, start) if any(cell.strip() for cell in record.cells))
    header = next(records, None)
    if header is None:
        raise Unreadable("The file is empty.")
    names = _names(header.cells)
    parsed = [_found(number, record, names) for number, record in enumerate(records, 1)]
    used_names = [name for name in names if plain(name)]
    require_columns(options.columns, {name: name in names for name in options.columns.values()}, used_names)
    if not parsed:
        raise Unreadable(f"The file holds no row, only one line, taken for a header: {listed(names)}.")
    return interpret(parsed, _layout(used_names, parsed, options), options)


def _layout(
    names: Sequence[str], records: Sequence[RawRecord | RefusedRow], options: ImportOptions
) -> dict[str, Sequence[str]]:
    layout = guess_layout(names, options.columns)
    if not layout["id"]:
        layout["id"] = guess_ids(names, [record.columns for record in records if isinstance(record, RawRecord)])
    return layout | chosen(options.columns)


def _names(cells: Sequence[str]) -> list[str]:
    """Return the header's names without byte order marks; a second `name` becomes `name_2`."""
    names: list[str] = []
    for cell in cells:
        name = base = unicodedata.normalize("NFC", cell.replace("\ufeff", "")).strip()
        number = 1
        while name in names and base:
            number += 1
            name = f"{base}_{number}"
        names.append(name)
    return names


def _separator(lines: Sequence[str]) -> tuple[str, int]:
    """Return the separator and the header's line: from Excel's `sep=;`, else by the most rows of equal width."""
    first = lines[0].strip().casefold() if lines else ""
    if first.startswith("sep=") and len(first) == 5:
        return first[4], 1
    if first == "sep=":  # a tab, removed by strip
        return "\t", 1
    return max(SEPARATORS, key=lambda separator: _evenness(lines[:_SAMPLE_LINES], separator)), 0


def _evenness(lines: Sequence[str], separator: str) -> tuple[float, int]:
    counts = [len(record.cells) for record in _records(lines, separator, 0) if any(record.cells)]
    if not counts or counts[0] < 2:
        return 0, 0
    rows = counts[1:] or counts
    return rows.count(counts[0]) / len(rows) * min(counts[0], _ENOUGH_COLUMNS), counts[0]


def _records(lines: Sequence[str], separator: str, start: int) -> Iterator[_Record]:
    """Yield all records. An unclosed quote costs only its own line and does not swallow the rows after it."""
    csv.field_size_limit(_LONGEST_CELL)
    width = 0
    for _ in range(_MOST_OPEN_QUOTES):
        for record, end in _records_from(lines, separator, start):
            width = width or len(record.cells)
            if end > record.line and _swallows(lines[record.line - 1 : end], separator, width):
                yield record._replace(fault="a quote that opens in this line is not closed")
                start = record.line
                break
            yield record
        else:
            return
    yield _Record(start + 1, ["the rest"], "too many quotes are not closed; this line and all after it are not read")


def _swallows(lines: Sequence[str], separator: str, width: int) -> bool:
    """Return whether a record of several lines ends inside its quotes, or has loose quotes around whole rows."""
    try:
        list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error) or any(
            len(next(csv.reader([line], delimiter=separator), [])) == width for line in lines[1:]
        )
    return False


def _records_from(lines: Sequence[str], separator: str, start: int) -> Iterator[tuple[_Record, int]]:
    """Yield the records from a line on, each with the number of the line that it ends on."""
    reader = csv.reader(lines[start:], delimiter=separator)
    while True:
        line = start + reader.line_num + 1
        try:
            yield _Record(line, next(reader)), start + reader.line_num
        except StopIteration:
            return
        except csv.Error as error:
            yield _Record(line, ["?"], f"it cannot be read: {error}"), start + reader.line_num


def _found(number: int, record: _Record, names: Sequence[str]) -> RawRecord | RefusedRow:
    where = f"row {number} (line {record.line})"
    if record.fault:
        return RefusedRow(where, None, record.fault)
    cells, width = record.cells, len(names)
    if any(cell.strip() for cell in cells[width:]):
        return RefusedRow(where, None, f"it has {len(cells)} cells, but there are {width} columns")
    # A column without a name holds row numbers of the program that wrote the file: no content.
    columns = {name: cell for name, cell in zip(names, cells, strict=False) if plain(name)}
    remark = f"it has {len(cells)} cells for {width} columns; the last ones are empty" if len(cells) < width else ""
    return RawRecord(where, columns, remark=remark)
