"""Sheets: whole warnings with their outlines, those near each other together, several in an item of 4 kB.

An answer near a place reads a few sheets instead of a row for each warning. The mark in a tile says where its warning
is; what the mark says is not stored again. A sheet counts only for the version that the mark names: one that is older
or newer than its tile, damaged or gone costs one more round, and is never believed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from app.core import packed_json, telemetry
from app.warnings.marks import Mark, box_text
from app.warnings.models import OfficialWarning, SourceDocument

FORMAT = 1
MOST_BYTES = 4_030  # with its key an item of 4,096: half a read unit
MOST_SLOTS = 100
NOWHERE = 0  # the place of a warning that is too large for a sheet
_OF_MARK = tuple(
    "id source severity urgency certainty sent_at_ms onset_at_ms own_end_at_ms ended_at_ms hazard ended_reason".split()
)
# The columns of a sheet. The outlines follow them, compressed together.
_TIMES = ("ends_at_ms", "expires_at_ms", "updated_at_ms")
_NAMES = ("source_id", "texts", "areas", *_TIMES, "geometry_status", "geometry_reason", "drawn", "published")

Slot = dict[str, Any] | None  # what a sheet holds of one warning; None once that is gone
Edges = tuple[float, float, float, float]


class Unreadable(ValueError):
    """Error: the bytes hold no sheet or directory that this release can read."""


class Sheet(NamedTuple):
    """A sheet in its directory: bytes, and the edges of what it has ever held."""

    number: int
    size: int
    edges: Edges


class Directory(NamedTuple):
    """All sheets of a source, the next number, and the run (ms) of the ingest that wrote it."""

    run: int
    following: int
    sheets: tuple[Sheet, ...]


def directory_key(source: str) -> str:
    """Return the key of a source's directory."""
    return f"sheets#{source}"


def sheet_key(source: str, number: int) -> str:
    """Return the key of a sheet."""
    return f"sheet#{source}#{number}"


def place_of(number: int, slot: int) -> int:
    """Return the place that a mark names."""
    return number * MOST_SLOTS + slot


def slot_of(row: OfficialWarning) -> Slot:
    """Return what a sheet holds of a warning; None if it has no outline."""
    from app.geo import encode  # here and below: most requests need no outline

    if not row.shape:
        return None
    values = {name: getattr(row, name) for name in _NAMES}
    return values | {"version": row.version(), "shape": encode.decompressed(row.shape)}


def pack(slots: Sequence[Slot]) -> bytes:
    """Encode a sheet: compressed columns by name, then the compressed outlines."""
    columns: dict[str, list[Any]] = {name: [slot and slot[name] for slot in slots] for name in (*_NAMES, "version")}
    columns["shape"] = [slot and len(slot["shape"]) for slot in slots]
    shapes = (slot["shape"] for slot in slots if slot)
    return packed_json.pack_with_parts({"format": FORMAT, "columns": columns}, shapes)


def read(body: bytes) -> list[Slot]:
    """Decode a sheet; an absent column is empty, an unknown one is ignored. Raises Unreadable."""
    try:
        document, shapes = packed_json.unpack_with_parts(body)
        if document["format"] != FORMAT:
            raise Unreadable("it is of another format")
        columns, first = document["columns"], 0
        slots: list[Slot] = []
        for number, length in enumerate(columns["shape"]):
            if length is None:
                slots.append(None)
                continue
            slot = {name: columns[name][number] if name in columns else None for name in _NAMES}
            slots.append(slot | {"version": columns["version"][number], "shape": shapes[first : first + length]})
            first += length
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Unreadable("it is damaged") from error
    return slots


def pack_directory(directory: Directory) -> bytes:
    """Encode a directory."""
    return packed_json.pack(
        {"format": FORMAT, "run": directory.run, "next": directory.following, "sheets": directory.sheets}
    )


def read_directory(body: bytes | None) -> Directory | None:
    """Decode a directory; None if there is none, or none that this release can read, which is counted."""
    if body is None:
        return None
    try:
        document = packed_json.unpack(body)
        if document["format"] != FORMAT:
            raise Unreadable("it is of another format")
        listed = (Sheet(int(number), int(size), tuple(edges)) for number, size, edges in document["sheets"])
        return Directory(int(document["run"]), int(document["next"]), tuple(listed))
    except (ValueError, KeyError, TypeError):
        telemetry.measure("UnreadableWarningDocuments", 1, "Count")
        return None


def rows_of(marks: Iterable[Mark]) -> dict[str, OfficialWarning]:
    """Return whole warnings by id, those that are as their marks say. One batch for each 100 sheets."""
    wanted: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        if mark.sheet:
            wanted[sheet_key(mark.source, mark.sheet // MOST_SLOTS)].append(mark)
    found = {}
    for key, body in SourceDocument.bodies(wanted, consistent=False).items():
        try:
            slots = read(body)
        except Unreadable:
            telemetry.measure("UnreadableWarningDocuments", 1, "Count")
            continue
        for mark in wanted[key]:
            if row := _row_of(slots, mark):
                found[mark.id] = row
    return found


def _row_of(slots: Sequence[Slot], mark: Mark) -> OfficialWarning | None:
    """Return the warning of a mark; None if another is in its slot, or another version of it."""
    from app.geo import encode

    number = (mark.sheet or 0) % MOST_SLOTS
    if number >= len(slots) or (slot := slots[number]) is None or slot["version"] != mark.version:
        return None
    row = OfficialWarning(**{name: getattr(mark, name) for name in _OF_MARK}, **{name: slot[name] for name in _NAMES})
    row.listed, row.box, row.shape = mark.order, box_text(mark.box), encode.compressed(slot["shape"])
    row.kept_mark = mark._replace(sheet=None)
    return row
