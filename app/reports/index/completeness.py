"""Record which copies of the reports (indexes, tile documents) are complete, so that readers may use them.

A copy that comes with a release is read once `flask backfill` has filled it and noted so here. Until then what needs it
is answered from rows or by other indexes, or refused. A copy stops being complete when an earlier release, which does
not write it, has served again in between. The root of the tile documents shows this: each release from the third on
marks it with its number, and the second writes it without one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.update import Action

from app.core import clock, dynamodb, telemetry
from app.core.config import settings

BY_CELL, BY_DAY, BY_CHANGE = "entries_by_cell", "entries_by_day", "entries_by_change"
BY_PLACE = "entries_by_place"
INDEXES = (BY_CELL, BY_DAY, BY_CHANGE, BY_PLACE)
TILES = "tiles"
COPIES = (*INDEXES, TILES)
ROW, YEARS = "complete", "made"  # the notes; and the years with reports, which the calendar writes before any report
GOOD_FOR_MS = 60_000
ROOT = "2/0/0/0"  # the document of the whole world, as it is stored
RELEASE = "3"  # ours; the previous release writes no number
LATEST = frozenset({BY_PLACE})  # the copies that came with it: an earlier one does not write them


class Completeness(dynamodb.Table):
    """Row with the complete copies, and how far a backfill has come."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("reports")

    id = UnicodeAttribute(hash_key=True)
    copies = UnicodeSetAttribute(null=True)
    wide = UnicodeSetAttribute(null=True)  # `<day>@<ms>`
    positions: JSONAttribute = JSONAttribute(null=True)  # copy -> position at which a backfill continues


class Root(dynamodb.Table):
    """Root of the tile documents, reduced to the mark of the release that wrote it last."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    written_by = UnicodeAttribute(attr_name="kept_by", null=True)


@dataclass
class _Cache:
    """State read by this process, and when (ms). Not known: it could not be read."""

    copies: frozenset[str] = frozenset()
    wide: Mapping[str, int] = field(default_factory=dict)  # day -> from when on (ms) its changes use all shards
    read_ms: int | None = None
    is_known: bool = False


cache = _Cache()


class IndexUnusable(PynamoDBException):
    """Error: an index is not there, not ready or not filled yet. The same call succeeds once it is."""


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


def unusable(index: str, error: Exception) -> IndexUnusable:
    """Count an index that DynamoDB refuses to read, and return the error to raise."""
    telemetry.measure("UnusableIndexes", 1, "Count")
    telemetry.logger().warning("index cannot be read", extra={"index": index, "error": type(error).__name__})
    return IndexUnusable(f"{index} cannot be read.")


def _read() -> tuple[frozenset[str], dict[str, int], bool]:
    try:
        row, root = dynamodb.in_one_round([partial(_find, Completeness, ROW), partial(_find, Root, ROOT)])
        if row is None:
            return frozenset(COPIES if _is_new() else ()), {}, True
    except dynamodb.FAILURES:
        return frozenset(), {}, False  # the next read meets the same failure and reports it
    wide = sorted((mark.partition("@") for mark in row.wide or ()), reverse=True)
    return frozenset(row.copies or ()) - lacking(root), {day: int(at) for day, _, at in wide}, True


def lacking(root: Any) -> frozenset[str]:
    """Return the copies that the release which last wrote the root does not maintain."""
    if root is None:
        return frozenset()
    release = root.written_by or ""
    return frozenset() if release.isdecimal() and int(release) >= int(RELEASE) else LATEST


def _is_new() -> bool:
    """Return whether no report was ever stored or about to be, so that nothing has to be filled."""
    return _find(Completeness, YEARS, is_consistent=True) is None


def _find(model: Any, key: str, *, is_consistent: bool = False) -> Any:
    try:
        return model.get(key, consistent_read=is_consistent)
    except model.DoesNotExist:
        return None


def read_notes() -> Completeness:
    """Return the noted state."""
    row: Completeness = _find(Completeness, ROW) or Completeness(ROW)
    row.positions = row.positions or {}
    return row


def note_if_new() -> None:
    """Note all copies as complete before the first report is stored."""
    if _find(Completeness, ROW) is None and _is_new():
        note_complete(COPIES)


def noted_copies() -> frozenset[str]:
    """Return the copies that are noted as complete, without those that an earlier release has not written since."""
    return frozenset(read_notes().copies or ()) - lacking(_find(Root, ROOT))


def note_position(part: str, position: Any) -> None:
    """Note where a backfill continues; None when it is finished. One backfill at a time."""
    positions = read_notes().positions | {part: position}
    Completeness(ROW).update(actions=[Completeness.positions.set(positions)])


def note_complete(copies: Iterable[str]) -> None:
    """Note that copies are complete."""
    Completeness(ROW).update(actions=[Completeness.copies.add(set(copies))])
    cache.read_ms = None


def reopen_lacking(root: Any) -> None:
    """Note what an earlier release has not written, if it wrote the root last and that was complete before.

    A backfill that was stopped begins again: it would pass over what that release has written since.
    """
    if not (lost := lacking(root)):
        return
    notes = read_notes()
    if notes.positions:
        Completeness(ROW).update(actions=[Completeness.positions.set({})])
    if lost := lost & frozenset(notes.copies or ()):
        Completeness(ROW).update(actions=[Completeness.copies.delete(set(lost))])
        cache.read_ms = None
        telemetry.measure("ReopenedIndexes", 1, "Count")


def mark_root() -> None:
    """Mark the root as ours before a backfill begins; if an earlier release has served, note that first."""
    if lacking(root := _find(Root, ROOT)):
        reopen_lacking(root)
        claim: list[Action] = [Root.written_by.set(RELEASE)]
        dynamodb.is_written(lambda: Root(ROOT).update(actions=claim, condition=Root.tile.exists()))


def is_root_foreign() -> bool:
    """Return whether an earlier release wrote the root last."""
    return bool(lacking(_find(Root, ROOT)))
