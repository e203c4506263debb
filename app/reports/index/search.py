"""Find the newest active reports in a search area, at a cost that depends on the page and not on the table.

First page: the tile documents of the area with what is newer than them, then finer documents and cells where the
documents are incomplete. Following pages: the indexes, from the end of the last page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from app.core import clock
from app.geo.box_circle import Shape
from app.geo.tiles import tile_from_key
from app.reports.entry import CELL_ZOOM, NEWER_THAN_ALL, Entry, created_of, sort_key
from app.reports.index import recent_writes
from app.reports.index.merge import CellSource, Merge, Source, cell_sources, drain, highest, lane_sources
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

    search_area: Shape | None
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
    merge = Merge(query.accepts, query.limit)
    frontier = _from_documents(query, merge) if query.before_key is None else None
    if frontier is None:
        frontier = _from_indexes(query, merge, before=query.before_key or NEWER_THAN_ALL)
    elif frontier and not merge.accepted(frontier):
        # An empty page with more to come would read as "nothing is flooded": read on, at the cost of a following page.
        frontier = _from_indexes(query, merge, before=frontier)
    return page_from(merge, frontier)


def find_active_over_pages(query: ReportQuery, *, pages: int, max_seconds: float = inf) -> ReportPage:
    """Run `find_active` over several pages, since a page may be short. No page is begun after `max_seconds`."""
    began, entries, following = clock.running_s(), list[Entry](), query.before_key
    for _ in range(pages):
        found = find_active(query._replace(limit=query.limit - len(entries), before_key=following))
        entries, following = entries + found.entries, found.next_key
        if following is None or len(entries) == query.limit or clock.running_s() - began > max_seconds:
            break
    return ReportPage(entries, following)


def page_from(merge: Merge, frontier: str) -> ReportPage:
    """Return the page of a merge, complete above the low watermark."""
    entries = merge.accepted(frontier)[: merge.limit]
    is_full = len(entries) == merge.limit
    has_more = bool(frontier) or len(merge.accepted()) > len(entries)
    return ReportPage(entries, (merge.key(entries[-1]) if is_full else frontier) if has_more else None)


def _from_indexes(question: ReportQuery, merge: Merge, *, before: str) -> str:
    if question.search_area is not None and question.search_area.count_tiles(CELL_ZOOM) <= MOST_CELLS:
        sources = cell_sources((tile.key for tile in question.search_area.tiles(CELL_ZOOM)), before=before)
    else:
        sources = _day_sources(TileDocument.read([ROOT]).get(ROOT), before=before)
    return drain(merge, sources, rounds=INDEX_ROUNDS, units=merge.units + max(INDEX_UNITS, len(sources) * 2.0))


def _day_sources(root: Document | None, *, before: str) -> list[Source]:
    """Return the days with possibly active reports: by the root document, else all days with reports."""
    now_ms = clock.now_ms()
    last_ms = now_ms if before == NEWER_THAN_ALL else min(created_of(before), now_ms + clock.DAY_MS)
    if root is None or not root.oldest or now_ms - root.as_of() > LATE_IMPORT_MS:
        return lane_sources(Calendar.days_known(last=clock.day_of(last_ms)), before=before)
    first_ms = created_of(root.oldest) - LATE_IMPORT_MS
    if last_ms - first_ms > MAX_DAYS_WITHOUT_CALENDAR * clock.DAY_MS:
        days = Calendar.days_known(first=clock.day_of(first_ms), last=clock.day_of(last_ms))
    else:
        days = clock.days_between(first_ms, last_ms)
    return lane_sources(days, before=before, floor=sort_key(first_ms))


@dataclass
class Region:
    """A part of the map as its document describes it: complete down to `frontier`."""

    key: str
    frontier: str
    children: list[str]


def _from_documents(question: ReportQuery, merge: Merge) -> str | None:
    """Answer from documents and recent writes; None if there are no documents to rely on."""
    now_ms = clock.now_ms()
    keys = first_tiles(question.search_area)
    reading = recent_writes.read_with_news(keys, now_ms)
    if not recent_writes.add(merge, reading, now_ms=now_ms) or reading.root is None:
        return None
    regions = _regions(merge, keys, {ROOT: reading.root, **reading.documents}, now_ms)
    while not merge.is_done(regions):
        coarse = [region for region in merge.blocking(regions) if tile_from_key(region.key).z < CELL_ZOOM]
        finer = _finer(question.search_area, coarse)
        if not coarse or finer and (merge.rounds >= MOST_ROUNDS or merge.units + len(finer) / 2 > MOST_UNITS):
            break
        regions = [region for region in regions if region not in coarse]
        if finer:
            merge.rounds += 1
            merge.units += len(finer) / 2
            regions += _regions(merge, finer, TileDocument.read(finer), now_ms)
    if merge.is_done(regions):
        return highest(regions)
    below = _below(question.search_area, regions, reading.root, units=MOST_UNITS - merge.units)
    return drain(merge, below, rounds=MOST_ROUNDS - merge.rounds, units=MOST_UNITS)


def first_tiles(shape: Shape | None) -> list[str]:
    """Return the finest tiles that cover a search area with few documents; for large areas only the root."""
    for zoom in reversed(ZOOMS[1:]):
        most = MOST_TILES if zoom >= FINE_ZOOM else MOST_COARSE_TILES
        if shape is not None and shape.count_tiles(zoom) <= most + 5 and len(tiles := shape.tiles(zoom)) <= most:
            return [tile.key for tile in tiles]
    return [ROOT]


def _regions(merge: Merge, keys: Sequence[str], documents: dict[str, Document], now_ms: int) -> list[Region]:
    """Add the rows of some tiles and return their regions. A tile without a document never had an active report."""
    regions = []
    for key in keys:
        document = documents.get(key, Document())
        merge.add_older(document.rows)
        regions.append(Region(key, document.frontier(now_ms), document.children))
    return regions


def _finer(shape: Shape | None, blocking: Sequence[Region]) -> list[str]:
    """Return the next finer tiles that hold anything; if there is none, the region is complete."""
    finer = [key for region in blocking for key in region.children]
    return [key for key in finer if shape is None or shape.touches(tile_from_key(key))]


def _below(shape: Shape | None, regions: Sequence[Region], root: Document, *, units: float) -> list[Source]:
    """Return the sources below the documents: incomplete cells, else day indexes below the highest watermark."""
    cut = [region for region in regions if region.frontier]
    if all(tile_from_key(region.key).z == CELL_ZOOM for region in cut):
        return [CellSource(region.key, region.frontier) for region in cut]
    if shape is not None and shape.count_tiles(CELL_ZOOM) <= int(units * 2):
        return cell_sources((tile.key for tile in shape.tiles(CELL_ZOOM)), before=highest(cut))
    return _day_sources(root, before=highest(cut))
