"""Record which copies of the reports (new indexes, tile documents) are complete, so that readers may use them.

A copy that comes with a release is read once `flask backfill` has filled it and noted so here. Until then, and whenever
this cannot be read, readers use the copies of the previous release. A copy stops being complete when the previous
release, which does not write it, has served again in between. The root of the former tile documents shows this: this
release marks that root, and the previous release writes it without the mark.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.update import Action

from app.core import clock, dynamodb, telemetry
from app.core.config import settings

BY_CELL, BY_DAY, BY_CHANGE = "entries_by_cell", "entries_by_day", "entries_by_change"
INDEXES = (BY_CELL, BY_DAY, BY_CHANGE)
TILES = "tiles"
COPIES = (*INDEXES, TILES)
ROW = "complete"
GOOD_FOR_MS = 60_000
FORMER_ROOT = "0/0/0"  # of the documents that the previous release reads
RELEASE = "2"  # ours; the previous release drops attributes that it does not know


class Completeness(dynamodb.Table):
    """Row with the complete copies and the moments up to which they were known to be complete."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("reports")

    id = UnicodeAttribute(hash_key=True)
    copies = UnicodeSetAttribute(null=True)
    wide = UnicodeSetAttribute(null=True)  # `<day>@<ms>`
    since: JSONAttribute = JSONAttribute(null=True)  # by copy (ms): later writes of the previous release are missing
    positions: JSONAttribute = JSONAttribute(null=True)  # copy -> position at which a backfill continues


class FormerRoot(dynamodb.Table):
    """Root document of the previous release, reduced to the mark of the release that wrote it last."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    written_by = UnicodeAttribute(attr_name="kept_by", null=True)


@dataclass
class _Cache:
    """State read by this process, and when (ms); copies that failed since are removed."""

    copies: frozenset[str] = frozenset()
    wide: Mapping[str, int] = field(default_factory=dict)  # day -> from when on (ms) its changes use all shards
    read_ms: int | None = None


cache = _Cache()


def is_complete(copy: str) -> bool:
    """Return whether readers may rely on a copy. At most two small reads a minute."""
    refresh()
    return copy in cache.copies


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
        cache.copies, cache.wide = _read()
        cache.read_ms = now_ms


def mark_unusable(copy: str, error: Exception) -> None:
    """Stop using a copy that could not be read, until this process reads the state again."""
    cache.copies -= {copy}
    telemetry.measure("UnusableIndexes", 1, "Count")
    telemetry.logger().warning("index cannot be read", extra={"index": copy, "error": type(error).__name__})


def _read() -> tuple[frozenset[str], dict[str, int]]:
    try:
        row, former = dynamodb.in_one_round(
            [partial(_find, Completeness, ROW), partial(_find, FormerRoot, FORMER_ROOT)]
        )
    except dynamodb.FAILURES:
        return frozenset(), {}  # the next read meets the same failure and reports it
    if row is None:
        return frozenset(), {}
    is_ours = former is None or former.written_by is not None
    wide = sorted((mark.partition("@") for mark in row.wide or ()), reverse=True)
    return frozenset(row.copies or ()) if is_ours else frozenset(), {day: int(at) for day, _, at in wide}


def _find(model: Any, key: str) -> Any:
    try:
        return model.get(key)
    except model.DoesNotExist:
        return None


def read_notes() -> Completeness:
    """Return the last noted state, even if the previous release has served since."""
    row: Completeness = _find(Completeness, ROW) or Completeness(ROW)
    row.since, row.positions = row.since or {}, row.positions or {}
    return row


def is_noted() -> bool:
    """Return whether anything has been noted yet; the table is asked until something has."""
    return bool(cache.copies) or _find(Completeness, ROW) is not None


def note_position(part: str, position: Any) -> None:
    """Note where a backfill continues; None when it is finished. One backfill at a time."""
    positions = read_notes().positions | {part: position}
    Completeness(ROW).update(actions=[Completeness.positions.set(positions)])


def note_complete(copies: Iterable[str], *, since_ms: int) -> None:
    """Note that copies are complete, except for writes of the previous release after `since_ms`."""
    since = read_notes().since | dict.fromkeys(copies, since_ms)
    Completeness(ROW).update(actions=[Completeness.copies.add(set(copies)), Completeness.since.set(since)])
    cache.read_ms = None


def reopen() -> None:
    """Note that no copy is complete, because the previous release has served. The last complete moment is kept."""
    Completeness(ROW).update(actions=[Completeness.copies.remove()])
    cache.read_ms = None
    telemetry.measure("ReopenedIndexes", 1, "Count")


def mark_former_root() -> None:
    """Mark the former root as ours before a backfill begins; if the previous release has served, note that first."""
    if is_former_root_foreign():
        if read_notes().copies:
            reopen()
        claim: list[Action] = [FormerRoot.written_by.set(RELEASE)]
        dynamodb.is_written(lambda: FormerRoot(FORMER_ROOT).update(actions=claim, condition=FormerRoot.tile.exists()))


def is_former_root_foreign() -> bool:
    """Return whether the previous release wrote the former root last."""
    former = _find(FormerRoot, FORMER_ROOT)
    return former is not None and former.written_by is None
