"""Update the tile documents from the changes of the reports table: cell by cell, then zoom by zoom up to the root.

Each document is rebuilt from what is stored, so a change may arrive twice, late or beside another one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from app.core import clock, dynamodb
from app.core.errors import Unavailable
from app.core.severity import Severity
from app.geo.box_circle import Box
from app.geo.tiles import Tile, tile_at, tile_from_key
from app.reports.entry import CELL_ZOOM, Entry
from app.reports.index import completeness
from app.reports.index.models import (
    FOREVER_MS,
    MOST_ROWS,
    ROOT,
    SHARD_SILENT_MS,
    TREES,
    ZOOMS,
    Document,
    TileDocument,
    Tree,
    tree_to_read,
)
from app.reports.index.search import ReportQuery, find_active
from app.reports.models import Report

# Counts use at most this many entries of a cell (about 1 MB); beyond that they are lower bounds.
MOST_COUNTED = 4000
# The cell index may lag behind the stream by this much; for so long, changes are remembered beside it.
INDEX_LAG_MS = 60_000
TRIES = 8
ENDED_AT_ONCE = 25
SHARDS_LOST_MS = SHARD_SILENT_MS * 2 // 3
SWEPT_AT_ONCE = 50
WIDE_FROM = 500  # changes in one batch


class Change(NamedTuple):
    """A report before and after one write, and when the stream saw it (ms since 1970)."""

    old: Report | None
    new: Report | None
    at_ms: int


def apply_changes(changes: Sequence[Change], *, shard: str) -> None:
    """Apply changes to the documents, then note that this stream shard has been read up to the newest of them."""
    if not changes:
        return
    for change in changes:
        if change.new is not None and not change.new.is_complete():
            change.new.complete()  # the previous release wrote it
    _widen(changes)
    recent = _by_cell(changes)
    for cell, entries in recent.items():
        build_cell(cell, entries)
    build_above(recent)
    advance(shard, max(change.at_ms for change in changes))
    rebuild_ended()


def _widen(changes: Iterable[Change]) -> None:
    """Let the changes of a day use all shards if very many of its reports change."""
    days = Counter(change.new.changed_day for change in changes if change.new is not None and change.new.changed_day)
    for day, change_count in days.items():
        if change_count >= WIDE_FROM and day == clock.day_of(clock.now_ms()):
            completeness.widen(day)


def _by_cell(changes: Iterable[Change]) -> dict[str, dict[str, Entry]]:
    """Return the latest entry of each changed report, under each cell that it is in or was in."""
    recent: dict[str, dict[str, Entry]] = defaultdict(dict)
    for change in changes:
        latest = change.new or change.old
        for image in (change.old, change.new):
            if latest is not None and image is not None and image.cell:
                recent[image.cell][latest.id] = latest.entry_with_unknown()
    return recent


def build_cell(cell: str, recent: dict[str, Entry]) -> None:
    """Rebuild one cell's documents from the cell index and from changes that the index may not show yet."""
    indexed = Report.newest_in_cell(cell, limit=MOST_COUNTED)
    first = Report.oldest_in_cell(cell) if indexed.last_key else None
    now_ms = clock.now_ms()
    recent = _reread_late(recent, indexed.entries, now_ms)

    def make(document: Document) -> Document:
        remembered = _remembered(document, indexed.entries, now_ms)
        latest = _newest_of_each([*remembered, *indexed.entries, *recent.values()])
        present = [entry for entry in latest if entry.is_active(now_ms) and _tile_of(entry, CELL_ZOOM).key == cell]
        removed = _removed(document, recent, {(entry.id, entry.version) for entry in present}, now_ms)
        entries_here = [entry for entry in present if entry.version > removed.get(entry.id, [0])[0]]
        built = _summary(entries_here, is_at_least=bool(indexed.last_key))
        if first:
            built.oldest = first.sort  # perhaps expired already: then a bound, which is all that readers need
        ids_here = {entry.id for entry in entries_here}
        built.recently_removed = {report_id: mark for report_id, mark in removed.items() if report_id not in ids_here}
        return built

    for tree in TREES:
        _rewrite(cell, make, tree)
    _end_expired(indexed.entries, now_ms)


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
    recent_rows = [entry for entry in document.rows if entry.updated_at_ms > now_ms - INDEX_LAG_MS]
    return [entry for entry in recent_rows if entry.version > indexed_versions.get(entry.id, 0)]


def _newest_of_each(entries: Iterable[Entry]) -> list[Entry]:
    latest: dict[str, Entry] = {}
    for entry in entries:
        if entry.id not in latest or entry.version >= latest[entry.id].version:
            latest[entry.id] = entry
    return sorted(latest.values(), key=lambda entry: entry.sort, reverse=True)


def _tile_of(entry: Entry, z: int) -> Tile:
    return tile_at(lat=entry.lat, lon=entry.lon, z=z)


def _end_expired(indexed: list[Entry], now_ms: int) -> None:
    """Remove expired reports from the cell index. Each removal comes back as a change, until all are removed."""
    ended = [entry for entry in reversed(indexed) if entry.expires_at_ms <= now_ms]
    for entry in ended[:ENDED_AT_ONCE]:
        Report(entry.id, version=entry.version).leave_cell()


def _summary(entries: list[Entry], *, is_at_least: bool) -> Document:
    rows = entries[:MOST_ROWS]
    return Document(
        rows=rows,
        low_watermark=rows[-1].sort if len(entries) > MOST_ROWS or is_at_least and rows else "",
        counts=dict(Counter(entry.severity for entry in entries)),
        is_at_least=is_at_least,
        oldest="" if is_at_least or not entries else entries[-1].sort,
        next_end_ms=min((entry.expires_at_ms for entry in entries), default=FOREVER_MS),
        last_end_ms=FOREVER_MS if is_at_least else max((entry.expires_at_ms for entry in entries), default=0),
    )


def build_above(cells: Iterable[str]) -> None:
    """Rebuild the documents of all coarser tiles over some cells, finest first."""
    dirty = set(cells)
    for zoom in reversed(ZOOMS[:-1]):
        parents: dict[str, set[str]] = defaultdict(set)
        for key in dirty:
            parents[tile_from_key(key).parent(zoom).key].add(key)
        for parent, children in parents.items():
            for tree in TREES:
                _build_parent(parent, children, tree)
        dirty = set(parents)


def _build_parent(key: str, changed: set[str], tree: Tree) -> None:
    _rewrite(key, partial(_merged_children, key, changed, tree), tree)


def _merged_children(key: str, changed: set[str], tree: Tree, document: Document) -> Document:
    children = TileDocument.read({*document.children, *changed}, consistent=True, tree=tree)
    if unreadable_children := [child for child, child_document in children.items() if not child_document.is_readable]:
        for child in unreadable_children:
            _rebuild(child, tree)
        children |= TileDocument.read(unreadable_children, consistent=True, tree=tree)
    merged_document = _merged(
        {child: child_document for child, child_document in children.items() if not child_document.is_empty}
    )
    merged_document.stream_shards = document.stream_shards
    if key == ROOT and not document.is_readable:
        # The positions of the other shards are lost: for some minutes readers read further back themselves.
        merged_document.stream_shards = {"lost": clock.now_ms() - SHARDS_LOST_MS}
    return merged_document


def _rebuild(key: str, tree: Tree) -> None:
    """Rebuild a document that cannot be read."""
    if tile_from_key(key).z == CELL_ZOOM:
        build_cell(key, {})
    else:
        _build_parent(key, set(), tree)


def _merged(children: dict[str, Document]) -> Document:
    """Join the documents of several tiles: the newest rows of all, as complete as the least complete one."""
    child_documents = list(children.values())
    low_watermark = max((child.low_watermark for child in child_documents), default="")
    rows = sorted(
        (row for child in child_documents for row in child.rows if row.sort >= low_watermark), key=lambda row: row.sort
    )[::-1]
    if len(rows) > MOST_ROWS:
        low_watermark = rows[MOST_ROWS - 1].sort
    return Document(
        rows=rows[:MOST_ROWS],
        low_watermark=low_watermark,
        counts=dict(sum((Counter(child.counts) for child in child_documents), Counter())),
        is_at_least=any(child.is_at_least for child in child_documents),
        oldest=min((child.oldest for child in child_documents), default=""),
        next_end_ms=min((child.next_end_ms for child in child_documents), default=FOREVER_MS),
        last_end_ms=max((child.last_end_ms for child in child_documents), default=0),
        children=sorted(children),
    )


def advance(shard: str, at_ms: int) -> None:
    """Note in the root how far a stream shard has been read; it never moves back."""

    def make(tree: Tree, document: Document) -> Document:
        if not document.is_readable:
            document = _merged_children(ROOT, set(), tree, document)
        document.stream_shards[shard] = max(at_ms, document.stream_shards.get(shard, 0))
        latest = sorted(document.stream_shards.items(), key=lambda item: item[1])[-100:]
        document.stream_shards = dict(latest)
        return document

    for tree in TREES:
        _rewrite(ROOT, partial(make, tree), tree)


def _rewrite(key: str, make: Callable[[Document], Document], tree: Tree) -> None:
    """Read, rebuild and store under an optimistic lock; repeat if another writer was faster."""
    for _ in range(TRIES):
        stored = TileDocument.read([key], consistent=True, tree=tree).get(key, Document())
        version = stored.version
        new_document = make(stored)
        new_document.version, new_document.built_at_ms = version, clock.now_ms()
        if TileDocument.replace(key, new_document, tree):
            return
    raise Unavailable(f"Tile {key} is being rewritten too often.")


def rebuild_ended() -> int:
    """Rebuild the cells with an expired report or an unreadable document; return their number, at most 50."""
    now_ms = clock.now_ms()
    due = [ROOT]
    for _ in ZOOMS[1:]:
        documents = TileDocument.read(due[:SWEPT_AT_ONCE])
        for key, document in documents.items():
            if not document.is_readable:
                _rebuild(key, tree_to_read())
        ended = [document for document in documents.values() if document.next_end_ms <= now_ms]
        due = [child for document in ended for child in document.children]
    cells = [key for key, document in TileDocument.read(due[:SWEPT_AT_ONCE]).items() if document.next_end_ms <= now_ms]
    dynamodb.in_one_round([partial(build_cell, cell, {}) for cell in cells])
    build_above(cells)
    return len(cells)


def read_or_build(tile: Tile) -> Document:
    """Return a tile's document; build it from the indexes if documents are not kept (local fallback) or unreadable."""
    documents = TileDocument.read_if_readable({ROOT, tile.key})
    document = documents.get(tile.key, Document())
    if ROOT in documents and document.is_readable:
        return document
    west, south, east, north = tile.bounds()
    query = ReportQuery(Box(west, south, east, north), Severity.UNKNOWN.at_least(), MOST_COUNTED)
    entries = [entry for entry in find_active(query).entries if _tile_of(entry, tile.z) == tile]
    return _summary(entries, is_at_least=False)
