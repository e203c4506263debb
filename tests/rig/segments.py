"""Compare the segments of a town's cells with all reports."""

from typing import Any

from app.core import clock
from app.reports.index.models import PREFIX, Document, TileDocument
from app.reports.index.segment_models import MOST_SEGMENTS, Segment, mark_over, marks_of
from bench import brute_force
from tests.rig.town import Town

TORN = "a segment of another content than its mark"
UNNAMED = "a segment that no document names"


def wrong_segments(town: Town) -> dict[str, str]:
    """Cells whose segments hold other reports than those below the document's rows, or another version of one."""
    cells: dict[str, list[Any]] = {}
    for row in brute_force.active(town.database, clock.now_ms()):
        cell = brute_force.tile_of(float(row["lat"]["N"]), float(row["lon"]["N"]), 13)
        cells.setdefault(cell, []).append((row["sort"]["S"], row["id"]["S"], int(row["version"]["N"]), row))
    documents = TileDocument.read(cells)
    found = {
        cell: _fault(town, cell, document, cells[cell]) for cell, document in documents.items() if document.segments
    }
    return {cell: fault for cell, fault in found.items() if fault}


def _fault(town: Town, cell: str, document: Document, reports: list[Any]) -> str | None:
    marks = marks_of(document)
    stored = Segment.read(cell, marks)
    if len(stored) < len(marks):
        return TORN
    held = [row for mark in marks for row in stored[mark.number]]
    older = [(sort, name, version) for sort, name, version, _ in reports if sort < document.low_watermark]
    if [(row.sort, row.id, row.version) for row in held] != older:
        return "rows of segments"
    if any(mark_over(marks, row.sort) != mark for mark in marks for row in stored[mark.number]):
        return "a row in the place of another segment"
    if any(mark.next_end_ms != min(row.expires_at_ms for row in stored[mark.number]) for mark in marks):
        return "an end"
    return UNNAMED if numbers(town, cell) != {mark.number for mark in marks} else None


def numbers(town: Town, cell: str) -> set[int]:
    """Numbers of the stored segments of a cell."""
    items = town.database.tables[TileDocument.Meta.table_name].items
    return {number for number in range(2 * MOST_SEGMENTS) if f"{PREFIX}{cell}@{number}" in items}


def crowded(town: Town) -> list[str]:
    """Cells with segments, the one with most first."""
    items = town.database.tables[TileDocument.Meta.table_name].items
    cells = {key.removeprefix(PREFIX).partition("@")[0] for key in items if "@" in key}
    return sorted(cells, key=lambda cell: -len(numbers(town, cell)))
