"""How many active reports lie inside outlines: by the tile documents, down to where an outline cuts a cell."""

from collections import defaultdict
from collections.abc import Sequence

from app import clock
from app.geo import Box, Tile, tile_from_key
from app.reports.models import CELL_ZOOM, Report, Severity
from app.shapes import Shape, contains, covers_box, touches_box
from app.tiles.finding import Question, find_active
from app.tiles.models import ROOT, ZOOMS, Document, TileDocument

MOST_STARTING_TILES = 4
MOST_COUNTED = 4000


def count_active(shapes: Sequence[Shape]) -> list[int]:
    """The number for each shape, as the documents know it: up to 15 s behind. Five rounds at most, for all together.

    Where a cell has more than 4,000 entries, what is counted is a least number.
    """
    counts = [0] * len(shapes)
    waiting = _starting(shapes)
    if not waiting:
        return counts
    documents = TileDocument.read({ROOT, *waiting})
    if ROOT not in documents:
        return _count_by_index(shapes)
    while waiting:
        below: dict[str, set[int]] = defaultdict(set)
        for key, numbers in waiting.items():
            if document := documents.get(key):
                for number in numbers:
                    counts[number] += _count(shapes[number], tile_from_key(key), document, below, number)
        waiting = below
        documents = TileDocument.read(waiting) if waiting else {}
    return counts


def _starting(shapes: Sequence[Shape]) -> dict[str, set[int]]:
    """Which shapes each starting tile is read for."""
    waiting: dict[str, set[int]] = defaultdict(set)
    for number, shape in enumerate(shapes):
        for tile in _starting_tiles(shape):
            waiting[tile.key].add(number)
    return waiting


def _starting_tiles(shape: Shape) -> list[Tile]:
    """A few tiles of the finest zoom that covers the shape with a few."""
    if shape.is_empty:
        return []
    zoom = max(zoom for zoom in ZOOMS if zoom == 0 or shape.box.count_tiles(zoom) <= MOST_STARTING_TILES)
    return shape.box.tiles(zoom)


def _count(shape: Shape, tile: Tile, document: Document, below: dict[str, set[int]], number: int) -> int:
    """What this tile tells; what only its children can tell is added to `below`."""
    now_ms = clock.now_ms()
    box = Box(*tile.bounds())
    if not touches_box(shape, box):
        return 0
    if document.next_end > now_ms and covers_box(shape, box):
        return sum(document.counts.values())
    if tile.z < CELL_ZOOM:
        for child in document.children:
            below[child].add(number)
        return 0
    entries = list(document.rows)
    if frontier := document.frontier(now_ms):
        entries += Report.newest_in_cell(tile.key, before=frontier, limit=MOST_COUNTED)
    return sum(entry.is_active(now_ms) and contains(shape, lat=entry.lat, lon=entry.lon) for entry in entries)


def _count_by_index(shapes: Sequence[Shape]) -> list[int]:
    """Where there are no documents: before the first report, or where no consumer keeps them. One search for all."""
    drawn = [shape for shape in shapes if not shape.is_empty]
    around = drawn[0].box if len(drawn) == 1 else None
    entries = find_active(Question(around, Severity.UNKNOWN.at_least(), MOST_COUNTED)).entries
    return [sum(contains(shape, lat=entry.lat, lon=entry.lon) for entry in entries) for shape in shapes]
