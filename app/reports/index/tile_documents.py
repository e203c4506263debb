"""Bring changes to tile documents: cell by cell, then zoom by zoom up to the root.

A document follows from what it was and what has changed (`increments`); where that does not suffice, it is made of what
is stored. Either way a change may arrive twice, late or beside another one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from app.core import clock, dynamodb, telemetry
from app.core.severity import Severity
from app.geo.box_circle import Box
from app.geo.tiles import Tile, tile_at, tile_from_key
from app.reports.entry import CELL_ZOOM, Entry
from app.reports.index import completeness, document_content, increments, sealing, whole_cells
from app.reports.index.increments import NO_FACTS, BatchFacts, Pair
from app.reports.index.models import MOST_SHARDS, ROOT, SHARD_SILENT_MS, ZOOMS, Document, TileDocument
from app.reports.index.search import ReportQuery, find_active
from app.reports.index.segment_models import Segment
from app.reports.index.whole_cells import MOST_COUNTED, Make

TRIES = 3
SHARDS_LOST_MS = SHARD_SILENT_MS * 2 // 3
# Brings what has changed to a stored document; None if it cannot tell, and the document itself if that is all in it.
Follow = Callable[[Document], Document | None]
# By key: a document before and after a pass.
BuiltPairs = dict[str, Pair]


def build_cell(
    cell: str, recent: dict[str, Entry], built_pairs: BuiltPairs | None = None, facts: BatchFacts = NO_FACTS
) -> bool:
    """Bring changes to one cell's document; without any, or where they do not suffice, make it of the cell index.

    The index may not show the changes yet. The document before and after goes into `built_pairs`. False if other
    writers were faster each time.
    """

    def follow(document: Document) -> Document | None:
        return sealing.with_changes(document, cell, recent, facts, clock.now_ms())

    return _rewrite(cell, follow, lambda: whole_cells.gather(cell, recent), {} if built_pairs is None else built_pairs)


def build_above(cells: Iterable[str], built_pairs: BuiltPairs | None = None) -> bool:
    """Rebuild the documents of all coarser tiles over some cells; False if other writers were faster each time."""
    built_pairs = {} if built_pairs is None else built_pairs
    coarsest, lost = build_between(cells, built_pairs)
    return build_root(coarsest, {}, built_pairs) and not lost


def build_between(cells: Iterable[str], built_pairs: BuiltPairs) -> tuple[set[str], set[str]]:
    """Bring changed cells to the documents between them and the root, finest first.

    Returns the coarsest tiles, and the cells above which other writers were faster each time.
    """
    cells_below = {cell: {cell} for cell in cells}
    lost: set[str] = set()
    for zoom in reversed(ZOOMS[1:-1]):
        parents: dict[str, dict[str, set[str]]] = defaultdict(dict)
        for key, below in cells_below.items():
            parents[tile_from_key(key).parent(zoom).key][key] = below
        cells_below = {}
        for parent, children in parents.items():
            below = set().union(*children.values())
            if _build_parent(parent, set(children), built_pairs):
                cells_below[parent] = below
            else:
                lost |= below
    return {*cells_below}, lost


def build_root(changed: set[str], positions: Mapping[str, int], built_pairs: BuiltPairs | None = None) -> bool:
    """Bring changed tiles to the root, and note in it how far stream shards were read.

    False if other writers were faster each time.
    """
    pairs = {child: (built_pairs or {}).get(child) for child in changed}

    def follow(document: Document) -> Document | None:
        above = increments.with_children(document, pairs) if changed else document
        if above is None or not above.is_readable or not document.version:
            return None
        return above if above is document and not positions else _with_positions(replace(above), document, positions)

    def make(document: Document) -> Document:
        is_same = document.is_readable and not changed
        above = replace(document) if is_same else _merged_children(ROOT, changed, document)
        return _with_positions(above, document, positions)

    return _rewrite(ROOT, follow, lambda: make, {} if built_pairs is None else built_pairs)


def _build_parent(key: str, changed: set[str], built_pairs: BuiltPairs) -> bool:
    pairs = {child: built_pairs.get(child) for child in changed}
    return _rewrite(
        key,
        lambda document: increments.with_children(document, pairs) if pairs else None,
        lambda: partial(_merged_children, key, changed),
        built_pairs,
    )


def _merged_children(key: str, changed: set[str], document: Document) -> Document:
    children = TileDocument.read({*document.children, *changed}, consistent=True)
    if unreadable_children := [child for child, child_document in children.items() if not child_document.is_readable]:
        for child in unreadable_children:
            rebuild_if_possible(child)
        children |= TileDocument.read(unreadable_children, consistent=True)
    filled = {child: child_document for child, child_document in children.items() if not child_document.is_empty}
    joined = document_content.join(filled)
    joined.held = [increments.held_version(filled[child]) for child in joined.children]
    return joined


def _with_positions(document: Document, before: Document, positions: Mapping[str, int]) -> Document:
    """Note in the root how far stream shards were read."""
    document.stream_shards = _positions(before, positions)
    return document


def _positions(root: Document, positions: Mapping[str, int]) -> dict[str, int]:
    """Return how far each stream shard was read; none moves back."""
    known = dict(root.stream_shards)
    if not root.is_readable:
        # The positions of the other shards may be lost: for some minutes readers read further back themselves.
        known = {"lost": clock.now_ms() - SHARDS_LOST_MS}
    known |= {shard: max(at_ms, known.get(shard, 0)) for shard, at_ms in positions.items()}
    return dict(sorted(known.items(), key=lambda item: item[1])[-MOST_SHARDS:])


def end_in_cell(cell: str, built_pairs: BuiltPairs) -> None:
    """Take what is over from a cell's document; make it of the cell index where that does not suffice."""
    follow = partial(sealing.without_ended, cell=cell, now_ms=clock.now_ms())
    _rewrite(cell, follow, lambda: whole_cells.gather(cell, {}), built_pairs)


def rebuild_if_possible(key: str, built_pairs: BuiltPairs | None = None) -> bool:
    """Rebuild a document from its sources; False, counted and logged, if they are broken.

    With `built_pairs` (see `build_cell`) only ended reports leave a cell. Raises only while the database does not
    answer.
    """
    try:
        _rebuild(key, built_pairs)
    except Exception as error:
        if dynamodb.is_outage(error):
            raise
        telemetry.measure("UnreadableDocuments", 1, "Count")
        telemetry.logger().error("document not rebuilt", extra={"tile": key, "error": type(error).__name__})
        return False
    return True


def _rebuild(key: str, built_pairs: BuiltPairs | None) -> None:
    if built_pairs is not None:
        end_in_cell(key, built_pairs)
    elif tile_from_key(key).z == CELL_ZOOM:
        build_cell(key, {})
    elif key == ROOT:
        build_root({*TileDocument.read([ROOT], consistent=True).get(ROOT, Document()).children}, {})
    else:
        _build_parent(key, set(), {})


def _rewrite(key: str, follow: Follow, gather: Callable[[], Make], built_pairs: BuiltPairs) -> bool:
    """Read a tile's document, follow what has changed or make it of its sources, and store it under an optimistic lock.

    Starts again if another writer was faster, three times at most; False if it was faster each time.
    """
    for _ in range(TRIES):
        if pair := _try_to_rewrite(key, follow, gather):
            built_pairs[key] = pair
            return True
    return False


def _try_to_rewrite(key: str, follow: Follow, gather: Callable[[], Make]) -> Pair | None:
    """Store a document if it changes; None if another writer was faster.

    Until the documents are complete, each is made of its sources: what is stored may lack something.
    """
    document = TileDocument.read([key], consistent=True).get(key, Document())
    new_document = None if completeness.is_incomplete(completeness.TILES) else follow(document)
    if new_document is document:
        return Pair(document, document)
    if new_document is None:
        new_document = replace(gather()(document), is_whole=True)
    new_document.version, new_document.built_at_ms = document.version, clock.now_ms()
    is_sealed = not new_document.writes or Segment.store(key, new_document.writes)
    if not is_sealed or not TileDocument.replace(key, new_document):
        return None
    new_document.version += 1
    return Pair(document, new_document)


def read_or_build(tile: Tile) -> Document:
    """Return a tile's document; build it from the indexes if documents are not kept (local fallback) or unreadable."""
    documents = TileDocument.read_if_readable({ROOT, tile.key})
    document = documents.get(tile.key, Document())
    if ROOT in documents and document.is_readable:
        return document
    west, south, east, north = tile.bounds()
    query = ReportQuery(Box(west, south, east, north), Severity.UNKNOWN.at_least(), MOST_COUNTED)
    page = find_active(query)
    entries = [entry for entry in page.entries if tile_at(lat=entry.lat, lon=entry.lon, z=tile.z) == tile]
    built = document_content.summarise(entries, is_at_least=page.next_key is not None)
    if page.next_key and not entries:
        built.low_watermark = page.next_key
    return built
