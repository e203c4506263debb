"""Write CSV (RFC 4180) that is safe to open in a spreadsheet."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.core.unicode_text import shows_nothing

MEDIA_TYPE = "text/csv"
# Spreadsheets run a cell that begins with one of these as a formula (OWASP, CSV injection). Full-width forms count, as
# some spreadsheets read them so; so does one behind blanks or characters that show nothing.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{MINUS SIGN}")
# Where a comma is the decimal sign, spreadsheets divide a line at these, also inside quotes: a new cell begins there.
_DIVIDES = r"([;\t\r\n])(?=([^;\t\r\n]+))"


BYTE_ORDER_MARK = "\ufeff"


def described(columns: Sequence[str]) -> dict[str, Any]:
    """Return the schema of a table in answers: a text whose first line names the columns."""
    header = ",".join(columns)
    about = (
        "RFC 4180 in UTF-8. The first line names the columns; a text that a spreadsheet would run has a `'` before it."
    )
    return {"type": "string", "description": about, "example": f"{header}\r\n"}


def write(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Write a table with a header line; text cells cannot become formulas, missing values are empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _safe(value) if isinstance(value, str) else value


def _safe(text: str) -> str:
    text = re.sub(_DIVIDES, lambda found: found[1] + ("'" if _is_formula(found[2]) else ""), text)
    return "'" + text if text.startswith(_FORMULA_STARTS) or _is_formula(text) else text


def _is_formula(text: str) -> bool:
    first = next((character for character in text if not shows_nothing(character)), "")
    return unicodedata.normalize("NFKC", first).startswith(_FORMULA_STARTS)
