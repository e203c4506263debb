"""The refused rows of an import, as a CSV beside the input: each with its reason and all its cells."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from app.api import csv_table
from app.reports.importer.read_csv import NOT_CONTENT, REFUSED_COLUMNS
from app.reports.importer.row import RefusedRow

MORE_CELLS, GEOMETRY = NOT_CONTENT[len(REFUSED_COLUMNS) :]


class RefusedRows:
    """Writes the file when the first row is refused. Goes on in it, if the run goes on where another one ended."""

    def __init__(self, file: Path, names: Sequence[str], *, goes_on: bool) -> None:
        self.path = file.with_name(f"{file.name.removesuffix('.csv')}.refused.csv")
        self.count = 0
        self.fault = ""  # why the file cannot be written
        self._columns = [*REFUSED_COLUMNS, *names, MORE_CELLS, GEOMETRY]
        self._goes_on = goes_on
        self._out: IO[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._out:
            self._out.close()
        elif kind is None and not self.count and not self._goes_on and self._is_of_an_earlier_run():
            self.path.unlink()

    def add(self, row: RefusedRow) -> None:
        """Write one row down. If the folder cannot be written to, say so once and go on."""
        self.count += 1
        if self.fault:
            return
        try:
            self._out = self._out or self._opened()
            values = dict(zip(REFUSED_COLUMNS, (row.where, row.own_id, row.reason), strict=True))
            cells = {name: _cell(value) for name, value in row.columns.items() if name not in REFUSED_COLUMNS}
            self._out.write(self._lines([values | cells | {GEOMETRY: _cell(row.geometry)}]))
        except OSError as error:
            self.fault = f"{self.path} cannot be written: {error.strerror}"

    def _opened(self) -> IO[str]:
        is_begun = self._goes_on and self._is_of_an_earlier_run()
        out = self.path.open("a" if is_begun else "w", encoding="utf-8" if is_begun else "utf-8-sig", newline="")
        if not is_begun:
            out.write(csv_table.write(self._columns, []))
        return out

    def _lines(self, rows: list[dict[str, Any]]) -> str:
        return csv_table.write(self._columns, rows).removeprefix(csv_table.write(self._columns, []))

    def _is_of_an_earlier_run(self) -> bool:
        try:
            with self.path.open(encoding="utf-8-sig", errors="replace") as file:
                return file.readline(200).startswith(",".join(REFUSED_COLUMNS))
        except OSError:
            return False


def _cell(value: Any) -> Any:
    """Return a value as a cell. A negative number stays a number: as a text it would be marked as no formula."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith("-"):
        try:
            return float(value)
        except ValueError:
            return value
    return value
