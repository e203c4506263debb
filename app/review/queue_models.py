"""Rows of the table review: reports that wait for a responder, and who holds one of them.

A row of the queue holds what a list shows. It is made from the report by the stream's consumer (app/review/queue.py),
which leaves the hold in it alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Self

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from app.core import clock, dynamodb, packed_json
from app.core.config import settings
from app.reports import entry_encoding
from app.reports.entry import Entry, Status
from app.review.urgency import Key, State

FORMAT = 1
FIRST = "0"  # below every sort key
HOLD, HOLDER = "hold#", "holder#"
_OWN_BYTES = 250  # of a row beside its two packed members: keys, names, numbers


class Flagged(NamedTuple):
    """Flags that wait: their number, and how many for each reason."""

    number: int
    reasons: Mapping[str, int]


class Content(NamedTuple):
    """Content of a row. `place`: the exact one, if it differs from the public one of the entry, and is still kept."""

    entry: Entry
    place: tuple[float, float] | None
    state: str
    reasons: Sequence[tuple[str, int]]
    neighbours: tuple[int, Sequence[str]]
    similar: Sequence[str]
    flags: Flagged
    version: int
    photos: int = 0  # that wait for a decision

    @property
    def is_unchecked(self) -> bool:
        """Whether it waits for a first look, perhaps with its photos."""
        return self.state == State.WAITING or (self.state == State.PHOTOS and self.entry.status == Status.PENDING)


class CountedPage(NamedTuple):
    """Rows counted, rows read, and the key at which to go on; None at the end of the partition."""

    number: int
    read: int
    next_start: Any


class ByState(GlobalSecondaryIndex[Any]):
    """Rows of the rare states by tile, the most urgent first: found however many others wait."""

    class Meta:
        index_name = "by_state"
        projection = AllProjection()

    state_shard = UnicodeAttribute(hash_key=True, attr_name="state_lane")
    sort = UnicodeAttribute(range_key=True)


class QueueRow(dynamodb.Table):
    """One report that waits. A row without `packed` has only a hold, which came before the row."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("review")

    shard = UnicodeAttribute(hash_key=True, attr_name="lane")
    sort = UnicodeAttribute(range_key=True)
    state_shard = UnicodeAttribute(attr_name="state_lane", null=True)
    state = UnicodeAttribute(null=True)
    packed = BinaryAttribute(legacy_encoding=False, attr_name="entry", null=True)
    about = BinaryAttribute(legacy_encoding=False, null=True)
    version = NumberAttribute(null=True)
    held_by = UnicodeAttribute(null=True)
    held_until_ms = NumberAttribute(attr_name="held_until", null=True)
    purge_at_s = NumberAttribute(attr_name="purge_at", null=True)

    by_state = ByState()

    @property
    def report_id(self) -> str:
        return str(self.sort.partition("#")[2])

    @property
    def size_bytes(self) -> int:
        """Return the approximate size of the stored row."""
        return len(self.packed or b"") + len(self.about or b"") + _OWN_BYTES

    def content(self) -> Content | None:
        """Return what the row shows; None if there is nothing in it that this release can read."""
        try:
            entry = entry_encoding.unpack(self.report_id, self.packed)
            about = packed_json.unpack(self.about or b"")
            if about["format"] != FORMAT:
                return None
            place = (about["place"][0], about["place"][1]) if about["place"] else None
            near, photos = about["neighbours"], int(about.get("photos", 0))
            state = State.PHOTOS if photos and self.state == State.WAITING else self.state
            return Content(
                entry,
                place,
                str(state),
                [(code, hours) for code, hours in about["reasons"]],
                (near[0], near[1]),
                about["similar"],
                Flagged(*about["flags"]),
                int(self.version or 0),
                photos,
            )
        except (ValueError, LookupError, TypeError):
            return None

    def holder_at(self, now_ms: int) -> str | None:
        """Return the account that holds the report."""
        return str(self.held_by) if self.held_by and int(self.held_until_ms or 0) > now_ms else None

    def store(self, content: Content, state_shard: str | None, hold: tuple[str, int] | None) -> None:
        """Store what the row shows; a hold in it stays, and `hold` is brought along from the row's former key."""
        shard = QueueRow.state_shard.remove() if state_shard is None else QueueRow.state_shard.set(state_shard)
        actions: list[Action] = [shard, *_shown(content)]
        if hold:
            actions += [QueueRow.held_by.set(hold[0]), QueueRow.held_until_ms.set(hold[1])]
        self.update(actions=actions)

    def store_shown(self, content: Content) -> bool:
        """Store what the row shows of others, if the row is there and shows this version; False if not."""
        is_same = QueueRow.version == content.version
        return dynamodb.is_written(lambda: self.update(actions=_shown(content), condition=is_same))

    def store_hold(self, account_id: str, until_ms: int, *, is_first: bool = False) -> bool:
        """Note in the row who holds the report; False if there is no row. With `is_first` also before it is there."""
        actions: list[Action] = [QueueRow.held_by.set(account_id), QueueRow.held_until_ms.set(until_ms)]
        actions += [QueueRow.purge_at_s.set(QueueRow.purge_at_s | -(-until_ms // 1000))]
        is_there = None if is_first else QueueRow.version.exists()
        return dynamodb.is_written(lambda: self.update(actions=actions, condition=is_there))

    def remove_hold(self, account_id: str) -> None:
        """Remove the note that this account holds the report. Safe to repeat."""
        actions: list[Action] = [QueueRow.held_by.remove(), QueueRow.held_until_ms.remove()]
        dynamodb.is_written(lambda: self.update(actions=actions, condition=QueueRow.held_by == account_id))

    @classmethod
    def present(cls, keys: Sequence[Key]) -> list[Key]:
        """Return those of some keys at which there is a row. Consistent reads, in one round."""
        read = partial(cls._get_connection().get_item, consistent_read=True, attributes_to_get=["lane"])
        answers = dynamodb.in_one_round([partial(read, key.shard, key.sort) for key in keys])
        return [key for key, answer in zip(keys, answers, strict=True) if "Item" in answer]

    @classmethod
    def take_out(cls, key: Key) -> tuple[str, int] | None:
        """Delete a row; return the hold that was in it. Safe to repeat."""
        answer = cls._get_connection().delete_item(key.shard, key.sort, return_values="ALL_OLD")
        former = answer.get("Attributes", {})
        if "held_by" not in former or "held_until" not in former:
            return None
        return former["held_by"]["S"], int(former["held_until"]["N"])

    @classmethod
    def find_all(cls, keys: Iterable[Key]) -> dict[Key, Self]:
        """Return the rows at these keys, by key; missing ones are left out. One batch for each 100."""
        return {Key(row.shard, row.sort): row for row in cls.batch_get([tuple(key) for key in keys])}

    @classmethod
    def next_in(cls, partition: str, *, after: str, limit: int, is_by_state: bool) -> list[Self]:
        """Return the most urgent rows of a partition after a position. One query."""
        options: dict[str, Any] = {"limit": limit, "page_size": limit}
        index = cls.by_state if is_by_state else cls
        return list(index.query(partition, range_key_condition=cls.sort > (after or FIRST), **options))

    @classmethod
    def count_in(
        cls, partition: str, *, state: str, now_ms: int, limit: int, is_by_state: bool, start: Any
    ) -> CountedPage:
        """Count the rows of active reports in a state among the next `limit` of a partition. One query.

        `is_by_state`: the partition is one of a rare state; else rows of rare states are not counted. The least urgent
        first: of a long queue these are the ones that wait for a first look.
        """
        kept = State.WAITING if state == State.PHOTOS else state
        is_in_state = cls.state == kept if is_by_state else (cls.state == kept) & cls.state_shard.does_not_exist()
        page = cls._get_connection().query(
            partition,
            filter_condition=is_in_state & (cls.purge_at_s > now_ms // 1000),
            index_name=ByState.Meta.index_name if is_by_state else None,
            exclusive_start_key=start,
            limit=limit,
            scan_index_forward=False,
            select="COUNT",
        )
        return CountedPage(page["Count"], page["ScannedCount"], page.get("LastEvaluatedKey"))


def shown_values(content: Content) -> dict[str, Any]:
    """Return the attributes in which a row shows its content.

    The previous release has no word for the state of photos: there such a row waits for a first look.
    """
    names = ("place", "reasons", "neighbours", "similar", "flags", *(["photos"] if content.photos else []))
    about = {"format": FORMAT} | {name: getattr(content, name) for name in names}
    return {
        "packed": entry_encoding.pack(content.entry),
        "about": packed_json.pack(about),
        "state": str(State.WAITING if content.state == State.PHOTOS else content.state),
        "version": content.version,
        "purge_at_s": -(-int(content.entry.expires_at_ms) // 1000),
    }


def _shown(content: Content) -> list[Action]:
    return [getattr(QueueRow, name).set(value) for name, value in shown_values(content).items()]


class Hold(dynamodb.Table):
    """The account that holds a report, and until when."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("review")

    shard = UnicodeAttribute(hash_key=True, attr_name="lane")
    sort = UnicodeAttribute(range_key=True, default=HOLD)
    account_id = UnicodeAttribute()
    until_ms = NumberAttribute(attr_name="until")
    number = NumberAttribute()  # of the changes of this row
    purge_at_s = NumberAttribute(attr_name="purge_at")

    @classmethod
    def of(cls, report_id: str) -> Self | None:
        """Return the hold of a report, also one that has ended. Read consistently."""
        return _row(cls, HOLD + report_id, HOLD)  # type: ignore[no-any-return]  # a row of this model

    def is_by_other(self, account_id: str, now_ms: int) -> bool:
        """Return whether another account holds the report now."""
        return self.account_id != account_id and int(self.until_ms) > now_ms


class Holder(dynamodb.Table):
    """The reports that one account holds, with the ends of its holds (ms): so that no account holds many."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("review")

    shard = UnicodeAttribute(hash_key=True, attr_name="lane")
    sort = UnicodeAttribute(range_key=True, default=HOLDER)
    ids = UnicodeAttribute(default="")
    number = NumberAttribute(default=0)
    purge_at_s = NumberAttribute(attr_name="purge_at", default=0)

    @classmethod
    def of(cls, account_id: str) -> Self:
        """Return the row of an account, a new one if there is none. Read consistently."""
        return _row(cls, HOLDER + account_id, HOLDER) or cls(HOLDER + account_id, HOLDER)

    def ends(self) -> dict[str, int]:
        """Return the ends of the holds that still last, by report."""
        pairs = (pair.partition("=") for pair in self.ids.split())
        return {report_id: int(end) for report_id, _, end in pairs if int(end) > clock.now_ms()}


def _row(model: Any, shard: str, sort: str) -> Any:
    try:
        return model.get(shard, sort, consistent_read=True)
    except model.DoesNotExist:
        return None


def are_stored(hold: Hold, holder: Holder, *, seen_hold: Hold | None, is_ended: bool = False) -> bool:
    """Store or end a hold together with its holder's list, both as they were seen; False if another was first."""
    is_same = Hold.shard.does_not_exist() if seen_hold is None else Hold.number == int(seen_hold.number)
    seen_number = int(holder.number)
    is_holder_same = Holder.number == seen_number if seen_number else Holder.shard.does_not_exist()
    holder.number = seen_number + 1
    try:
        with dynamodb.transaction() as transaction:
            if is_ended:
                transaction.delete(hold, condition=is_same)
            else:
                transaction.save(hold, condition=is_same)
            transaction.save(holder, condition=is_holder_same)
    except TransactWriteError as error:
        if dynamodb.lost_condition(error) or dynamodb.is_conflict(error):
            return False
        raise
    return True
