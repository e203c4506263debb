"""Count the active reports inside outlines from tile documents, down to crowded cells that an outline crosses."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from app.core import clock, dynamodb, missing
from app.core.severity import Severity
from app.geo.box_circle import Box
from app.geo.nested_clip import ClippedOutline, clip_to_box
from app.geo.polygon import MultiPolygon, contains
from app.geo.tiles import Tile, tile_from_key
from app.reports.entry import CELL_ZOOM, Entry
from app.reports.index.keys import IndexPage
from app.reports.index.models import ROOT, ZOOMS, Document, TileDocument
from app.reports.index.search import ReportQuery, find_active
from app.reports.models import Report

MOST_STARTING_TILES = 4
# Limits for crowded cells that an outline crosses: cells, entries of each, point-in-polygon tests in each.
MOST_CELLS = 4
MOST_ENTRIES = 400
MOST_TESTS = 10_000
MOST_BY_INDEX = 4000
Pieces = dict[str, dict[int, ClippedOutline]]  # by tile: the part of each shape


def count_active_if_readable(outlines: Sequence[MultiPolygon]) -> Sequence[int | None]:
    """Like `count_active`; None for each shape while the reports cannot be counted."""
    nothing: list[int | None] = [None] * len(outlines)
    return missing.read_or(missing.REPORTS_ACTIVE, lambda: count_active(outlines), nothing)


def count_active(outlines: Sequence[MultiPolygon]) -> list[int]:
    """Count the reports in each shape, up to a minute behind. At most six rounds of reads for all shapes together.

    Exact, except where an outline crosses a cell with very many reports: there the share inside is estimated. Reports
    with a coarse place are not counted.
    """
    pieces = _starting_pieces(outlines)
    if not pieces:
        return [0] * len(outlines)
    documents = TileDocument.read({ROOT, *pieces})
    if ROOT not in documents:
        return _count_by_index(outlines)
    tally = _Tally(len(outlines))
    while pieces:
        for key, parts in pieces.items():
            if document := documents.get(key):
                tally.add_document(key, document, parts)
        pieces, tally.finer_pieces = tally.finer_pieces, defaultdict(dict)
        documents = TileDocument.read(pieces) if pieces else {}
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
        """Count the reports in the document of one tile."""
        not_covered = {}
        for number, piece in parts.items():
            if piece.covers and document.next_end_ms > self.now_ms:
                self.counts[number] += self._near_enough(document)
            else:
                not_covered[number] = piece
        if not document.low_watermark_at(self.now_ms):
            self._test(document.rows, not_covered)
        elif tile_from_key(key).z < CELL_ZOOM:
            self._descend(document.children, not_covered)
        elif not_covered:
            # Shapes of other sizes reach the same cell in other rounds.
            self.crowded.setdefault(key, (document, {}))[1].update(not_covered)

    def _near_enough(self, document: Document) -> int:
        """Count all reports but those with a coarse place, which may be on either side of the outline."""
        coarse = sum(entry.is_coarse for entry in document.rows if entry.is_active(self.now_ms))
        return sum(document.counts.values()) - coarse

    def _descend(self, children: Iterable[str], parts: dict[int, ClippedOutline]) -> None:
        for child in children:
            box = Box(*tile_from_key(child).bounds())
            for number, piece in parts.items():
                if (part := piece.within(box)).touches:
                    self.finer_pieces[child][number] = part

    def _test(self, entries: Sequence[Entry], parts: dict[int, ClippedOutline], *, of: int = 0) -> None:
        """Count the active entries inside; if they are a sample of a cell with `of` entries, scale the share up."""
        active = [entry for entry in entries if entry.is_active(self.now_ms)]
        for number, piece in parts.items():
            inside = sum(not entry.is_coarse and piece.contains(lat=entry.lat, lon=entry.lon) for entry in active)
            self.counts[number] += round(inside * of / len(active)) if of and active else inside

    def add_crowded_cells(self) -> None:
        """Read cells with more reports than their documents hold, those in most shapes first. One round."""
        keys = sorted(self.crowded, key=lambda key: (-len(self.crowded[key][1]), key))
        looked_at = keys[:MOST_CELLS]
        reads: list[Callable[[], IndexPage]] = []
        for key in looked_at:
            low_watermark = self.crowded[key][0].low_watermark_at(self.now_ms)
            reads.append(partial(Report.newest_in_cell, key, before=low_watermark, limit=MOST_ENTRIES))
        older = dict(zip(looked_at, dynamodb.in_one_round(reads), strict=True)) if reads else {}
        for key in keys:
            document, parts = self.crowded[key]
            older_page = older.get(key, IndexPage([], "~"))
            entries = [*document.rows, *older_page.entries]
            step = 1 + len(entries) * len(parts) // MOST_TESTS
            is_sample = bool(older_page.last_key) or step > 1
            self._test(entries[::step], parts, of=sum(document.counts.values()) if is_sample else 0)


def _count_by_index(outlines: Sequence[MultiPolygon]) -> list[int]:
    """Count without documents: before the first report, or where no stream updates them. One search for all shapes."""
    drawn_shapes = [outline for outline in outlines if not outline.is_empty]
    around = drawn_shapes[0].box if len(drawn_shapes) == 1 else None
    entries = find_active(ReportQuery(around, Severity.UNKNOWN.at_least(), MOST_BY_INDEX)).entries
    exact = [entry for entry in entries if not entry.is_coarse]
    return [sum(contains(outline, lat=entry.lat, lon=entry.lon) for entry in exact) for outline in outlines]
