"""Record which copies of the reports (new indexes, tile documents) are complete, so that readers may use them.

A copy that comes with a release is read once `flask backfill` has filled it and noted so here. Until then readers use
what the previous release had: other indexes, and these in the place of tile documents.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute, UnicodeSetAttribute

from app.core import clock, dynamodb, telemetry
from app.core.config import settings

BY_CELL, BY_DAY, BY_CHANGE = "entries_by_cell", "entries_by_day", "entries_by_change"
INDEXES = (BY_CELL, BY_DAY, BY_CHANGE)
TILES = "tiles"
COPIES = (*INDEXES, TILES)
ROW = "complete"
GOOD_FOR_MS = 60_000


class Completeness(dynamodb.Table):
    """Row with the complete copies and the moments up to which they were known to be complete."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("reports")

    id = UnicodeAttribute(hash_key=True)
    copies = UnicodeSetAttribute(null=True)
    wide = UnicodeSetAttribute(null=True)  # `<day>@<ms>`
    since: JSONAttribute = JSONAttribute(null=True)  # by copy (ms): later writes of the previous release are missing
    positions: JSONAttribute = JSONAttribute(null=True)  # copy -> position at which a backfill continues


@dataclass
class _Cache:
    """State read by this process, and when (ms); copies that failed since are removed. Not known: it was not read."""

    copies: frozenset[str] = frozenset()
    wide: Mapping[str, int] = field(default_factory=dict)  # day -> from when on (ms) its changes use all shards
    read_ms: int | None = None
    is_known: bool = False


cache = _Cache()


def is_complete(copy: str) -> bool:
    """Return whether readers may rely on a copy. At most two small reads a minute."""
    refresh()
    return copy in cache.copies


def is_incomplete(copy: str) -> bool:
    """Return whether a copy is known not to be complete. While that cannot be read, the copy is believed."""
    refresh()
    return cache.is_known and copy not in cache.copies


def is_wide(day: str) -> bool:
    """Return whether changes of a day may be in any of its shards, not only in the first."""
    refresh()
    return day in cache.wide


def uses_all_shards(day: str, now_ms: int) -> bool:
    """Return whether a writer may use all shards: only when every reader must know by now to read them all."""
    return is_wide(day) and now_ms >= cache.wide[day] + 3 * GOOD_FOR_MS


def widen(day: str) -> None:
    """Note that a day has very many changes, so that they use all shards a few minutes from now."""
    if not is_wide(day):
        Completeness(ROW).update(actions=[Completeness.wide.add({f"{day}@{clock.now_ms()}"})])
        cache.read_ms = None


def refresh() -> None:
    """Read which copies are complete, unless this process did so within the last minute."""
    now_ms = clock.now_ms()
    if cache.read_ms is None or not 0 <= now_ms - cache.read_ms < GOOD_FOR_MS:
        cache.copies, cache.wide, cache.is_known = _read()
        cache.read_ms = now_ms


def mark_unusable(copy: str, error: Exception) -> None:
    """Stop using a copy that could not be read, until this process reads the state again."""
    cache.copies -= {copy}
    telemetry.measure("UnusableIndexes", 1, "Count")
    telemetry.logger().warning("index cannot be read", extra={"index": copy, "error": type(error).__name__})


def _read() -> tuple[frozenset[str], dict[str, int], bool]:
    try:
        row = _find()
    except dynamodb.FAILURES:
        return frozenset(), {}, False  # the next read meets the same failure and reports it
    if row is None:
        return frozenset(), {}, True
    wide = sorted((mark.partition("@") for mark in row.wide or ()), reverse=True)
    return frozenset(row.copies or ()), {day: int(at) for day, _, at in wide}, True


def _find() -> Completeness | None:
    try:
        return Completeness.get(ROW)
    except Completeness.DoesNotExist:
        return None


def read_notes() -> Completeness:
    """Return the noted state."""
    row = _find() or Completeness(ROW)
    row.since, row.positions = row.since or {}, row.positions or {}
    return row


def is_noted() -> bool:
    """Return whether anything has been noted yet; the table is asked until something has."""
    return bool(cache.copies) or _find() is not None


def note_position(part: str, position: Any) -> None:
    """Note where a backfill continues; None when it is finished. One backfill at a time."""
    positions = read_notes().positions | {part: position}
    Completeness(ROW).update(actions=[Completeness.positions.set(positions)])


def note_complete(copies: Iterable[str], *, since_ms: int) -> None:
    """Note that copies are complete, except for writes of the previous release after `since_ms`."""
    since = read_notes().since | dict.fromkeys(copies, since_ms)
    Completeness(ROW).update(actions=[Completeness.copies.add(set(copies)), Completeness.since.set(since)])
    cache.read_ms = None
