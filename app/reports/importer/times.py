"""Find the times of rows: which columns hold them, how their dates are written, and what one row states. Pure."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core import clock
from app.core.parse_time import DateOrder, UnreadableTime, day_and_month, last_of_short_date, parse_time, whole_year
from app.core.unicode_text import shown
from app.reports.importer.clocks import ClocksSeen, fraction, joined
from app.reports.importer.columns import value_at
from app.reports.importer.month_names import spelled_out
from app.reports.importer.row import ImportOptions
from app.reports.importer.zones import offset_at, says_another_zone

# Days of a spreadsheet since 1899-12-30: 1954 to 2119. Smaller numbers are counts or years.
_SERIAL_DAYS = range(20_000, 80_000)
_SERIAL_EPOCH_MS = clock.to_ms(datetime(1899, 12, 30, tzinfo=UTC))
_DAYS_TO_1904 = 1462
# Years of today in the Islamic and Persian calendars. Floods of our own years of these numbers are no reports.
_OTHER_CALENDARS = (1300, 1500)
_LONG_AGO_MS = clock.to_ms(datetime(1501, 1, 1, tzinfo=UTC))
# 2024-06-03 10:00-12:00; behind a T it is an offset (RFC 3339).
_SPAN = re.compile(r"(?<=[ ,])(\d{1,2}:\d\d)-(\d{1,2}:\d\d)$", re.ASCII)
ORDERS = {True: DateOrder.DAY_FIRST, False: DateOrder.MONTH_FIRST}
_ALL_ORDERS = (*ORDERS.values(), DateOrder.YEAR_FIRST)
TIMELESS = "there is none"


@dataclass
class DatesSeen:
    """Evidence of the dates of one column on the place of the month."""

    has_day_first: bool = False
    has_month_first: bool = False
    is_ambiguous: bool = False  # by at least one date that two orders read differently
    example: str = ""
    # Orders that fit each date with a year of two digits; None if there is no such date, or one with four.
    of_short: frozenset[DateOrder] | None = None
    has_long: bool = False
    short_example: str = ""

    def see(self, value: Any) -> None:
        """Take one value into account."""
        if not (numbers := day_and_month(value)):
            return
        first, second = numbers
        if (third := last_of_short_date(value)) is None:
            self.has_long = True
        else:
            fitting = _fitting(first, second, third)
            self.of_short = fitting if self.of_short is None else self.of_short & fitting
            self.short_example = self.short_example or str(value).strip()
        self.has_day_first |= first > 12
        self.has_month_first |= second > 12
        if not self.is_ambiguous and first != second and first <= 12 and second <= 12:
            self.is_ambiguous, self.example = True, str(value).strip()

    def order(self) -> DateOrder | None:
        """Return the order that the column shows; None if no date needs one."""
        if self.may_be_year_first():
            return DateOrder.YEAR_FIRST if len(self.of_short or ()) == 1 else DateOrder.UNKNOWN
        if self.has_day_first and self.has_month_first:
            return DateOrder.MIXED
        if self.has_day_first or self.has_month_first:
            return ORDERS[self.has_day_first]
        return DateOrder.UNKNOWN if self.is_ambiguous else None

    def may_be_year_first(self) -> bool:
        """Return whether all dates of the column can have a year of two digits in front."""
        return not self.has_long and DateOrder.YEAR_FIRST in (self.of_short or ())


def _fitting(first: int, second: int, third: int) -> frozenset[DateOrder]:
    """Return the orders in which a date with a year of two digits is a day that is not to come."""
    this_year = int(clock.rfc3339(clock.now_ms())[:4])
    days, months, is_third_past = range(1, 32), range(1, 13), whole_year(third) <= this_year
    fits = {
        DateOrder.DAY_FIRST: first in days and second in months and is_third_past,
        DateOrder.MONTH_FIRST: first in months and second in days and is_third_past,
        DateOrder.YEAR_FIRST: whole_year(first) <= this_year and second in months and third in days,
    }
    return frozenset(order for order, is_fitting in fits.items() if is_fitting)


@dataclass(frozen=True)
class TimeRules:
    """Rules for reading the times of a file."""

    columns: Sequence[str]  # the preferred one first
    utc_offset: timedelta
    orders: Mapping[str, DateOrder | None]
    given_ms: int | None = None  # of rows that state no time
    clocks: Sequence[str] = ()  # columns of times of day, beside those of days
    zones: Sequence[str] = ()  # columns that state the time zone of a row
    is_since_1904: bool = False  # days of a spreadsheet, as old workbooks of a Mac count them


@dataclass
class TimesSeen:
    """Evidence of the first pass on times: the order of dates in each column, and the newest time by order."""

    dates: dict[str, DatesSeen] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)  # columns that a row's time comes from
    newest_ms: dict[DateOrder, int] = field(default_factory=dict)
    clocks: ClocksSeen = field(default_factory=ClocksSeen)
    without_zone: set[str] = field(default_factory=set)  # columns that a time without an offset comes from

    def see(self, columns: Mapping[str, Any], rules: TimeRules, *, is_placed: bool) -> None:
        """Take the times of one row into account; of a row without a place only how its dates are written."""
        for path in rules.columns:
            value = value_at(columns, path)
            if isinstance(value, str):
                self.dates.setdefault(path, DatesSeen()).see(value)
        if is_placed:
            self._see_moments(columns, rules)

    def _see_moments(self, columns: Mapping[str, Any], rules: TimeRules) -> None:
        is_noted = False
        for order in _ALL_ORDERS:
            moment, path = _first(columns, replace(rules, orders=dict.fromkeys(rules.columns, order)))
            if path and isinstance(moment, int):
                if not is_noted:
                    is_noted, local_ms = True, moment + _offset_ms(rules)
                    self.clocks.see(columns, local_ms, rules.clocks, path)
                    self._see_zone(columns, path, rules)
                self.used.add(path)
                self.newest_ms[order] = max(self.newest_ms.get(order, moment), moment)
                if not day_and_month(value_at(columns, path)):
                    for other in _ALL_ORDERS:
                        self.newest_ms[other] = max(self.newest_ms.get(other, moment), moment)
                    return

    def _see_zone(self, columns: Mapping[str, Any], path: str, rules: TimeRules) -> None:
        if path not in self.without_zone and says_another_zone(path):
            with suppress(UnreadableTime):
                found = {_local(value_at(columns, path), path, columns, each) for each in (rules, _an_hour_off(rules))}
                self.without_zone |= {path} if len(found) > 1 else set()

    def orders(self, paths: Sequence[str], options: ImportOptions) -> dict[str, DateOrder | None]:
        """Return the order of each column: as asked, else as it shows, else as the file's other columns show."""
        if options.is_year_first:
            return dict.fromkeys(paths, DateOrder.YEAR_FIRST)
        if options.day_first is not None:
            return dict.fromkeys(paths, ORDERS[options.day_first])
        found = {path: self.dates[path].order() if path in self.dates else None for path in paths}
        sure = {order for order in found.values() if order in ORDERS.values()}
        if len(sure) == 1:
            (known,) = sure
            found = {path: known if self._is_settled(path, order, known) else order for path, order in found.items()}
        return found

    def newest(self, orders: Mapping[str, DateOrder | None]) -> int | None:
        """Return the newest time of the file, if its dates are written in these orders."""
        found = {orders.get(path) for path in self.used}
        ours = next((order for order in (DateOrder.YEAR_FIRST, DateOrder.DAY_FIRST) if order in found), None)
        return self.newest_ms.get(ours or DateOrder.MONTH_FIRST)

    def _is_settled(self, path: str, order: DateOrder | None, known: DateOrder | None) -> bool:
        """Return whether the order that another column shows can be that of a column that shows none."""
        of_short = self.dates[path].of_short if path in self.dates else None
        return order is DateOrder.UNKNOWN and (of_short is None or known in of_short)


def observed_ms(columns: Mapping[str, Any], rules: TimeRules) -> int:
    """Return the time of a row in milliseconds since 1970; raises UnreadableTime with the reason."""
    moment, _ = _first(columns, rules)
    if isinstance(moment, int):
        return moment
    if moment is None and rules.given_ms is not None:
        return rules.given_ms
    raise UnreadableTime(f"{moment or TIMELESS}")


def _first(columns: Mapping[str, Any], rules: TimeRules) -> tuple[int | UnreadableTime | None, str]:
    """Return the first readable time and its column, else the first reason; None if the row states no time."""
    reason: UnreadableTime | None = None
    for path in rules.columns:
        value = value_at(columns, path)
        if value is None or isinstance(value, str) and not value.strip():
            continue
        try:
            return _moment(value, path, columns, rules), path
        except UnreadableTime as error:
            reason = reason or error
    return reason, ""


def _moment(value: Any, path: str, columns: Mapping[str, Any], rules: TimeRules) -> int:
    """Return the time that a value states, in the time zone of its row."""
    value = spelled_out(value) if isinstance(value, str) else value
    if isinstance(value, str) and (span := _SPAN.search(value)) and span[1].zfill(5) < span[2].zfill(5):
        raise UnreadableTime(f"{shown(value)!r} can be from {span[1]} to {span[2]}, or a time with an offset")
    moment = _local(value, path, columns, rules)
    if rules.zones and moment != _local(value, path, columns, _an_hour_off(rules)):
        local_ms = moment + _offset_ms(rules)
        offset = offset_at(columns, rules.zones, local_ms)
        moment = moment if offset is None else local_ms - round(offset.total_seconds() * 1000)
    if (
        _OTHER_CALENDARS[0]
        <= (year := int(clock.rfc3339(moment)[:4]) if moment < _LONG_AGO_MS else 0)
        < _OTHER_CALENDARS[1]
    ):
        raise UnreadableTime(
            f"the year {year} looks like one of another calendar (Hijri, Persian): write the Gregorian one"
        )
    if min(abs(moment), abs(moment + _offset_ms(rules))) <= 1000:
        raise UnreadableTime(f"{shown(value)!r} is the beginning of 1970, which stands for a time that is not known")
    return moment


def _an_hour_off(rules: TimeRules) -> TimeRules:
    """Return rules by which exactly the times without an offset come out otherwise."""
    return replace(rules, utc_offset=rules.utc_offset - timedelta(hours=1))


def _local(value: Any, path: str, columns: Mapping[str, Any], rules: TimeRules) -> int:
    """Return the time that a value states, with the time of day that stands in a separate column."""
    serial, day = _serial_days(value), value
    if serial is not None:
        serial += _DAYS_TO_1904 if rules.is_since_1904 else 0
        part, time_of_day = fraction(path, columns, rules.clocks) if serial.is_integer() else (None, None)
        seconds = round((serial + (part or 0)) * 86_400)
        if not time_of_day:
            return seconds * 1000 + _SERIAL_EPOCH_MS - _offset_ms(rules)
        day = clock.rfc3339(seconds * 1000 + _SERIAL_EPOCH_MS)[:10]
    if spelled := joined(day, path, columns, rules.clocks):
        with suppress(UnreadableTime):
            return parse_time(spelled, utc_offset=rules.utc_offset, order=rules.orders.get(path))
    return parse_time(day, utc_offset=rules.utc_offset, order=rules.orders.get(path))


def _offset_ms(rules: TimeRules) -> int:
    return round(rules.utc_offset.total_seconds() * 1000)


def _serial_days(value: Any) -> float | None:
    """Return a spreadsheet's number of days (46346.5), which no other spelling of times looks like; else None."""
    if isinstance(value, str) and 5 <= len(value.strip()) <= 20:
        text = value.strip().replace(",", ".")
        days, _, rest = text.partition(".")
        if not (len(days) == 5 and days.isascii() and days.isdigit() and (rest + "0").isdigit()):
            return None
        value = float(text)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and _SERIAL_DAYS.start <= value < _SERIAL_DAYS.stop else None


def question_of(path: str, seen: DatesSeen) -> str:
    """Return the question that a column with ambiguous dates leaves open."""
    if seen.may_be_year_first():
        orders = [order.value for order in _ALL_ORDERS if order in (seen.of_short or ())]
        return f"Is {shown(seen.short_example)!r} in the column {shown(path)} {' or '.join(orders)}?"
    return f"Is {shown(seen.example)!r} in the column {shown(path)} day/month/year or month/day/year?"
