"""State that the consumers of all stream shards share: one row, and the changes that one hands over to another.

One consumer at a time holds the lease and rewrites documents; the others hand their changes over to it and go on. All
writes here are single updates that no other writer can undo, so that they never have to be repeated.
"""

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import size as size_of
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from app.core import clock, dynamodb, telemetry
from app.core.config import settings
from app.core.errors import Unavailable
from app.reports.index import handed_over
from app.reports.index.handed_over import Changes
from app.reports.index.models import HANDED_OVER, HandedOver

KEY = "consumers/1"  # with the format's number: a later format lies under another key
# A holder extends its lease between the steps of its work, each of which takes a few seconds at most.
LEASE_MS = 10_000
# The documents of a storm are rewritten at most this often, for all shards together.
PACE_MS = 2000
# After a pass of another shard a holder waits until so long after it, with the lease, and then takes what has come.
REST_MS = 750
# A consumer stores the item of its changes right after their mark; after so long (its time-out) it no longer will.
STORED_WITHIN_MS = 60_000
# Handed-over items that may wait: their marks are about 15 KB of the row, which may have 400 KB and is written often.
MOST_WAITING = 300
# Items that are read together.
READ_AT_ONCE = 16
_POSITION = "at:"


class Waiting(NamedTuple):
    """The mark of a handed-over item: its oldest change and when it was noted (ms), how many changes, and its key."""

    oldest_ms: int
    noted_ms: int
    size: int
    item: str

    def text(self) -> str:
        """Return the mark as a text for the row's set."""
        return f"{self.oldest_ms} {self.noted_ms} {self.size} {self.item.removeprefix(HANDED_OVER)}"

    @classmethod
    def parse(cls, text: str) -> "Waiting":
        """Parse a text of the row's set; raises ValueError."""
        oldest_ms, noted_ms, size, item = text.split(" ")
        return cls(int(oldest_ms), int(noted_ms), int(size), HANDED_OVER + item)


class TakenChanges(NamedTuple):
    """Changes that a holder takes over, the stream positions they reach, their marks, and the marks that it leaves."""

    changes: Changes
    positions: dict[str, int]
    marks: list[Waiting]
    left: list[Waiting]


@dataclass(frozen=True)
class State:
    """The shared row as one consumer saw it."""

    waiting: Sequence[Waiting]
    positions: dict[str, int]  # by stream shard: its changes up to this moment (ms) are in documents, or wait
    held_until_ms: int = 0  # the lease
    paced_until_ms: int = 0
    paced_by: str | None = None
    last_pass_at_ms: int = 0  # when the last consumer's pass ended
    last_pass_by: str | None = None  # for which stream shard

    @property
    def size(self) -> int:
        """Return how many changes wait."""
        return sum(waiting.size for waiting in self.waiting)

    def is_free(self, shard: str, *, is_paced: bool) -> bool:
        """Return whether the lease can be taken, as `take_lease` judges it."""
        now_ms = clock.now_ms()
        is_due = not is_paced or self.paced_until_ms <= now_ms or self.paced_by == shard
        return self.held_until_ms <= now_ms and is_due

    def rest_ms(self, shard: str | None) -> int:
        """Return how long a pass must still wait after another shard's last pass; 0 if that was its own, or long ago.

        A clock that is behind waits no longer than one that is right.
        """
        if shard is not None and shard == self.last_pass_by:
            return 0
        return max(0, min(REST_MS, self.last_pass_at_ms + REST_MS - clock.now_ms()))


class SharedRow(dynamodb.Table):
    """The shared row: waiting changes, the lease, the pace, and a position for each stream shard."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    waiting = UnicodeSetAttribute(null=True)
    holder = UnicodeAttribute(null=True)
    held_until_ms = NumberAttribute(attr_name="held_until", null=True)
    paced_until_ms = NumberAttribute(attr_name="paced_until", null=True)
    paced_by = UnicodeAttribute(null=True)
    last_pass_at_ms = NumberAttribute(attr_name="last_pass", null=True)
    last_pass_by = UnicodeAttribute(null=True)

    @classmethod
    def change(cls, actions: Sequence[Action], condition: Any = None) -> State | None:
        """Update the row, and return its new state; None if the condition did not hold.

        Raises Unavailable if DynamoDB refuses it: no record of a stream is to blame for that, so all of them wait.
        """
        connection = cls._get_connection()
        try:
            answer = connection.update_item(KEY, actions=actions, condition=condition, return_values="ALL_NEW")
        except UpdateError as error:
            if dynamodb.lost_condition(error):
                return None
            if dynamodb.is_refused(error):
                raise Unavailable("The row that the consumers share cannot be changed.") from error
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
    held_ms, paced_ms, passed_ms = (
        int(row.get(name, {}).get("N", 0)) for name in ("held_until", "paced_until", "last_pass")
    )
    paced_by, passed_by = (row.get(name, {}).get("S") for name in ("paced_by", "last_pass_by"))
    return State(sorted(waiting), positions, held_ms, paced_ms, paced_by, passed_ms, passed_by)


def take_lease(holder: str, shard: str, *, is_paced: bool) -> State | None:
    """Take the lease of all documents, and return the state; None while another holds it, or before the pace's time.

    The pace holds between shards; with `is_paced` false only the lease does.
    """
    now_ms = clock.now_ms()
    row = SharedRow
    condition = row.held_until_ms.does_not_exist() | (row.held_until_ms <= now_ms)
    actions = [row.holder.set(holder), row.held_until_ms.set(now_ms + LEASE_MS)]
    if is_paced:
        condition &= row.paced_until_ms.does_not_exist() | (row.paced_until_ms <= now_ms) | (row.paced_by == shard)
        actions += [row.paced_until_ms.set(now_ms + PACE_MS), row.paced_by.set(shard)]
    return row.change(actions, condition)


def extend_lease(holder: str) -> State | None:
    """Extend a lease, and return the state; None if another consumer holds it by now."""
    row = SharedRow
    return row.change([row.held_until_ms.set(clock.now_ms() + LEASE_MS)], row.holder == holder)


def rest(holder: str, state: State, shard: str | None) -> State | None:
    """Wait with the lease until a pass is due, and return the state of then; None if the lease is lost.

    Others hand over meanwhile, so that one pass brings what would be a pass for each of them.
    """
    rest_ms = state.rest_ms(shard)
    if not rest_ms:
        return state
    time.sleep(rest_ms / 1000)
    return extend_lease(holder)


def end_lease(
    holder: str, positions: Mapping[str, int] = MappingProxyType({}), *, passed_by: str | None = None
) -> State | None:
    """Give a lease back, note how far shards were read, and return the state; None if another holds it by now.

    `passed_by`: the shard for which documents were rewritten.
    """
    row = SharedRow
    actions = [row.held_until_ms.set(0), *_moved(positions)]
    if passed_by is not None:
        actions += [row.last_pass_at_ms.set(clock.now_ms()), row.last_pass_by.set(passed_by)]
    return row.change(actions, row.holder == holder)


def hand_over(changes: Changes, *, oldest_ms: int, positions: dict[str, int], spare: int = 0) -> State:
    """Leave changes to the next holder of the lease, with how far their shard was read; return the state at the mark.

    Raises Unavailable while MOST_WAITING items and `spare` wait: then the batch waits in the stream. The marks come
    first, so that no item is ever without one: it holds words of people, and has to go again. The last item brings the
    positions, so that these count only once all are stored.
    """
    now_ms = clock.now_ms()
    items = handed_over.pack(changes, positions)
    marks = [Waiting(oldest_ms, now_ms, size, item.tile) for item, size in items]
    row = SharedRow
    has_room = row.waiting.does_not_exist() | (size_of(row.waiting) < MOST_WAITING + spare)
    state = row.change([row.waiting.add({mark.text() for mark in marks})], has_room)
    if state is None:
        raise Unavailable("Too many changes wait for the tile documents.")
    for item, _ in items:
        item.store()
    return state


def note_done(done: Sequence[Waiting], positions: dict[str, int]) -> None:
    """Remove changes that are in the documents by now, and note how far shards were read.

    The items go first: a mark without its item is forgotten by itself, an item without a mark would stay for ever.
    """
    if done:
        HandedOver.remove({waiting.item for waiting in done})
    actions = _moved(positions)
    if done:
        actions.append(SharedRow.waiting.delete({waiting.text() for waiting in done}))
    if actions:
        SharedRow.change(actions)


def _moved(positions: Mapping[str, int]) -> list[Action]:
    return [Path([f"{_POSITION}{shard}"]).set({"N": str(at_ms)}) for shard, at_ms in positions.items()]


def forget(shards: Iterable[str]) -> None:
    """Remove the positions of shards that are closed for long."""
    if actions := [Path([f"{_POSITION}{shard}"]).remove() for shard in shards]:
        SharedRow.change(actions)


def take_oldest(waiting: Sequence[Waiting], *, most_cells: int, most_changes: int) -> TakenChanges:
    """Read what waits, the oldest first, up to a number of cells and of changes; at least one item.

    A mark whose item may still come stays. Later a mark without one stands for nothing: its consumer was killed before
    it stored the item, so that the stream brings the batch again, or the holder that removed the item was.
    """
    taken = TakenChanges({}, {}, [], [])
    since_ms = clock.now_ms() - STORED_WITHIN_MS
    for start in range(0, len(waiting), READ_AT_ONCE):
        some = waiting[start : start + READ_AT_ONCE]
        items = {item.tile: item for item in HandedOver.read(one.item for one in some)}
        for number, one in enumerate(some, start):
            if one.item not in items:
                (taken.left if one.noted_ms > since_ms else taken.marks).append(one)
                continue
            changes, positions = handed_over.unpack(items[one.item])
            size = sum(mark.size for mark in taken.marks) + one.size
            if taken.changes and (size > most_changes or len({*taken.changes, *changes}) > most_cells):
                taken.left.extend(waiting[number:])
                return taken
            handed_over.add_all(taken.changes, changes)
            taken.positions.update(later_of(taken.positions, positions))
            taken.marks.append(one)
    return taken


def later_of(positions: dict[str, int], others: dict[str, int]) -> dict[str, int]:
    """Return the later position of each shard."""
    return {shard: max(positions.get(shard, 0), others.get(shard, 0)) for shard in {**positions, **others}}


def holder_name(shard: str) -> str:
    """Return a name for one run of a consumer, which no other run has."""
    return f"{shard}#{secrets.token_hex(8)}"
