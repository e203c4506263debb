"""Time zones that a table states in a column, and names of columns that speak of another zone than UTC. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from app.core.parse_time import UnreadableTime, parse_offset
from app.core.unicode_text import shown
from app.reports.importer.columns import plain

_COLUMNS = frozenset(
    "timezone tz tzname tzid timezoneid timezonename utcoffset tzoffset timezoneoffset zeitzone fuseauhoraire "
    "zonahoraria husohorario fusohorario fusoorario tijdzone zonawaktu".split()
)
# Abbreviations that mean one offset wherever they are used; EST, CST, IST and BST do not.
_HOURS = dict.fromkeys(("utc", "gmt"), 0) | dict.fromkeys(("cet", "mez"), 1) | dict.fromkeys(("cest", "mesz"), 2)
_HOURS |= {"eest": 3, "edt": -4, "mdt": -6, "pdt": -7, "akdt": -8, "wib": 7, "wita": 8, "jst": 9}
_HOURS |= {"aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13}
_LOCAL = re.compile(
    r"(?:^|[\W_])(?:local|lokal|locale|ortszeit|est|edt|cst|cdt|mst|mdt|pst|pdt|akst|hst|bst|ist|cet|cest|mez|mesz|eet|"
    r"eest|wib|wita|wit|jst|kst|aest|aedt|acst|awst|nzst|nzdt|sast|eat|wat|pkt|npt|ict)(?:$|[\W_])"
    r"|(?:UTC|GMT) ?[+-] ?\d",
    re.I,
)


def zone_columns(names: Iterable[str]) -> list[str]:
    """Return the columns that state the time zone of each row."""
    return [name for name in names if plain(name) in _COLUMNS]


def says_another_zone(name: str) -> bool:
    """Return whether a column's name says that its times are local ones, or names a zone."""
    return bool(_LOCAL.search(name))


def offset_at(columns: Mapping[str, Any], zones: Iterable[str], local_ms: int) -> timedelta | None:
    """Return the offset from UTC that a row states for a local time; None if it states none.

    Raises UnreadableTime for a zone that is not known, or that may be several.
    """
    for name in zones:
        value = columns.get(name)
        text = f"{value:+g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value or "")
        if text := text.strip():
            return _offset(text, local_ms)
    return None


def _offset(text: str, local_ms: int) -> timedelta:
    bare = re.sub(r"^(?:UTC|GMT) ?(?=[+-])", "", text, flags=re.I)
    if (hours := _HOURS.get(bare.casefold())) is not None:
        return timedelta(hours=hours)
    try:
        return parse_offset(bare)
    except ValueError:
        pass
    zone = _named(text)
    if zone is None:
        raise UnreadableTime(
            f"its time zone {shown(text)} is not known, or can be several: write an offset such as -05:00, or a name "
            "such as America/Chicago"
        )
    local = datetime.fromtimestamp(local_ms / 1000, UTC).replace(tzinfo=zone)
    return local.utcoffset() or timedelta()


@lru_cache(maxsize=512)
def _named(text: str) -> ZoneInfo | None:
    if "/" not in text or not re.fullmatch(r"[A-Za-z_]+(?:/[A-Za-z0-9_+-]+){1,2}", text):
        return None
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        return None
