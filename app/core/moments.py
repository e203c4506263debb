"""Format dates and times for people, weekday first, in a language and a time zone, with the zone's name. Pure."""

from datetime import datetime, timedelta, tzinfo
from functools import cache

from app.core import clock
from app.core.translations import N_, translated

WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip
DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"),
    N_("July"), N_("August"), N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip
UTC = "UTC"
# A date farther away than this needs its year.
_YEAR_SAID_MS = 180 * clock.DAY_MS


def is_zone(name: str) -> bool:
    """Return whether this is a known time zone."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # imported here because many requests name no time

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


def moment(at_ms: int, *, zone: str, language: str) -> str:
    """Format `Saturday 28 November, 18:00 GMT`; with the year if it is far from now."""
    at = _local(at_ms, zone)
    parts = {
        "weekday": translated(WEEKDAYS[at.weekday()], language),
        "day": at.day,
        "time": f"{at:%H:%M} {_zone_name(at)}",
    }
    month = translated(MONTHS[at.month - 1], language)
    if abs(at_ms - clock.now_ms()) > _YEAR_SAID_MS:
        text = N_("%(weekday)s %(day)s %(month)s %(year)s, %(time)s")
        return translated(text, language, **parts, month=month, year=at.year)
    return translated(N_("%(weekday)s %(day)s %(month)s, %(time)s"), language, **parts, month=month)


def date(at_ms: int, *, zone: str, language: str) -> str:
    """Format `Saturday 28 November 2026`."""
    at = _local(at_ms, zone)
    parts = {"weekday": translated(WEEKDAYS[at.weekday()], language), "day": at.day, "year": at.year}
    month = translated(MONTHS[at.month - 1], language)
    return translated(N_("%(weekday)s %(day)s %(month)s %(year)s"), language, **parts, month=month)


def day(at_ms: int, *, zone: str, language: str) -> str:
    """Format a recent day: `Sat 28`."""
    at = _local(at_ms, zone)
    return f"{translated(DAYS[at.weekday()], language)} {at.day}"


def beginning(at_ms: int, *, zone: str, language: str, is_kept: bool = False) -> str:
    """Format a beginning: `from 18:00 (GMT)`, `from 18:00 tomorrow (GMT)`, `from Monday 30 November, 18:00 GMT`.

    `is_kept`: always with the date, for words that are read on other days too.
    """
    at, today = _local(at_ms, zone), _local(clock.now_ms(), zone).date()
    parts = {"time": f"{at:%H:%M}", "zone": _zone_name(at)}
    if at.date() == today and not is_kept:
        return translated(N_("from %(time)s (%(zone)s)"), language, **parts)
    if at.date() == today + timedelta(days=1) and not is_kept:
        return translated(N_("from %(time)s tomorrow (%(zone)s)"), language, **parts)
    return translated(N_("from %(moment)s"), language, moment=moment(at_ms, zone=zone, language=language))


def _zone_name(at: datetime) -> str:
    """Return the zone's name, or its offset from UTC if it has none."""
    name = at.tzname() or UTC
    return f"UTC{name}" if name[0] in "+-" else name


def _local(at_ms: int, zone: str) -> datetime:
    return clock.from_ms(at_ms).astimezone(_zone(zone))


@cache
def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo  # as above

    return ZoneInfo(name if is_zone(name) else UTC)
