"""Find the active reports that may be about the same flood as a new one: close by, at about the same time."""

from collections.abc import Sequence

from app.core import clock, dynamodb
from app.core.config import settings
from app.core.severity import Severity
from app.geo.box_circle import Circle
from app.geo.coordinates import distance_km
from app.reports.connections import fold
from app.reports.entry import Entry
from app.reports.index.nearest import find_nearest
from app.reports.index.search import ReportQuery, find_active, first_page_budget
from app.reports.index.view import View, note_unread

MOST = 5
MOST_WITHOUT_DOCUMENTS = 100
EVERY = Severity.UNKNOWN.at_least()


def find_similar(*, lat: float, lon: float, observed_ms: int) -> list[Entry]:
    """Find at most 5 active reports about a place and a time, nearest first, by public places.

    Of several of one connection only the nearest is given, so that a flood from one network hides no other.
    """
    bounds = settings().similar
    circle, within_ms = Circle(lat, lon, bounds.within_m / 1000), bounds.within_hours * clock.HOUR_MS
    query = ReportQuery(
        circle, EVERY, MOST, folds=True, since_ms=observed_ms - within_ms, until_ms=observed_ms + within_ms
    )
    here = {"lat": lat, "lon": lon}
    entries = sorted(_read(query), key=lambda entry: distance_km(**here, to_lat=entry.lat, to_lon=entry.lon))
    return [group[0] for group in fold(entries)][:MOST]


def _read(query: ReportQuery) -> Sequence[Entry]:
    """Return the nearest reports; without documents the newest. Raises what the database raises."""
    view = View(query.search_area, first_page_budget())
    try:
        if view.is_usable():
            return find_nearest(query, view, fills=True).entries
    except dynamodb.FAILURES as error:
        note_unread(error)
    return find_active(query._replace(limit=MOST_WITHOUT_DOCUMENTS)).entries
