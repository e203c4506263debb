"""Times as files spell them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.core import clock
from app.core.parse_time import _NO_DAYS, DateOrder, UnreadableTime, day_and_month, parse_offset, parse_time

NOON_MS = clock.to_ms(datetime(2020, 2, 18, 12, 0, tzinfo=UTC))


def read(value: Any, *, hours: int = 0, order: DateOrder | None = None) -> int:
    return parse_time(value, utc_offset=timedelta(hours=hours), order=order)


@pytest.mark.parametrize(
    "spelled",
    [
        "2020-02-18T12:00:00Z",
        "2020-02-18 12:00",
        "2020-02-18 12:00:00.000",
        "2020-02-18T14:00:00+02:00",
        "2020-02-18 07:00:00-0500",
        "2020-02-18 19:00:00+07",
        "20200218T120000Z",
        "2020/02/18 12:00:00 UTC",
        "2/18/2020 12:00:00 PM",
        "02/18/20 12:00",
        "18.02.2020 12:00",
        "18 Feb 2020 12:00",
        "18-Feb-2020 12:00:00",
        "February 18, 2020 12:00 p.m.",
        "Tue, 18 Feb 2020 12:00:00 GMT",
        "Tue Feb 18 12:00:00 +0000 2020",
        "Tue Feb 18 12:00:00 2020",
        "/Date(1582027200000)/",
        "1582027200",
        "202002181200",
        "20200218120000",
        202002181200,
        202002181200.0,
        20200218120000,
        "1582027200000",
        1582027200,
        1582027200.0,
        1582027200000,
        1582027200000000,
    ],
)
def test_one_moment_is_read_in_every_spelling(spelled: Any) -> None:
    assert read(spelled) == NOON_MS


def test_time_without_zone_takes_the_files_offset() -> None:
    assert read("2020-02-18T19:00:00", hours=7) == NOON_MS


def test_zone_in_the_text_goes_before_the_files_offset() -> None:
    assert read("2020-02-18T12:00:00Z", hours=7) == NOON_MS


def test_day_alone_is_its_midnight() -> None:
    assert read("2020-02-18") == read(20200218) == read("20200218") == NOON_MS - 12 * clock.HOUR_MS


@pytest.mark.parametrize("spelled", ["202013181200", 202002302400, "20200218126100", 99990218120000])
def test_number_that_is_neither_a_date_nor_likely_one_since_1970_is_refused(spelled: Any) -> None:
    with pytest.raises(UnreadableTime):
        read(spelled)


def test_milliseconds_that_are_named_so_are_no_date() -> None:
    assert read("/Date(202002181200)/") == 202002181200


def test_leap_second_and_end_of_day_are_the_next_moment() -> None:
    assert read("2016-12-31T23:59:60Z") == read("2016-12-31T24:00:00Z") == read("2017-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "spelled",
    [
        *("", "yesterday", "2020-02-30", "2/30/2020", "13/13/2020", "2020-02-18T25:00", "2020-02-18T12:60", "2020-02"),
        *(
            "1900-01-01 07:32:00.000",
            "12/30/1899 07:32",
            "2020-02-18T12:00 nowhere",
            "10000-01-01T00:00:00Z",
            "0001-01-01T00:00:00",
            "12:00",
            "13:00 PM 1/2/2020",
        ),
        *(None, True, 0, -1, 5, 1e300, float("nan"), float("inf"), [], {}, "9999-12-31T23:59:59-12:00"),
    ],
)
def test_what_is_no_time_is_refused_with_its_reason(spelled: Any) -> None:
    with pytest.raises(UnreadableTime, match=r"."):
        read(spelled)


def test_first_two_numbers_of_a_date_are_found_where_their_order_is_open() -> None:
    assert day_and_month(" 1/12/2020 10:00") == (1, 12)
    assert day_and_month("3-4-2020") == (3, 4)
    assert [day_and_month(value) for value in ("2020-02-18", "18.2.2020", None, 5)] == [None] * 4


def test_mixed_column_gives_only_dates_that_can_be_read_one_way() -> None:
    assert read("18/2/2020", order=DateOrder.MIXED) == read("2/18/2020", order=DateOrder.MIXED)
    with pytest.raises(UnreadableTime, match="mixes"):
        read("1/2/2020", order=DateOrder.MIXED)


def test_day_first_is_obeyed() -> None:
    assert read("1/2/2020", order=DateOrder.DAY_FIRST) == read("2020-02-01")
    assert read("1/2/2020", order=DateOrder.UNKNOWN) == read("2020-01-02")


@pytest.mark.parametrize(("text", "hours"), [("Z", 0), ("+07:00", 7), ("-0530", -5.5), ("+7", 7)])
def test_offsets_are_read(text: str, hours: float) -> None:
    assert parse_offset(text) == timedelta(hours=hours)


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{1,4}[-/. ][0-9A-Za-z]{1,3}[-/. ][0-9]{1,4}.{0,12}"))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        moment = read(text)
    except UnreadableTime:
        return
    assert clock.from_ms(moment)


@given(st.integers() | st.floats() | st.none() | st.booleans())
def test_any_number_is_a_time_or_refused(number: Any) -> None:
    with suppress(UnreadableTime):
        assert clock.from_ms(read(number)).year >= 1


@given(st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9998, 1, 1)))  # noqa: DTZ001 - the file's own
def test_every_iso_time_is_read_as_python_reads_it(moment: datetime) -> None:
    assume(moment.date() not in _NO_DAYS)  # those that databases write for "unknown"
    assert read(moment.isoformat()) == clock.to_ms(moment.replace(tzinfo=UTC))
