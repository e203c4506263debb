"""Bytes to text, and text to what a report may hold."""

import io
import json
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.http.fields import Text
from app.reports.importer.row import Row
from app.reports.importer.text import clean_line, clean_lines, encoding_of, require_encoding
from tests.importing import read

STORED = Text(shortest=0, longest=4000, lines=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_is_the_same_in_every_encoding(encoding: str) -> None:
    text = "id,title\n1,Überschwemmung 水\n"

    assert decoded(text.encode(encoding)) == text


def test_bytes_that_are_no_utf8_are_windows_1252() -> None:
    assert decoded("Straße – gesperrt".encode("cp1252")) == "Straße – gesperrt"


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("miejscowość;szerokość;długość;data", "cp1250"),
        ("место;широта;долгота;дата", "cp1251"),
        ("Breite;Länge;Überschrift", "cp850"),
        ("緯度,経度,日時", "shift_jis"),
        ("Breite;Länge;Überschrift", "cp1252"),
        ("Straße;Ort", "cp1252"),
    ],
)
def test_names_of_columns_show_the_encoding(header: str, encoding: str) -> None:
    assert encoding_of(io.BytesIO(f"{header}\n1\n".encode(encoding))) == encoding


def test_one_byte_that_is_no_utf8_behind_a_megabyte_decides_for_the_whole_file() -> None:
    assert encoding_of(io.BytesIO(b"a" * 3_000_000 + "é".encode("cp1252"))) == "cp1252"
    assert encoding_of(io.BytesIO(b"a" * 1_048_575 + "é".encode())) == "utf-8"  # parted by the end of a block


def test_broken_bytes_leave_the_other_letters_of_a_file_as_they_are_and_are_told() -> None:
    table = "lat,lon,date,text\n51,0,2024-01-01,Größe\n51,0,2024-01-02,".encode() + b"Stra\xdfe\n"
    reading = read(table, "csv")

    assert [row.description for row in reading.rows if isinstance(row, Row)] == ["Größe", "Stra\ufffde"]
    assert any("1 rows have letters that cannot be read as utf-8" in remark for remark in reading.remarks)
    assert encoding_of(io.BytesIO("Größe \ufffd".encode())) == "utf-8"


def test_encoding_that_is_only_guessed_is_told_and_can_be_stated() -> None:
    table = b"lat,lon,date,text\n51,0,2024-01-01," + "вода на улице".encode("cp1251")

    assert any("--encoding NAME" in remark for remark in read(table, "csv").remarks)
    stated = read(table, "csv", encoding="cp1251")
    assert [row.description for row in stated.rows if isinstance(row, Row)] == ["вода на улице"]
    assert not stated.remarks
    for name in ("nonsense", "base64", "idna"):
        with pytest.raises(ValueError, match="no encoding"):
            require_encoding(name)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<b>Deep</b> water<br>here &amp; there", "Deep water\nhere & there"),
        ("a<script>alert(1)</script>b<!-- c -->", "ab"),
        ("&lt;img src=x onerror=alert(1)&gt;wet", "wet"),
        ("<<b>i>x", "<<b>i>x"),
        ("<\x07b>wet<\u202e/b>", "wet"),
        ("&lt;&#7;b onclick=x", "< b onclick=x"),
        ("level a<b, river -> road <- field", "level a<b, river -> road <- field"),
        ("x < y and y > z & more <Langport> text", "x < y and y > z & more <Langport> text"),
        ("I <3 Langport, water <30cm", "I <3 Langport, water <30cm"),
        ("depth < 5 cm & rising, 3<4", "depth < 5 cm & rising, 3<4"),
        ("\u202eabc\u202c \x07d\x00e", "abc de"),
        ("e\u0301", "é"),
        ("one\r\ntwo", "one\ntwo"),
        ("<Main St> is flooded, <Map Road> too", "<Main St> is flooded, <Map Road> too"),
        ("unclosed <!-- note rest", "unclosed < !-- note rest"),
        ("<style road> flooded and </style> here", "< style road> flooded and  here"),
        ("<script> not closed", "not closed"),
        ('<td nowrap class="x">a</td><input disabled><div data-x hidden>b</div>', "a\nb"),
        ("<p> </p>", None),
    ],
)
def test_text_is_cleaned_and_not_refused(written: str, plain: str | None) -> None:
    assert clean_lines(written, longest=4000) == plain


def test_title_is_one_line_of_at_most_120_characters() -> None:
    title = clean_line("Mill\nLane " + "x" * 200, longest=120)

    assert title is not None
    assert title.startswith("Mill Lane xx")
    assert len(title) == 120
    assert title.endswith("…")


def test_unclosed_markup_of_a_megabyte_is_cleaned_quickly() -> None:
    assert clean_lines("<a" * 500_000, longest=4000) is not None


@pytest.mark.parametrize("text", ["\u200b", "\ufeff \u00ad", "\u3164\n\u2060", "&#8203;"])
def test_text_that_shows_nothing_is_none(text: str) -> None:
    assert clean_lines(text, longest=4000) is None
    assert clean_line(text, longest=120) is None


def decoded(data: bytes) -> str:
    return data.decode(encoding_of(io.BytesIO(data))).lstrip("\ufeff")


class Browser(HTMLParser):
    """Takes the tags out of a text that a page forgot to escape."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.live: list[str] = []
        self.feed(text + ">")

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "iframe", "svg", "style") or any(value is not None for _, value in attributes):
            self.live.append(tag)


def _is_storable(text: str | None) -> bool:
    """Return whether a person might have filed it, tags that are none aside; and nothing in it runs."""
    try:
        return text is None or STORED.deserialize(text.replace("<", "< ")) is not None and not Browser(text).live
    except ValidationError:
        return False


@given(st.text(max_size=200) | st.from_regex(r"(<|&lt;|[a-z/!= ]|>|&gt;|&amp;|&#7;|\x07|;){0,30}"))
@example("<A\r<=")
@example("<A</0=")
@example("<a < onmouseover=run>")
def test_cleaned_text_is_what_a_person_might_have_filed(text: str) -> None:
    assert _is_storable(clean_lines(text, longest=4000))


def test_naughty_strings_come_out_fit_to_store(shared_data: Path) -> None:
    naughty = json.loads((shared_data / "hostile" / "blns.json").read_text())

    assert [text for text in naughty if not _is_storable(clean_lines(text, longest=4000))] == []
