"""Reports that may be of the same flood as one that is about to be sent: near by, and seen at about the same time."""

from app.core import clock
from app.core.missing import REPORTS, read_or
from app.core.severity import Severity
from app.geo.box_circle import Circle
from app.geo.coordinates import distance_km
from app.pages.frame import entries
from app.pages.frame.entries import ReportEntry
from app.pages.report.location import Spot
from app.reports.entry import Entry
from app.reports.index.search import ReportQuery, find_active

WITHIN_KM, WITHIN_MS, MOST = 0.25, 3 * clock.HOUR_MS, 5
_LOOKED_AT = 50


def find(spot: Spot, observed_ms: int) -> list[ReportEntry]:
    """Return the nearest ones; none for a place that is only the middle of an area, or if they cannot be read."""
    lat, lon = spot.lat, spot.lon
    if spot.is_coarse or isinstance(lat, str) or isinstance(lon, str):
        return []
    circle = Circle(lat, lon, WITHIN_KM)
    query = ReportQuery(circle, Severity.UNKNOWN.at_least(), _LOOKED_AT)
    found: list[Entry] = read_or(REPORTS, lambda: find_active(query).entries, [])
    alike = [entry for entry in found if abs(int(entry.observed_at_ms) - observed_ms) <= WITHIN_MS]
    alike.sort(key=lambda entry: distance_km(lat=lat, lon=lon, to_lat=entry.lat, to_lon=entry.lon))
    # One by one: several of one connection are several persons' words.
    return [entries.report_entries([entry], circle)[0] for entry in alike[:MOST]]
