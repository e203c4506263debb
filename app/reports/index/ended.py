"""Rebuild the tile documents over reports that have ended, and those that cannot be read."""

from functools import partial

from app.core import clock, dynamodb
from app.reports.index import tile_documents
from app.reports.index.models import ROOT, ZOOMS, TileDocument

SWEPT_AT_ONCE = 50


def rebuild_ended() -> int:
    """Rebuild the cells with an expired report or an unreadable document; return their number, at most 50."""
    now_ms = clock.now_ms()
    due = [ROOT]
    for _ in ZOOMS[1:]:
        documents = TileDocument.read(due[:SWEPT_AT_ONCE])
        for key, document in documents.items():
            if not document.is_readable:
                tile_documents.rebuild(key)
        ended = [document for document in documents.values() if document.next_end_ms <= now_ms]
        due = [child for document in ended for child in document.children]
    cells = [key for key, document in TileDocument.read(due[:SWEPT_AT_ONCE]).items() if document.next_end_ms <= now_ms]
    for some in dynamodb.some_at_once(cells):
        dynamodb.in_one_round([partial(tile_documents.build_cell, cell, {}) for cell in some])
    if cells:
        tile_documents.build_above(cells)
    return len(cells)
