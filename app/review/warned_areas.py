"""Rate reports again, and move their rows in the queue, where an official warning has begun, ended or changed.

The minute's function calls it. It goes through the active reports of one area after another, at most `MOST_REPORTS` in
a run, and remembers how far it came. Only what is wrong is written, so it may repeat anything. Each area is gone
through twice: processes keep warnings for 15 seconds, so a report that was changed just then may have been rated by the
earlier ones.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from app.core import clock, dynamodb, telemetry
from app.geo.box_circle import Box
from app.geo.tiles import tile_from_key
from app.reports.entry import NEWER_THAN_ALL, Entry
from app.reports.index.cells import cells_in, place_in_order
from app.reports.models import Report
from app.review import queue, rate, warnings_seen
from app.review.unrated_models import SeenDocument
from app.warnings import kept

KEY = "warned/1"  # with the number of the format
MOST_REPORTS = 1000  # in a run
MOST_CELLS = 300  # queries in a run, about
MOST_AREAS = 100  # more of them are gone through as one: everywhere
AT_ONCE = 100
AGAIN_AFTER_MS = 2 * kept.MARKS_KEPT_MS
EVERYWHERE = Box(-180.0, -90.0, 180.0, 90.0)


class Area(NamedTuple):
    """An area whose reports are to be rated again, and how far that has come: `cell`, and in it the sort key `before`.

    Not begun before `from_ms`.
    """

    box: Box
    cell: str = ""
    before: str = ""
    from_ms: int = 0
    is_second: bool = False

    @property
    def is_begun(self) -> bool:
        return bool(self.cell or self.before)


MEMBERS = len(Area._fields) - 1  # a later release may store more


class _Page(NamedTuple):
    """Entries of an area, and the area as it is left then; None if that was all."""

    entries: list[Entry]
    left: Area | None
    queries: int


def follow(goes_on: Callable[[], bool] = lambda: True) -> int:
    """Bring reports up to date with the warnings over them, at most `MOST_REPORTS`; return the number looked at.

    `goes_on` is asked before each hundred of them whether there is time for more.
    """
    row = SeenDocument.of(KEY)
    content = row.content() or {}
    areas = [Area(Box(*box), *rest[:MEMBERS]) for box, *rest in content.get("areas", [])]
    news = warnings_seen.look(content.get("sources", {}))
    if news.areas or news.rows:
        kept.forget()
        areas = _joined(areas, news.areas)
        if not row.replace(_content(areas, news)):
            return 0  # another run is at work
        news.remember()
    done, left = _go_through(areas, goes_on)
    if left != areas:
        row.replace(_content(left, news))
    return done


class Step(NamedTuple):
    """Numbers of the reports looked at and of the rows written, and what is left of the area; None at the end."""

    reports: int
    written: int
    left: Area | None


def steps_through(area: Area) -> Iterator[Step]:
    """Rate all active reports of an area again, about a hundred in each step. It can stop and go on after any step."""
    left: Area | None = area
    while left:
        page = _next_page(left, AT_ONCE)
        left = page.left
        yield Step(len(page.entries), _bring_up_to_date([entry.id for entry in page.entries]), left)


def _content(areas: Sequence[Area], news: warnings_seen.News) -> dict[str, Any]:
    return {"areas": areas, "sources": news.sources}


def _joined(areas: Sequence[Area], boxes: Sequence[Box]) -> list[Area]:
    """Add areas, unless one that is still to be begun holds them; too many become one that holds all."""
    joined = list(areas)
    for box in boxes:
        if not any(_holds(area.box, box) for area in joined if not area.is_begun and not area.is_second):
            joined.append(Area(box))
    if len(joined) <= MOST_AREAS:
        return joined
    return [*(area for area in joined[:1] if area.is_begun), Area(EVERYWHERE)]


def _holds(outer: Box, inner: Box) -> bool:
    is_plain = outer.west <= outer.east and inner.west <= inner.east
    is_within = outer.west <= inner.west and inner.east <= outer.east
    return outer == inner or is_plain and is_within and outer.south <= inner.south and inner.north <= outer.north


def _go_through(areas: Sequence[Area], goes_on: Callable[[], bool]) -> tuple[int, list[Area]]:
    """Go through areas; return the number of reports looked at, and what is left of the areas."""
    now_ms, reports, queries, left = clock.now_ms(), 0, 0, list[Area]()
    for area in areas:
        rest: Area | None = area
        while rest and rest.from_ms <= now_ms and reports < MOST_REPORTS and queries < MOST_CELLS and goes_on():
            page = _next_page(rest, min(AT_ONCE, MOST_REPORTS - reports))
            _bring_up_to_date([entry.id for entry in page.entries])
            reports, queries = reports + len(page.entries), queries + page.queries
            rest = page.left
        if rest:
            left.append(rest)
        elif not area.is_second:
            left.append(Area(area.box, from_ms=now_ms + AGAIN_AFTER_MS, is_second=True))
    return reports, left


def _next_page(area: Area, most: int) -> _Page:
    """Read the next reports of an area, a query for each cell."""
    entries, queries, left = list[Entry](), 0, area
    for cell, before in _cells_from(area):
        if len(entries) >= most or queries >= AT_ONCE:
            return _Page(entries, left, queries)
        page = Report.newest_in_cell(cell, before=before, limit=most)
        entries += [entry for entry in page.entries if area.box.contains(lat=entry.lat, lon=entry.lon)]
        queries, left = queries + 1, area._replace(cell=cell, before=page.last_key)
        if page.last_key:
            return _Page(entries, left, queries)
    return _Page(entries, None, queries)


def _cells_from(area: Area) -> Iterator[tuple[str, str]]:
    """Yield the cells that are left of an area, each with the sort key below which it is left."""
    if area.before:
        yield area.cell, area.before
    after = place_in_order(tile_from_key(area.cell)) if area.cell else ""
    for tile in cells_in(area.box, after=after):
        yield tile.key, NEWER_THAN_ALL


def _bring_up_to_date(ids: Sequence[str]) -> int:
    """Rate reports and put their rows of the queue right; return how many rows were wrong.

    A report that fails by its content is counted, and stops no other.
    """
    try:
        reports = Report.find_all_readable(ids)
        rate.rate_again(reports)
        return queue.put_right(reports)
    except Exception as error:
        if dynamodb.is_outage(error):
            raise
        if len(ids) == 1:
            telemetry.measure("UnratedReports", 1, "Count")
            telemetry.logger().error("report not rated", extra={"error": type(error).__name__})
            return 0
        middle = len(ids) // 2
        return _bring_up_to_date(ids[:middle]) + _bring_up_to_date(ids[middle:])
