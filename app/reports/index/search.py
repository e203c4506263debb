"""Find the newest active reports in a search area, at a cost that depends on the page and not on the table.

Each page: the tile documents of the area with what is newer than them, then finer documents and cells where the
documents are incomplete. Without usable documents: the indexes, from the end of the last page.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from app.core import clock, dynamodb, missing
from app.geo.box_circle import SearchArea
from app.geo.tiles import tile_from_key
from app.reports.calendar_models import Calendar
from app.reports.connections import MOST_FOLDED
from app.reports.entry import CELL_ZOOM, NEWER_THAN_ALL, Entry, created_of, sort_key
from app.reports.index import segment_stream
from app.reports.index.merge import (
    Budget,
    EntryStream,
    KWayMerge,
    cell_streams,
    day_shard_streams,
    drain,
    highest_low_watermark,
)
from app.reports.index.models import FOREVER_MS, ROOT, Document, TileDocument
from app.reports.index.view import View, finer_tiles, note_unread
from app.reports.observation import AHEAD_MS

MOST_CELLS = 64
# Documents answer alone while the indexes cannot be read, if they are no older.
ALONE_MS = clock.HOUR_MS
# Tolerance for the oldest report of a document: an import may reach the documents late.
LATE_IMPORT_MS = clock.HOUR_MS
MAX_DAYS_WITHOUT_CALENDAR = 9


class ReportQuery(NamedTuple):
    """Filter of active reports: within a search area (None: anywhere), of some severities, below a position.

    With `folds`, reports of one connection and cell count once against the limit (`connections.fold`). `since_ms` and
    `until_ms`: what was seen before or after is left out.
    """

    search_area: SearchArea | None
    severities: frozenset[str]
    limit: int
    before_key: str | None = None
    folds: bool = False
    since_ms: int = 0
    until_ms: int = FOREVER_MS

    def filter(self) -> Callable[[Entry], bool]:
        """Return whether an entry is asked for, as a function for many entries, at this moment."""
        area, severities, _, before_key, _, since_ms, until_ms = self
        now_ms, is_inside = clock.now_ms(), area.tester() if area is not None else None
        before = NEWER_THAN_ALL if before_key is None else before_key

        def accepts(entry: Entry) -> bool:
            return (
                entry.is_active(now_ms)
                and entry.severity in severities
                and since_ms <= entry.observed_at_ms <= until_ms
                and entry.sort < before
                and (is_inside is None or is_inside(entry.lat, entry.lon))
            )

        return accepts


class ReportPage(NamedTuple):
    """A page of entries, newest first, and the sort key at which the next page begins; None at the end of the list.

    A page that its budget cut short is complete down to the sort key `complete_to`; None if it is full or the last.
    After a page of documents alone (`is_alone`) no other can be read.
    """

    entries: list[Entry]
    next_key: str | None
    complete_to: str | None = None
    is_alone: bool = False


def first_page_budget() -> Budget:
    """Return the budget of a list's first page; one more unit and call are for the root that a process reads once."""
    return Budget(units=14, rounds=3, calls=9)


def following_page_budget() -> Budget:
    """Return the budget of any other page, and of the rest of a first page that has found nothing yet."""
    return Budget(units=19, rounds=8)


def find_active(
    query: ReportQuery,
    view: View | None = None,
    *,
    also: Callable[[Entry], bool] | None = None,
    reads_on: bool = True,
) -> ReportPage:
    """Find the newest active reports for a query. `view`: documents read before, and what may still be read.

    `also` is one more condition; `reads_on`: whether a first page that has found nothing yet may cost more.
    """
    page = _find_page(query, view, also=also, reads_on=reads_on)
    # Nothing is seen later than that after it is filed, so nothing that is asked for follows.
    first_ms = query.since_ms - AHEAD_MS
    is_last = page.next_key not in (None, NEWER_THAN_ALL) and created_of(str(page.next_key)) < first_ms
    return page._replace(next_key=None, complete_to=None) if is_last else page


def _find_page(
    query: ReportQuery, view: View | None, *, also: Callable[[Entry], bool] | None, reads_on: bool
) -> ReportPage:
    is_first = query.before_key in (None, NEWER_THAN_ALL)
    view = view or View(query.search_area, first_page_budget() if is_first else following_page_budget())
    asked = query.filter()
    accepts = asked if also is None else lambda entry: asked(entry) and also(entry)
    merge = KWayMerge(accepts, query.limit, folds=query.folds)
    before = query.before_key or NEWER_THAN_ALL
    if query.before_key is not None and view.is_coarse:
        # So many reports lie there that the documents hold only those of the first page.
        return page_from(merge, _from_indexes(query, merge, view.budget, before=before))
    low_watermark = _from_documents_if_readable(query, merge, view)
    if low_watermark is None:
        try:
            low_watermark = _from_indexes(query, merge, following_page_budget(), before=before)
        except dynamodb.FAILURES as error:
            return _documents_alone(query, accepts, error)
    elif low_watermark and is_first and reads_on and not merge.accepted(low_watermark):
        # An empty page with more to come would read as "nothing is flooded": read on, at the cost of a following page.
        low_watermark = _from_indexes(query, merge, following_page_budget(), before=low_watermark)
    return page_from(merge, low_watermark)


def _from_documents_if_readable(query: ReportQuery, merge: KWayMerge, view: View) -> str | None:
    """Answer from documents; None if they cannot be read, so that the indexes answer alone."""
    try:
        return _from_documents(query, merge, view) if view.is_usable() else None
    except dynamodb.FAILURES as error:
        note_unread(error)
        return None


def _documents_alone(query: ReportQuery, accepts: Callable[[Entry], bool], error: Exception) -> ReportPage:
    """Answer from documents alone while the indexes cannot be read, as of their time and without residents' texts.

    Words may have been taken back since. Raises `error` on following pages, and if the documents are too old.
    """
    view, merge = View(query.search_area, first_page_budget()), KWayMerge(accepts, query.limit, folds=query.folds)
    as_of_ms = view.read_without_newer() if query.before_key is None else 0
    if view.now_ms - as_of_ms > ALONE_MS:
        raise error
    missing.note(missing.NEWEST_REPORTS, error, as_of_ms=as_of_ms)
    page = page_from(merge, highest_low_watermark(_read_regions(query, merge, view)))
    return page._replace(entries=[entry._replace(title=None) for entry in page.entries], is_alone=True)


def find_active_over_pages(query: ReportQuery, *, pages: int, max_seconds: float = inf) -> ReportPage:
    """Run `find_active` over several pages, since a page may be short. No page is begun after `max_seconds`."""
    started_s, entries, next_key, left = clock.running_s(), list[Entry](), query.before_key, query.limit
    for _ in range(pages):
        page = find_active(query._replace(limit=left, before_key=next_key))
        entries, next_key = entries + page.entries, page.next_key
        left = query.limit - len({entry.shown_in for entry in entries} if query.folds else entries)
        is_enough = left <= 0 or query.folds and len(entries) >= MOST_FOLDED
        if next_key is None or is_enough or page.is_alone or clock.running_s() - started_s > max_seconds:
            break
    return ReportPage(entries, next_key)


def page_from(merge: KWayMerge, low_watermark: str) -> ReportPage:
    """Return the page of a merge, complete above the low watermark."""
    entries, is_full = merge.page(low_watermark)
    if is_full:
        has_more = bool(low_watermark) or len(merge.accepted()) > len(entries)
        return ReportPage(entries, merge.key(entries[-1]) if has_more else None)
    return ReportPage(entries, low_watermark or None, low_watermark or None)


def _from_indexes(query: ReportQuery, merge: KWayMerge, budget: Budget, *, before: str) -> str:
    if query.search_area is not None and query.search_area.count_tiles(CELL_ZOOM) <= budget.units * 2:
        streams = cell_streams((tile.key for tile in query.search_area.tiles(CELL_ZOOM)), before=before)
    else:
        streams = _day_streams(_root_if_readable(), before=before)
    return drain(merge, streams, budget)


def _root_if_readable() -> Document | None:
    return TileDocument.read_if_readable([ROOT]).get(ROOT)


def _day_streams(root: Document | None, *, before: str) -> list[EntryStream]:
    """Return the days with possibly active reports: by the root document, else all days with reports."""
    now_ms = clock.now_ms()
    last_ms = now_ms if before == NEWER_THAN_ALL else min(created_of(before), now_ms + clock.DAY_MS)
    if root is None or not root.oldest or now_ms - root.changes_low_watermark_ms() > LATE_IMPORT_MS:
        return day_shard_streams(Calendar.days_known(last=clock.day_of(last_ms)), before=before)
    first_ms = created_of(root.oldest) - LATE_IMPORT_MS
    if last_ms - first_ms > MAX_DAYS_WITHOUT_CALENDAR * clock.DAY_MS:
        days = Calendar.days_known(first=clock.day_of(first_ms), last=clock.day_of(last_ms))
    else:
        days = clock.days_between(first_ms, last_ms)
    return day_shard_streams(days, before=before, lower_key=sort_key(first_ms))


@dataclass
class Region:
    """A part of the map as its document describes it: complete for the query down to `low_watermark`."""

    key: str
    low_watermark: str
    document: Document


def _from_documents(query: ReportQuery, merge: KWayMerge, view: View) -> str:
    """Answer from documents and recent writes, then from the indexes below them; return the low watermark."""
    current, budget = view.current(), view.budget
    merge.add(current.newer)
    regions = _read_regions(query, merge, view)
    if merge.is_done(regions):
        return highest_low_watermark(regions)
    return drain(merge, _streams_below(query, regions, current.root, budget), budget)


def _read_regions(query: ReportQuery, merge: KWayMerge, view: View) -> list[Region]:
    """Read documents, and finer ones where the page needs more than one holds, within the budget."""
    regions = _regions(query, merge, view, view.first_tiles)
    while not merge.is_done(regions):
        coarse_regions = [
            region for region in merge.blocking_streams(regions) if tile_from_key(region.key).z < CELL_ZOOM
        ]
        finer = finer_tiles(
            query.search_area, (child for region in coarse_regions for child in region.document.children)
        )
        if not coarse_regions or not view.can_read(finer):
            break
        regions = [region for region in regions if region not in coarse_regions]
        regions += _regions(query, merge, view, finer)
    return regions


def _regions(query: ReportQuery, merge: KWayMerge, view: View, keys: Sequence[str]) -> list[Region]:
    """Add the rows of some tiles and return their regions. A tile without a document never had an active report."""
    documents = view.read(keys)
    regions = []
    for key in keys:
        document = documents.get(key, Document())
        merge.add_older((*document.rows, *document.grave))
        low_watermark = document.low_watermark_of(query.severities, view.now_ms)
        regions.append(Region(key, low_watermark, document))
    return regions


def _streams_below(query: ReportQuery, regions: Iterable[Region], root: Document, budget: Budget) -> list[EntryStream]:
    """Return the sources below the documents: incomplete cells, else day indexes below the highest watermark."""
    incomplete_regions = [region for region in regions if region.low_watermark]
    before = query.before_key or NEWER_THAN_ALL
    if all(tile_from_key(region.key).z == CELL_ZOOM for region in incomplete_regions):
        return [
            segment_stream.below(region.key, region.document, min(region.low_watermark, before))
            for region in incomplete_regions
        ]
    before = min(before, highest_low_watermark(incomplete_regions))
    if query.search_area is not None and query.search_area.count_tiles(CELL_ZOOM) <= min(
        MOST_CELLS, budget.units * 2, budget.calls
    ):
        return cell_streams((tile.key for tile in query.search_area.tiles(CELL_ZOOM)), before=before)
    return _day_streams(root, before=before)
