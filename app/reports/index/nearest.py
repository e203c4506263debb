"""Find the active reports nearest to a place: documents and cells from the nearest on, as far as a page's budget goes.

A tile holds no report nearer than the tile itself, so the answer is complete up to the nearest tile that is not known
completely. Where one cell holds more reports than a page may read, their order by distance cannot be known: from there
on the list goes by time, and says so.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from app.core import dynamodb
from app.geo.box_circle import Circle
from app.geo.coordinates import distance_km
from app.geo.tiles import Tile, tile_from_key
from app.reports.entry import CELL_ZOOM, NEWER_THAN_ALL, Entry
from app.reports.index.estimate import Estimate, Part, estimate, expected_in
from app.reports.index.merge import MAX_PAGE_ENTRIES, CellStream, KWayMerge, highest_low_watermark, units_of
from app.reports.index.models import FOREVER_MS, Document
from app.reports.index.search import (
    MOST_CELLS,
    ReportQuery,
    find_active,
    first_page_budget,
    following_page_budget,
    page_from,
)
from app.reports.index.view import View, note_unread
from app.reports.models import POSITION as NEWEST_POSITION

_LIMIT_MM = 10**9
_BY_TIME = "@"
# A distance and a report, or all reports from a distance on; after "@" the position in their order by time.
POSITION = rf"(~|[0-9]{{10}}(~|#({NEWEST_POSITION})))({_BY_TIME}({NEWEST_POSITION}))?"
# Share of the units left that a round may use if another can follow.
SHARE_OF_A_ROUND = 0.6
# A round reads tiles with this many times the reports that the page needs, as far as they can be foreseen.
ENOUGH = 3
_BEYOND_ALL = "~"


class NearestPage(NamedTuple):
    """A page of entries, nearest first, and the position of the next; None at the end.

    `complete_to_km`: every report up to this distance is on this page or an earlier one; None if the page is full or
    the last. `numbers`: of all reports in the circle, and `read`: all that were read of them, if asked for.
    """

    entries: list[Entry]
    next_key: str | None
    complete_to_km: float | None
    numbers: Estimate | None = None
    read: Sequence[Entry] = ()
    is_by_time: bool = False  # newest first: so many lie there that their order by distance is not known


class _Nearest:
    """The order of the list: a key for each entry, greater for nearer and then for newer reports."""

    def __init__(self, query: ReportQuery) -> None:
        assert isinstance(query.search_area, Circle)
        self.circle: Circle = query.search_area
        self.query = query._replace(before_key=None)
        self.before = query.before_key or _BEYOND_ALL
        self._is_asked_for = self.query.filter()

    def key(self, entry: Entry) -> str:
        away = distance_km(lat=self.circle.lat, lon=self.circle.lon, to_lat=entry.lat, to_lon=entry.lon)
        return f"{_inverted(away)}#{entry.sort}"

    def accepts(self, entry: Entry) -> bool:
        return self._is_asked_for(entry) and self.key(entry) < self.before

    def bound(self, tile: Tile) -> str:
        """Return the greatest key that a report in the tile may have; empty if earlier pages have shown them all."""
        if _inverted(self.circle.most_km(tile) + 1e-6) > self.before:
            return ""
        return min(f"{_inverted(max(0.0, self.circle.least_km(tile) - 1e-6))}~", self.before)


def _inverted(km: float) -> str:
    return f"{_LIMIT_MM - int(km * 1e6):010d}"


def _km_of(key: str) -> float:
    """Return the distance of a key in whole metres, rounded down: every nearer report has a greater key."""
    return 0.0 if key >= _BEYOND_ALL else max(0, (_LIMIT_MM - int(key[:10])) // 1000) / 1000


def find_nearest(query: ReportQuery, view: View | None = None, *, fills: bool = False) -> NearestPage:
    """Find the nearest active reports of a circle. `before_key` is a position of this list.

    With `fills`, for an answer without pages: also reports known beyond `complete_to_km`, and the number of all.
    """
    from_key, marks_time, sort = (query.before_key or "").partition(_BY_TIME)
    if marks_time:
        return _newest_from(query, from_key, sort, view)
    budget = first_page_budget() if query.before_key is None else following_page_budget()
    view, order = view or View(query.search_area, budget), _Nearest(query)
    merge = KWayMerge(order.accepts, query.limit, order.key, query.folds)
    try:
        parts = _read_outwards(order, merge, view)
    except dynamodb.FAILURES as error:
        if fills:
            raise
        note_unread(error)
        return _newest_from(query, order.before, NEWER_THAN_ALL, None)
    page = page_from(merge, highest_low_watermark(parts))
    complete_to_km = None if page.complete_to is None else _km_of(page.complete_to)
    if fills:
        numbers = estimate(order.circle, query.severities, read := merge.accepted(), parts)
        return NearestPage(merge.page()[0], page.next_key, complete_to_km, numbers, read)
    if page.complete_to and not page.entries and query.limit:
        return _newest_from(query, page.complete_to, NEWER_THAN_ALL, view)
    return NearestPage(page.entries, page.next_key, complete_to_km)


def _newest_from(query: ReportQuery, from_key: str, sort: str, view: View | None) -> NearestPage:
    """Return the farthest reports of the circle, from a distance on, newest first instead of nearest first."""
    order = _Nearest(query._replace(before_key=from_key))
    newest = query._replace(before_key=None if sort == NEWER_THAN_ALL else sort)
    page = find_active(newest, view, also=lambda entry: order.key(entry) < from_key)
    next_key = f"{from_key}{_BY_TIME}{page.next_key}" if page.next_key else None
    complete_to_km = _km_of(from_key) if next_key or query.before_key is None else None
    return NearestPage(page.entries, next_key, complete_to_km, is_by_time=True)


def _read_outwards(order: _Nearest, merge: KWayMerge, view: View) -> list[Part]:
    """Read from the nearest tiles on until the page is full or the budget used; return all parts of the circle."""
    if view.is_usable():
        merge.add(view.current().newer)
        parts = [Part(tile_from_key(key), "") for key in view.first_tiles]
        _take_documents(order, merge, view, parts)
    elif order.circle.count_tiles(CELL_ZOOM) <= MOST_CELLS:
        parts = [Part(tile, order.bound(tile), document=_UNKNOWN) for tile in order.circle.tiles(CELL_ZOOM)]
    else:
        return [Part(tile_from_key(key), order.before) for key in view.first_tiles]
    while view.budget.rounds > 0 and not merge.is_done(parts):
        parts = _with_children(order, merge, parts)
        unread, cells = _affordable(merge, view, merge.blocking_streams(parts))
        if not unread and not cells:
            break
        _read_round(order, merge, view, unread, cells)
    return parts


# Stands for a cell of which no document can be read.
_UNKNOWN = Document(low_watermark=NEWER_THAN_ALL, last_end_ms=FOREVER_MS, is_at_least=True)


def _with_children(order: _Nearest, merge: KWayMerge, parts: list[Part]) -> list[Part]:
    """Replace incomplete coarse tiles that hold up the page by their finer tiles in the circle, not read yet."""
    found = list[Part]()
    blocking = {part.tile for part in merge.blocking_streams(parts)}
    for part in parts:
        if part.document is None or part.is_cell or part.tile not in blocking:
            found.append(part)
            continue
        finer = (tile_from_key(key) for key in part.document.children)
        found += [Part(tile, order.bound(tile), part.document) for tile in finer if order.circle.touches(tile)]
    return found


def _affordable(merge: KWayMerge, view: View, blocking: Iterable[Part]) -> tuple[list[Part], list[Part]]:
    """Return the nearest documents and cells that this round may read."""
    budget = view.budget
    units = budget.units * (SHARE_OF_A_ROUND if budget.rounds > 1 else 1)
    calls = budget.calls - 1
    unread, cells = list[Part](), list[Part]()
    expected = 0.0
    for part in blocking:
        if expected > ENOUGH * merge.limit:
            break
        hidden = _hidden(part) if part.document else 0
        cost = 0.5 if part.document is None else max(0.5, hidden / max(merge.entries_for(0.5), 1) / 2 + 0.5)
        is_nearest = not unread and not cells  # without it nothing else helps
        if (
            cost > (budget.units if is_nearest else units)
            or part.document is not None
            and (calls < 1 or hidden > MAX_PAGE_ENTRIES)
        ):
            break  # what lies behind could not be shown before it
        units -= cost
        calls -= part.document is not None
        expected += hidden if part.document else expected_in(part)
        (cells if part.document else unread).append(part)
    return unread, cells


def _hidden(part: Part) -> int:
    """Return the number of reports of a cell without a row in its document, as far as it is known."""
    assert part.document is not None
    if part.document.is_at_least and part.document is not _UNKNOWN:
        return MAX_PAGE_ENTRIES + 1
    return max(0, sum(part.document.counts.values()) - len(part.document.rows))


def _read_round(order: _Nearest, merge: KWayMerge, view: View, unread: list[Part], cells: list[Part]) -> None:
    """Read documents and whole cells in one round."""
    streams = [CellStream(cell.tile.key, _rows_end(cell)) for cell in cells]
    reads = [partial(stream.read, _MOST) for stream in streams]
    if unread:
        reads.append(partial(view.load, [part.tile.key for part in unread]))
    pages = dynamodb.in_one_round(reads)[: len(streams)]
    view.budget.spend(units=sum(map(units_of, pages)) + len(unread) / 2, calls=len(reads))
    for cell, stream, entries in zip(cells, streams, pages, strict=True):
        merge.add(entries)
        if not stream.low_watermark:
            cell.low_watermark = ""
        else:
            cell.document = Document(low_watermark=stream.low_watermark, last_end_ms=FOREVER_MS, is_at_least=True)
    _take_documents(order, merge, view, unread)


_MOST = MAX_PAGE_ENTRIES + 50  # some may have come since the document was made


def _rows_end(cell: Part) -> str:
    return cell.document.low_watermark if cell.document else NEWER_THAN_ALL


def _take_documents(order: _Nearest, merge: KWayMerge, view: View, parts: list[Part]) -> None:
    """Give these parts their documents, which the view has read."""
    documents = view.read([part.tile.key for part in parts])
    for part in parts:
        part.document = documents.get(part.tile.key, Document())
        merge.add_older((*part.document.rows, *part.document.grave))
        hides = part.document.hides(order.query.severities, view.now_ms)
        part.low_watermark = order.bound(part.tile) if hides else ""
