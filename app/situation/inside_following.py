"""Count the reports inside the warnings over those that the stream's consumer has just brought to the documents.

So a new report is counted within seconds, and not only in the minute's run. It makes numbers newer than their documents
say, never older: what it leaves out, the minute's run counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.core import clock, dynamodb, telemetry
from app.core.errors import Unavailable
from app.geo.box_circle import Box
from app.geo.tiles import tile_from_key
from app.reports.index import count_inside
from app.reports.index.consume import Change
from app.reports.models import Report
from app.situation import inside, inside_reading
from app.situation.inside import Numbers
from app.situation.inside_writing import Shape, count_each, count_shared, pairs_of
from app.situation.models import InsideDocument
from app.warnings import kept

PACE_MS = 5_000  # of one process
MOST_WARNINGS = 100
TRIES = 2


@dataclass
class _Pace:
    """When this process counted last, and the cells that have changed since."""

    counted_ms: int = 0
    cells: set[str] = field(default_factory=set)


_pace = _Pace()


def forget() -> None:
    """Forget what waits in this process, for tests."""
    vars(_pace).update(vars(_Pace()))


def follow(changes: Iterable[Change]) -> int:
    """Count the reports inside the warnings over changed cells, every five seconds; return the number of warnings.

    A failure is logged: the minute's run counts them.
    """
    _pace.cells |= {cell for change in changes for cell in _cells_of(change)}
    now_ms = clock.now_ms()
    if not _pace.cells or 0 <= now_ms - _pace.counted_ms < PACE_MS:
        return 0
    cells, _pace.cells, _pace.counted_ms = _pace.cells, set(), now_ms
    try:
        return _count(cells, now_ms)
    except (*dynamodb.FAILURES, Unavailable) as error:
        telemetry.logger().warning("reports inside not counted", extra={"error": type(error).__name__})
        return 0


def _cells_of(change: Change) -> set[str]:
    """Return the cells in which a change adds a report, removes or moves one."""
    now_ms = clock.now_ms()
    before, after = (_counted_at(report, now_ms) for report in (change.old, change.new))
    return {place[0] for place in (before, after) if place} if before != after else set()


def _counted_at(report: Report | None, now_ms: int) -> tuple[str, float, float] | None:
    if report is None or not report.cell or not report.is_active(now_ms):
        return None
    entry = report.entry()
    return None if entry.is_coarse else (report.cell, entry.lat, entry.lon)


def _count(cells: set[str], now_ms: int) -> int:
    boxes = [Box(*tile_from_key(cell).bounds()) for cell in cells]
    marks = [
        mark
        for mark in kept.in_tiles({key for box in boxes for key in kept.tile_keys(box)})
        if mark.box and mark.is_shown(now_ms) and any(mark.box.intersects(box) for box in boxes)
    ]
    if not 0 < len(marks) <= MOST_WARNINGS:
        return 0
    rows = kept.rows_of(marks).values()
    by_source: dict[str, list[Shape]] = {}
    for row in rows:
        if shape := Shape.of(row):
            by_source.setdefault(row.source, []).append(shape)
    return sum(_count_of(source, shapes) for source, shapes in by_source.items())


def _count_of(source: str, shapes: Sequence[Shape]) -> int:
    """Count again for the warnings of one source, if the minute's run has counted all of them before."""
    for _ in range(TRIES):
        document = InsideDocument.read([source], consistent=True).get(source)
        if document is None:
            return 0
        new = Numbers(count_each(shapes, count_inside.count_active))
        new.shared = count_shared(pairs_of(shapes, new), new, count_inside.count_active)
        stored = inside.read_or_none(document.body)
        others = {pair: number for pair, number in stored.shared.items() if not new.inside.keys() >= {*pair}}
        both = Numbers(stored.inside | new.inside, others | new.shared)
        if document.replace(inside.pack(both), as_of_ms=int(document.as_of_ms)):
            inside_reading.forget()
            return len(shapes)
    return 0
