"""Bytes to text, and text to what a report may hold."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.http.fields import Text
from app.reports.importer.row import Unreadable
from app.reports.importer.text import clean_line, clean_lines, decode

STORED = Text(shortest=0, longest=4000, lines=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_is_the_same_in_every_encoding(encoding: str) -> None:
    text = "id,title\n1,Überschwemmung 水\n"

    assert decode(text.encode(encoding)).lstrip("\ufeff") == text


def test_bytes_that_are_no_utf8_are_windows_1252() -> None:
    assert decode("Straße – gesperrt".encode("cp1252")) == "Straße – gesperrt"


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\x1f\x8b\x08"])
def test_packed_file_is_refused_with_what_to_do(head: bytes) -> None:
    with pytest.raises(Unreadable, match=r"save it|unpack"):
        decode(head + b"rest")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<b>Deep</b> water<br>here &amp; there", "Deep water\nhere & there"),
        ("a<script>alert(1)</script>b<!-- c -->", "ab"),
        ("&lt;img src=x onerror=alert(1)&gt;wet", "wet"),
        ("<<b>i>x", "<< b>i>x"),
        ("<\x07b>wet<\u202e/b>", "wet"),
        ("&lt;&#7;b onclick=x", "< b onclick=x"),
        ("level a<b, river -> road <- field", "level a< b, river -> road <- field"),
        ("x < y and y > z & more <Langport> text", "x < y and y > z & more < Langport> text"),
        ("I <3 Langport, water <30cm", "I <3 Langport, water <30cm"),
        ("depth < 5 cm & rising, 3<4", "depth < 5 cm & rising, 3<4"),
        ("\u202eabc\u202c \x07d\x00e", "abc de"),
        ("e\u0301", "é"),
        ("one\r\ntwo", "one\ntwo"),
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


def _is_storable(text: str | None) -> bool:
    try:
        return text is None or STORED.deserialize(text) == text
    except ValidationError:
        return False


@given(st.text(max_size=200) | st.from_regex(r"(<|&lt;|[a-z/!]|>|&gt;|&amp;|&#7;|\x07|;){0,30}"))
def test_cleaned_text_is_what_a_person_might_have_filed(text: str) -> None:
    assert _is_storable(clean_lines(text, longest=4000))


def test_naughty_strings_come_out_fit_to_store(shared_data: Path) -> None:
    naughty = json.loads((shared_data / "hostile" / "blns.json").read_text())

    assert [text for text in naughty if not _is_storable(clean_lines(text, longest=4000))] == []
