"""Cells of CSV, as the spreadsheets of several countries divide and read them."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import csv_table
from app.core.unicode_text import shows_nothing

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207a\u208a\u208c\u2212"
PARTS = st.sampled_from([*SIGNS, ";", ",", "\t", "\n", "\r", '"', "'", " ", "\u200b", "\u2060", "\u00a0", "a", "1"])


def cells(text: str) -> list[str]:
    """Divide a written table as spreadsheets do, with each of their separators."""
    table = csv_table.write(["title"], [{"title": text}]).removeprefix("title\r\n")
    rows = [row for sign in ",;\t" for row in csv.reader(io.StringIO(table, newline=""), delimiter=sign)]
    return [cell for row in rows for cell in row]


def is_formula(cell: str) -> bool:
    first = next((character for character in cell if not shows_nothing(character)), "")
    return unicodedata.normalize("NFKC", first)[:1] in {*"=+-@\u2212"} - {""}


@given(st.lists(PARTS, max_size=8).map("".join))
def test_no_cell_is_a_formula_however_a_line_is_divided(text: str) -> None:
    assert not [cell for cell in cells(text) if is_formula(cell)]


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_every_sign_is_disarmed_at_the_start_and_behind_a_separator(sign: str) -> None:
    assert csv_table._cell(f"{sign}1") == f"'{sign}1"
    assert csv_table._cell(f"Water; {sign}HYPERLINK(1)") == f"Water;' {sign}HYPERLINK(1)"


@pytest.mark.parametrize("text", ["Water, 5 cm deep", "a = b", "road; house", "A303 - closed", "me@example.org"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert csv_table._cell(text) == text
