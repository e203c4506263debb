"""Quiet hours and digests: until when a message to a person is held back. Pure.

Quiet hours are hours of the clock in the person's zone. Where that clock is put forward over their end, they end at
that moment; where it is put back and shows an hour twice, they begin at the first and end at the second showing.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zlib import crc32
from zoneinfo import ZoneInfo

from app.core import clock, moments
from app.core.severity import Severity

PRESSING = (Severity.SEVERE, Severity.EXTREME)  # never held back
HOURLY, DAILY = "hourly", "daily"
DIGEST_HOUR = 8  # of the day in the person's zone
SPREAD_MINUTES = 5  # so that not all digests of a zone go at once


def held_until_ms(
    recipient: str, *, severity: str, quiet: Mapping[str, str] | None, digest: str, zone: Callable[[], str]
) -> int | None:
    """Return the time until which a message is held back; None if it goes now. `zone` returns that of the place."""
    if severity in PRESSING:
        return None
    now_ms = clock.now_ms()
    hours = _hours_of(quiet or {})
    held_ms = _digest_ms(now_ms, digest, lambda: hours.zone if hours else zone())
    held_ms = _end_of_quiet_ms(held_ms, hours)
    return None if held_ms == now_ms else held_ms + _share_ms(recipient)


def _share_ms(recipient: str) -> int:
    """Return a person's share of the minutes over which digests are spread."""
    return crc32(recipient.encode()) % SPREAD_MINUTES * clock.MINUTE_MS


def _digest_ms(now_ms: int, digest: str, zone: Callable[[], str]) -> int:
    """Return the time of the next digest; now without one."""
    if digest == HOURLY:
        return now_ms - now_ms % clock.HOUR_MS + clock.HOUR_MS
    if digest != DAILY:
        return now_ms
    place = ZoneInfo(zone())
    today = clock.from_ms(now_ms).astimezone(place).date()
    times = (_moment(datetime.combine(today + timedelta(days=day), time(DIGEST_HOUR)), place) for day in range(3))
    return next(clock.to_ms(at) for at in times if clock.to_ms(at) > now_ms)


class _Hours(NamedTuple):
    """Quiet hours by the clock of a zone."""

    begins: time
    ends: time
    zone: str


def _hours_of(quiet: Mapping[str, str]) -> _Hours | None:
    """Return the quiet hours of a subscription.

    None if they cannot be read, or have no zone that this system knows: better a message at night than none.
    """
    try:
        hours = _Hours(time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"]), quiet["time_zone"])
    except (KeyError, ValueError):
        return None
    return hours if moments.is_zone(hours.zone) else None


def _end_of_quiet_ms(at_ms: int, hours: _Hours | None) -> int:
    """Return the end of the quiet hours that a moment lies in, else that moment."""
    if hours is None:
        return at_ms
    zone, at = ZoneInfo(hours.zone), clock.from_ms(at_ms)
    begins, ends = hours.begins, hours.ends
    today = at.astimezone(zone).date()
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        last = day if begins < ends else day + timedelta(days=1)
        first_moment = _moment(datetime.combine(day, begins), zone)
        end = _moment(datetime.combine(last, ends), zone, is_last=True)
        if begins != ends and first_moment <= at < end:
            return clock.to_ms(end)
    return at_ms


def _moment(wall: datetime, zone: ZoneInfo, *, is_last: bool = False) -> datetime:
    """Return the moment of a local time: the first or the last of two in autumn; in a gap of spring, the jump."""
    showings = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if showings[0].astimezone(zone).replace(tzinfo=None) == wall:
        return showings[-1 if is_last else 0]
    jump = showings[0]  # an hour or so before it, by the clock
    while jump.astimezone(zone).replace(tzinfo=None) < wall:
        jump += timedelta(minutes=1)
    return jump
