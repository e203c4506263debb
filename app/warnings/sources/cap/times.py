"""Read the times of CAP messages: `sent`, `onset`, `expires`, and those of feeds. Pure."""

import re
from datetime import timedelta

from app.core.parse_time import UnreadableTime, parse_time
from app.warnings.sources.safe_xml import Unreadable

_LATEST_MS = 4_102_444_800_000  # 2100: later times mean "for ever", times before 1970 "not known"
_DAY = re.compile(r"\d{4}-?\d\d-?\d\d", re.ASCII)
_ZONE = re.compile(r"[T ]\d\d.*?(?:(?P<utc>Z|UTC|GMT)|(?P<hours>[+-]\d\d):?(?P<minutes>\d\d)?)$", re.ASCII | re.I)


def read_time(text: str, offset: timedelta | None = None) -> tuple[int, str]:
    """Return milliseconds since 1970, and the zone: its offset, UTC, or a note that none was given. Raises Unreadable.

    A time without an offset uses the given one, that of `sent` in the same message, else UTC.
    """
    try:
        if not _DAY.match(text):  # a date in another order would be a guess
            raise UnreadableTime("not an ISO date")
        moment = parse_time(text, utc_offset=offset or timedelta(), order=None)
        if not 0 <= moment < _LATEST_MS:
            raise UnreadableTime("not of this age")
    except (UnreadableTime, ValueError, OverflowError) as unusable:
        raise Unreadable(f"{text[:40]!r} is no time of a message") from unusable
    own = offset_of(text)
    if own is None:
        return moment, "UTC, since none is said"
    return moment, _spelt(own) if own else "UTC"


def offset_of(text: str) -> timedelta | None:
    """Return the UTC offset of a time; None if it has none."""
    match = _ZONE.search(text.strip())
    if match is None:
        return None
    if match["utc"]:
        return timedelta()
    ahead = timedelta(hours=int(match["hours"][1:]), minutes=int(match["minutes"] or 0))
    return -ahead if match["hours"][0] == "-" else ahead


def _spelt(offset: timedelta) -> str:
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"{'-' if offset < timedelta() else '+'}{hours:02}:{minutes:02}"
