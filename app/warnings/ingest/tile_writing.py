"""Update what answers near a place read, after rows were written: the sheets, and the tiles that name them."""

from collections.abc import Sequence
from math import inf

from app.geo.box_circle import Box
from app.warnings import warning_tiles
from app.warnings.ingest import sheet_writing
from app.warnings.ingest.plan import Plan
from app.warnings.kept import keys_of


def update(source: str, run: int, plan: Plan, boxes: Sequence[Box], *, last_change_ms: int, is_doubtful: bool) -> None:
    """Rewrite the tiles over these boxes with the planned marks, and the sheets before; all of both if in doubt."""
    tiles = warning_tiles.stored_over(boxes)
    stored = [mark for tile in tiles.values() for mark in warning_tiles.marks_of(tile) if mark.source == source]
    needed = {mark.id for mark in plan.marks.values() if mark.box and not tiles.keys().isdisjoint(keys_of(mark.box))}
    believed_from_ms = inf if is_doubtful else last_change_ms
    placed = sheet_writing.update(source, run, plan, stored, needed, believed_from_ms=believed_from_ms)
    tiles |= warning_tiles.stored_over(placed.boxes, but=tiles)
    marks = [mark._replace(sheet=placed.places.get(mark.id)) for mark in plan.marks.values()]
    warning_tiles.rewrite(source, marks, tiles)
    placed.remove_unused()
