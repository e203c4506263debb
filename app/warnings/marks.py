"""Marks: the fields of a warning that filters need, and their encoding in tiles. Pure.

Stored data outlive the code: columns have names, an absent one has its default, an unknown one is ignored, and bytes
that cannot be read raise Unreadable.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from app.core import clock, packed_json
from app.geo.box_circle import Box

KEPT_MS = clock.DAY_MS  # how long ended warnings are shown
FORMAT = 2  # 1 was a list of lists, with columns by position
_BOX_EDGES = 4
# Spelled as in app.warnings.sources.message, which the web function does not load because it loads the shapes.
FLOOD, EXPIRED = "flood", "expired"


class Unreadable(ValueError):
    """Error: the bytes hold no readable marks."""


class Mark(NamedTuple):
    """The fields of a warning that indexes and tiles hold for filters."""

    id: str
    source: str
    severity: str
    first_sent_at_ms: (
        int  # when it was first sent: the order of lists, so that an update moves nothing while a client pages
    )
    sent_at_ms: int
    own_end_at_ms: int | None  # its own end, if the issuer names one
    ended_at_ms: int | None  # when it was cancelled or otherwise ended
    box: Box | None  # bounding box; None if there is no outline
    # Fields that the previous release did not keep have defaults. The index `by_source` does not hold them.
    onset_at_ms: int | None = None
    urgency: str = "unknown"
    certainty: str = "unknown"
    hazard: str = FLOOD
    ended_reason: str | None = None  # as stored
    version: str | None = None  # of the whole row, for caching; None: the row is read each time
    sheet: int | None = None  # where the row is stored with others (sheets.py); None: not known, 0: nowhere

    def is_in_force(self, now_ms: int) -> bool:
        return self.ended_at_ms is None and (self.own_end_at_ms is None or self.own_end_at_ms > now_ms)

    def is_shown(self, now_ms: int) -> bool:
        """Return whether it is in force or ended within the last day."""
        return self.ended_at_ms is None or self.ended_at_ms > now_ms - KEPT_MS

    @property
    def over_at_ms(self) -> int | None:
        """Return when it ends or ended: its own end, or its cancellation. None if neither is known."""
        return min((at for at in (self.ended_at_ms, self.own_end_at_ms) if at is not None), default=None)

    def why_over(self, now_ms: int) -> str | None:
        """Return why it is over. None if it is in force, or if the release that ended it stored no reason."""
        if self.is_in_force(now_ms):
            return None
        if self.own_end_at_ms is not None and (self.ended_at_ms is None or self.own_end_at_ms <= self.ended_at_ms):
            return EXPIRED
        return self.ended_reason

    @property
    def order(self) -> str:
        """Sort key of lists, latest first."""
        return order_of(self.first_sent_at_ms, self.id)


_DEFAULTS: dict[str, Any] = Mark._field_defaults
# The name of each field where it is stored; it never changes, and old releases read it too. Others keep their own.
STORED_NAMES = {
    "first_sent_at_ms": "first",
    "sent_at_ms": "sent",
    "own_end_at_ms": "until",
    "ended_at_ms": "ended",
    "onset_at_ms": "onset",
}


def order_of(first_sent_at_ms: int, warning_id: str) -> str:
    """Build the sort key of lists of warnings: the first message's time, then the id."""
    return f"{first_sent_at_ms:015d}#{warning_id}"


def version_of(values: Iterable[Any]) -> str:
    """Hash a row's values to eight letters, enough for comparing versions of the same row."""
    value_text = repr([int(value) if isinstance(value, float) else value for value in values])
    return urlsafe_b64encode(sha256(value_text.encode("utf-8", "surrogatepass")).digest()[:6]).decode()


def box_of(text: str | None) -> Box | None:
    """Parse a stored `west,south,east,north`."""
    return Box(*map(float, text.split(","))) if text else None


def box_text(box: Box | None) -> str | None:
    """Format a box for storing."""
    return None if box is None else f"{box.west:.6f},{box.south:.6f},{box.east:.6f},{box.north:.6f}"


def pack_columns(marks: Iterable[Mark]) -> bytes:
    """Encode marks for a tile: columns by name, in order, so that the same marks give the same bytes."""
    drawn_marks = _drawn(marks)
    columns = {STORED_NAMES.get(name, name): [getattr(mark, name) for mark in drawn_marks] for name in Mark._fields}
    columns["box"] = [_edges(mark.box) for mark in drawn_marks if mark.box]
    return packed_json.pack({"format": FORMAT, "columns": columns})


def read_columns(raw: bytes) -> list[Mark]:
    """Decode the marks of a tile, of this format or a compatible later one; raises Unreadable."""
    document = _unpacked(raw)
    if not isinstance(document, dict) or not isinstance(document.get("columns"), dict):
        raise Unreadable("there are no columns")
    columns = document["columns"]
    count = len(columns["id"]) if isinstance(columns.get("id"), list) else -1
    return _checked(zip(*(_column(columns, name, count) for name in Mark._fields), strict=True))


def _column(columns: dict[str, Any], name: str, count: int) -> list[Any]:
    """Return one value for each mark; a column of another length counts as absent."""
    column = columns.get(STORED_NAMES.get(name, name))
    if isinstance(column, list) and len(column) == count:
        return column
    if name in _DEFAULTS and count >= 0:
        return [_DEFAULTS[name]] * count
    raise Unreadable(f"the column {name} is not there")


def read_rows(raw: bytes | None) -> list[Mark]:
    """Decode the marks of a tile in the first format, which earlier releases have written; raises Unreadable."""
    rows = _unpacked(raw or b"")
    if not isinstance(rows, list) or any(not isinstance(row, list) or len(row) != 8 for row in rows):
        raise Unreadable("there are no rows of eight")
    return _checked((*row, *_DEFAULTS.values()) for row in rows)


def _checked(rows: Iterable[Sequence[Any]]) -> list[Mark]:
    checked_marks = []
    for row in rows:
        mark = Mark(*row)
        texts = (mark.id, mark.source, mark.severity, mark.urgency, mark.certainty, mark.hazard)
        times = (
            mark.first_sent_at_ms,
            mark.sent_at_ms,
            *(at for at in (mark.own_end_at_ms, mark.ended_at_ms, mark.onset_at_ms, mark.sheet) if at is not None),
        )
        if not all(isinstance(text, str) for text in texts) or not all(isinstance(at, int) for at in times):
            raise Unreadable("a mark is not of texts and times")
        checked_marks.append(mark._replace(box=_box(mark.box)))
    return checked_marks


def _box(edges: Any) -> Box:
    if not isinstance(edges, list) or len(edges) != _BOX_EDGES:
        raise Unreadable("a mark has no box")
    try:
        return Box(*map(float, edges))
    except (TypeError, ValueError) as error:
        raise Unreadable("a mark has a box that is none") from error


def _drawn(marks: Iterable[Mark]) -> list[Mark]:
    return sorted((mark for mark in marks if mark.box is not None), key=lambda mark: mark.order)


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.west, box.south, box.east, box.north


def _unpacked(raw: bytes) -> Any:
    try:
        return packed_json.unpack(raw)
    except ValueError as error:
        raise Unreadable("the bytes are damaged") from error
