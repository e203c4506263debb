"""Store the rows that do not fit into a cell's document in segments, each of which can be rewritten alone.

A document's counts are those of its own rows and of its segments as its marks name them. Segments are stored before
their document: if a writer is ended in between, they differ from the marks, and the document is made whole again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice

from app.core import telemetry
from app.reports.entry import Entry
from app.reports.index import increments
from app.reports.index.increments import BatchFacts, Loaded
from app.reports.index.models import FOREVER_MS, MOST_ROWS, Document
from app.reports.index.segment_models import (
    MOST_SEGMENTS,
    Mark,
    Segment,
    Write,
    mark_over,
    marks_of,
    new_content,
    pack,
)
from app.reports.models import Report

FULL_ROWS = 92  # of a new segment: a few more may come
SPARE_BYTES = 64  # of a document that is packed before its last members are set
MOST_NEW = 4  # segments that one change may add
ENDED_AT_ONCE = 100
_MOST_TRIES = 9


@dataclass
class _Part:
    """A segment while changes are brought to it. `rows`: None if it was not read."""

    mark: Mark
    rows: list[Entry] | None = None
    is_changed: bool = False
    replaced: int | None = None


def with_changes(
    document: Document, cell: str, recent: Mapping[str, Entry], facts: BatchFacts, now_ms: int
) -> Document | None:
    """Bring changes to a cell's document and its segments, as `increments.with_changes`."""
    if not document.segments:
        built = increments.with_changes(document, cell, recent, facts, now_ms)
        if built is None or built is document or document.low_watermark:
            return built
        return _sealed(document, cell, built, [])
    older = [entry.sort for entry in recent.values() if entry.sort < document.low_watermark]
    marks = marks_of(document)
    parts = _read(cell, marks, {mark_over(marks, sort) for sort in older})
    if parts is None:
        return None
    built = increments.with_changes(document, cell, recent, facts, now_ms, _loaded(document, marks, parts))
    return built if built is None or built is document else _sealed(document, cell, built, parts)


def _read(cell: str, marks: Sequence[Mark], wanted: Iterable[Mark]) -> list[_Part] | None:
    """Return all segments, some of them with their rows; None, and counted, if one is not as its mark says."""
    wanted = list(wanted)
    rows = Segment.read(cell, wanted, consistent=True) if wanted else {}
    if len(rows) < len(wanted):
        telemetry.measure("UnreadableDocuments", 1, "Count")
        return None
    return [_Part(mark, rows.get(mark.number), replaced=mark.made) for mark in marks]


def _loaded(document: Document, marks: Sequence[Mark], parts: Iterable[_Part]) -> Loaded:
    rows = [row for part in parts for row in part.rows or ()]
    numbers = {part.mark.number for part in parts if part.rows is not None}

    def covers(sort: str) -> bool:
        return sort >= document.low_watermark or mark_over(marks, sort).number in numbers

    return Loaded(rows, covers)


def _sealed(document: Document, cell: str, built: Document, parts: list[_Part]) -> Document | None:
    """Bring rows to their segments, and rows that do not fit into the document to the newest; None if impossible."""
    marks, removed = [part.mark for part in parts], list[Write]()
    of_segments: dict[int, list[Entry]] = {}
    for row in built.known if marks else ():
        if row.sort < document.low_watermark:
            of_segments.setdefault(mark_over(marks, row.sort).number, []).append(row)
    changed, taken = list[_Part](), {mark.number for mark in marks}
    for part in parts:
        rows = of_segments.get(part.mark.number, [])
        if part.rows is None or rows == part.rows:
            changed.append(part)
        elif rows:
            if (cut := split(rows, len(rows) if pack(rows) else len(rows) // 2 + 1)) is None:
                return None
            changed += _parts_of(cut, part, taken)
        else:
            removed.append(Write(part.mark.number, [], 0))
    found = _with_room(document, cell, built, changed, taken)
    if found is None or not _is_possible(found, parts):
        return None
    built.writes = [*(_write_of(part) for part in found if part.is_changed), *removed]
    return built


def _is_possible(found: Sequence[_Part], before: Sequence[_Part]) -> bool:
    """Return whether segments may be stored one by one: few are new, and not all are gone."""
    return bool(found or not before) and len(found) <= min(MOST_SEGMENTS, len(before) + MOST_NEW)


def _with_room(
    document: Document, cell: str, built: Document, parts: list[_Part], taken: set[int]
) -> list[_Part] | None:
    """Move rows from the document to the newest segment until the others have room there."""
    upper = document.low_watermark
    for _ in range(_MOST_TRIES):
        built.segments = [list(part.mark) for part in parts]
        built.pack(SPARE_BYTES)
        moved = _between(built, upper)
        if not moved:
            return parts
        if len(built.rows) == MOST_ROWS:  # room for some more, so that not each report comes with a segment
            built.shorten()
            moved = _between(built, upper)
        newest = parts[:1]
        if newest and newest[0].rows is None:
            read = _read(cell, [newest[0].mark], [newest[0].mark])
            if read is None:
                return None
            newest = read
        cut = split([*moved, *(newest[0].rows or [] if newest else [])])
        if cut is None:
            return None
        parts = [*_parts_of(cut, newest[0] if newest else None, taken), *parts[1:]]
        upper = built.low_watermark
    return None


def _between(built: Document, upper: str) -> list[Entry]:
    """Return the rows that a document had down to `upper` and has no more."""
    return [row for row in built.known if upper <= row.sort < built.low_watermark]


def _parts_of(cut: Sequence[list[Entry]], part: _Part | None, taken: set[int]) -> list[_Part]:
    """Return the segments that take the place of one; the oldest keeps its number, and its content if that is all."""
    found = list[_Part]()
    for rows in cut if part is None else cut[:-1]:
        number = next(number for number in count() if number not in taken)
        taken.add(number)
        found.append(_Part(_mark_of(number, rows), rows, is_changed=True))
    if part is None or cut[-1] == part.rows:
        return [*found, part] if part else found
    return [*found, _Part(_mark_of(part.mark.number, cut[-1]), cut[-1], is_changed=True, replaced=part.replaced)]


def _mark_of(number: int, rows: Sequence[Entry]) -> Mark:
    return Mark(number, rows[-1].created_at_ms, new_content(), min(row.expires_at_ms for row in rows))


def _write_of(part: _Part) -> Write:
    return Write(part.mark.number, part.rows or [], part.mark.made, part.replaced)


def split(rows: Sequence[Entry], most: int = FULL_ROWS) -> list[list[Entry]] | None:
    """Return rows in parts that fit into a segment, the oldest ones full; None if too many are of one moment."""
    parts, rest = list[list[Entry]](), list(rows)
    while rest:
        number = min(len(rest), most)
        while number and (_divides_a_moment(rest, number) or pack(rest[-number:]) is None):
            number -= 1 if _divides_a_moment(rest, number) else max(1, number // 12)
        if not number:
            return None
        parts.insert(0, rest[-number:])
        del rest[-number:]
    return parts


def _divides_a_moment(rows: Sequence[Entry], number: int) -> bool:
    """Return whether the oldest rows and the next one were created at the same moment."""
    return number < len(rows) and rows[-number].created_at_ms == rows[-number - 1].created_at_ms


def all_rows(document: Document, cell: str) -> list[Entry] | None:
    """Return the rows of all segments of a document that is made whole; None if they are not as it says, or none."""
    marks = marks_of(document)
    rows = Segment.read(cell, marks, consistent=True) if marks else {}
    return [row for mark in marks for row in rows[mark.number]] if marks and len(rows) == len(marks) else None


def seal_whole(built: Document, entries: Sequence[Entry], document: Document) -> None:
    """Give a document that was made whole its segments, if they can hold all of its reports without a row."""
    cut = list[list[Entry]]()
    made = [new_content() for _ in range(MOST_SEGMENTS)]
    for _ in range(_MOST_TRIES):
        marks = [_mark_of(number, rows)._replace(made=made[number]) for number, rows in enumerate(cut)]
        built.segments, before = [list(mark) for mark in marks], built.low_watermark
        built.pack(SPARE_BYTES)
        if marks and built.low_watermark == before:
            break
        older = [] if built.is_at_least else [entry for entry in entries if entry.sort < built.low_watermark]
        cut = split(older) or []
        if not cut or len(cut) > MOST_SEGMENTS:
            break
    else:
        marks = []
    if not marks or built.low_watermark != before:
        marks, built.segments = [], []
    built.writes = [Write(number, rows, made[number]) for number, rows in enumerate(cut if marks else [])]
    built.writes += [Write(number, [], 0) for number in _others(document, marks)]


def _others(document: Document, marks: Sequence[Mark]) -> list[int]:
    """Return the numbers of segments that may be stored but are no longer used."""
    numbers = {mark.number for mark in marks_of(document)}
    if numbers:  # and those that an ended writer may have added
        numbers |= {*islice((number for number in count() if number not in numbers), MOST_NEW)}
    elif marks and document.low_watermark:  # the list may have been lost to the previous release
        numbers = {*range(MOST_SEGMENTS)}
    return sorted(numbers - {mark.number for mark in marks})


def without_ended(document: Document, cell: str, now_ms: int) -> Document | None:
    """Remove ended reports from a document, its segments and the cell index; None if the cell must be rebuilt."""
    if not document.is_readable or not document.segments or 0 < document.again_at_ms <= now_ms:
        return None
    marks = marks_of(document)
    parts = _read(cell, marks, [mark for mark in marks if mark.next_end_ms <= now_ms])
    if parts is None:
        return None
    loaded = _loaded(document, marks, parts)
    known = {row.id: row for row in (*loaded.rows, *document.rows, *document.grave)}
    over = sorted((row for row in known.values() if row.expires_at_ms <= now_ms), key=lambda row: row.sort)
    for row in over[:ENDED_AT_ONCE]:
        Report(row.id, version=row.version).leave_cell(row)
    built = increments.without(document, over[:ENDED_AT_ONCE], loaded)
    if built is None or (built := _sealed(document, cell, built, parts)) is None:
        return None
    ends = [row.expires_at_ms for row in (*built.rows, *built.grave)]
    ends += [mark.next_end_ms for mark in marks_of(built)]
    built.next_end_ms = min([*ends, document.again_at_ms or FOREVER_MS])
    return built
