"""Rebuild tile documents: cell by cell, then zoom by zoom up to the root.

Each document is rebuilt from what is stored, so a change may arrive twice, late or beside another one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from app.core import clock, dynamodb, telemetry
from app.core.severity import Severity
from app.geo.box_circle import Box
from app.geo.tiles import Tile, tile_at, tile_from_key
from app.reports.entry import CELL_ZOOM, Entry
from app.reports.index import document_content
from app.reports.index.keys import IndexPage
from app.reports.index.models import (
    ALL,
    FORMER,
    INDEX_LAG_MS,
    MOST_SHARDS,
    OWN,
    ROOT,
    SHARD_SILENT_MS,
    TREES,
    ZOOMS,
    Document,
    TileDocument,
    Tree,
)
from app.reports.index.search import ReportQuery, find_active
from app.reports.models import Report

# Counts use at most this many entries of a cell (about 1 MB); beyond that they are lower bounds.
MOST_COUNTED = 4000
TRIES = 3
ENDED_AT_ONCE = 25
SHARDS_LOST_MS = SHARD_SILENT_MS * 2 // 3
# A shard of this name stands in the former root for all changes that wait. The previous release does not know them, and
# after a roll-back moves the real positions past them; this one keeps its readers before them, until it is silent.
HELD = "held"
# Makes a tree's new document from its stored one.
Make = Callable[[Tree, Document], Document]


def build_cell(cell: str, recent: dict[str, Entry]) -> bool:
    """Rebuild one cell's documents from the cell index and from changes that the index may not show yet.

    False if other writers were faster each time.
    """

    def gather() -> Make:
        # Read after the documents: the writer before has seen no more than this shows, or the documents remember it.
        indexed = Report.newest_in_cell(cell, limit=MOST_COUNTED)
        first = Report.oldest_in_cell(cell) if indexed.last_key else None
        now_ms = clock.now_ms()
        _end_expired(indexed.entries, now_ms)
        changes = _reread_late(recent, indexed.entries, now_ms)
        return partial(_built_cell, cell, _Sources(indexed, first, changes, now_ms))

    return _rewrite(cell, gather)


def check(cell: str, recent: dict[str, Entry]) -> None:
    """Make a cell's document of these changes alone, and store nothing: raises whatever broken ones raise."""
    _built_cell(cell, _Sources(IndexPage([], ""), None, recent, clock.now_ms()), OWN, Document())


class _Sources(NamedTuple):
    """Sources of a cell's documents: the index's entries, its oldest if there are more, and recent changes."""

    indexed: IndexPage
    first: Entry | None
    recent: dict[str, Entry]
    now_ms: int


def _built_cell(cell: str, sources: _Sources, _: Tree, document: Document) -> Document:
    indexed, first, recent, now_ms = sources
    remembered = _remembered(document, indexed.entries, now_ms)
    latest = document_content.newest_of_each([*remembered, *indexed.entries, *recent.values()])
    present = [entry for entry in latest if entry.is_active(now_ms) and _tile_of(entry, CELL_ZOOM).key == cell]
    removed = _removed(document, recent, {(entry.id, entry.version) for entry in present}, now_ms)
    entries_here = [entry for entry in present if entry.version > removed.get(entry.id, [0])[0]]
    built = document_content.summarise(
        entries_here, is_at_least=bool(indexed.last_key), grave_low_watermark=indexed.last_key or ALL
    )
    if first:
        built.oldest = first.sort  # perhaps expired already: then a bound, which is all that readers need
    ids_here = {entry.id for entry in entries_here}
    built.recently_removed = {report_id: mark for report_id, mark in removed.items() if report_id not in ids_here}
    return built


def _reread_late(recent: dict[str, Entry], indexed: list[Entry], now_ms: int) -> dict[str, Entry]:
    """Replace late changes (repeats, dead letters) that the index should show, but does not, by the current reports."""
    indexed_versions = {entry.id: entry.version for entry in indexed}
    late_ids = {
        entry.id
        for entry in recent.values()
        if entry.updated_at_ms <= now_ms - INDEX_LAG_MS and entry.version > indexed_versions.get(entry.id, 0)
    }
    rows = Report.find_all(late_ids, consistent=True) if late_ids else []
    fresh_entries = {report_id: entry for report_id, entry in recent.items() if report_id not in late_ids}
    return fresh_entries | {row.id: row.entry_with_unknown() for row in rows}


def _removed(
    document: Document, recent: dict[str, Entry], present: set[tuple[str, int]], now_ms: int
) -> dict[str, list[int]]:
    """Return reports that left the cell within the last minute: the version, and when that was seen."""
    removed = {
        report_id: mark for report_id, mark in document.recently_removed.items() if mark[1] > now_ms - INDEX_LAG_MS
    }
    for entry in recent.values():
        if (entry.id, entry.version) not in present and entry.version > removed.get(entry.id, [0])[0]:
            removed[entry.id] = [entry.version, now_ms]
    return removed


def _remembered(document: Document, indexed: list[Entry], now_ms: int) -> list[Entry]:
    """Return rows that came or changed so recently that the index may not show them yet."""
    indexed_versions = {entry.id: entry.version for entry in indexed}
    rows = (*document.rows, *document.grave)
    recent_rows = [entry for entry in rows if entry.updated_at_ms > now_ms - INDEX_LAG_MS]
    return [entry for entry in recent_rows if entry.version > indexed_versions.get(entry.id, 0)]


def _tile_of(entry: Entry, z: int) -> Tile:
    return tile_at(lat=entry.lat, lon=entry.lon, z=z)


def _end_expired(indexed: list[Entry], now_ms: int) -> None:
    """Remove expired reports from the cell index. Each removal comes back as a change, until all are removed."""
    ended = [entry for entry in reversed(indexed) if entry.expires_at_ms <= now_ms]
    for entry in ended[:ENDED_AT_ONCE]:
        Report(entry.id, version=entry.version).leave_cell(entry)


def build_above(cells: Iterable[str]) -> bool:
    """Rebuild the documents of all coarser tiles over some cells; False if other writers were faster each time."""
    coarsest, lost = build_between(cells)
    return build_root(coarsest, {}) and not lost


def build_between(cells: Iterable[str]) -> tuple[set[str], set[str]]:
    """Rebuild the documents between cells and the root, finest first.

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
            if _build_parent(parent, set(children)):
                cells_below[parent] = below
            else:
                lost |= below
    return {*cells_below}, lost


def build_root(changed: set[str], positions: Mapping[str, int]) -> bool:
    """Rebuild the root over changed tiles, and note in it how far stream shards were read.

    False if other writers were faster each time.
    """

    def make(tree: Tree, document: Document) -> Document:
        is_same = document.is_readable and not changed
        new_document = document if is_same else _merged_children(ROOT, changed, tree, document)
        new_document.stream_shards = _positions(document, positions)
        if tree is FORMER and positions:
            new_document.stream_shards[HELD] = _earliest(new_document.stream_shards, positions)
        return new_document

    return _rewrite(ROOT, lambda: make)


def _build_parent(key: str, changed: set[str]) -> bool:
    return _rewrite(key, lambda: partial(_merged_children, key, changed))


def _merged_children(key: str, changed: set[str], tree: Tree, document: Document) -> Document:
    children = TileDocument.read({*document.children, *changed}, consistent=True, tree=tree)
    if unreadable_children := [child for child, child_document in children.items() if not child_document.is_readable]:
        for child in unreadable_children:
            rebuild_if_possible(child)
        children |= TileDocument.read(unreadable_children, consistent=True, tree=tree)
    return document_content.join(
        {child: child_document for child, child_document in children.items() if not child_document.is_empty}
    )


def _positions(root: Document, positions: Mapping[str, int]) -> dict[str, int]:
    """Return how far each stream shard was read; none moves back."""
    known = dict(root.stream_shards)
    if not root.is_readable:
        # The positions of the other shards may be lost: for some minutes readers read further back themselves.
        known = {"lost": clock.now_ms() - SHARDS_LOST_MS}
    known |= {shard: max(at_ms, known.get(shard, 0)) for shard, at_ms in positions.items()}
    return dict(sorted(known.items(), key=lambda item: item[1])[-MOST_SHARDS:])


def _earliest(known: Mapping[str, int], positions: Mapping[str, int]) -> int:
    """Return the earliest position of the shards that are not silent."""
    all_ms = [at_ms for shard, at_ms in (*known.items(), *positions.items()) if shard != HELD]
    return min(at_ms for at_ms in all_ms if max(all_ms) - at_ms < SHARD_SILENT_MS)


def rebuild_if_possible(key: str) -> bool:
    """Rebuild a document from its sources; False, counted and logged, if they are broken.

    Raises only while the database does not answer.
    """
    try:
        _rebuild(key)
    except Exception as error:
        if dynamodb.is_outage(error):
            raise
        telemetry.measure("UnreadableDocuments", 1, "Count")
        telemetry.logger().error("document not rebuilt", extra={"tile": key, "error": type(error).__name__})
        return False
    return True


def _rebuild(key: str) -> None:
    if tile_from_key(key).z == CELL_ZOOM:
        build_cell(key, {})
    elif key == ROOT:
        build_root({*TileDocument.read([ROOT]).get(ROOT, Document()).children}, {})
    else:
        _build_parent(key, set())


def _rewrite(key: str, gather: Callable[[], Make]) -> bool:
    """Read a tile's documents, gather what they are made of, and store them under an optimistic lock.

    Starts again if another writer was faster, three times at most; False if it was faster each time.
    """
    for _ in range(TRIES):
        read = {tree: TileDocument.read([key], consistent=True, tree=tree).get(key, Document()) for tree in TREES}
        make = gather()
        is_stored = True
        for tree, document in read.items():
            version = document.version
            new_document = make(tree, document)
            new_document.version, new_document.built_at_ms = version, clock.now_ms()
            is_stored = TileDocument.replace(key, new_document, tree) and is_stored
        if is_stored:
            return True
    return False


def read_or_build(tile: Tile) -> Document:
    """Return a tile's document; build it from the indexes if documents are not kept (local fallback) or unreadable."""
    documents = TileDocument.read_if_readable({ROOT, tile.key})
    document = documents.get(tile.key, Document())
    if ROOT in documents and document.is_readable:
        return document
    west, south, east, north = tile.bounds()
    query = ReportQuery(Box(west, south, east, north), Severity.UNKNOWN.at_least(), MOST_COUNTED)
    page = find_active(query)
    entries = [entry for entry in page.entries if _tile_of(entry, tile.z) == tile]
    built = document_content.summarise(entries, is_at_least=page.next_key is not None)
    if page.next_key and not entries:
        built.low_watermark = page.next_key
    return built
