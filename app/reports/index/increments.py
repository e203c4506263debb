"""Bring changes to a stored document without reading what else its tile holds: reports to a cell, children to a tile.

Each function returns None where the stored document cannot tell what follows from a change; then it is made whole from
its sources. It returns the document itself where it holds the changes already.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from app.core import clock
from app.geo.tiles import tile_at, tile_from_key
from app.reports.entry import CELL_ZOOM, PUBLIC, Entry
from app.reports.index import document_content
from app.reports.index.models import ALL, INDEX_LAG_MS, Document, digest_of

# After so long an index surely shows a change that says of itself when it was made: the longest run of a function that
# writes, the most by which clocks differ, and the most by which an index is behind.
SETTLED_MS = 20_000 + INDEX_LAG_MS
# A change that arrives so late may have been followed by others that the document no longer remembers.
LATE_MS = INDEX_LAG_MS - 20_000
# With less than this share of the rows that it had when it was made whole, a document is made whole again.
LEAST_ROWS = 0.75
VERSIONS = 1000  # the versions of children are known by their last three digits


class BatchFacts(NamedTuple):
    """Facts of a batch of changes beside the latest entries, by report id; neither is known of handed-over changes.

    `neutral`: no change in the batch has altered whether, where and as how severe the report is counted.
    `written_ms`: when its latest change was written.
    """

    neutral: Set[str] = frozenset()
    written_ms: Mapping[str, int] = MappingProxyType({})


NO_FACTS = BatchFacts()


class Loaded(NamedTuple):
    """Rows of a cell's reports that its document has none for, and which sort keys all rows are known of."""

    rows: Sequence[Entry]
    covers: Callable[[str], bool]


class Pair(NamedTuple):
    """A document before and after a pass."""

    old: Document
    new: Document


class _Changed:
    """A cell's rows and counts while changes are brought to them."""

    def __init__(self, document: Document, now_ms: int, loaded: Loaded | None = None) -> None:
        older = loaded.rows if loaded else ()
        self.rows = {row.id: row for row in (*older, *document.rows, *document.grave)}
        self.covers = loaded.covers if loaded else partial(_has_rows_from, document)
        self.counts = Counter(document.counts)
        self.removed = {
            report_id: mark for report_id, mark in document.recently_removed.items() if mark[1] > now_ms - INDEX_LAG_MS
        }
        self.present: list[Entry] = []  # that are here now, in another form than before
        self.gone: list[Entry] = []

    def put(self, entry: Entry) -> None:
        """Add a report to the cell, or replace its row."""
        if row := self.rows.get(entry.id):
            self.counts[row.severity] -= 1
        self.counts[entry.severity] += 1
        self.rows[entry.id] = entry
        self.removed.pop(entry.id, None)
        self.present.append(entry)

    def take(self, entry: Entry, now_ms: int) -> None:
        """Remove a report from the cell."""
        if row := self.rows.pop(entry.id, None):
            self.counts[row.severity] -= 1
        self.removed[entry.id] = [entry.version, now_ms]
        self.gone.append(entry)


def _has_rows_from(document: Document, sort: str) -> bool:
    return not document.low_watermark or sort >= document.low_watermark


def with_changes(
    document: Document,
    cell: str,
    recent: Mapping[str, Entry],
    facts: BatchFacts,
    now_ms: int,
    loaded: Loaded | None = None,
) -> Document | None:
    """Bring the latest entries of changed reports to a cell's document."""
    if not document.is_readable or not document.whole_at_ms or not recent:
        return None
    changed = _Changed(document, now_ms, loaded)
    for entry in recent.values():
        is_here = entry.is_active(now_ms) and tile_at(lat=entry.lat, lon=entry.lon, z=CELL_ZOOM).key == cell
        if row := changed.rows.get(entry.id):
            if row.sort != entry.sort:
                return None
            _follow(changed, row, entry, is_here=is_here, now_ms=now_ms)
        elif not _takes_unknown(document, changed, entry, facts, is_here=is_here, now_ms=now_ms):
            return None
    return _document_of(document, changed) if changed.present or changed.gone else document


def _takes_unknown(
    document: Document, changed: _Changed, entry: Entry, facts: BatchFacts, *, is_here: bool, now_ms: int
) -> bool:
    """Bring a change to a report without a row; False if it is not known whether the document counted the report."""
    if entry.version <= changed.removed.get(entry.id, [0])[0] or _is_absorbed(document, entry, facts, now_ms):
        return True
    if facts.written_ms.get(entry.id, entry.updated_at_ms) <= now_ms - LATE_MS:
        return False
    if changed.covers(entry.sort):
        # It has no row where every report has one: it was not counted.
        changed.put(entry) if is_here else changed.take(entry, now_ms)
        return True
    if entry.id in facts.neutral and is_here:
        changed.present.append(entry)
        return True
    return False


def _follow(changed: _Changed, row: Entry, entry: Entry, *, is_here: bool, now_ms: int) -> None:
    """Bring a change to a report that has a row. A connection's mark that was forgotten stays so."""
    if entry.version < row.version:
        return
    if not is_here:
        changed.take(entry, now_ms)
    elif entry.version > row.version:
        changed.put(entry)
    elif row.connection and not entry.connection:
        changed.put(row._replace(connection=None))


def _is_absorbed(document: Document, entry: Entry, facts: BatchFacts, now_ms: int) -> bool:
    """Return whether the index had surely shown this change, or a later one, when the document was made whole of it.

    A report whose time was over by then, and which leaves the index only now, was not counted either.
    """
    if entry.status in PUBLIC and entry.expires_at_ms <= now_ms:
        counted_ms = max(document.whole_at_ms, min(document.next_end_ms - 1, now_ms) if document.segments else 0)
        return entry.expires_at_ms <= counted_ms and entry.updated_at_ms <= counted_ms - SETTLED_MS
    written_ms = facts.written_ms.get(entry.id)
    return written_ms is not None and written_ms <= document.whole_at_ms - SETTLED_MS


def _document_of(document: Document, changed: _Changed) -> Document | None:
    entries = sorted(changed.rows.values(), key=lambda row: row.sort, reverse=True)
    if not document.low_watermark:
        built = document_content.summarise(entries, is_at_least=False, grave_low_watermark=ALL)
    else:
        marks = {"low_watermark": document.low_watermark, "grave_low_watermark": document.grave_low_watermark}
        built = document_content.shown(entries, **marks)
        built.counts = dict(+changed.counts)
        oldest = min([document.oldest, *(entry.sort for entry in changed.present)])
        built.is_at_least, built.oldest = document.is_at_least, oldest
        ends = [entry.expires_at_ms for entry in changed.present]
        built.next_end_ms = min([document.next_end_ms, *ends])
        built.last_end_ms = max([document.last_end_ms, *ends])
        built.digest = digest_of([document.digest, *map(document_content.state_of, [*changed.present, *changed.gone])])
        if _is_thin(built, document) or min(changed.counts.values(), default=0) < 0:
            return None
    built.known, built.segments = entries, document.segments
    built.recently_removed = changed.removed
    built.whole_at_ms, built.full_rows, built.again_at_ms = (
        document.whole_at_ms,
        document.full_rows,
        document.again_at_ms,
    )
    return built


def without(document: Document, over: Sequence[Entry], loaded: Loaded) -> Document | None:
    """Take reports whose time is over from a cell's document."""
    changed = _Changed(document, clock.now_ms(), loaded)
    for entry in over:
        changed.rows.pop(entry.id)
        changed.counts[entry.severity] -= 1
        changed.gone.append(entry)
    return _document_of(document, changed)


def _is_thin(built: Document, document: Document) -> bool:
    return bool(built.low_watermark) and len(built.rows) < LEAST_ROWS * document.full_rows


def with_children(document: Document, pairs: Mapping[str, Pair | None]) -> Document | None:
    """Bring changed children to the document of the tile over them."""
    held = dict(zip(document.children, document.held, strict=False))
    if not document.is_readable or not held or len(held) != len(document.children):
        return None
    moved: dict[str, Pair] = {}
    for child, pair in pairs.items():
        if pair is None or not _is_known(pair, held.get(child)):
            return None
        if held.get(child) != held_version(pair.new) and not (pair.old.is_empty and pair.new.is_empty):
            moved[child] = pair
    if not moved:
        return document
    rest = _without(document, moved)
    if rest is None:
        return None
    stayed = {child: pair.new for child, pair in moved.items() if not pair.new.is_empty}
    joined = document_content.join({"": rest, **stayed} if rest.counts else stayed)
    versions = {child: version for child, version in held.items() if child not in moved}
    versions |= {child: held_version(new) for child, new in stayed.items()}
    joined.children = sorted(versions)
    joined.held = [versions[child] for child in joined.children]
    joined.digest = digest_of([document.digest, *(f"{child} {pair.new.state()}" for child, pair in moved.items())])
    joined.full_rows = document.full_rows
    return None if _is_thin(joined, document) else joined


def held_version(document: Document) -> int:
    """Return the short version by which a coarser document refers to a child."""
    return document.version % VERSIONS


def _is_known(pair: Pair, held: int | None) -> bool:
    """Return whether a document holds a child as it is, or as it was before the pass; empty ones are not listed."""
    if held is None:
        return pair.old.is_empty
    return held == held_version(pair.new) or (held == held_version(pair.old) and not pair.old.is_empty)


def _without(document: Document, moved: Mapping[str, Pair]) -> Document | None:
    """Return a document without the rows and counts of the changed children; None if a bound of it is unknown then."""
    counts = Counter(document.counts)
    for pair in moved.values():
        if _raises_a_bound(document, pair):
            return None
        counts.subtract(pair.old.counts)
    if min(counts.values(), default=0) < 0:
        return None
    zoom = tile_from_key(next(iter(moved))).z

    def outside(rows: Iterable[Entry]) -> list[Entry]:
        return [row for row in rows if tile_at(lat=row.lat, lon=row.lon, z=zoom).key not in moved]

    return replace(document, rows=outside(document.rows), grave=outside(document.grave), counts=dict(+counts))


def _raises_a_bound(document: Document, pair: Pair) -> bool:
    """Return whether a bound of all children was this one's, and the others' is not known."""
    old, new = pair
    if old.is_empty:
        return False
    return (
        (old.next_end_ms <= document.next_end_ms < new.next_end_ms)
        or (old.last_end_ms >= document.last_end_ms > new.last_end_ms)
        or (old.oldest <= document.oldest and (new.is_empty or new.oldest > document.oldest))
        or (old.is_at_least and not new.is_at_least)
    )


def is_unsettled(document: Document, recent: Mapping[str, Entry], now_ms: int) -> bool:
    """Return whether a cell's document may have known of changes that it has no row for and the index not yet."""
    return bool(document.low_watermark) and (bool(recent) or document.built_at_ms > now_ms - SETTLED_MS)


def is_neutral(old: Entry, new: Entry, now_ms: int) -> bool:
    """Return whether a change leaves alone whether, where and as how severe a report is counted."""
    if not old.is_active(now_ms) or not new.is_active(now_ms):
        return False
    cells = [tile_at(lat=entry.lat, lon=entry.lon, z=CELL_ZOOM) for entry in (old, new)]
    return cells[0] == cells[1] and (old.severity, old.sort) == (new.severity, new.sort)


def gone(entry: Entry) -> Entry:
    """Return the last entry of a deleted report, expired now."""
    return entry._replace(expires_at_ms=min(entry.expires_at_ms, clock.now_ms()))
