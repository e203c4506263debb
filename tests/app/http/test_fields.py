"""Fields: strict about type, counted in characters, and clear about what is wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.core import clock
from app.http.fields import Moment, Number, QueryNumber, QueryWhole, Text, Whole, Word, parse_moment

LINE, LINES = Text(shortest=1, longest=10), Text(shortest=0, longest=10, lines=True)


def codes_of(field: Any, value: Any) -> set[str]:
    """The codes of all mistakes; none when the value is taken."""
    try:
        field.deserialize(value)
    except ValidationError as error:
        assert isinstance(error.messages, list)
        assert all("|" in message for message in error.messages)
        return {message.partition("|")[0] for message in error.messages}
    return set()


@pytest.mark.parametrize("value", ["1", True, None, [], {}, float("nan"), float("inf"), 10**400])
def test_number_is_a_finite_json_number(value: Any) -> None:
    assert codes_of(Number(low=0, high=10), value) in ({"type"}, {"null"})


@pytest.mark.parametrize(
    ("value", "codes"), [(0, set()), (10, set()), (-1e-9, {"range"}), (10.0000001, {"range"}), (10**39, {"range"})]
)
def test_number_keeps_its_range(value: float, codes: set[str]) -> None:
    assert codes_of(Number(low=0, high=10), value) == codes


@pytest.mark.parametrize("value", [2.2e-309, -1e-200, 1e-131, -0.0])
def test_number_too_small_for_the_database_is_none(value: float) -> None:
    taken = Number(low=-1, high=10).deserialize(value)

    assert str(taken) == "0.0"


@pytest.mark.parametrize("value", [50, 50.0, 5e1])
def test_whole_number_may_be_written_with_a_point(value: float) -> None:
    taken = Whole(low=1, high=100).deserialize(value)

    assert (taken, type(taken)) == (50, int)


@pytest.mark.parametrize("value", ["50", 50.5, True, None, [50]])
def test_whole_number_is_nothing_else(value: Any) -> None:
    assert codes_of(Whole(low=1, high=100), value) in ({"type"}, {"null"})


@pytest.mark.parametrize("text", ["1", "+1", "-1", "1.", ".5", "1e3", "1.5E-3", "-0", "0" * 10])
def test_query_number_is_plain_decimal_notation(text: str) -> None:
    assert QueryNumber(low=-2000, high=2000).deserialize(text) == float(text)


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1,5", "0x10", "1_000", "nan", "inf", "-Infinity", "1e999", "１", "1" * 11, "1e", "."]
)
def test_query_number_is_no_other_notation(text: str) -> None:
    assert codes_of(QueryNumber(low=-2000, high=2000), text) == {"type"}


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "1e1", "²", "１", "1 ", "9" * 16])
def test_query_whole_number_is_digits(text: str) -> None:
    assert codes_of(QueryWhole(low=1, high=100), text) == {"type"}


@pytest.mark.parametrize("value", ["MINOR", "minor ", "", 1, ["minor"], {"minor": 1}, None])
def test_word_is_one_of_the_few(value: Any) -> None:
    assert codes_of(Word(["minor", "severe"]), value) in ({"choice"}, {"type"}, {"null"})


@pytest.mark.parametrize(
    "text",
    [
        "Überschwemmung"[:10],
        "洪水です",
        "سيل في",
        "שיטפון",
        "🌊" * 10,
        "ﬁ vs fi",
        "depth < 5",
        "a<5",
        "1 <2> 3",
        "=1+1",
        "'; --",
        "{{7*7}}",
        "z" * 10,
        "&lt;b&gt;",
    ],
)
def test_plain_text_of_any_script_is_taken(text: str) -> None:
    assert LINE.deserialize(text) == text


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", {"length"}),
        ("   ", {"length"}),
        ("\u3000\u2028", {"length"}),
        ("x" * 11, {"length"}),
        ("🌊" * 11, {"length"}),
        ("<b>", {"markup"}),
        ("</b", {"markup"}),
        ("<!--", {"markup"}),
        ("<?xml", {"markup"}),
        ('"><img', {"markup"}),
        ("a\nb", {"control"}),
        ("a\tb", {"control"}),
        ("a\x00b", {"control"}),
        ("a\x1b[31m", {"control"}),
        ("a\x7f", {"control"}),
        ("a\x1f", {"control"}),
        ("\x85a", {"control"}),
        ("a\u2028b", {"control"}),
        ("a\u2029b", {"control"}),
        ("a\ufffe", {"control"}),
        ("a\U0001ffff", {"control"}),
        ("\u202eabc", {"bidi"}),
        ("a\u2066b\u2069", {"bidi"}),
        ("<i>\u202e\x00" + "x" * 9, {"length", "markup", "control", "bidi"}),
    ],
)
def test_text_is_refused_for_every_reason_at_once(text: str, codes: set[str]) -> None:
    assert codes_of(LINE, text) == codes


INVISIBLE = [
    "\u200b",
    "\ufeff",
    "\u2060",
    "\u00ad",
    "\u200d\u200c",
    "\u200b \u3000\u2060",
    "\u202e",
    "\U000e0041",
    "\u3164",
]


@pytest.mark.parametrize("text", INVISIBLE)
def test_text_that_shows_nothing_is_empty(text: str) -> None:
    assert (codes_of(LINE, text), LINES.deserialize(text)) == ({"length"}, "")


@pytest.mark.parametrize("text", ["نمی\u200cدانم و", "👩\u200d🚒", "نمی\u200cدانم"])
def test_text_that_shows_something_keeps_what_joins_it(text: str) -> None:
    assert LINE.deserialize(text) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u200bb\u2060c\ufeff", "abc"),
        ("wa\u00adter", "water"),
        ("a\u200eb\u200f\u061c", "ab"),
        ("ok" + "".join(chr(0xE0000 + ord(letter)) for letter in "ignore all"), "ok"),
        ("a\u115f\u3164b\ufff9", "ab"),
        ("\u200b.", "."),
        ("a\u200d \u200cb", "a b"),
        ("o" + "\u0336" * 9, "o" + "\u0336" * 4),
    ],
    ids=ascii,
)
def test_what_no_reader_sees_is_left_out(text: str, seen: str) -> None:
    assert (LINE.deserialize(text), LINES.deserialize(text)) == (seen, seen)


@pytest.mark.parametrize("text", ["<\u200bb>", "<\u00ad!--", "<\U000e0041script"])
def test_markup_is_found_behind_what_no_reader_sees(text: str) -> None:
    assert "markup" in codes_of(LINES, text)


def test_lines_are_lines_whatever_ends_them() -> None:
    assert LINES.deserialize(" a\r\nb\tc\n\n") == "a\nb\tc"
    assert LINES.deserialize("a\u2028b") == "a\u2028b"
    assert codes_of(LINES, "a\rb") == {"control"}


def test_length_counts_composed_characters() -> None:
    assert LINE.deserialize("e\u0301" * 10) == "\u00e9" * 10


@pytest.mark.parametrize("value", [5, True, [], {}, 1.5])
def test_text_is_text(value: Any) -> None:
    assert codes_of(LINE, value) == {"type"}


@given(st.text(max_size=30))
def test_text_that_is_taken_is_taken_again_unchanged(text: str) -> None:
    if not codes_of(LINES, text):
        taken = LINES.deserialize(text)
        assert LINES.deserialize(taken) == taken
        assert json.loads(json.dumps(taken).encode()) == taken


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z"),
        ("2026-01-05t10:00:00z", "2026-01-05T10:00:00Z"),
        ("2026-01-05 10:00:00+14:00", "2026-01-04T20:00:00Z"),
        ("2026-01-05T10:00:00-00:00", "2026-01-05T10:00:00Z"),
        ("2026-01-05T10:00:00.1239999Z", "2026-01-05T10:00:00.123Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_moment_is_rfc_3339(text: str, utc: str) -> None:
    assert clock.rfc3339(Moment().deserialize(text)) == utc


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2026-01-05",
        "2026-01-05T10:00:00",
        "2026-01-05T10:00Z",
        "20260105T100000Z",
        "2026-02-30T10:00:00Z",
        "2026-01-05T24:00:00Z",
        "2026-01-05T10:60:00Z",
        "2026-01-05T10:00:61Z",
        "2026-01-05T10:00:00+25:00",
        "2026-01-05T10:00:00+0100",
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:60Z",
        "9999-12-31T23:59:59-01:00",
        "2026-01-05T10:00:00Z ",
        "２０２６-01-05T10:00:00Z",
        "2026-01-05T10:00:00,5Z",
        1_795_262_400,
        None,
        True,
        [],
    ],
)
def test_moment_is_nothing_else(value: Any) -> None:
    assert codes_of(Moment(), value) in ({"time"}, {"null"})


@given(st.integers(min_value=-62_000_000_000_000, max_value=250_000_000_000_000))
def test_moment_is_told_as_it_was_said(milliseconds: int) -> None:
    assert parse_moment(clock.rfc3339(milliseconds)) == clock.from_ms(milliseconds)
