"""Read reports from tables with the usual separators, encodings and spellings of places and times, as a stream."""

import csv
import unicodedata
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple, TextIO

from app.core.unicode_text import shown
from app.reports.importer.columns import listed, plain
from app.reports.importer.opening import Source
from app.reports.importer.row import RawRecord, RefusedRow, Unreadable
from app.reports.importer.text import opened_text, remark_on_letters

SEPARATORS = ",;\t|"
# Columns that the file of refused rows has before the row's own. They are no content: a row that was repaired there
# has the id that it has in its own file.
REFUSED_COLUMNS = ("refused_row", "refused_id", "refused_reason")
NOT_CONTENT = (*REFUSED_COLUMNS, "refused_more_cells", "refused_geometry")
_SAMPLE_LINES = 200
LONGEST_RECORD = 16_000_000  # characters: a country's outline may stand in one cell
_ENOUGH_COLUMNS = 6
_FEWEST_NAMES = 3  # behind a title: two places and a time
MOST_TITLE_LINES = 9  # that may stand between a title and the names
# Each quote that is not closed costs another look at what it swallows: after some of them the look is shorter.
_FULL_LOOKS, _SHORT_LOOK = 20, 65_536


class _Record(NamedTuple):
    """One record of the table and the line that it begins on (from 1)."""

    line: int
    cells: list[str]
    fault: str = ""


class Table:
    """A table that is read once, from its first line on. `names` are its columns, "" where one has no name."""

    def __init__(self, text: TextIO) -> None:
        self._lines = _Lines(text)
        sample = self._lines.first(_SAMPLE_LINES)
        if "".join(sample).lstrip()[:1] in ("{", "<"):
            raise Unreadable("The file is not a table but JSON or XML.")
        self.separator, skipped = _separator(sample)
        self._lines.skip(skipped)
        self._records: Iterator[_Record] = (record for record in self._all() if _filled(record.cells))
        header = next(self._records, None)
        if header is None:
            raise Unreadable("The file is empty.")
        self.names = names_in(header.cells)
        if len(_filled(header.cells)) == 1:
            self._require_no_title(_filled(header.cells)[0])

    def _require_no_title(self, only: str) -> None:
        """Raise Unreadable if a line behind a header of one cell looks like the names of the columns."""
        following = list(islice(self._records, MOST_TITLE_LINES))
        self._records = chain(following, self._records)
        for record in following:
            line = self.separator.join(record.cells)
            if are_names(max((line.split(separator) for separator in SEPARATORS), key=len)):
                raise Unreadable(
                    f"The first line, {shown(only)!r}, looks like a title: the columns seem to be named in line "
                    f"{record.line}. Delete all lines above that one, and import again."
                )

    @property
    def used_names(self) -> list[str]:
        """Return the columns that have a name: one without holds row numbers of the program that wrote the file."""
        return [name for name in self.names if _is_content(name)]

    def rows(self) -> Iterator[RawRecord | RefusedRow]:
        """Yield all rows in order."""
        return (_found(number, record, self.names) for number, record in enumerate(self._records, 1))

    def _all(self) -> Iterator[_Record]:
        """Yield all records. An unclosed quote costs only its own line and does not swallow the rows after it."""
        csv.field_size_limit(LONGEST_RECORD)
        faults, width = 0, 0
        while True:
            for record, lines in self._from_here(LONGEST_RECORD if faults < _FULL_LOOKS else _SHORT_LOOK):
                width = width or len(record.cells)
                if len(lines) > 1 and (record.fault or _swallows(lines, self.separator, width)):
                    self._lines.put_back(lines[1:])
                    faults += 1
                    first = next(csv.reader([lines[0]], delimiter=self.separator), ["?"])
                    yield _Record(record.line, first, "a quote that opens in this line is not closed")
                    break
                yield record
            else:
                return

    def _from_here(self, longest: int) -> Iterator[tuple[_Record, list[str]]]:
        """Yield the records from the next line on, each with its lines."""
        taken: list[str] = []
        reader = csv.reader(self._lines.each(taken, longest), delimiter=self.separator)
        while True:
            taken.clear()
            line = self._lines.number + 1
            try:
                yield _Record(line, next(reader)), taken
            except StopIteration:
                return
            except (csv.Error, _TooLong) as error:
                yield _Record(line, ["?"], f"it cannot be read: {error}"), taken
                if isinstance(error, _TooLong):  # the reader is in the middle of a cell
                    reader = csv.reader(self._lines.each(taken, longest), delimiter=self.separator)


class _TooLong(ValueError):
    """A record does not end within the characters that one may have."""


class _Lines:
    """Lines of a text, which can be put back. A single line is limited, too."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._back: deque[str] = deque()
        self.number = 0  # of the line taken last

    def first(self, most: int) -> list[str]:
        """Return the first lines without taking them."""
        lines = list(islice(iter(self._read, ""), most))
        if lines:
            lines[0] = lines[0].lstrip("\ufeff")
        self._back.extend(lines)
        return lines

    def skip(self, lines: int) -> None:
        for _ in range(lines):
            self._next()

    def put_back(self, lines: Sequence[str]) -> None:
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)

    def each(self, taken: list[str], longest: int) -> Iterator[str]:
        """Yield lines and note them in `taken`; raises _TooLong when those are longer together."""
        length = 0
        while line := self._next():
            length = len(line) + (length if taken else 0)
            taken.append(line)
            if length > longest and len(taken) > 1:
                raise _TooLong(f"it is longer than {longest:,} characters")
            yield line

    def _next(self) -> str:
        line = self._back.popleft() if self._back else self._read()
        self.number += bool(line)
        return line

    def _read(self) -> str:
        line = self._text.readline(LONGEST_RECORD)
        if len(line) >= LONGEST_RECORD:
            raise Unreadable(f"The file has a line of more than {LONGEST_RECORD:,} characters: it is not a table.")
        return line


def records(source: Source) -> Iterator[RawRecord | RefusedRow]:
    """Yield all rows of a table; raises Unreadable."""
    with opened_text(source) as text:
        for row in Table(text).rows():
            yield _remarked(row, source)


def _remarked(row: RawRecord | RefusedRow, source: Source) -> RawRecord | RefusedRow:
    if isinstance(row, RefusedRow) or not (remark := remark_on_letters(source, row.columns.values())):
        return row
    return replace(row, remark=" and ".join(filter(None, (row.remark, remark))))


def names_of(source: Source) -> list[str]:
    """Return the columns of a table that have a name; raises Unreadable."""
    with opened_text(source) as text:
        return Table(text).used_names


def no_rows(names: Sequence[str]) -> str:
    """Return what is said of a table that has no row."""
    return f"The file holds no row, only one line, taken for a header: {listed(names)}."


def names_in(cells: Sequence[str]) -> list[str]:
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


def are_names(cells: Sequence[str]) -> bool:
    """Return whether the cells of a line behind a title look like the names of columns."""
    names = _filled(cells)
    return len(names) >= _FEWEST_NAMES and not any(name[0].isdigit() or name[0] in "+-." for name in names)


def _filled(cells: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in cells if cell.strip()]


def _separator(lines: Sequence[str]) -> tuple[str, int]:
    """Return the separator and the lines before the header: from Excel's `sep=;`, else the most rows of equal width."""
    first = lines[0].strip().casefold() if lines else ""
    if first.startswith("sep=") and len(first) == 5:
        return first[4], 1
    if first == "sep=":  # a tab, removed by strip
        return "\t", 1
    return max(SEPARATORS, key=lambda separator: _evenness(lines, separator)), 0


def _evenness(lines: Sequence[str], separator: str) -> tuple[float, int]:
    csv.field_size_limit(LONGEST_RECORD)
    counts = [len(cells) for cells in _cells(lines, separator) if any(cells)]
    if not counts or counts[0] < 2:
        return 0, 0
    rows = counts[1:] or counts
    return rows.count(counts[0]) / len(rows) * min(counts[0], _ENOUGH_COLUMNS), counts[0]


def _cells(lines: Sequence[str], separator: str) -> Iterator[list[str]]:
    """Yield the cells of the records in some lines, as `Table` would find them."""
    start, width = 0, 0
    while start < len(lines):
        reader = csv.reader(lines[start:], delimiter=separator)
        end = start
        for cells in _readable(reader):
            begin, end = end, start + reader.line_num
            width = width or len(cells)
            if end - begin > 1 and _swallows(lines[begin:end], separator, width):
                yield ["?"]
                end = begin + 1
                break
            yield cells
        start = max(end, start + 1)


def _readable(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield ["?"]


def _swallows(lines: Sequence[str], separator: str, width: int) -> bool:
    """Return whether a record of several lines ends inside its quotes, or has loose quotes around whole rows."""
    try:
        list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error) or any(
            len(next(csv.reader([line], delimiter=separator), [])) == width for line in lines[1:]
        )
    return False


@lru_cache(maxsize=4096)
def _is_content(name: str) -> bool:
    return bool(plain(name)) and name not in NOT_CONTENT


def _found(number: int, record: _Record, names: Sequence[str]) -> RawRecord | RefusedRow:
    where = f"row {number} (line {record.line})"
    cells, width = record.cells, len(names)
    # A column without a name holds row numbers of the program that wrote the file: no content.
    columns = {name: cell for name, cell in zip(names, cells, strict=False) if _is_content(name)}
    if record.fault:
        return RefusedRow(where, None, record.fault, columns)
    if any(cell.strip() for cell in cells[width:]):
        columns[NOT_CONTENT[-2]] = " | ".join(cells[width:])
        return RefusedRow(where, None, f"it has {len(cells)} cells, but there are {width} columns", columns)
    remark = "fewer cells than there are columns; the last ones count as empty" if len(cells) < width else ""
    before = dict(zip(names, cells, strict=False)).get(REFUSED_COLUMNS[-1], "")
    return RawRecord(where, columns, remark=remark, refused_before=before)
