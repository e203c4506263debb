"""Find the newest active reports in a search area, at a cost that depends on the page and not on the table.

First page: the tile documents of the area with what is newer than them, then finer documents and cells where the
documents are incomplete. Following pages: the indexes, from the end of the last page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from app.core import clock, dynamodb, telemetry
from app.geo.box_circle import SearchArea
from app.geo.tiles import tile_from_key
from app.reports.entry import CELL_ZOOM, NEWER_THAN_ALL, Entry, created_of, sort_key
from app.reports.index import recent_writes
from app.reports.index.merge import (
    CellStream,
    EntryStream,
    KWayMerge,
    cell_streams,
    day_shard_streams,
    drain,
    highest_low_watermark,
)
from app.reports.index.models import ROOT, ZOOMS, Document, TileDocument
from app.reports.models import Calendar

MOST_UNITS = 8.0
MOST_ROUNDS = 3
# Documents of the first round: a view of a country may cost three units in all, a phone's view more.
MOST_TILES = 3
MOST_COARSE_TILES = 2
FINE_ZOOM = 8
MOST_CELLS = 64
INDEX_UNITS = 64.0
INDEX_ROUNDS = 8
# Tolerance for the oldest report of a document: an import may reach the documents late.
LATE_IMPORT_MS = clock.HOUR_MS
MAX_DAYS_WITHOUT_CALENDAR = 9


class ReportQuery(NamedTuple):
    """Filter of active reports: within a search area (None: anywhere), of some severities, below a position."""

    search_area: SearchArea | None
    severities: frozenset[str]
    limit: int
    before_key: str | None = None

    def accepts(self, entry: Entry) -> bool:
        return (
            entry.is_active(clock.now_ms())
            and entry.severity in self.severities
            and (self.before_key is None or entry.sort < self.before_key)
            and (self.search_area is None or self.search_area.contains(lat=entry.lat, lon=entry.lon))
        )


class ReportPage(NamedTuple):
    """A page of entries, newest first, and the sort key at which the next page begins; None at the end of the list."""

    entries: list[Entry]
    next_key: str | None


def find_active(query: ReportQuery) -> ReportPage:
    """Find the newest active reports for a query."""
    merge = KWayMerge(query.accepts, query.limit)
    low_watermark = _from_documents_if_readable(query, merge) if query.before_key is None else None
    if low_watermark is None:
        low_watermark = _from_indexes(query, merge, before=query.before_key or NEWER_THAN_ALL)
    elif low_watermark and not merge.accepted(low_watermark):
        # An empty page with more to come would read as "nothing is flooded": read on, at the cost of a following page.
        low_watermark = _from_indexes(query, merge, before=low_watermark)
    return page_from(merge, low_watermark)


def _from_documents_if_readable(query: ReportQuery, merge: KWayMerge) -> str | None:
    """Answer from documents; None if they cannot be read, so that the indexes answer alone."""
    try:
        return _from_documents(query, merge)
    except dynamodb.FAILURES as error:
        telemetry.logger().error("tile documents not read", extra={"error": type(error).__name__})
        return None


def find_active_over_pages(query: ReportQuery, *, pages: int, max_seconds: float = inf) -> ReportPage:
    """Run `find_active` over several pages, since a page may be short. No page is begun after `max_seconds`."""
    started_s, entries, next_key = clock.running_s(), list[Entry](), query.before_key
    for _ in range(pages):
        page = find_active(query._replace(limit=query.limit - len(entries), before_key=next_key))
        entries, next_key = entries + page.entries, page.next_key
        if next_key is None or len(entries) == query.limit or clock.running_s() - started_s > max_seconds:
            break
    return ReportPage(entries, next_key)


def page_from(merge: KWayMerge, low_watermark: str) -> ReportPage:
    """Return the page of a merge, complete above the low watermark."""
    entries = merge.accepted(low_watermark)[: merge.limit]
    is_full = len(entries) == merge.limit
    has_more = bool(low_watermark) or len(merge.accepted()) > len(entries)
    return ReportPage(entries, (merge.key(entries[-1]) if is_full else low_watermark) if has_more else None)


def _from_indexes(query: ReportQuery, merge: KWayMerge, *, before: str) -> str:
    if query.search_area is not None and query.search_area.count_tiles(CELL_ZOOM) <= MOST_CELLS:
        streams = cell_streams((tile.key for tile in query.search_area.tiles(CELL_ZOOM)), before=before)
    else:
        streams = _day_streams(_root_if_readable(), before=before)
    return drain(merge, streams, rounds=INDEX_ROUNDS, units=merge.units + max(INDEX_UNITS, len(streams) * 2.0))


def _root_if_readable() -> Document | None:
    try:
        return TileDocument.read([ROOT]).get(ROOT)
    except dynamodb.FAILURES:
        return None


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
    """A part of the map as its document describes it: complete down to `low_watermark`."""

    key: str
    low_watermark: str
    children: list[str]


def _from_documents(query: ReportQuery, merge: KWayMerge) -> str | None:
    """Answer from documents and recent writes; None if there are no documents to rely on."""
    now_ms = clock.now_ms()
    keys = first_tiles(query.search_area)
    first_round = recent_writes.read_with_recent_writes(keys, now_ms)
    if not recent_writes.add(merge, first_round, now_ms=now_ms) or first_round.root is None:
        return None
    regions = _regions(merge, keys, {ROOT: first_round.root, **first_round.documents}, now_ms)
    while not merge.is_done(regions):
        coarse_regions = [
            region for region in merge.blocking_streams(regions) if tile_from_key(region.key).z < CELL_ZOOM
        ]
        finer = _finer_tiles(query.search_area, coarse_regions)
        if not coarse_regions or finer and (merge.rounds >= MOST_ROUNDS or merge.units + len(finer) / 2 > MOST_UNITS):
            break
        regions = [region for region in regions if region not in coarse_regions]
        if finer:
            merge.rounds += 1
            merge.units += len(finer) / 2
            regions += _regions(merge, finer, TileDocument.read(finer), now_ms)
    if merge.is_done(regions):
        return highest_low_watermark(regions)
    streams = _streams_below(query.search_area, regions, first_round.root, units=MOST_UNITS - merge.units)
    return drain(merge, streams, rounds=MOST_ROUNDS - merge.rounds, units=MOST_UNITS)


def first_tiles(search_area: SearchArea | None) -> list[str]:
    """Return the finest tiles that cover a search area with few documents; for large areas only the root."""
    for zoom in reversed(ZOOMS[1:]):
        most = MOST_TILES if zoom >= FINE_ZOOM else MOST_COARSE_TILES
        if (
            search_area is not None
            and search_area.count_tiles(zoom) <= most + 5
            and len(tiles := search_area.tiles(zoom)) <= most
        ):
            return [tile.key for tile in tiles]
    return [ROOT]


def _regions(merge: KWayMerge, keys: Sequence[str], documents: dict[str, Document], now_ms: int) -> list[Region]:
    """Add the rows of some tiles and return their regions. A tile without a document never had an active report."""
    regions = []
    for key in keys:
        document = documents.get(key, Document())
        merge.add_older(document.rows)
        regions.append(Region(key, document.low_watermark_at(now_ms), document.children))
    return regions


def _finer_tiles(search_area: SearchArea | None, blocking_regions: Sequence[Region]) -> list[str]:
    """Return the next finer tiles that hold anything; if there is none, the region is complete."""
    finer = [key for region in blocking_regions for key in region.children]
    return [key for key in finer if search_area is None or search_area.touches(tile_from_key(key))]


def _streams_below(
    search_area: SearchArea | None, regions: Sequence[Region], root: Document, *, units: float
) -> list[EntryStream]:
    """Return the sources below the documents: incomplete cells, else day indexes below the highest watermark."""
    incomplete_regions = [region for region in regions if region.low_watermark]
    if all(tile_from_key(region.key).z == CELL_ZOOM for region in incomplete_regions):
        return [CellStream(region.key, region.low_watermark) for region in incomplete_regions]
    if search_area is not None and search_area.count_tiles(CELL_ZOOM) <= int(units * 2):
        return cell_streams(
            (tile.key for tile in search_area.tiles(CELL_ZOOM)), before=highest_low_watermark(incomplete_regions)
        )
    return _day_streams(root, before=highest_low_watermark(incomplete_regions))
