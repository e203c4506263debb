"""Rebuild tile documents: for all reports made or changed since a moment, or for all reports."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from app.core import clock
from app.core.errors import Unavailable
from app.core.severity import Severity
from app.geo.tiles import tile_at
from app.reports.entry import CELL_ZOOM, Status
from app.reports.index import backfill, completeness, tile_documents
from app.reports.index.history import PeriodQuery, find_changed
from app.reports.index.models import ROOT, ZOOMS, TileDocument

PAGE = 500
CELLS_AT_ONCE = 20
TRIES = 5


def rebuild_since(moment_ms: int) -> int:
    """Rebuild the cells of every report made or changed since `moment_ms`, and all tiles above; return their number."""
    cells: set[str] = set()
    before_key: str | None = None
    while True:
        everything = PeriodQuery(None, Severity.UNKNOWN.at_least(), frozenset(Status), None, None, PAGE, before_key)
        page = find_changed(everything, updated_since_ms=moment_ms)
        cells |= {tile_at(lat=entry.lat, lon=entry.lon, z=CELL_ZOOM).key for entry in page.entries}
        if page.next_key is None:
            break
        before_key = page.next_key
    rebuild_cells(cells)
    return len(cells)


def rebuild_cells(cells: Iterable[str]) -> None:
    """Rebuild the documents of some cells and of all tiles above them, from the indexes."""
    cells = sorted(cells)
    for cell in cells:
        _until_stored(partial(tile_documents.build_cell, cell, {}))
    _until_stored(partial(tile_documents.build_above, cells))


def _until_stored(build: Callable[[], bool]) -> None:
    """Build documents until they are stored; raises Unavailable if the stream's consumer is faster too often."""
    if not any(build() for _ in range(TRIES)):
        raise Unavailable("The tiles are being rewritten too often. Try again.")


def known_cells() -> list[str]:
    """List every cell with a document; until the documents are complete, the cell of every active report too."""
    cells = {*_leaves()}
    if completeness.is_incomplete(completeness.TILES) or not cells:
        now_ms = clock.now_ms()
        for step in backfill.read_partitions(backfill.partitions()):
            active = (report for report in step.reports if report.is_active(now_ms))
            cells |= {tile_at(lat=report.lat, lon=report.lon, z=CELL_ZOOM).key for report in active}
    return sorted(cells)


def _leaves() -> list[str]:
    keys = [ROOT]
    for _ in ZOOMS[1:]:
        documents = TileDocument.read(keys, consistent=True)
        keys = [child for document in documents.values() for child in document.children]
    return list(TileDocument.read(keys, consistent=True))


def build_all(cells: Sequence[str]) -> Iterator[str]:
    """Rebuild the documents of some cells and all tiles above; yield the last finished cell after each batch."""
    for start in range(0, len(cells), CELLS_AT_ONCE):
        some = cells[start : start + CELLS_AT_ONCE]
        rebuild_cells(some)
        yield some[-1]
    _until_stored(partial(tile_documents.build_root, set(), {}))
