"""The rows of the ledger of messages.

One row for each message to one recipient about one event: its key is the keyed hash of the address, and the event.
"""

import json
import secrets
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import partial
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from app.core import clock, dynamodb
from app.core.config import settings
from app.core.retention import MESSAGE
from app.mail.index_models import DeliveriesByAccount, DeliveriesByDue, due_key

OWN = "own"  # begins the events of messages about an account
SUMMARY = "s"  # begins those that tell a new subscription what is in force
BY_STREAM = (f"{OWN}-", f"{SUMMARY}-")  # the table's stream hands these alone to their queue
URGENT_QUEUE, QUEUE = "deliveries-urgent", "deliveries"
URGENT_KINDS = frozenset(("reset", "confirm", "confirmsub"))  # a person waits for these
SUBSCRIPTION = "subscription"  # name of the value that says by which one a person gets an alert


class State(StrEnum):
    """State of a message. All but the first two are final, or followed only by what its server reports."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"


WAITING = (State.QUEUED, State.SENDING)
# What a mail server reports comes in any order; a state never goes back in this one.
_ORDER = (State.QUEUED, State.SENDING, State.SENT, State.DELIVERED, State.BOUNCED, State.COMPLAINED)
_BEFORE = {state: _ORDER[:place] for place, state in enumerate(_ORDER)} | {State.FAILED: (*WAITING, State.SENT)}
OVER = "over"  # reason of a message that ended because what it would tell does not hold any more
_BEYOND_OTHERS = "!~"  # beyond the keys of rows that are no messages: they begin with such a sign
DELAYS_S = {"judged": 120}  # by kind: a decision can be taken back at once, and is not told then


def queue_of(event: str) -> str:
    """Return the noun of the queue of an event: what a person waits for does not wait behind the rest."""
    return URGENT_QUEUE if _kind_of(event) in URGENT_KINDS else QUEUE


def delay_of(event: str) -> int:
    """Return the seconds that a new message waits in its queue."""
    return DELAYS_S.get(_kind_of(event), 0)


def _kind_of(event: str) -> str:
    """Return the kind in an event's name; "" in one of another form."""
    own, _, rest = event.partition("-")
    return rest.partition("-")[0] if own == OWN else ""


class Delivery(dynamodb.Table):
    """One message to one recipient about one event."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("deliveries")

    recipient = UnicodeAttribute(hash_key=True)  # app/mail/addresses.py
    event = UnicodeAttribute(range_key=True)  # letters, digits, _ and - only, so that a mail server can carry it
    kind = UnicodeAttribute()
    state = UnicodeAttribute(default=State.QUEUED.value)
    reason = UnicodeAttribute(null=True)  # a code, of the states that need one
    account_id = UnicodeAttribute(null=True)
    language = UnicodeAttribute(default="en")
    packed_values = UnicodeAttribute(attr_name="values", null=True)  # ids, codes and times in JSON
    # Where the account does not hold it: of an address that is to be confirmed, or was left. Removed when it is sent.
    address = UnicodeAttribute(null=True)
    made_at_ms = NumberAttribute(attr_name="made_at", default_for_new=clock.now_ms)
    useless_at_ms = NumberAttribute(attr_name="useless_at", null=True)  # from then on it is not sent any more
    lease_until_ms = NumberAttribute(attr_name="lease_until", null=True)
    tried_at_ms = NumberAttribute(attr_name="tried_at", null=True)
    tries = NumberAttribute(default=0)
    unknowns = NumberAttribute(default=0)  # attempts whose outcome was not known
    lease = UnicodeAttribute(null=True)  # random: tells a lost reply from a lost race
    provider_id = UnicodeAttribute(null=True)
    changed_at_ms = NumberAttribute(attr_name="changed_at", default_for_new=clock.now_ms)
    purge_at_s = NumberAttribute(attr_name="purge_at", default_for_new=lambda: clock.now_ms() // 1000 + MESSAGE.seconds)
    # Absent in rows of the previous release, which waits in its queue only.
    due = UnicodeAttribute(null=True)  # minute and shard until which it waits outside of its queue: see due_key
    held_in = UnicodeAttribute(null=True)  # event of the digest that tells of it in its place
    holds = UnicodeSetAttribute(null=True)  # of a digest: events of the messages that it tells of
    told = UnicodeSetAttribute(null=True)  # of a digest: those that still held when it was sent

    by_account = DeliveriesByAccount()
    by_due = DeliveriesByDue()

    @classmethod
    def about_account(
        cls, kind: str, unique: str, *, recipient: str, account_id: str | None, **more: Any
    ) -> "Delivery":
        """Return a message about an account that is not stored yet. `unique` tells it from others of its kind."""
        values = more.pop("values", None)
        packed = json.dumps(values, separators=(",", ":")) if values else None
        event = f"{OWN}-{kind}-{unique}"
        return cls(recipient, event, kind=kind, account_id=account_id, packed_values=packed, **more)

    @property
    def values(self) -> dict[str, Any]:
        """Return what its words need besides the account."""
        return dict(json.loads(self.packed_values or "{}"))

    @property
    def is_waiting(self) -> bool:
        """Return whether it is still to be sent."""
        return self.state in WAITING

    @property
    def is_readable(self) -> bool:
        """Return whether the row has all that this code needs."""
        return self._is_readable()

    def put_in(self, transaction: TransactWrite) -> None:
        """Add it to the transaction of what it tells of."""
        transaction.save(self)

    def put_once(self) -> bool:
        """Store it unless it is there, in any state; return whether it was stored. Safe to repeat."""
        return dynamodb.is_written(lambda: self.save(condition=Delivery.recipient.does_not_exist()))

    @classmethod
    def find(cls, recipient: str, event: str) -> "Delivery | None":
        """Return a message by a consistent read; None if it is not there, or cannot be read."""
        try:
            found = cls.get(recipient, event, consistent_read=True)
        except DoesNotExist:
            return None
        return found if found.is_readable else None

    @classmethod
    def told_before(cls, recipient: str, beginning: str, *, before: str) -> "Delivery | None":
        """Return the last message with such a beginning of its event that was sent, of those before an event."""
        rows = cls.query(
            recipient, cls.event.between(beginning, before), scan_index_forward=False, consistent_read=True
        )
        return next((row for row in rows if row.event != before and row.state not in _NEVER_LEFT), None)

    @classmethod
    def of_account(cls, account_id: str) -> list["Delivery"]:
        """Return the messages about an account, newest first: those of the last days that are kept."""
        keys = [(row.recipient, row.event) for row in cls.by_account.query(account_id)]
        found = [row for row in cls.batch_get(keys) if row.is_readable] if keys else []
        return sorted(found, key=lambda row: (row.made_at_ms, row.event), reverse=True)

    @classmethod
    def of_subscription(cls, recipient: str, subscription_id: str) -> list["Delivery"]:
        """Return the messages to an address by a subscription of it, newest first: those that are kept."""
        rows = cls.query(recipient, cls.event > _BEYOND_OTHERS)
        found = [row for row in rows if row.is_readable and row.values.get(SUBSCRIPTION) == subscription_id]
        return sorted(found, key=lambda row: (row.made_at_ms, row.event), reverse=True)

    @classmethod
    def forget_subscription(cls, recipient: str, subscription_id: str) -> None:
        """Delete the messages by a deleted subscription. Safe to repeat."""
        for row in cls.of_subscription(recipient, subscription_id):
            row.delete()

    @classmethod
    def forget_account(cls, account_id: str) -> None:
        """Delete the messages about a deleted account; what is not sent yet is not sent any more. Safe to repeat."""
        for row in cls.by_account.query(account_id):
            cls(row.recipient, row.event).delete()

    def take_lease(self, *, now_ms: int, until_ms: int, unknown_ms: int) -> bool:
        """Begin to send it, and read all of it; False if another one is sending it, or it was sent, or a digest has it.

        Where it is not there, the row is left without a kind.

        Of simultaneous calls one succeeds. One whose attempt ended unknown is taken again only when that attempt is
        `unknown_ms` old; this counts it, if the row was read before.
        """
        lease = secrets.token_hex(8)
        is_free = (Delivery.lease_until_ms < now_ms) & (Delivery.tried_at_ms < now_ms - unknown_ms)
        may = (Delivery.state == State.QUEUED.value) & Delivery.held_in.does_not_exist()
        if self.state == State.SENDING:
            may = (Delivery.state == State.SENDING.value) & is_free
        actions: list[Action] = [
            Delivery.state.set(State.SENDING.value),
            Delivery.lease.set(lease),
            Delivery.lease_until_ms.set(until_ms),
            Delivery.tried_at_ms.set(now_ms),
            Delivery.changed_at_ms.set(now_ms),
            Delivery.tries.add(1),
            Delivery.due.remove(),
        ]
        actions += [Delivery.unknowns.add(1)] if self.state == State.SENDING else []
        if self._is_updated(actions, may):
            return True
        now = Delivery.find(self.recipient, self.event)
        self.attribute_values.update(now.attribute_values if now else {})
        return now is not None and now.lease == lease

    def give_back(self, *, due_ms: int | None = None) -> None:
        """Note that it was not accepted, so that the next attempt need not wait; or that it waits until a minute."""
        actions: list[Action] = [Delivery.state.set(State.QUEUED.value)]
        actions += [Delivery.due.set(due_key(due_ms, self.recipient))] if due_ms is not None else []
        self._is_updated(actions, Delivery.lease == self.lease)

    def hold_in(self, digest: str) -> None:
        """Leave it to a digest, which ends it. Only the holder of its lease can."""
        self._is_updated(
            [Delivery.state.set(State.QUEUED.value), Delivery.held_in.set(digest)], Delivery.lease == self.lease
        )

    def is_held_with(self, event: str, *, due_ms: int) -> bool:
        """Have this digest tell of another message of the same person, too; store it if it is not there.

        It waits until a minute. False if it is being sent, or was sent. Safe to repeat.
        """
        self.made_at_ms, self.due = due_ms, due_key(due_ms, self.recipient)  # from then on it is tried
        actions: list[Action] = [
            attribute.set(attribute | value)
            for name, attribute in self.get_attributes().items()
            if name not in ("recipient", "event") and (value := getattr(self, name)) is not None
        ]
        is_free = Delivery.state.does_not_exist() | (Delivery.state == State.QUEUED.value)
        return self._is_updated([*actions, Delivery.holds.add({event})], is_free)

    def held(self) -> list["Delivery"]:
        """Return the messages that this digest tells of, and that are still left to it. A consistent read."""
        keys = [(self.recipient, event) for event in sorted(self.holds or ())]
        rows = Delivery.batch_get(keys, consistent_read=True) if keys else ()
        return sorted((row for row in rows if row.held_in == self.event), key=lambda row: row.event)

    def note_told(self, events: Iterable[str]) -> None:
        """Note which messages this digest tells of, before it is sent."""
        self.told = set(events)
        self._is_updated([Delivery.told.set(self.told)], Delivery.lease == self.lease)

    @classmethod
    def due_at(cls, key: str, *, first: str = "") -> "Iterator[Delivery]":
        """Yield the keys of the messages that wait for a minute in a shard, by person, from the person `first` on."""
        return iter(cls.by_due.query(key, cls.recipient >= first if first else None))

    def end(self, state: State, *, reason: str = "", provider_id: str = "") -> bool:
        """Note its outcome, and forget the address. False if it had gone further meanwhile, or is deleted."""
        actions: list[Action] = [
            Delivery.state.set(state.value),
            Delivery.changed_at_ms.set(clock.now_ms()),
            Delivery.address.remove(),
            Delivery.due.remove(),
        ]
        actions += [Delivery.reason.set(reason)] if reason else []
        actions += [Delivery.provider_id.set(provider_id)] if provider_id else []
        earlier = (one.value for one in _BEFORE.get(state, WAITING))
        return self._is_updated(actions, Delivery.state.is_in(*earlier))

    def expire_waiting(self) -> bool:
        """End a message that waits in its queue, because nothing of it holds; False if it is on its way, or was."""
        actions: list[Action] = [
            Delivery.state.set(State.EXPIRED.value),
            Delivery.reason.set(OVER),
            Delivery.changed_at_ms.set(clock.now_ms()),
            Delivery.due.remove(),
        ]
        return self._is_updated(actions, (Delivery.state == State.QUEUED.value) & Delivery.held_in.does_not_exist())

    def _is_updated(self, actions: list[Action], condition: Condition) -> bool:
        return dynamodb.is_written(partial(self.update, actions=actions, condition=condition))


# No person has read what is in one of these states.
_NEVER_LEFT = (*WAITING, State.FAILED, State.SUPPRESSED, State.EXPIRED)
