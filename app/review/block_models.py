"""Rows of blocks, in the table review: in force and recently ended, for the list of admins. No network is in them.

What a block does follows from the row of all that are in force (app/switches/blocks.py).
"""

from typing import Any, Self

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite
from ulid import ULID

from app.core import clock, dynamodb
from app.core.config import settings
from app.core.retention import BLOCK

SHARD = "blocks"
ID = r"blk_[0-9a-z]{26}"
_AFTER_ALL = "blk_~"


def new_id() -> str:
    """Return the id of a new block; ids sort by the time at which they were made."""
    return f"blk_{ULID()}".lower()


class Block(dynamodb.Table):
    """One block, of an account or of the network that a report came from."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("review")

    shard = UnicodeAttribute(hash_key=True, attr_name="lane", default=SHARD)
    id = UnicodeAttribute(range_key=True, attr_name="sort")
    account_id = UnicodeAttribute(null=True)
    report_id = UnicodeAttribute(null=True)
    reason = UnicodeAttribute()
    made_by = UnicodeAttribute()
    made_at_ms = NumberAttribute(attr_name="made_at")
    ends_at_ms = NumberAttribute(attr_name="ends_at")
    ended_by = UnicodeAttribute(null=True)
    purge_at_s = NumberAttribute(attr_name="purge_at")

    @property
    def kind(self) -> str:
        return "account" if self.account_id else "network"

    @property
    def is_listed(self) -> bool:
        """Return whether it is in force or ended within a week: DynamoDB removes rows some time after their end."""
        return int(self.purge_at_s) > clock.now_ms() // 1000

    @property
    def is_in_force(self) -> bool:
        return int(self.ends_at_ms) > clock.now_ms()

    def end_at(self, ends_at_ms: int) -> None:
        """Set the end of the block (ms) and the time from which its row may go."""
        self.ends_at_ms, self.purge_at_s = ends_at_ms, ends_at_ms // 1000 + BLOCK.seconds

    def put_in(self, transaction: TransactWrite) -> None:
        """Add the row to a transaction. Its place in the row of all in force is the lock."""
        transaction.save(self)

    @classmethod
    def find(cls, block_id: str) -> Self | None:
        """Return a block, read consistently."""
        try:
            return cls.get(SHARD, block_id, consistent_read=True)
        except cls.DoesNotExist:
            return None

    @classmethod
    def newest(cls, *, before: str | None, limit: int) -> list[Self]:
        """Return the newest blocks made before one with this id, newest first. One consistent query."""
        key_range = cls.id < (before or _AFTER_ALL)
        options: dict[str, Any] = {"scan_index_forward": False, "limit": limit, "page_size": limit}
        rows = cls.query(SHARD, key_range, consistent_read=True, **options)
        return list(rows)

    @classmethod
    def of_account(cls, account_id: str) -> list[Self]:
        """Return the blocks of an account, newest first. One query for each megabyte of all blocks."""
        return list(cls.query(SHARD, filter_condition=cls.account_id == account_id, scan_index_forward=False))
