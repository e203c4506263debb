"""Rows of the table subscriptions: what a person asked for, and the squares of the map by which an event finds it.

A subscription is one row, and at most MOST_SQUARES small rows while it is in force: each lies in the partition of a
square of zoom 7, in one of some shards (`SHARDS`), under the quadkey of a square that covers a part of its place.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Self

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from app.accounts.models import Together
from app.alerts.subscription_index import (
    IN_FORCE,
    MOST,
    PREFIX,
    ByAccount,
    ByRecipient,
    Known,
    State,
    first_id_since,
    new_id,
    oldest_waiting_ms,
)
from app.core import clock, dynamodb, retries
from app.core.config import settings
from app.core.errors import Conflict, Unavailable

__all__ = ["IN_FORCE", "MOST", "PREFIX", "Known", "Square", "State", "Subscription", "oldest_waiting_ms"]
ROW = "!"  # sort key of the subscription's own row
_ID = r"sub_[0-9a-z]{26}"  # compiled at first use
_TRIES = 3
_NAME = "name"  # of an area, beside its id
Key = tuple[str, str]
AT_ONCE = "These alerts were changed at the same moment. Read them again, then try."
SHARDS = 4
MOST_SQUARES = 12


class Subscription(dynamodb.Table):
    """A person's wish to be told of warnings, reports or both at one place by one channel."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("subscriptions")

    id = UnicodeAttribute(hash_key=True, default_for_new=new_id)
    sort = UnicodeAttribute(range_key=True, default=ROW)
    state = UnicodeAttribute(default=State.UNCONFIRMED.value)
    channel = UnicodeAttribute(default="email")
    recipient = UnicodeAttribute()  # keyed hash of the address: app/mail/addresses.py
    address = UnicodeAttribute()
    account_id = UnicodeAttribute(null=True)
    language = UnicodeAttribute(default="en")
    label = UnicodeAttribute(default="")
    packed_place = UnicodeAttribute(attr_name="place")  # JSON, as it was asked for
    packed_shape = UnicodeAttribute(attr_name="shape")  # JSON: see Square
    warnings = NumberAttribute(default=1)  # 1: told of warnings
    reports = UnicodeAttribute(default="verified")  # verified, likely, or off
    severity_min = UnicodeAttribute(null=True)  # None: any warning, and reports from severe on
    packed_quiet = UnicodeAttribute(attr_name="quiet", null=True)  # JSON: from, to, time_zone
    digest = UnicodeAttribute(default="off")  # off, hourly, daily
    paused_until_ms = NumberAttribute(attr_name="paused_until", null=True)
    packed_squares = UnicodeAttribute(attr_name="squares", null=True)  # JSON: keys of its squares
    nonce = UnicodeAttribute()  # random: the tokens are keyed hashes over it
    confirm_hash = UnicodeAttribute(null=True)  # of the tokens, so that no key is needed to check one
    stop_hash = UnicodeAttribute(null=True)
    manage_hash = UnicodeAttribute(null=True)
    made_at_ms = NumberAttribute(attr_name="made_at", default_for_new=clock.now_ms)
    confirmed_at_ms = NumberAttribute(attr_name="confirmed_at", null=True)
    changed_at_ms = NumberAttribute(attr_name="changed_at", default_for_new=clock.now_ms)
    version = NumberAttribute(default=1)
    purge_at_s = NumberAttribute(attr_name="purge_at", null=True)  # of one that is not confirmed, or was stopped
    asked_from = UnicodeAttribute(null=True)  # keyed hash of the network, until it is confirmed
    # Of one that is another address for alerts there are: which ones; and these, once it is confirmed.
    replaces = UnicodeAttribute(null=True)
    became = UnicodeAttribute(null=True)

    by_recipient = ByRecipient()
    by_account = ByAccount()

    @property
    def place(self) -> dict[str, Any]:
        """Return the place as it was asked for; empty of one that was stopped."""
        return {name: value for name, value in json.loads(self.packed_place).items() if name != _NAME}

    @property
    def area_name(self) -> str:
        """Return the issuer's name of an area as it was when it was asked for; "" of another place."""
        return str(json.loads(self.packed_place).get(_NAME, ""))

    @property
    def shape(self) -> list[Any]:
        """Return the place for the exact test, as a square has it; empty of one that was stopped."""
        return list(json.loads(self.packed_shape))

    @property
    def quiet(self) -> dict[str, str] | None:
        """Return the quiet hours: `from` and `to` as HH:MM, `time_zone` as a name of IANA; None without any."""
        return json.loads(self.packed_quiet) if self.packed_quiet else None

    @property
    def square_keys(self) -> list[Key]:
        """Return the keys of its squares, which are stored while it is in force."""
        return [(str(one), str(sort)) for one, sort in json.loads(self.packed_squares or "[]")]

    @property
    def is_in_force(self) -> bool:
        """Return whether its person is to be told now: it is active, or its pause is over."""
        if self.state == State.PAUSED:
            return self.paused_until_ms is not None and self.paused_until_ms <= clock.now_ms()
        return self.state == State.ACTIVE

    @property
    def has_good_link(self) -> bool:
        """Return whether the link in its message for confirming still leads to all that waits for its address."""
        return self.made_at_ms > oldest_waiting_ms()

    @property
    def is_waiting(self) -> bool:
        """Return whether it may still be confirmed."""
        return self.state == State.UNCONFIRMED and self.has_good_link

    @property
    def is_usable(self) -> bool:
        """Return whether the row has all that this code needs, and its time has not ended: it is deleted days later."""
        is_over = self.purge_at_s is not None and self.purge_at_s * 1000 <= clock.now_ms()
        return not is_over and self._is_readable()

    @classmethod
    def find(cls, subscription_id: str, *, consistent: bool = True) -> Self | None:
        """Return a subscription; None if there is none, or none that this code can read."""
        if not re.fullmatch(_ID, subscription_id):
            return None
        try:
            row = cls.get(subscription_id, ROW, consistent_read=consistent)
        except DoesNotExist:
            return None
        return row if row.is_usable else None

    @classmethod
    def find_all(cls, ids: Iterable[str], *, consistent: bool = True) -> list[Self]:
        """Return some subscriptions in the order of their ids; absent ones are left out. One batch for each 100."""
        keys = [(one, ROW) for one in dict.fromkeys(ids)]
        rows = cls.batch_get(keys, consistent_read=consistent) if keys else []
        return sorted((row for row in rows if row.is_usable), key=lambda row: row.id)

    @classmethod
    def known_of_recipient(cls, recipient: str, *, since_ms: int = 0, limit: int | None = None) -> Iterator[Known]:
        """Yield the subscriptions of an address, newest first: those made since a time, at most `limit`. One query."""
        first = cls.id >= first_id_since(since_ms)
        rows = cls.by_recipient.query(recipient, first, scan_index_forward=False, limit=limit)
        return (Known(row.id, row.state) for row in rows)

    @classmethod
    def known_of_account(cls, account_id: str) -> list[Known]:
        """Return the subscriptions that an account has made, newest first. One query."""
        rows = cls.by_account.query(account_id, scan_index_forward=False)
        return [Known(row.id, row.state) for row in rows]

    @classmethod
    def is_full(cls, recipient: str) -> bool:
        """Return whether an address has as many in force as it may have. One query."""
        return sum(known.state in IN_FORCE for known in cls.known_of_recipient(recipient)) >= MOST

    @classmethod
    def in_force_of(cls, recipients: Iterable[str]) -> list[Self]:
        """Return the subscriptions of one address that are in force or paused; the address as its hashes."""
        known = (one for recipient in recipients for one in cls.known_of_recipient(recipient))
        return cls.find_all(one.id for one in known if one.state in IN_FORCE)

    def store_with(self, *together: Together) -> None:
        """Store a new one, with other rows in one transaction. Raises Unavailable."""
        for attempt in range(_TRIES):
            try:
                with dynamodb.transaction() as transaction:
                    transaction.save(self, condition=Subscription.id.does_not_exist())
                    for add in together:
                        add(transaction)
                return
            except dynamodb.FAILURES:
                if (stored := Subscription.find(self.id)) and stored.nonce == self.nonce:  # the reply was lost
                    return
            retries.pause(attempt)
        raise Unavailable("It could not be stored just now. Try again.", retry_after_s=2)

    def change_in(self, transaction: TransactWrite, changes: dict[str, Any]) -> None:
        """Add a change to a transaction, which fails if another request has changed it meanwhile."""
        actions: list[Action] = [Subscription.version.add(1), Subscription.changed_at_ms.set(clock.now_ms())]
        for name, value in changes.items():
            attribute = getattr(Subscription, name)
            actions.append(attribute.remove() if value is None else attribute.set(value))
        transaction.update(self, actions=actions, condition=Subscription.version == self.version)

    def change_with(self, changes: dict[str, Any], *together: Together) -> None:
        """Change attributes in one transaction with other rows; afterwards it is as stored.

        Raises Conflict if another request has changed it meanwhile, or it is gone, and Unavailable.
        """
        seen_version = self.version
        for attempt in range(_TRIES):
            try:
                with dynamodb.transaction() as transaction:
                    self.change_in(transaction, changes)
                    for add in together:
                        add(transaction)
            except dynamodb.FAILURES as error:
                stored = Subscription.find(self.id)
                if stored is None:
                    raise Conflict(AT_ONCE) from error
                is_own = all(getattr(stored, name) == value for name, value in changes.items())
                if stored.version != seen_version and not (is_own and stored.version == seen_version + 1):
                    raise Conflict(AT_ONCE) from error
                if stored.version == seen_version:
                    retries.pause(attempt)
                    continue
            self.refresh(consistent_read=True)
            return
        raise Unavailable("It could not be changed just now. Try again.", retry_after_s=2)

    def delete_with(self, *together: Together) -> None:
        """Delete it in one transaction with other rows. Raises what the database raises, also if it was changed."""
        with dynamodb.transaction() as transaction:
            transaction.delete(self, condition=Subscription.version == self.version)
            for add in together:
                add(transaction)


class Square(dynamodb.Table):
    """A square of the map that covers a part of a subscription's place, with what the match needs. In the same table.

    It is small, because a warning reads thousands of them.
    """

    class Meta(dynamodb.Meta):
        table_name = settings().table("subscriptions")

    id = UnicodeAttribute(hash_key=True)  # `7/63/42#3`: square of zoom 7, and shard
    sort = UnicodeAttribute(range_key=True)  # `<quadkey>#<subscription>`
    to = UnicodeAttribute()  # the recipient; of another name, so that the row is in no index
    warnings = NumberAttribute(default=1)
    reports = UnicodeAttribute(default="verified")
    severity_min = UnicodeAttribute(null=True)
    packed_shape = UnicodeAttribute(attr_name="shape")  # JSON: ["c", lat, lon, km], ["b", w, s, e, n] or ["a", area id]
    paused_until_ms = NumberAttribute(attr_name="paused_until", null=True)

    @property
    def subscription_id(self) -> str:
        return str(self.sort).partition("#")[2]

    @property
    def shape(self) -> list[Any]:
        """Return the place for the exact test."""
        return list(json.loads(self.packed_shape))

    @classmethod
    def page(cls, partition: str, low: str, high: str, *, limit: int) -> list[Self]:
        """Return the first squares of a partition between two keys, both included; the newest may be absent."""
        return list(cls.query(partition, cls.sort.between(low, high), limit=limit, page_size=limit))

    @classmethod
    def all_of(cls, subscription: Subscription) -> list[Self]:
        """Return the squares of a subscription with what it says now, not stored yet."""
        return [
            cls(
                partition,
                quadkey,
                to=subscription.recipient,
                warnings=subscription.warnings,
                reports=subscription.reports,
                severity_min=subscription.severity_min,
                packed_shape=subscription.packed_shape,
                paused_until_ms=subscription.paused_until_ms,
            )
            for partition, quadkey in subscription.square_keys
        ]

    @classmethod
    def put_in(
        cls, transaction: TransactWrite, *, rows: Iterable[Self], former: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Store squares in a transaction, and delete former ones that are not among them."""
        kept = set()
        for row in rows:
            transaction.save(row)
            kept.add((row.id, row.sort))
        for key in former:
            if key not in kept:
                transaction.delete(cls(*key))
