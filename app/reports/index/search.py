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
NEWS_REACH_MS = clock.HOUR_MS
MOST_DAYS_GUESSED = 9


class Question(NamedTuple):
    """Filter of active reports: within a search area (None: anywhere), of some severities, below a position."""

    shape: Shape | None
    severities: frozenset[str]
    limit: int
    before: str | None = None

    def accepts(self, entry: Entry) -> bool:
        return (
            entry.is_active(clock.now_ms())
            and entry.severity in self.severities
            and (self.before is None or entry.sort < self.before)
            and (self.shape is None or self.shape.contains(lat=entry.lat, lon=entry.lon))
        )


class Found(NamedTuple):
    """A page of entries, newest first, and the sort key at which the next page begins; None at the end of the list."""

    entries: list[Entry]
    following: str | None


def find_active(question: Question) -> Found:
    """Find the newest active reports for a query."""
    merge = Merge(question.accepts, question.limit)
    frontier = _from_documents(question, merge) if question.before is None else None
    if frontier is None:
        frontier = _from_indexes(question, merge, before=question.before or NEWER_THAN_ALL)
    elif frontier and not merge.accepted(frontier):
        # An empty page with more to come would read as "nothing is flooded": read on, at the cost of a following page.
        frontier = _from_indexes(question, merge, before=frontier)
    return page_of(merge, frontier)


def find_over_pages(question: Question, *, pages: int, patience_s: float = inf) -> Found:
    """Run `find_active` over several pages, since a page may be short. No page is begun after `patience_s`."""
    began, entries, following = clock.running_s(), list[Entry](), question.before
    for _ in range(pages):
        found = find_active(question._replace(limit=question.limit - len(entries), before=following))
        entries, following = entries + found.entries, found.following
        if following is None or len(entries) == question.limit or clock.running_s() - began > patience_s:
            break
    return Found(entries, following)


def page_of(merge: Merge, frontier: str) -> Found:
    """Return the page of a merge, complete above the low watermark."""
    entries = merge.accepted(frontier)[: merge.limit]
    is_full = len(entries) == merge.limit
    has_more = bool(frontier) or len(merge.accepted()) > len(entries)
    return Found(entries, (merge.key(entries[-1]) if is_full else frontier) if has_more else None)


def _from_indexes(question: Question, merge: Merge, *, before: str) -> str:
    if question.shape is not None and question.shape.count_tiles(CELL_ZOOM) <= MOST_CELLS:
        sources = cell_sources((tile.key for tile in question.shape.tiles(CELL_ZOOM)), before=before)
    else:
        sources = _day_sources(TileDocument.read([ROOT]).get(ROOT), before=before)
    return drain(merge, sources, rounds=INDEX_ROUNDS, units=merge.units + max(INDEX_UNITS, len(sources) * 2.0))


def _day_sources(root: Document | None, *, before: str) -> list[Source]:
    """Return the days with possibly active reports: by the root document, else all days with reports."""
    now_ms = clock.now_ms()
    last_ms = now_ms if before == NEWER_THAN_ALL else min(created_of(before), now_ms + clock.DAY_MS)
    if root is None or not root.oldest or now_ms - root.as_of() > NEWS_REACH_MS:
        return lane_sources(Calendar.days_known(last=clock.day_of(last_ms)), before=before)
    first_ms = created_of(root.oldest) - NEWS_REACH_MS
    if last_ms - first_ms > MOST_DAYS_GUESSED * clock.DAY_MS:
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


def _from_documents(question: Question, merge: Merge) -> str | None:
    """Answer from documents and recent writes; None if there are no documents to rely on."""
    now_ms = clock.now_ms()
    keys = first_tiles(question.shape)
    reading = recent_writes.read_with_news(keys, now_ms)
    if not recent_writes.add(merge, reading, now_ms=now_ms) or reading.root is None:
        return None
    regions = _regions(merge, keys, {ROOT: reading.root, **reading.documents}, now_ms)
    while not merge.is_done(regions):
        coarse = [region for region in merge.blocking(regions) if tile_from_key(region.key).z < CELL_ZOOM]
        finer = _finer(question.shape, coarse)
        if not coarse or finer and (merge.rounds >= MOST_ROUNDS or merge.units + len(finer) / 2 > MOST_UNITS):
            break
        regions = [region for region in regions if region not in coarse]
        if finer:
            merge.rounds += 1
            merge.units += len(finer) / 2
            regions += _regions(merge, finer, TileDocument.read(finer), now_ms)
    if merge.is_done(regions):
        return highest(regions)
    below = _below(question.shape, regions, reading.root, units=MOST_UNITS - merge.units)
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
