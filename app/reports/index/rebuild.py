"""Make tile documents anew: for all that was made or changed since a moment, or all that there are."""

from collections.abc import Iterator, Sequence

from app.core import clock
from app.core.severity import Severity
from app.geo.tiles import tile_at
from app.reports.entry import CELL_ZOOM, Status
from app.reports.index import backfill, tile_documents
from app.reports.index.history import Period, find_changed
from app.reports.index.models import FORMER, ROOT, TREES, ZOOMS, Document, TileDocument, Tree

PAGE = 500
CELLS_AT_ONCE = 20


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
        tile_documents.build_cell(cell, {})
    tile_documents.build_above(cells)
    return len(cells)


def known_cells() -> list[str]:
    """Every cell that has a document in any tree; where none was ever kept, that of every active report."""
    cells = {cell for tree in TREES for cell in _leaves(tree)}
    if ROOT not in TileDocument.read([ROOT], tree=FORMER):
        now_ms = clock.now_ms()
        for step in backfill.walk(backfill.places()):
            active = (report for report in step.reports if report.is_active(now_ms))
            cells |= {tile_at(lat=report.lat, lon=report.lon, z=CELL_ZOOM).key for report in active}
    return sorted(cells)


def _leaves(tree: Tree) -> list[str]:
    keys = [ROOT]
    for _ in ZOOMS[1:]:
        documents = TileDocument.read(keys, tree=tree)
        keys = [child for document in documents.values() for child in document.children]
    return list(TileDocument.read(keys, tree=tree))


def build_all(cells: Sequence[str]) -> Iterator[str]:
    """Make the documents of some cells and all above them; gives the last cell that is done, again and again.

    At the end our root reaches as far as the former one: both are written of the same changes.
    """
    for start in range(0, len(cells), CELLS_AT_ONCE):
        some = cells[start : start + CELLS_AT_ONCE]
        for cell in some:
            tile_documents.build_cell(cell, {})
        tile_documents.build_above(some)
        yield some[-1]
    for shard, at_ms in TileDocument.read([ROOT], tree=FORMER).get(ROOT, Document()).shards.items():
        tile_documents.advance(shard, at_ms)
