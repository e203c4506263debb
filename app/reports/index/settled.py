"""Find out as of which moment the tile documents are complete.

The root vouches for every change before its stream positions, which move only with records. What is newer is read from
the indexes: if the documents hold all of it, they are true as of now.
"""

from collections.abc import Iterable, Mapping

from app.geo.tiles import tile_at
from app.reports.entry import CELL_ZOOM, Entry
from app.reports.index import recent_writes
from app.reports.index.document_content import newest_of_each
from app.reports.index.merge import Budget
from app.reports.index.models import IN_FLIGHT_MS, Document, TileDocument

MOST_CELLS = 100  # of newer changes that are looked up: one batch


def true_as_of_ms(now_ms: int) -> int | None:
    """Return the moment (ms) as of which the documents hold every change; None if that cannot be told from them.

    At most the time that a write may be in flight before now: so long after it is asked for, a change may come.
    About one read unit more than a list, and half a unit for each cell with newer changes.
    """
    current = recent_writes.read([], now_ms, Budget(units=1000, rounds=10))
    if current is None:
        return None
    newer = newest_of_each(current.newer)
    if _hold(newer, current.root, now_ms):
        return now_ms - IN_FLIGHT_MS
    return min(now_ms - IN_FLIGHT_MS, current.root.changes_low_watermark_ms())


def _hold(newer: Iterable[Entry], root: Document, now_ms: int) -> bool:
    """Return whether the documents hold all of these changes, from the cells up to the root."""
    cells = {entry.id: tile_at(lat=entry.lat, lon=entry.lon, z=CELL_ZOOM).key for entry in newer}
    if len({*cells.values()}) > MOST_CELLS:
        return False
    documents = TileDocument.read({*cells.values()}) if cells else {}
    # The root is written last: if a cell was written after it, the tiles in between may lack what the cell holds.
    is_joined = all(document.built_at_ms <= root.built_at_ms for document in documents.values())
    return is_joined and all(_holds(documents, cells[entry.id], entry, now_ms) for entry in newer)


def _holds(documents: Mapping[str, Document], cell: str, entry: Entry, now_ms: int) -> bool:
    document = documents.get(cell, Document())
    row = next((row for row in (*document.rows, *document.grave) if row.id == entry.id), None)
    if row is not None:
        return row.version >= entry.version
    # An older one of a crowded cell may be counted there without a row.
    return not entry.is_active(now_ms) and not entry.sort < document.low_watermark_at(now_ms)
