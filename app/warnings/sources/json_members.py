"""Read members of an issuer's JSON objects tolerantly: a wrong type counts as absent, never as an error."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core import clock
from app.core.plain_text import plain

LONGEST_TEXT = 20_000  # characters; the longest real message seen has about 6,000
_MIDNIGHT = re.compile(r"(\d{4}-?\d\d-?\d\d)[Tt ]24:?00(?::?00)?(?:[.,]0+)?(.*)", re.ASCII | re.S)
_EARLIEST_MS, _LATEST_MS = 0, 4_102_444_800_000  # 1970 to 2100: times outside are not times of a warning


Clock = Callable[[datetime], timedelta]  # local clock time -> its UTC offset


def members(value: Any) -> Mapping[str, Any]:
    """Return an object unchanged; an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> list[Any]:
    """Return a list unchanged, an empty one for null, and a list of one for any other value."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def text(value: Any, *, longest: int = LONGEST_TEXT) -> str:
    """Return plain text with line breaks, trimmed and cut; empty for any other type."""
    return plain(value[: longest * 2])[:longest].rstrip() if isinstance(value, str) else ""


def line(value: Any, *, longest: int = 300) -> str:
    """Return text as one line."""
    return " ".join(text(value, longest=2_000).split())[:longest]


def word(value: Any) -> str:
    """Return text as one line in lower case, for comparing code words."""
    return line(value).lower()


def always_utc(_: datetime) -> timedelta:
    """Clock of sources that write UTC without naming it."""
    return timedelta()


def time_ms(value: Any, *, ahead: Clock = always_utc) -> int | None:
    """Return the milliseconds since 1970 of an ISO 8601 time; `ahead` gives the UTC offset of one without a zone."""
    moment = _moment(text(value, longest=60))
    if moment is None:
        return None
    if moment.tzinfo is None:
        at = clock.to_ms(moment.replace(tzinfo=UTC)) - ahead(moment) // timedelta(milliseconds=1)
    else:
        at = clock.to_ms(moment)
    return at if _EARLIEST_MS <= at < _LATEST_MS else None


def offset_in(value: Any) -> Clock:
    """Return the clock of a time, for others of the same message without a zone; UTC if it has none."""
    moment = _moment(text(value, longest=60))
    offset = moment.utcoffset() if moment is not None else None
    return lambda _: offset or timedelta()


def _moment(written: str) -> datetime | None:
    """Parse a time; 24:00 is the beginning of the next day, which not every Python version accepts."""
    midnight = _MIDNIGHT.fullmatch(written)
    time_text = f"{midnight[1]}T00:00{midnight[2]}" if midnight else written
    try:
        return datetime.fromisoformat(time_text.upper()) + timedelta(days=1 if midnight else 0)
    except (ValueError, OverflowError):
        return None
