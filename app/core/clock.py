"""Read the clock and convert times: UTC datetimes in code, milliseconds in keys, RFC 3339 with `Z` in answers."""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_ms() -> int:
    """Return the milliseconds since 1970-01-01 UTC, by the server's clock."""
    return int(time.time() * 1000)


def running_s() -> float:
    """Return the seconds of a monotonic clock with an arbitrary start: for deadlines."""
    return time.monotonic()


def to_ms(moment: datetime) -> int:
    """Convert an aware datetime to milliseconds since 1970 (negative before)."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """Convert milliseconds since 1970 to an aware UTC datetime."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def rfc3339(milliseconds: int) -> str:
    """Format `2026-01-05T10:00:00.123Z`; whole seconds without the fraction."""
    day, rest = divmod(milliseconds, DAY_MS)
    seconds, thousandths = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    fraction = f".{thousandths:03d}" if thousandths else ""
    return f"{_date(day)}T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}{fraction}Z"


def rfc3339_or_none(milliseconds: float | None) -> str | None:
    """Format a time that may be absent."""
    return None if milliseconds is None else rfc3339(int(milliseconds))


@lru_cache(512)  # an answer has hundreds of times on a few days
def _date(day: int) -> str:
    return from_ms(day * DAY_MS).date().isoformat()


def minute_of(milliseconds: int) -> int:
    """Return the milliseconds of the start of this minute."""
    return milliseconds - milliseconds % MINUTE_MS


def day_of(milliseconds: int) -> str:
    """Return the UTC day, `2026-01-05`."""
    return _date(milliseconds // DAY_MS)


def midnight_before(milliseconds: int) -> int:
    """Return the milliseconds of the midnight that begins this UTC day."""
    return milliseconds - milliseconds % DAY_MS


def midnight_of(day: str) -> int:
    """Return the milliseconds of the midnight that begins a UTC day such as `2026-01-05`."""
    return to_ms(datetime.fromisoformat(day).replace(tzinfo=UTC))


def days_between(first_ms: int, last_ms: int) -> list[str]:
    """List the UTC days from one time to another, newest first."""
    return [day_of(at) for at in range(midnight_before(last_ms), first_ms - DAY_MS, -DAY_MS) if at + DAY_MS > first_ms]
