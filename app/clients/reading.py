"""Members of an issuer's JSON objects, read tolerantly: the wrong kind counts as absent, never as an error."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app import clock
from app.formats.plain_text import plain

LONGEST_TEXT = 20_000  # characters; the longest real message seen is about 6,000
_EARLIEST_MS, _LATEST_MS = 0, 4_102_444_800_000  # 1970 to 2100: what lies outside is no time of a warning


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


def line(value: Any) -> str:
    """A text of one line, at most 300 characters."""
    return " ".join(text(value, longest=2_000).split())[:300]


def word(value: Any) -> str:
    """A text on one line in lower case: how their code words are compared."""
    return line(value).lower()


def always_utc(_: datetime) -> timedelta:
    """The zone of sources that write UTC where they name none."""
    return timedelta()


def time_ms(value: Any, *, ahead: Callable[[datetime], timedelta] = always_utc) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 time; `ahead` says how far one that names no zone is before UTC."""
    try:
        moment = datetime.fromisoformat(text(value, longest=60))
    except ValueError:
        return None
    if moment.tzinfo is None:
        at = clock.to_ms(moment.replace(tzinfo=UTC)) - ahead(moment) // timedelta(milliseconds=1)
    else:
        at = clock.to_ms(moment)
    return at if _EARLIEST_MS <= at < _LATEST_MS else None
