"""Rows of the table alert-events: what happened that people hear of, and to whom it went.

An event is one row, one more for each of its members (warnings or reports), and chunks of the people to whom a message
about a member went. A second partition leads from a warning to its events.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple, Self

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from app.core import clock, dynamodb, packed_json
from app.core.config import settings
from app.core.retention import ALERT_EVENT

ROW = "!"  # sort key of the event's own row
_MEMBER, _TOLD, _GROWN = "member#", "told#", "grown#"
_OF_WARNING, _LIKELY = "warning#", "likely#"


class Kind(StrEnum):
    """Kind of an event."""

    WARNING = "warning"  # appeared, rose, or its area grew
    ENDED = "ended"
    REPORT = "report"
    UNHEARD = "unheard"  # its source is silent


class Event(NamedTuple):
    """An event with the ids of its members: warnings, of a report the report alone."""

    name: str
    kind: Kind
    source: str  # of the warnings; "" of a report
    severity: str  # when it happened
    made_at_ms: int
    members: tuple[str, ...]


class Table(dynamodb.Table):
    """Base class of the rows: they end together with the messages about them."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("alert-events")

    purge_at_s = NumberAttribute(
        attr_name="purge_at", default_for_new=lambda: clock.now_ms() // 1000 + ALERT_EVENT.seconds
    )

    @property
    def is_readable(self) -> bool:
        """Return whether the row has all that this code needs."""
        return self._is_readable()


class AlertEvent(Table):
    """One event that alerts are about. Its name has letters, digits, _ and - only, as the ledger asks."""

    id = UnicodeAttribute(hash_key=True)
    sort = UnicodeAttribute(range_key=True, default=ROW)
    kind = UnicodeAttribute()
    source = UnicodeAttribute(default="")
    severity = UnicodeAttribute()
    made_at_ms = NumberAttribute(attr_name="made_at", default_for_new=clock.now_ms)

    @classmethod
    def find(cls, name: str) -> Self | None:
        """Return an event's own row by a consistent read; None if there is none, or none that this code can read."""
        try:
            row = cls.get(name, ROW, consistent_read=True)
        except DoesNotExist:
            return None
        return row if row.is_readable else None

    def put_once(self) -> bool:
        """Store it unless it is there; return whether it was stored. Safe to repeat."""
        return dynamodb.is_written(lambda: self.save(condition=AlertEvent.id.does_not_exist()))


class Member(Table):
    """A warning or a report that an event tells of."""

    id = UnicodeAttribute(hash_key=True)
    sort = UnicodeAttribute(range_key=True)  # `member#<its id>`
    queued = UnicodeAttribute(null=True)  # the last change for which people are being looked for

    @classmethod
    def of(cls, event: str, member: str) -> Self:
        """Return the row of a member; a new one if there is none. A consistent read."""
        try:
            return cls.get(event, f"{_MEMBER}{member}", consistent_read=True)
        except DoesNotExist:
            return cls(event, f"{_MEMBER}{member}")

    def has_queued(self, change: str) -> bool:
        """Return whether the search that a change begins has gone to the queue: changes go in their order."""
        return bool(self.queued) and int(self.queued) >= int(change)

    def note_queued(self, change: str) -> None:
        """Note that a change has gone to the queue: the same one need not go again."""
        self.queued = change
        self.save()


class WarningEvent(Table):
    """An event that a warning is, or was, a member of: what people heard of it. One that comes again replaces it."""

    id = UnicodeAttribute(hash_key=True)  # `warning#<its id>`
    sort = UnicodeAttribute(range_key=True)  # the event's name
    kind = UnicodeAttribute()
    severity = UnicodeAttribute()
    change = UnicodeAttribute()  # that caused it: its time in milliseconds
    made_at_ms = NumberAttribute(attr_name="made_at", default_for_new=clock.now_ms)

    @property
    def event(self) -> str:
        return str(self.sort)

    @classmethod
    def of(cls, warning_id: str, event: str, **more: Any) -> Self:
        """Return a row that is not stored yet."""
        return cls(f"{_OF_WARNING}{warning_id}", event, **more)

    @classmethod
    def all_of(cls, warning_id: str) -> list[Self]:
        """Return the events of a warning in the order of the changes that caused them. A consistent read."""
        rows = cls.query(f"{_OF_WARNING}{warning_id}", consistent_read=True)
        return sorted((row for row in rows if row.is_readable), key=lambda row: (int(row.change), row.made_at_ms))


class InformedChunk(Table):
    """Some hundreds of people who have a row in the ledger about one member of an event.

    The same people in the same chunk are the same row; a repetition that finds others adds one.
    """

    id = UnicodeAttribute(hash_key=True)  # the event's name
    sort = UnicodeAttribute(range_key=True)  # `told#<member>#<chunk>`
    packed = BinaryAttribute(legacy_encoding=False)  # [recipient, subscription] pairs

    @classmethod
    def put(cls, event: str, member: str, chunk: str, people: Iterable[tuple[str, str]]) -> None:
        """Store a chunk. Safe to repeat."""
        cls(event, f"{_TOLD}{member}#{chunk}", packed=packed_json.pack(list(people))).save()

    @classmethod
    def chunks_of(cls, event: str, member: str, *, after: str = "") -> "Iterator[InformedChunk]":
        """Yield the chunks of a member in the order of their keys, beyond one of them; read one by one."""
        beginning = f"{_TOLD}{member}#"
        span = cls.sort.between(f"{after}!" if after else beginning, f"{beginning}~")
        return iter(cls.query(event, span, consistent_read=True, page_size=1))

    @property
    def people(self) -> list[tuple[str, str]]:
        """Return the recipients, each with the subscription that matched."""
        return [(str(recipient), str(subscription)) for recipient, subscription in packed_json.unpack(self.packed)]


class Grown(Table):
    """The outline that a warning had before its area grew: who was inside hears nothing."""

    id = UnicodeAttribute(hash_key=True)  # the event's name
    sort = UnicodeAttribute(range_key=True)  # `grown#<warning>#<change>`
    shape = BinaryAttribute(null=True, legacy_encoding=False)

    @classmethod
    def put(cls, event: str, member: str, change: str, shape: bytes | None) -> None:
        """Store the outline before a change. Safe to repeat."""
        cls(event, f"{_GROWN}{member}#{change}", shape=shape).save()

    @classmethod
    def shape_before(cls, event: str, member: str, change: str) -> bytes | None:
        """Return the packed outline before a change; None if there was none."""
        try:
            return cls.get(event, f"{_GROWN}{member}#{change}", consistent_read=True).shape
        except DoesNotExist:
            return None


class LikelySlot(Table):
    """One of the few events of likely reports that there may be in a square of the map within a time."""

    id = UnicodeAttribute(hash_key=True)  # `likely#<square>`
    sort = UnicodeAttribute(range_key=True)  # its number
    event = UnicodeAttribute()
    taken_at_ms = NumberAttribute(attr_name="taken_at", default_for_new=clock.now_ms)

    @classmethod
    def take(cls, square: str, event: str, *, most: int, each_ms: int) -> bool:
        """Return whether an event may be one of at most `most` in a square; it then counts. Safe to repeat."""
        key = f"{_LIKELY}{square}"
        if any(row.event == event for row in cls.query(key, consistent_read=True)):
            return True
        is_free = cls.id.does_not_exist() | (cls.taken_at_ms <= clock.now_ms() - each_ms)
        slots = (cls(key, str(number), event=event) for number in range(most))
        return any(dynamodb.is_written(partial(slot.save, condition=is_free)) for slot in slots)


def read(name: str) -> Event | None:
    """Return an event with its members, of any number; None if there is none. Consistent reads."""
    header = AlertEvent.find(name)
    if header is None:
        return None
    kind, made_at_ms = Kind(header.kind), int(header.made_at_ms)
    return Event(name, kind, str(header.source), str(header.severity), made_at_ms, members_of(name))


def members_of(name: str) -> tuple[str, ...]:
    """Return the ids of the members of an event. A consistent read."""
    rows = Member.query(name, Member.sort.startswith(_MEMBER), consistent_read=True)
    return tuple(str(row.sort).removeprefix(_MEMBER) for row in rows)


def note_member(event: AlertEvent, member: str, change: str, *, of_warning: bool = True) -> None:
    """Store an event, a member of it, and the way from the warning to it, in this order. Safe to repeat."""
    event.put_once()
    row = Member.of(event.id, member)
    if not row.queued:
        row.save()
    if of_warning:
        more = {"kind": event.kind, "severity": event.severity, "change": change}
        WarningEvent.of(member, event.id, **more).save()
