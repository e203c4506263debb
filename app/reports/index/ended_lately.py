"""Find reports that ended within the last day: taken back, removed, said to be over, or past their time.

One round of bounded reads beside a list: of what changed, and of what was made so long ago that its time has passed. In
a large flood these are the latest of them and not all; a delta (`history.find_changed`) has every change.

The place of one that is gone is public no more. Who asks for ever smaller areas learns no more than its cell of a
coarse grid, and nothing of its severity.
"""

from math import floor

from app.core import clock
from app.core.config import settings
from app.geo.box_circle import Box, SearchArea
from app.reports.entry import PUBLIC, Entry, sort_key
from app.reports.index.merge import Budget, KWayMerge, streams_of_changes, streams_of_days
from app.reports.observation import AHEAD_MS

SHOWN_MS = clock.DAY_MS
ENTRIES_OF_A_STREAM = 36  # a read unit's worth
CELLS_IN_A_DEGREE = 10


def find_ended_lately(search_area: SearchArea | None, severities: frozenset[str], limit: int) -> list[Entry]:
    """Return at most `limit` reports that ended within the last day, the latest end first."""
    now_ms = clock.now_ms()

    def accepts(entry: Entry) -> bool:
        if not 0 <= now_ms - ended_at_ms(entry) < SHOWN_MS:
            return False
        if entry.status not in PUBLIC:
            return search_area is None or may_hold(search_area, lat=entry.lat, lon=entry.lon)
        is_inside = search_area is None or search_area.contains(lat=entry.lat, lon=entry.lon)
        return is_inside and entry.severity in severities

    since_ms, life_ms = now_ms - SHOWN_MS, settings().report_life_hours * clock.HOUR_MS
    changed_days = clock.days_between(since_ms, now_ms)
    streams = streams_of_changes(changed_days, before=sort_key(now_ms + AHEAD_MS), lower_key=sort_key(since_ms))
    first_ms, last_ms = since_ms - life_ms, now_ms - life_ms + AHEAD_MS
    days = clock.days_between(first_ms, last_ms)
    streams += streams_of_days(days, before=sort_key(last_ms), lower_key=sort_key(first_ms))
    merge = KWayMerge(accepts, limit, key=lambda entry: sort_key(ended_at_ms(entry), entry.id))
    merge.read(streams, ENTRIES_OF_A_STREAM, Budget(units=len(streams), rounds=1))
    return merge.accepted()[:limit]


def may_hold(search_area: SearchArea, *, lat: float, lon: float) -> bool:
    """Return whether a search area touches the cell of a place, on a grid of 0.1°; of a circle its box counts."""
    south, west = (floor(degrees * CELLS_IN_A_DEGREE) for degrees in (lat, lon))
    edges = (edge / CELLS_IN_A_DEGREE for edge in (west, south, west + 1, south + 1))
    return Box(*edges).intersects(search_area)


def ended_at_ms(entry: Entry) -> int:
    """Return when a report ended or will end (ms); for one that was removed, when it was last changed."""
    return int(entry.expires_at_ms if entry.status in PUBLIC else entry.updated_at_ms)
