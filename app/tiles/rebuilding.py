"""Make tile documents anew for all that was made or changed since a moment: for changes that the stream lost."""

from app.geo import tile_at
from app.reports.entry import CELL_ZOOM, Severity, Status
from app.tiles import pyramid
from app.tiles.history import Period, find_changed

PAGE = 500


def rebuild_since(moment_ms: int) -> int:
    """Make the cells of every report made or changed since `moment_ms`, and all above them; says how many cells."""
    cells: set[str] = set()
    before: str | None = None
    while True:
        everything = Period(None, Severity.UNKNOWN.at_least(), frozenset(Status), None, None, PAGE, before)
        found = find_changed(everything, updated_since=moment_ms)
        cells |= {tile_at(lat=entry.lat, lon=entry.lon, z=CELL_ZOOM).key for entry in found.entries}
        if found.following is None:
            break
        before = found.following
    for cell in sorted(cells):
        pyramid.build_cell(cell, {})
    pyramid.build_above(cells)
    return len(cells)
