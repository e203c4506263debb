"""Make a cell's document whole: of the cell index, of changes that it may not show yet, and of what was remembered."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from app.core import clock
from app.geo.tiles import tile_at
from app.reports.entry import CELL_ZOOM, Entry
from app.reports.index import document_content, increments, sealing
from app.reports.index.keys import IndexPage
from app.reports.index.models import ALL, INDEX_LAG_MS, Document
from app.reports.models import Report

# Counts use at most this many entries of a cell (about 1 MB); beyond that they are lower bounds.
MOST_COUNTED = 4000
ENDED_AT_ONCE = 100
ENDED_AGAIN_MS = INDEX_LAG_MS // 2  # until then the index shows most of what was removed
# Makes the new document from the stored one.
Make = Callable[[Document], Document]


def gather(cell: str, recent: dict[str, Entry]) -> Make:
    """Read what a cell's document is made of, after it was read, and end what is over.

    The writer before has seen no more than the index shows now, or the document remembers it.
    """
    now_ms = clock.now_ms()
    indexed = Report.newest_in_cell(cell, limit=MOST_COUNTED)
    first = Report.oldest_in_cell(cell) if indexed.last_key else None
    has_more_ended = _end_expired(indexed.entries, now_ms)
    changes = _reread_late(recent, indexed.entries, now_ms)
    return partial(_made, cell, _Sources(indexed, first, changes, now_ms, has_more_ended))


def check(cell: str, recent: dict[str, Entry]) -> None:
    """Make a cell's document of these changes alone, and store nothing: raises whatever broken ones raise."""
    _made(cell, _Sources(IndexPage([], ""), None, recent, clock.now_ms(), False), Document())


class _Sources(NamedTuple):
    """Sources of a cell's document: the index's entries, its oldest if there are more, and recent changes.

    `has_more_ended`: the index still has reports whose time is over.
    """

    indexed: IndexPage
    first: Entry | None
    recent: dict[str, Entry]
    now_ms: int
    has_more_ended: bool


def _made(cell: str, sources: _Sources, document: Document) -> Document:
    indexed, first, recent, now_ms, has_more_ended = sources
    sealed = sealing.all_rows(document, cell)
    remembered = _remembered([*document.rows, *document.grave, *(sealed or ())], indexed.entries, now_ms)
    latest = document_content.newest_of_each([*remembered, *indexed.entries, *recent.values()])
    present = [
        entry
        for entry in latest
        if entry.is_active(now_ms) and tile_at(lat=entry.lat, lon=entry.lon, z=CELL_ZOOM).key == cell
    ]
    removed = _removed(document, recent, {(entry.id, entry.version) for entry in present}, now_ms)
    entries_here = [entry for entry in present if entry.version > removed.get(entry.id, [0])[0]]
    built = document_content.summarise(
        entries_here, is_at_least=bool(indexed.last_key), grave_low_watermark=indexed.last_key or ALL
    )
    if first:
        built.oldest = first.sort  # perhaps expired already: then a bound, which is all that readers need
    ids_here = {entry.id for entry in entries_here}
    built.recently_removed = {report_id: mark for report_id, mark in removed.items() if report_id not in ids_here}
    built.whole_at_ms = now_ms
    if has_more_ended:
        built.again_at_ms = now_ms + ENDED_AGAIN_MS
        built.next_end_ms = min(built.next_end_ms, built.again_at_ms)
    if sealed is None and increments.is_unsettled(document, recent, now_ms):
        # Once more when the index surely shows what this document no longer had rows for. An earlier time stays, so
        # that the coarser documents need not look for another earliest one; one that has come does not: it would be
        # due again at once, each time.
        at_ms = now_ms + increments.SETTLED_MS
        built.again_at_ms = min(built.again_at_ms or at_ms, at_ms)
        earlier_ms = document.next_end_ms if document.next_end_ms > now_ms else at_ms
        built.next_end_ms = min(built.next_end_ms, at_ms, earlier_ms)
    sealing.seal_whole(built, entries_here, document)
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


def _remembered(known: list[Entry], indexed: list[Entry], now_ms: int) -> list[Entry]:
    """Return rows that came or changed so recently that the index may not show them yet."""
    indexed_versions = {entry.id: entry.version for entry in indexed}
    return [
        entry
        for entry in known
        if entry.version > indexed_versions.get(entry.id, 0)
        and (entry.id in indexed_versions or entry.updated_at_ms > now_ms - INDEX_LAG_MS)
    ]


def _end_expired(indexed: list[Entry], now_ms: int) -> bool:
    """Remove expired reports from the cell index, the oldest first; return whether there are more."""
    ended = [entry for entry in reversed(indexed) if entry.expires_at_ms <= now_ms]
    for entry in ended[:ENDED_AT_ONCE]:
        Report(entry.id, version=entry.version).leave_cell(entry)
    return len(ended) > ENDED_AT_ONCE
