"""Reports that may be of the same flood as one that is about to be sent: near by, and seen at about the same time."""

from app.core.missing import REPORTS, read_or
from app.geo.box_circle import Circle
from app.pages.frame import entries
from app.pages.frame.entries import ReportEntry
from app.pages.report.location import Spot
from app.reports.index.similar import find_similar


def find(spot: Spot, observed_ms: int) -> list[ReportEntry]:
    """Return the nearest ones; none for a place that is only the middle of an area, or if they cannot be read."""
    lat, lon = spot.lat, spot.lon
    if spot.is_coarse or isinstance(lat, str) or isinstance(lon, str):
        return []
    found = read_or(REPORTS, lambda: find_similar(lat=lat, lon=lon, observed_ms=observed_ms), [])
    return [entries.report_entries([entry], Circle(lat, lon, 0))[0] for entry in found]
