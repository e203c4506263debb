"""Find the newest active reports of a shape, at a cost that follows what is returned and not what is stored.

First page: the tile documents of the shape, plus what is newer than they are, then finer documents and cells where
the documents are cut. Following pages: the indexes themselves, from where the last page ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app import clock
from app.geo import Shape, tile_from_key
from app.reports.models import CELL_ZOOM, NEWER_THAN_ALL, Calendar, Entry, created_of, sort_key
from app.tiles import news
from app.tiles.models import ROOT, ZOOMS, Document, TileDocument
from app.tiles.sources import CellSource, Merge, Source, cell_sources, drain, highest, lane_sources

MOST_UNITS = 8.0
MOST_ROUNDS = 3
# Documents of the first round: a country view shall cost three units in all, a phone's view may cost more.
MOST_TILES = 4
MOST_COARSE_TILES = 2
FINE_ZOOM = 8
MOST_FINER = 16
MOST_CELLS = 64
INDEX_UNITS = 64.0
INDEX_ROUNDS = 8
# An import may reach the documents late; what they call the oldest is believed with this allowance.
NEWS_REACH_MS = clock.HOUR_MS


@dataclass(frozen=True)
class Question:
    """Which active reports: within a shape (None: anywhere), of some severities, older than a position."""

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


@dataclass(frozen=True)
class Found:
    """A page of entries, newest first, and the sort key to go on below; None at the end of the list."""

    entries: list[Entry]
    following: str | None


def find_active(question: Question) -> Found:
    """The newest active reports that answer a question."""
    merge = Merge(question.accepts, question.limit)
    frontier = _from_documents(question, merge) if question.before is None else None
    if frontier is None:
        frontier = _from_indexes(question, merge, before=question.before or NEWER_THAN_ALL)
    return page_of(merge, frontier)


def page_of(merge: Merge, frontier: str) -> Found:
    """The page that a merge has made, complete above the frontier."""
    entries = merge.accepted(frontier)[: merge.limit]
    is_full = len(entries) == merge.limit
    has_more = bool(frontier) or len(merge.accepted()) > len(entries)
    return Found(entries, (entries[-1].sort if is_full else frontier) if has_more else None)


def _from_indexes(question: Question, merge: Merge, *, before: str) -> str:
    sources = _index_sources(question.shape, before=before)
    return drain(merge, sources, rounds=INDEX_ROUNDS, units=max(INDEX_UNITS, len(sources) * 2.0))


def _index_sources(shape: Shape | None, *, before: str, most_cells: int = MOST_CELLS) -> list[Source]:
    if shape is not None and shape.count_tiles(CELL_ZOOM) <= most_cells:
        return cell_sources((tile.key for tile in shape.tiles(CELL_ZOOM)), before=before)
    return _history(before=before, floor=_oldest_active())


def _history(*, before: str, floor: str) -> list[Source]:
    first = clock.day_of(created_of(floor)) if floor else ""
    last = "9999-12-31" if before == NEWER_THAN_ALL else clock.day_of(created_of(before))
    return lane_sources(Calendar.days_known(first=first, last=last), before=before, floor=floor)


def _oldest_active() -> str:
    """Below this sort key nothing is active, as far as the root document tells; empty when it does not."""
    root = TileDocument.read([ROOT]).get(ROOT)
    if root is None or not root.oldest or clock.now_ms() - root.as_of() > NEWS_REACH_MS:
        return ""
    return sort_key(created_of(root.oldest) - NEWS_REACH_MS)


@dataclass
class Region:
    """A part of the map as its document tells it: complete down to the frontier."""

    key: str
    frontier: str


def _from_documents(question: Question, merge: Merge) -> str | None:
    """Answer from documents and news; None when there are no documents to rely on."""
    now_ms = clock.now_ms()
    keys = first_tiles(question.shape)
    reading = news.read_with_news([ROOT, *keys], now_ms)
    merge.rounds, merge.units = 1, len({ROOT, *keys}) / 2
    root = reading.documents.get(ROOT)
    if root is None or not news.add(merge, reading, as_of=root.as_of(), now_ms=now_ms):
        return None
    regions = _regions(merge, keys, reading.documents, now_ms)
    while not merge.is_done(regions):
        blocking = merge.blocking(regions)
        finer = _finer(question.shape, blocking)
        if not finer or merge.rounds >= MOST_ROUNDS or merge.units + len(finer) / 2 > MOST_UNITS:
            break
        merge.rounds += 1
        merge.units += len(finer) / 2
        regions = [region for region in regions if region not in blocking]
        regions += _regions(merge, finer, TileDocument.read(finer), now_ms)
    if merge.is_done(regions):
        return highest(regions)
    below = _below(question.shape, regions, units=MOST_UNITS - merge.units)
    return drain(merge, below, rounds=MOST_ROUNDS - merge.rounds, units=MOST_UNITS)


def first_tiles(shape: Shape | None) -> list[str]:
    """The finest tiles that cover a shape with few documents; for large shapes only the root."""
    for zoom in reversed(ZOOMS[1:]):
        most = MOST_TILES if zoom >= FINE_ZOOM else MOST_COARSE_TILES
        if shape is not None and shape.count_tiles(zoom) <= most + 5 and len(tiles := shape.tiles(zoom)) <= most:
            return [tile.key for tile in tiles]
    return [ROOT]


def _regions(merge: Merge, keys: Sequence[str], documents: dict[str, Document], now_ms: int) -> list[Region]:
    """The regions of some tiles, their rows added. No document: nothing active was ever there."""
    regions = []
    for key in keys:
        document = documents.get(key, Document())
        merge.add_older(document.rows)
        regions.append(Region(key, document.frontier(now_ms)))
    return regions


def _finer(shape: Shape | None, blocking: Sequence[Region]) -> list[str]:
    """The next finer tiles of the regions that are cut too early; none when these are cells already."""
    cut = [tile_from_key(region.key) for region in blocking]
    if shape is None or not cut or any(tile.z == CELL_ZOOM for tile in cut):
        return []
    finer = [ZOOMS[ZOOMS.index(tile.z) + 1] for tile in cut]
    if sum(shape.count_tiles(zoom) for zoom in set(finer)) > MOST_FINER:
        return []
    within = {(tile.z, tile.x, tile.y) for tile in cut}
    found = [tile for zoom in set(finer) for tile in shape.tiles(zoom)]
    return [
        tile.key
        for tile in found
        if any((parent.z, parent.x, parent.y) in within for parent in (tile.parent(z) for z in ZOOMS if z < tile.z))
    ]


def _below(shape: Shape | None, regions: Sequence[Region], *, units: float) -> list[Source]:
    """What lies below the documents: the cells that are cut, or else the indexes below the highest cut."""
    cut = [region for region in regions if region.frontier]
    if all(tile_from_key(region.key).z == CELL_ZOOM for region in cut):
        return [CellSource(region.key, region.frontier) for region in cut]
    return _index_sources(shape, before=highest(cut), most_cells=int(units * 2))
