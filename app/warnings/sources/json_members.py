"""Members of an issuer's JSON objects, read tolerantly: the wrong kind counts as absent, never as an error."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core import clock
from app.core.plain_text import plain

LONGEST_TEXT = 20_000  # characters; the longest real message seen is about 6,000
_MIDNIGHT = re.compile(r"(\d{4}-?\d\d-?\d\d)[Tt ]24:?00(?::?00)?(?:[.,]0+)?(.*)", re.ASCII | re.S)
_EARLIEST_MS, _LATEST_MS = 0, 4_102_444_800_000  # 1970 to 2100: what lies outside is no time of a warning


Clock = Callable[[datetime], timedelta]  # how far a clock that shows this is before UTC


def members(value: Any) -> Mapping[str, Any]:
    """The object itself; nothing for any other value."""
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> list[Any]:
    """A list as it is, nothing for null, and one entry for a value that stands where a list is expected."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def text(value: Any, *, longest: int = LONGEST_TEXT) -> str:
    """A text as plain words with its line breaks, trimmed and cut; empty for anything else."""
    return plain(value[: longest * 2])[:longest].rstrip() if isinstance(value, str) else ""


def line(value: Any, *, longest: int = 300) -> str:
    """A text of one line."""
    return " ".join(text(value, longest=2_000).split())[:longest]


def word(value: Any) -> str:
    """A text on one line in lower case: how their code words are compared."""
    return line(value).lower()


def always_utc(_: datetime) -> timedelta:
    """The zone of sources that write UTC where they name none."""
    return timedelta()


def time_ms(value: Any, *, ahead: Clock = always_utc) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 time; `ahead` says how far one that names no zone is before UTC."""
    moment = _moment(text(value, longest=60))
    if moment is None:
        return None
    if moment.tzinfo is None:
        at = clock.to_ms(moment.replace(tzinfo=UTC)) - ahead(moment) // timedelta(milliseconds=1)
    else:
        at = clock.to_ms(moment)
    return at if _EARLIEST_MS <= at < _LATEST_MS else None


def offset_in(value: Any) -> Clock:
    """The clock by which a time is written, for others of the same message that do not say; UTC where it does not."""
    moment = _moment(text(value, longest=60))
    offset = moment.utcoffset() if moment is not None else None
    return lambda _: offset or timedelta()


def _moment(written: str) -> datetime | None:
    """With 24:00 as the next day's beginning, which not every Python reads."""
    midnight = _MIDNIGHT.fullmatch(written)
    told = f"{midnight[1]}T00:00{midnight[2]}" if midnight else written
    try:
        return datetime.fromisoformat(told.upper()) + timedelta(days=1 if midnight else 0)
    except (ValueError, OverflowError):
        return None
