"""Count the active reports inside outlines from tile documents, down to crowded cells that an outline crosses.

Only for those that write the numbers (app/situation/inside_writing.py): no reader counts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from app.core import clock, dynamodb
from app.core.severity import Severity
from app.geo.box_circle import Box
from app.geo.nested_clip import ClippedOutline, clip_to_box
from app.geo.polygon import MultiPolygon, contains
from app.geo.tiles import Tile, tile_from_key
from app.reports.entry import CELL_ZOOM, Entry
from app.reports.index.keys import IndexPage
from app.reports.index.models import ZOOMS, Document, TileDocument
from app.reports.index.search import ReportQuery, find_active
from app.reports.models import Report

MOST_STARTING_TILES = 4
# Limits for crowded cells that an outline crosses: cells, entries of each, point-in-polygon tests in each.
MOST_CELLS = 24
MOST_ENTRIES = 1000
MOST_TESTS = 20_000
CELLS_AT_ONCE = 8
MOST_BY_INDEX = 4000
Pieces = dict[str, dict[int, ClippedOutline]]  # by tile: the part of each shape


def count_active(outlines: Sequence[MultiPolygon]) -> list[int]:
    """Count the reports in each shape as the documents have them. At most six rounds of reads, and those of cells.

    Exact, except where an outline crosses a cell with very many reports: there the share inside is estimated. Reports
    with a coarse place are not counted.
    """
    pieces = _starting_pieces(outlines)
    tally = _Tally(len(outlines))
    while pieces:
        documents = TileDocument.read(pieces)
        for key, parts in pieces.items():
            if document := documents.get(key):
                tally.add_document(key, document, parts)
        pieces, tally.finer_pieces = tally.finer_pieces, defaultdict(dict)
    tally.add_crowded_cells()
    return tally.counts


def _starting_pieces(outlines: Sequence[MultiPolygon]) -> Pieces:
    """Return the starting tiles with the shapes that each is read for."""
    pieces: Pieces = defaultdict(dict)
    for number, outline in enumerate(outlines):
        for tile in _starting_tiles(outline):
            piece = clip_to_box(outline, Box(*tile.bounds()))
            if piece.touches:
                pieces[tile.key][number] = piece
    return pieces


def _starting_tiles(outline: MultiPolygon) -> list[Tile]:
    """Return the tiles of the finest zoom that covers the shape with few tiles."""
    if outline.is_empty:
        return []
    zoom = max(zoom for zoom in ZOOMS if zoom == 0 or outline.box.count_tiles(zoom) <= MOST_STARTING_TILES)
    return outline.box.tiles(zoom)


class _Tally:
    """Counts so far, tiles that need finer documents, and cells that need the index."""

    def __init__(self, outlines: int) -> None:
        self.counts = [0] * outlines
        self.now_ms = clock.now_ms()
        self.finer_pieces: Pieces = defaultdict(dict)
        self.crowded: dict[str, tuple[Document, dict[int, ClippedOutline]]] = {}

    def add_document(self, key: str, document: Document, parts: dict[int, ClippedOutline]) -> None:
        """Count the reports in the document of one tile.

        If it has no row for some, finer ones must tell, even of a tile that lies inside: which of them are coarse.
        """
        if not document.low_watermark_at(self.now_ms):
            self._count_in(document.rows, parts)
        elif tile_from_key(key).z < CELL_ZOOM:
            self._descend(document.children, parts)
        else:
            # Shapes of other sizes reach the same cell in other rounds.
            self.crowded.setdefault(key, (document, {}))[1].update(parts)

    def _descend(self, children: Iterable[str], parts: dict[int, ClippedOutline]) -> None:
        for child in children:
            box = Box(*tile_from_key(child).bounds())
            for number, piece in parts.items():
                if (part := piece.within(box)).touches:
                    self.finer_pieces[child][number] = part

    def _count_in(self, entries: Sequence[Entry], parts: dict[int, ClippedOutline], *, of: int = 0) -> None:
        """Add the active entries inside each outline. `of`: the count of the cell that they are a sample of."""
        active = [entry for entry in entries if entry.is_active(self.now_ms)]
        for number, piece in parts.items():
            inside = sum(not entry.is_coarse and piece.contains(lat=entry.lat, lon=entry.lon) for entry in active)
            self.counts[number] += round(inside * of / len(active)) if of and active else inside

    def add_crowded_cells(self) -> None:
        """Read cells with more reports than their documents hold, those in most shapes first, eight in a round."""
        keys = sorted(self.crowded, key=lambda key: (-len(self.crowded[key][1]), key))
        for start in range(0, len(keys), CELLS_AT_ONCE):
            some = keys[start : start + CELLS_AT_ONCE]
            older = self._read_older(some) if start < MOST_CELLS else {}
            for key in some:
                self._add_crowded_cell(key, older.get(key, IndexPage([], "~")))

    def _read_older(self, keys: Sequence[str]) -> dict[str, IndexPage]:
        """Read the entries of cells below the rows of their documents."""
        reads: list[Callable[[], IndexPage]] = []
        for key in keys:
            low_watermark = self.crowded[key][0].low_watermark_at(self.now_ms)
            reads.append(partial(Report.newest_in_cell, key, before=low_watermark, limit=MOST_ENTRIES))
        return dict(zip(keys, dynamodb.in_one_round(reads), strict=True))

    def _add_crowded_cell(self, key: str, older_page: IndexPage) -> None:
        document, parts = self.crowded[key]
        entries = [*document.rows, *older_page.entries]
        step = 1 + len(entries) * len(parts) // MOST_TESTS
        is_sample = bool(older_page.last_key) or step > 1
        self._count_in(entries[::step], parts, of=sum(document.counts.values()) if is_sample else 0)


class TooMany(Exception):
    """There are more active reports than can be read without documents."""


def count_by_index(outlines: Sequence[MultiPolygon]) -> list[int]:
    """Count without documents: before the first report, where no stream updates them, or after days without a report.

    One search for all shapes. Raises TooMany.
    """
    drawn_shapes = [outline for outline in outlines if not outline.is_empty]
    around = drawn_shapes[0].box if len(drawn_shapes) == 1 else None
    page = find_active(ReportQuery(around, Severity.UNKNOWN.at_least(), MOST_BY_INDEX))
    if page.next_key is not None:
        raise TooMany
    exact = [entry for entry in page.entries if not entry.is_coarse]
    return [sum(contains(outline, lat=entry.lat, lon=entry.lon) for entry in exact) for outline in outlines]
