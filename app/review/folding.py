"""Brake on folding: flags fold no more reports of a region than a tenth. Operators see a metric and a log line."""

from math import floor

from app.core import telemetry
from app.geo.tiles import tile_at
from app.reports.index.models import TileDocument
from app.reports.models import Report
from app.review.vote_models import Folded

ZOOM = 8
FREE = 10  # so many may be folded in any tile
SHARE = 0.1  # of the tile's active reports
TRIES = 5


def may_fold(report: Report) -> bool:
    """Note a report as folded in its tile; False if folding has stopped there."""
    tile = _tile_of(report)
    for _ in range(TRIES):
        folded = Folded.of(tile)
        ends = folded.ends() | {report.id: int(report.expires_at_ms)}
        is_stopped = len(ends) > max(FREE, floor(_active_in(tile) * SHARE))
        if is_stopped:
            ends.pop(report.id)
            telemetry.measure("FoldingStopped", 1, "Count")
            if not folded.is_stopped:
                telemetry.logger().warning("folding stopped", extra={"tile": tile, "folded": len(ends)})
        if folded.keep(ends, is_stopped=is_stopped):
            return not is_stopped
    return False


def note_open(report: Report) -> None:
    """Note that a report is folded no more."""
    tile = _tile_of(report)
    for _ in range(TRIES):
        folded = Folded.of(tile)
        ends = folded.ends()
        if ends.pop(report.id, None) is None or folded.keep(ends, is_stopped=False):
            return


def _tile_of(report: Report) -> str:
    return tile_at(lat=float(report.lat), lon=float(report.lon), z=ZOOM).key


def _active_in(tile: str) -> int:
    documents = TileDocument.read([tile])
    return sum(documents[tile].counts.values()) if tile in documents else 0
