"""Indexes of the ledger of messages, and their keys."""

from typing import Any
from zlib import crc32

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from app.core import clock

SHARDS = 16  # of a minute for which messages wait


class DeliveriesByAccount(GlobalSecondaryIndex[Any]):
    """Messages about an account. Those that are about none are not in it, and cost nothing here."""

    class Meta:
        index_name = "by_account"
        projection = KeysOnlyProjection()

    account_id = UnicodeAttribute(hash_key=True)
    event = UnicodeAttribute(range_key=True)
    recipient = UnicodeAttribute()


class DeliveriesByDue(GlobalSecondaryIndex[Any]):
    """Messages that wait for a minute, by that minute and shard. Others are not in it, and cost nothing here."""

    class Meta:
        index_name = "by_due"
        projection = KeysOnlyProjection()

    due = UnicodeAttribute(hash_key=True)
    recipient = UnicodeAttribute(range_key=True)
    event = UnicodeAttribute()


def due_key(at_ms: int, recipient: str) -> str:
    """Return the key under which a message waits for a minute: that minute, and a shard by the person."""
    return due_keys(at_ms)[crc32(recipient.encode()) % SHARDS]


def due_keys(at_ms: int) -> list[str]:
    """Return the keys of a minute, one for each shard."""
    minute = clock.rfc3339(clock.minute_of(at_ms))[:16]
    return [f"{minute}#{shard}" for shard in range(SHARDS)]
