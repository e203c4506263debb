"""Which copies of the reports are complete, so that readers may rely on them: new indexes, and the tile documents.

A copy that comes with a release is read once `flask backfill` has filled it and has noted so here. Until then, and
whenever that cannot be learnt, readers go on with what the release before has. It is no longer complete when that
release has served again in between: it knows nothing of the copy. The root of its own tile documents tells, which this
release marks as its own, and which the release before writes without the mark.
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
FORMER_ROOT = "0/0/0"  # of the documents that the release before reads
RELEASE = "2"  # ours; the release before drops what it does not know


class Completeness(dynamodb.Table):
    """The row that says which copies are complete, and up to when they were known to be."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("reports")

    id = UnicodeAttribute(hash_key=True)
    copies = UnicodeSetAttribute(null=True)
    wide = UnicodeSetAttribute(null=True)  # `<day>@<ms>`
    since: JSONAttribute = JSONAttribute(null=True)  # copy -> ms: but for what a release before wrote after that
    positions: JSONAttribute = JSONAttribute(null=True)  # copy -> where a backfill goes on


class FormerRoot(dynamodb.Table):
    """The root document of the release before, as far as it tells who wrote it last."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    kept_by = UnicodeAttribute(null=True)


@dataclass
class Known:
    """What this process has learnt, and when (ms); copies that failed meanwhile are left out."""

    copies: frozenset[str] = frozenset()
    wide: Mapping[str, int] = field(default_factory=dict)  # day -> from when on (ms) its changes use all lanes
    read_ms: int | None = None


known = Known()


def is_complete(copy: str) -> bool:
    """May readers rely on it? At most two small reads a minute."""
    learn()
    return copy in known.copies


def is_wide(day: str) -> bool:
    """May changes of a day be in any of its lanes, and not in the first alone?"""
    learn()
    return day in known.wide


def uses_lanes(day: str, now_ms: int) -> bool:
    """May a writer use all lanes? Only when every reader must know by now that it has to look into them."""
    return is_wide(day) and now_ms >= known.wide[day] + 3 * GOOD_FOR_MS


def widen(day: str) -> None:
    """Note that a day has so many changes that they shall use all lanes, from some minutes on."""
    if not is_wide(day):
        Completeness(ROW).update(actions=[Completeness.wide.add({f"{day}@{clock.now_ms()}"})])
        known.read_ms = None


def learn() -> None:
    """Ask what is complete, unless this process did so within a minute."""
    now_ms = clock.now_ms()
    if known.read_ms is None or not 0 <= now_ms - known.read_ms < GOOD_FOR_MS:
        known.copies, known.wide = _read()
        known.read_ms = now_ms


def distrust(copy: str, error: Exception) -> None:
    """A copy that should be complete could not be read: this process leaves it alone until it asks again."""
    known.copies -= {copy}
    telemetry.measure("UnusableIndexes", 1, "Count")
    telemetry.logger().warning("index cannot be read", extra={"index": copy, "error": type(error).__name__})


def _read() -> tuple[frozenset[str], dict[str, int]]:
    try:
        row, former = dynamodb.in_one_round(
            [partial(_find, Completeness, ROW), partial(_find, FormerRoot, FORMER_ROOT)]
        )
    except dynamodb.FAILURES:
        return frozenset(), {}  # what follows will meet the same failure, and says so
    if row is None:
        return frozenset(), {}
    is_ours = former is None or former.kept_by is not None
    wide = sorted((mark.partition("@") for mark in row.wide or ()), reverse=True)
    return frozenset(row.copies or ()) if is_ours else frozenset(), {day: int(at) for day, _, at in wide}


def _find(model: Any, key: str) -> Any:
    try:
        return model.get(key)
    except model.DoesNotExist:
        return None


def noted() -> Completeness:
    """What was noted last, even where the release before has served since."""
    row: Completeness = _find(Completeness, ROW) or Completeness(ROW)
    row.since, row.positions = row.since or {}, row.positions or {}
    return row


def is_noted() -> bool:
    """Has anything been noted yet? Asked of the table until it has."""
    return bool(known.copies) or _find(Completeness, ROW) is not None


def note_position(part: str, position: Any) -> None:
    """Note where a filling goes on; None when it is at its end. One filling at a time."""
    positions = noted().positions | {part: position}
    Completeness(ROW).update(actions=[Completeness.positions.set(positions)])


def note_complete(copies: Iterable[str], *, since_ms: int) -> None:
    """Note that copies are complete but for what a release before writes after `since_ms`."""
    since = noted().since | dict.fromkeys(copies, since_ms)
    Completeness(ROW).update(actions=[Completeness.copies.add(set(copies)), Completeness.since.set(since)])
    known.read_ms = None


def reopen() -> None:
    """Note that no copy is complete: the release before has served. When they last were stays known."""
    Completeness(ROW).update(actions=[Completeness.copies.remove()])
    known.read_ms = None
    telemetry.measure("ReopenedIndexes", 1, "Count")


def claim_root() -> None:
    """Mark the former root as ours before a filling begins; where the release before has served, that is noted."""
    if has_intruder():
        if noted().copies:
            reopen()
        claim: list[Action] = [FormerRoot.kept_by.set(RELEASE)]
        dynamodb.is_written(lambda: FormerRoot(FORMER_ROOT).update(actions=claim, condition=FormerRoot.tile.exists()))


def has_intruder() -> bool:
    """Did the release before write the former root last?"""
    former = _find(FormerRoot, FORMER_ROOT)
    return former is not None and former.kept_by is None
