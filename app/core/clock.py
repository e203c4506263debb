"""Time: aware UTC inside, milliseconds in keys, RFC 3339 with `Z` outside."""

import time
from datetime import UTC, datetime, timedelta

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
    text = from_ms(milliseconds).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return text.removesuffix(".000") + "Z"


def minute_of(milliseconds: int) -> int:
    """Milliseconds of the start of this minute."""
    return milliseconds - milliseconds % MINUTE_MS


def day_of(milliseconds: int) -> str:
    """Return the UTC day, `2026-01-05`."""
    return from_ms(milliseconds).date().isoformat()


def day_start(milliseconds: int) -> int:
    """Return the milliseconds of the midnight that begins this UTC day."""
    return milliseconds - milliseconds % DAY_MS


def start_of_day(day: str) -> int:
    """Return the milliseconds of the midnight that begins a UTC day such as `2026-01-05`."""
    return to_ms(datetime.fromisoformat(day).replace(tzinfo=UTC))


def days_between(first_ms: int, last_ms: int) -> list[str]:
    """List the UTC days from one time to another, newest first."""
    return [day_of(at) for at in range(day_start(last_ms), first_ms - DAY_MS, -DAY_MS) if at + DAY_MS > first_ms]
