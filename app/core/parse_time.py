"""Parse times in the spellings of foreign files to milliseconds since 1970. Pure.

Accepted: RFC 3339 and looser forms of it (blank for T, no seconds, no zone, basic form), 2/18/2000 and 18.2.2000 with
or without a time of day and AM or PM, 18 Feb 2000, Feb 18, 2000, the dates of e-mail and of C, 200002181530, seconds,
milliseconds or microseconds since 1970. A time without a zone has the offset that the caller gives.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import Enum
from math import isfinite
from typing import Any

from app.core import clock
from app.core.unicode_text import shown

# Years of times written as one number. As milliseconds since 1970, which 12 digits could be, all of them are in 1976.
_YEARS = frozenset(map(str, range(1900, 2101)))
EARLIEST_YEAR = 1000  # 0001-01-01 and similar dates stand for "not known"
# Dates that spreadsheets and databases write with a time of day that has no date.
_NO_DAYS = (date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1))
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_MONTH = r"(?P<month_name>[A-Za-z]{3,9})\.?"
_YEAR = r"(?P<year>\d{4}|\d{2})(?!\d)"
_DATES = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\d)",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?!\d)",
        rf"(?P<first>\d{{1,2}})(?P<separator>[-/.])(?P<second>\d{{1,2}})(?P=separator){_YEAR}",
        rf"(?P<day>\d{{1,2}})[ -]{_MONTH},?[ -]{_YEAR}",
        rf"{_MONTH} +(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? +{_YEAR}",
    )
)
_CLOCK = re.compile(
    r"(?:[Tt]|,? +|,)(?P<hour>\d{1,2}):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r" ?(?P<half>[AaPp]\.? ?[Mm]\.?)? ?(?P<zone>[Zz]|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?",
    re.ASCII,
)
_ZONE_AT_END = re.compile(r"(?:[Zz]|UTC|GMT|[+-]\d\d:?(?:\d\d)?)$", re.ASCII)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? +", re.I)
_C_TIME = re.compile(r"([A-Za-z]{3} +\d{1,2}) (\d\d:\d\d:\d\d(?: [+-]\d{4}| UTC| GMT)?) (\d{4})", re.ASCII)
_DOTNET = re.compile(r"/Date\((-?\d{1,16})(?:[+-]\d{4})?\)/", re.ASCII)
_BLANKS = str.maketrans("\u202f\xa0", "  ")  # which programs put before AM and PM
_NUMBER = re.compile(r"\d{9,16}(?:\.\d+)?", re.ASCII)


class UnreadableTime(ValueError):
    """A value of one row cannot be used. The message says why."""


class DateOrder(Enum):
    """Position of the month in dates such as 1/2/2000."""

    MONTH_FIRST = "month/day/year"
    DAY_FIRST = "day/month/year"
    YEAR_FIRST = "year/month/day"  # of years with two digits; others are read as in MIXED
    MIXED = "both orders"  # only dates with a single reading are accepted
    UNKNOWN = "cannot be told"  # read as month first, which the caller should report


def day_and_month(value: Any) -> tuple[int, int] | None:
    """Return the first two numbers of a date such as 1/2/2000, whose order is to be found out; None for all others."""
    match = _DATES[2].match(value.strip()) if isinstance(value, str) else None
    return (int(match["first"]), int(match["second"])) if match and match["separator"] != "." else None


def last_of_short_date(value: Any) -> int | None:
    """Return the third number of a date such as 24/01/15, which may be a day; None if it has four digits."""
    match = _DATES[2].match(value.strip()) if isinstance(value, str) else None
    return int(match["year"]) if match and match["separator"] != "." and len(match["year"]) == 2 else None


def is_day_alone(text: str) -> bool:
    """Return whether a text has the form of a date, and no time of day."""
    text = _WEEKDAY.sub("", text.strip(), count=1)
    return any(date.fullmatch(text) for date in _DATES)


def parse_time(value: Any, *, utc_offset: timedelta, order: DateOrder | None) -> int:
    """Parse to milliseconds since 1970; raises UnreadableTime with the reason."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _since_1970(value, utc_offset)
    text = value.translate(_BLANKS).strip() if isinstance(value, str) else ""
    if match := _DOTNET.fullmatch(text):
        return _by_size(float(match[1]), utc_offset)
    if _NUMBER.fullmatch(text):
        return _since_1970(float(text), utc_offset)
    try:
        return _moment(text, utc_offset, order)
    except (OverflowError, ValueError, KeyError) as error:
        reason = str(error) if isinstance(error, UnreadableTime) else f"{shown(value)!r} is not a time that can be read"
        raise UnreadableTime(reason) from error


def _since_1970(number: float, utc_offset: timedelta) -> int:
    """Read a number of seconds and the like since 1970, or 202402201530 and 20240220153000, which are no such."""
    digits = str(int(number)) if isfinite(number) and number == int(number) else ""
    if not (len(digits) in (12, 14) and digits[:4] in _YEARS):
        return _by_size(number, utc_offset)
    try:
        return parse_time(f"{digits[:8]}T{digits[8:]}", utc_offset=utc_offset, order=None)
    except UnreadableTime as error:
        raise UnreadableTime(f"{digits} is no time by year, month, day and clock, nor likely one since 1970") from error


def _by_size(number: float, utc_offset: timedelta) -> int:
    """Read seconds, milliseconds or microseconds by their size (1973 to 2286 in each unit); 20170220 is a day."""
    for least, per_millisecond in ((1e8, 0.001), (1e11, 1), (1e14, 1000)):
        if least <= number < least * 100:
            return round(number / per_millisecond)
    if 10000101 <= number <= 99991231 and number == int(number):
        return parse_time(str(int(number)), utc_offset=utc_offset, order=None)
    raise UnreadableTime(f"{shown(number)} is not a time since 1970 in seconds or milliseconds")


def _moment(text: str, utc_offset: timedelta, order: DateOrder | None) -> int:
    text = _C_TIME.sub(r"\1 \3 \2", _WEEKDAY.sub("", text, count=1))
    date_match = next((match for date in _DATES if (match := date.match(text))), None)
    if date_match is None:
        raise ValueError(text)
    day = _day(date_match.groupdict(), order)
    rest = text[date_match.end() :].rstrip()
    if day.year < EARLIEST_YEAR or day in _NO_DAYS and not _ZONE_AT_END.search(rest):
        raise UnreadableTime(f"{shown(text)!r} stands for a day that is not known")
    return clock.to_ms(_at_clock(day, rest, utc_offset).astimezone(UTC))


def _day(parts: dict[str, str | None], order: DateOrder | None) -> date:
    if order is DateOrder.YEAR_FIRST and parts.get("first") and len(parts["year"] or "") == 2:
        return date(whole_year(int(parts["first"] or "")), int(parts["second"] or ""), int(parts["year"] or ""))
    year = int(parts["year"] or "")
    if len(parts["year"] or "") == 2:
        year = whole_year(year)
    if parts.get("first"):
        month, day = _month_and_day(parts, order)
    else:
        name = parts.get("month_name")
        month = _MONTHS[name[:3].lower()] if name else int(parts["month"] or "")
        day = int(parts["day"] or "")
    return date(year, month, day)


def whole_year(two_digits: int) -> int:
    """Return the year that two digits stand for, as in POSIX."""
    return two_digits + (2000 if two_digits < 69 else 1900)


def _month_and_day(parts: dict[str, str | None], order: DateOrder | None) -> tuple[int, int]:
    first, second = int(parts["first"] or ""), int(parts["second"] or "")
    if parts["separator"] == "." or order is DateOrder.DAY_FIRST:
        return second, first
    if order in (DateOrder.MIXED, DateOrder.YEAR_FIRST):
        if first <= 12 and second <= 12 and first != second:
            raise UnreadableTime(
                "the file mixes day/month and month/day, and this date can be either (say --date-order)"
            )
        return (second, first) if first > 12 else (first, second)
    return first, second


def _at_clock(day: date, rest: str, utc_offset: timedelta) -> datetime:
    if not rest:
        return datetime.combine(day, time(), timezone(utc_offset))
    match = _CLOCK.fullmatch(rest)
    if not match:
        raise ValueError(rest)
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(rest)
        hour = hour % 12 + (12 if match["half"][0] in "pP" else 0)
    is_end_of_day = (hour, minute, second) == (24, 0, 0)
    if minute > 59 or second > 60 or hour > 23 and not is_end_of_day:
        raise ValueError(rest)
    micro = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    passed = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micro)
    return datetime.combine(day, time(), timezone(_zone(match["zone"], utc_offset))) + passed


def _zone(text: str | None, utc_offset: timedelta) -> timedelta:
    return utc_offset if text is None else parse_offset(text)


def parse_offset(text: str) -> timedelta:
    """Parse `Z`, `+07:00`, `-0530`, `+7`; raises ValueError."""
    if text.upper() in ("Z", "UTC", "GMT"):
        return timedelta()
    match = re.fullmatch(r"([+-])(\d{1,2}):?(\d\d)?", text, re.ASCII)
    if not match or int(match[2]) > 18 or int(match[3] or 0) > 59:
        raise ValueError(f"{shown(text)!r} is not an offset such as +07:00")
    passed = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return -passed if match[1] == "-" else passed
