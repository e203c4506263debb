"""State that the consumers of all stream shards share: one row, and the changes that one hands over to another.

One consumer at a time holds the lease and rewrites documents; the others hand their changes over to it and go on. All
writes here are single updates that no other writer can undo, so that they never have to be repeated.
"""

import secrets
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from app.core import clock, dynamodb, telemetry
from app.core.config import settings
from app.reports.entry import Entry
from app.reports.index import columns
from app.reports.index.models import HANDED_OVER, HandedOver

KEY = "consumers/1"  # with the format's number: a later format lies under another key
# A holder extends its lease between the steps of its work, each of which takes a few seconds at most.
LEASE_MS = 10_000
# The documents of a storm are rewritten at most this often, for all shards together.
PACE_MS = 2000
# A consumer stores the item of its changes right after their mark; after so long (its time-out) it no longer will.
STORED_WITHIN_MS = 60_000
_POSITION = "at:"
# The latest entry of each changed report, by id, under each cell that it is in or was in.
Changes = dict[str, dict[str, Entry]]


class Waiting(NamedTuple):
    """Handed-over changes: their oldest time, when they were handed over (ms), their item, and their cells."""

    oldest_ms: int
    noted_ms: int
    item: str
    cells: frozenset[str]

    def text(self) -> str:
        """Write it for the row's set."""
        cells = ",".join(sorted(self.cells))
        return f"{self.oldest_ms} {self.noted_ms} {self.item} {cells}"

    @classmethod
    def parse(cls, text: str) -> "Waiting":
        """Read it; raises ValueError."""
        oldest_ms, noted_ms, item, cells = text.split(" ")
        return cls(int(oldest_ms), int(noted_ms), item, frozenset(cells.split(",")) - {""})


@dataclass(frozen=True)
class State:
    """The shared row as one consumer saw it."""

    waiting: Sequence[Waiting]
    positions: dict[str, int]  # by stream shard: its changes up to this moment (ms) are in documents, or wait

    @property
    def cells(self) -> set[str]:
        """All cells with changes that wait."""
        return {cell for waiting in self.waiting for cell in waiting.cells}


class SharedRow(dynamodb.Table):
    """The shared row: waiting changes, the lease, the pace, and a position for each stream shard."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    waiting = UnicodeSetAttribute(null=True)
    holder = UnicodeAttribute(null=True)
    held_until = NumberAttribute(null=True)
    paced_until = NumberAttribute(null=True)
    paced_by = UnicodeAttribute(null=True)

    @classmethod
    def change(cls, actions: Sequence[Action], condition: Any = None) -> State | None:
        """Update the row, and return its new state; None if the condition did not hold."""
        connection = cls._get_connection()
        try:
            answer = connection.update_item(KEY, actions=actions, condition=condition, return_values="ALL_NEW")
        except UpdateError as error:
            if dynamodb.lost_condition(error):
                return None
            raise
        return _state_of(answer["Attributes"])


def _state_of(row: dict[str, Any]) -> State:
    """Read the row. A mark that cannot be read is skipped and counted: its cells are built by their next change."""
    waiting = []
    for text in row.get("waiting", {}).get("SS", ()):
        try:
            waiting.append(Waiting.parse(text))
        except ValueError:
            telemetry.measure("UnreadableDocuments", 1, "Count")
    positions = {
        name.removeprefix(_POSITION): int(value["N"]) for name, value in row.items() if name.startswith(_POSITION)
    }
    return State(sorted(waiting), positions)


def take_lease(holder: str, shard: str, *, is_paced: bool) -> State | None:
    """Take the lease of all documents, and return the state; None while another holds it, or before the pace's time.

    The pace holds between shards; with `is_paced` false only the lease does.
    """
    now_ms = clock.now_ms()
    row = SharedRow
    condition = row.held_until.does_not_exist() | (row.held_until <= now_ms)
    actions = [row.holder.set(holder), row.held_until.set(now_ms + LEASE_MS)]
    if is_paced:
        condition &= row.paced_until.does_not_exist() | (row.paced_until <= now_ms) | (row.paced_by == shard)
        actions += [row.paced_until.set(now_ms + PACE_MS), row.paced_by.set(shard)]
    return row.change(actions, condition)


def extend_lease(holder: str) -> bool:
    """Extend a lease; False if another consumer holds it by now."""
    row = SharedRow
    return row.change([row.held_until.set(clock.now_ms() + LEASE_MS)], row.holder == holder) is not None


def end_lease(holder: str) -> State | None:
    """Give a lease back, and return the state; None if another consumer holds it by now."""
    row = SharedRow
    return row.change([row.held_until.set(0)], row.holder == holder)


def hand_over(changes: Changes, *, oldest_ms: int, positions: dict[str, int]) -> None:
    """Leave changes to the next holder of the lease, and note how far their shard was read.

    The mark comes first, so that no item is ever without one: it holds words of people, and has to go again.
    """
    pairs = [(cell, entry) for cell, entries in sorted(changes.items()) for entry in entries.values()]
    text = columns.text_of({"cells": [cell for cell, _ in pairs]}, [entry for _, entry in pairs])
    packed = zlib.compress(text, 9)
    item = HANDED_OVER + secrets.token_hex(8)
    waiting = Waiting(oldest_ms, clock.now_ms(), item, frozenset(changes))
    SharedRow.change([SharedRow.waiting.add({waiting.text()}), *_moved(positions)])
    HandedOver(item, entries=packed).save()


def note_done(done: Sequence[Waiting], positions: dict[str, int]) -> None:
    """Remove changes that are in the documents by now, and note how far shards were read."""
    actions = _moved(positions)
    if done:
        actions.append(SharedRow.waiting.delete({waiting.text() for waiting in done}))
    if actions:
        SharedRow.change(actions)
    if done:
        HandedOver.remove({waiting.item for waiting in done})


def _moved(positions: dict[str, int]) -> list[Action]:
    return [Path([f"{_POSITION}{shard}"]).set({"N": str(at_ms)}) for shard, at_ms in positions.items()]


def forget(shards: Iterable[str]) -> None:
    """Remove the positions of shards that are closed for long."""
    if actions := [Path([f"{_POSITION}{shard}"]).remove() for shard in shards]:
        SharedRow.change(actions)


def read_handed_over(waiting: Sequence[Waiting]) -> tuple[Changes, list[Waiting]]:
    """Return the changes that wait, the latest of each report, and those whose item is still to be stored.

    Of an item that is gone or unreadable only the cells are returned: the cell index has its changes.
    """
    items = {item.tile: item for item in HandedOver.read({one.item for one in waiting})}
    oldest_ms = clock.now_ms() - STORED_WITHIN_MS
    unstored = [one for one in waiting if one.item not in items and one.noted_ms > oldest_ms]
    ready = [one for one in waiting if one not in unstored]
    changes: Changes = {cell: {} for one in ready for cell in one.cells}
    unreadable = len(ready) - len(items)
    for item in items.values():
        try:
            content = columns.read(item.entries, ["cells"])
            for cell, entry in zip(content.get("cells", ()), content["rows"], strict=True):
                add_latest(changes, cell, entry)
        except ValueError:  # damaged, or of a later format
            unreadable += 1
    if unreadable:
        telemetry.measure("UnreadableDocuments", unreadable, "Count")
    return changes, unstored


def add_latest(changes: Changes, cell: str, entry: Entry) -> None:
    """Add an entry to the changes of a cell, unless a later version is among them."""
    known = changes.setdefault(cell, {}).get(entry.id)
    if known is None or known.version <= entry.version:
        changes[cell][entry.id] = entry


def holder_name(shard: str) -> str:
    """Return a name for one run of a consumer, which no other run has."""
    return f"{shard}#{secrets.token_hex(8)}"
