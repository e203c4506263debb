"""The indexes of subscriptions: by address, and by the account that has made them. Each tells the state."""

from enum import StrEnum
from typing import Any, NamedTuple

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from ulid import ULID

from app.core import clock
from app.core.retention import UNCONFIRMED_SUBSCRIPTION

PREFIX = "sub_"  # of an id, before a ULID
MOST = 20  # of an account, and in force of an address
_RANDOM_LETTERS = 16  # at the end of a ULID; its time stands before them


class State(StrEnum):
    """State of a subscription. Squares are stored only of those that are active or paused."""

    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"


IN_FORCE = (State.ACTIVE, State.PAUSED)


class Known(NamedTuple):
    """A subscription as the indexes have it."""

    id: str
    state: str

    @property
    def made_at_ms(self) -> int:
        return ULID.from_str(self.id.removeprefix(PREFIX).upper()).milliseconds

    @property
    def counts(self) -> bool:
        """Return whether it is in force, or may still be confirmed."""
        is_waiting = self.state == State.UNCONFIRMED and self.made_at_ms > oldest_waiting_ms()
        return is_waiting or self.state in IN_FORCE


def new_id() -> str:
    """Return an id for a new subscription, which begins with its time."""
    return f"{PREFIX}{ULID()}".lower()


def first_id_since(milliseconds: int) -> str:
    """Return the beginning of the ids of subscriptions made at a time."""
    return f"{PREFIX}{ULID.from_timestamp(milliseconds / 1000)}".lower()[:-_RANDOM_LETTERS]


def oldest_waiting_ms() -> int:
    """Return the time before which no subscription can be confirmed any more."""
    return clock.now_ms() - UNCONFIRMED_SUBSCRIPTION.ms


class ByRecipient(GlobalSecondaryIndex[Any]):
    """Subscriptions of one address."""

    class Meta:
        index_name = "by_recipient"
        projection = IncludeProjection(["state"])

    recipient = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    state = UnicodeAttribute()


class ByAccount(GlobalSecondaryIndex[Any]):
    """Subscriptions made by an account. Those made without one are not in it."""

    class Meta:
        index_name = "by_account"
        projection = IncludeProjection(["state"])

    account_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    state = UnicodeAttribute()
