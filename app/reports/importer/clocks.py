"""Join a day with the time of day that stands in another column. Pure.

A column is one of times of day by its name in several languages; a cell of it counts if it can be nothing else. What is
not joined is counted, so that no time of day is lost in silence.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.parse_time import is_day_alone
from app.core.unicode_text import shown
from app.reports.importer.columns import is_like_a_time, plain, value_at

_DAY_MS = 86_400_000
# Of `Uhrzeit` both go; a remainder such as `reported` tells which day it belongs to.
_DAY_WORDS = "date datum fecha data tanggal day dia día jour giorno hari tag ngày dzień dzien dag 日付 日期 дата"
_CLOCK_WORDS = (
    "timeofday time hour uhrzeit uhr zeit horario hora horas heure ora orario jam waktu clock giờ godzina tijd "
    "時刻 时间 время"
)
_PLAIN = frozenset(_CLOCK_WORDS.split())
_WORDS = re.compile("|".join(sorted((_DAY_WORDS + " " + _CLOCK_WORDS).split(), key=len, reverse=True)))
_CLOCK_NAME = re.compile(
    rf"(?:^|[\W_]|(?<=[a-z])(?=[A-Z]))(?:{_CLOCK_WORDS.replace(' ', '|')})(?=$|[\W_]|[A-Z])|(?:time|uhrzeit)$",
    re.I,
)
# Words that say no more of a time than that it is the one.
_OF_THE_START = (
    "observed observation event incident occurred occurrence reported report start began begin created survey flag "
    "local utc gmt"
).split()
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.hH](?P<minute>\d\d)|(?<=\d\d)(?P<tail>\d\d)|(?P<whole>[hH](?:rs?)?$))(?:[:.](?P<second>\d\d(?:[.,]\d+)?))?"
    r" ?(?P<half>[AaPp]\.? ?[Mm]\.?)?(?: ?(?:Uhr|h|hrs|Std\.?))?(?P<zone> ?(?:[Zz]|UTC|GMT|[+-]\d\d:?(?:\d\d)?))?",
    re.ASCII,
)
_FRACTION = re.compile(r"0?[.,]\d{1,18}|[01]?0", re.ASCII)
_TWELVE = re.compile(r"12:00(?::00)? ?[Aa]\.? ?[Mm]\.?|24:00(?::00)?")
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?$", re.ASCII)


def clock_columns(names: Iterable[str]) -> list[str]:
    """Return the columns that are named like one of times of day."""
    return [name for name in names if is_like_a_time(name) and (plain(name) in _PLAIN or _CLOCK_NAME.search(name))]


def joined(day: Any, path: str, columns: Mapping[str, Any], clocks: Sequence[str]) -> str | None:
    """Return a day without a time of day together with that of its column; None if there is none to join."""
    text = _MIDNIGHT.sub("", str(day).strip()) if isinstance(day, str | int) and not isinstance(day, bool) else ""
    if not clocks or not is_day_alone(text):
        return None
    for name in _belonging(path, clocks):
        if name != path and (time_of_day := _clock(value_at(columns, name))):
            return f"{text} {time_of_day}"
    return None


def fraction(path: str, columns: Mapping[str, Any], clocks: Sequence[str]) -> tuple[float | None, str | None]:
    """Return the time of day beside a spreadsheet's number of days: as part of the day, or as text."""
    for name in _belonging(path, clocks):
        value = value_at(columns, name)
        text = "" if value is None or isinstance(value, bool) else str(value).strip()
        if _FRACTION.fullmatch(text):
            return float(text.replace(",", ".")) % 1, None
        if time_of_day := _clock(value):
            return None, time_of_day
    return None, None


def _belonging(path: str, clocks: Sequence[str]) -> list[str]:
    """Return the columns whose times may belong to this day: of its own name, or of a general one."""
    own = _stem(path)
    same = [name for name in clocks if _stem(name) == own]
    general = [name for name in clocks if not _stem(name)]
    return same or general or ([name for name in clocks if _stem(name) in _OF_THE_START] if not own else [])


def _stem(name: str) -> str:
    return _WORDS.sub("", plain(name))


def _clock(value: Any) -> str | None:
    """Spell a time of day as times are read; None for what is none, or could be something else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).replace("\u202f", " ").replace("\xa0", " ").strip()
    match = _CLOCK.fullmatch(text.zfill(4) if text.isdigit() and len(text) == 3 else text)
    minute = (match["minute"] or match["tail"] or "00") if match else ""
    if not match or int(minute) > 59 or int(match["hour"]) > 24 or _is_span(match):
        return None
    second = f":{match['second']}" if match["second"] else ""
    half, zone = f" {match['half'][0]}M" if match["half"] else "", (match["zone"] or "").strip()
    return f"{match['hour']}:{minute}{second}{half}{zone and ' ' + zone}"


def _is_span(match: re.Match[str]) -> bool:
    """Return whether 10:00-12:00 can be from one time to another, instead of a time with an offset."""
    zone = (match["zone"] or "").strip()
    is_later = zone.startswith("-") and int(zone[1:3]) >= int(match["hour"])
    return is_later and not match["second"]


@dataclass
class ClocksSeen:
    """Times of day of a file that its rows do not use."""

    rows: Counter[str] = field(default_factory=Counter)

    def see(self, columns: Mapping[str, Any], moment_ms: int, clocks: Sequence[str], day: str) -> None:
        """Take a row into account whose time is a midnight: is there a time of day that was not joined?"""
        if moment_ms % _DAY_MS:
            return
        for name, value in columns.items():
            if name == day or value is None or not is_like_a_time(name):
                continue
            text = str(value).strip()
            is_plain = isinstance(value, str) and ":" in text and bool(_clock(text))
            if (is_plain or name in clocks and text) and not _is_midnight(text):
                self.rows[name] += 1

    def remarks(self) -> list[str]:
        """Return a sentence for each column."""
        return [
            f"The times of day in the column {shown(name)} are not used in {rows:,} rows, which have a day alone; "
            "to use them, write day and time in one column."
            for name, rows in self.rows.items()
        ]


def _is_midnight(text: str) -> bool:
    return bool(_TWELVE.fullmatch(text)) or not text.strip("0:.,") or is_day_alone(_MIDNIGHT.sub("", text))
