"""Log the changes of a source's warnings by day, removals included, for clients that keep a copy.

Each day is one document, so that a delta costs as much as has changed and not as much as is stored. The run that writes
the rows writes it too, while no other run of the source is active; the time of each run is later than that of the run
before.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor
from typing import Any, NamedTuple

from app.core import clock, packed_json, telemetry
from app.geo.box_circle import Box
from app.warnings.models import SourceDocument

KEPT_DAYS = 31  # a delta reaches 30 days back
_SWEPT_DAYS = 10  # number of earlier days that are checked for documents to delete
FORMAT = 1
_PER_DEGREE = 100


class Change(NamedTuple):
    """One warning, and when it last changed in a run."""

    at_ms: int
    id: str
    is_gone: bool
    edges: tuple[int, ...] | None = None  # of its box then, in hundredths of a degree; () without one, None if unknown

    @property
    def is_undrawn(self) -> bool:
        return self.edges == ()

    @property
    def box(self) -> Box | None:
        """Return a box that holds the warning's own; None if it had none, or if that is unknown."""
        return Box(*(edge / _PER_DEGREE for edge in self.edges)) if self.edges else None

    @property
    def order(self) -> str:
        """Sort key of deltas, latest first."""
        return order_of(self.at_ms, self.id)


def order_of(changed_at_ms: int, warning_id: str) -> str:
    """Build the sort key of deltas: the time of the change, then the id."""
    return f"{changed_at_ms:015d}#{warning_id}"


class ChangesUnknown(Exception):
    """The changes of a day cannot be read; `until_ms` is the end of that day."""

    def __init__(self, until_ms: int) -> None:
        super().__init__()
        self.until_ms = until_ms


def note_changes(source: str, at_ms: int, changed: Mapping[str, Box | None], removed: Iterable[str]) -> bool:
    """Add the changes of one run, with the box of each; False if the changes noted earlier on that day were lost."""
    run_changes = [Change(at_ms, warning_id, False, _edges_around(box)) for warning_id, box in changed.items()]
    run_changes += [Change(at_ms, warning_id, True) for warning_id in removed]
    if not run_changes:
        return True
    key = _key(source, clock.day_of(at_ms))
    stored = SourceDocument.bodies([key]).get(key)
    try:
        before, is_whole = _read(stored) if stored else [], True
    except ValueError:
        telemetry.measure("UnreadableWarningDocuments", 1, "Count")
        before, is_whole = [], False
    newest = {change.id: change for change in (*before, *run_changes)}
    old = [] if stored else [_key(source, clock.day_of(at_ms - days * clock.DAY_MS)) for days in _days_past()]
    SourceDocument.write({key: _packed(newest.values())}, old)
    return is_whole


def changes_since(sources: Sequence[str], moment: int, now_ms: int) -> list[list[Change]]:
    """Return each source's changes at or after a moment, latest first; a warning may appear once for each day.

    All are read in one round. Raises ChangesUnknown if a day cannot be read.
    """
    days = clock.days_between(moment, max(now_ms, moment) + clock.MINUTE_MS)[: KEPT_DAYS + 1]
    bodies = SourceDocument.bodies(_key(source, day) for source in sources for day in days)
    return [_since(source, days, bodies, moment) for source in sources]


def _since(source: str, days: Sequence[str], bodies: Mapping[str, bytes], moment: int) -> list[Change]:
    all_changes: list[Change] = []
    for day in days:
        try:
            body = bodies.get(_key(source, day))
            all_changes += _read(body) if body else []
        except ValueError as error:
            telemetry.measure("UnreadableWarningDocuments", 1, "Count")
            raise ChangesUnknown(clock.midnight_of(day) + clock.DAY_MS) from error
    return sorted(
        (change for change in all_changes if change.at_ms >= moment), key=lambda change: change.order, reverse=True
    )


def _edges_around(box: Box | None) -> tuple[int, ...]:
    if box is None:
        return ()
    west, south, east, north = (edge * _PER_DEGREE for edge in box)
    edges = max(floor(west), -180 * _PER_DEGREE), floor(south), min(ceil(east), 180 * _PER_DEGREE), ceil(north)
    if box.west > box.east and edges[0] <= edges[2]:  # nearly once around
        return (-180 * _PER_DEGREE, edges[1], 180 * _PER_DEGREE, edges[3])
    return edges


def _days_past() -> range:
    return range(KEPT_DAYS + 1, KEPT_DAYS + 1 + _SWEPT_DAYS)


def _key(source: str, day: str) -> str:
    return f"changes#{source}#{day}"


def _packed(changes: Iterable[Change]) -> bytes:
    sorted_changes = sorted(changes, key=lambda change: change[:3])
    columns = {
        "at": [change.at_ms for change in sorted_changes],
        "id": [change.id for change in sorted_changes],
        "gone": [change.is_gone for change in sorted_changes],
        "edges": [change.edges for change in sorted_changes],
    }
    return packed_json.pack({"format": FORMAT, "columns": columns})


def _read(raw: bytes) -> list[Change]:
    """Decode a day's document. Raises ValueError if it is not one; absent columns have defaults, others are ignored."""
    try:
        columns: Mapping[str, Any] = packed_json.unpack(raw)["columns"]
        is_gone_column = columns.get("gone") or [False] * len(columns["id"])
        edges_column = columns.get("edges") or [None] * len(columns["id"])
        rows = zip(columns["at"], columns["id"], is_gone_column, edges_column, strict=True)
        return [
            Change(int(at), str(warning_id), bool(is_gone), None if edges is None else tuple(map(int, edges)))
            for at, warning_id, is_gone, edges in rows
        ]
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("it is no document of changes") from error
