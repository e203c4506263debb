"""Rebuild the tile documents over reports that have ended, and those that cannot be read."""

from functools import partial

from app.core import clock, dynamodb
from app.reports.index import tile_documents
from app.reports.index.models import ROOT, ZOOMS, TileDocument

SWEPT_AT_ONCE = 50


def rebuild_ended() -> int:
    """Rebuild the cells with an expired report or an unreadable document; return their number, at most 50.

    What cannot be rebuilt, for any reason but an outage, is counted and left: it stops no other cell, and no change.
    """
    now_ms = clock.now_ms()
    due = [ROOT]
    for _ in ZOOMS[1:]:
        documents = TileDocument.read(due[:SWEPT_AT_ONCE])
        for key, document in documents.items():
            if not document.is_readable:
                tile_documents.rebuild_if_possible(key)
        ended = [document for document in documents.values() if document.next_end_ms <= now_ms]
        due = [child for document in ended for child in document.children]
    cells = [key for key, document in TileDocument.read(due[:SWEPT_AT_ONCE]).items() if document.next_end_ms <= now_ms]
    rebuilt: list[str] = []
    built_pairs: tile_documents.BuiltPairs = {}
    for some in dynamodb.some_at_once(cells):
        built = dynamodb.in_one_round([partial(tile_documents.rebuild_if_possible, cell, built_pairs) for cell in some])
        rebuilt += [cell for cell, is_built in zip(some, built, strict=True) if is_built]
    if rebuilt:
        tile_documents.build_above(rebuilt, built_pairs)
    return len(rebuilt)
