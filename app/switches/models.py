"""Rows of what staff turn on and off: the switches, and the blocks in force. Each is JSON under an optimistic lock."""

import json
from collections.abc import Mapping
from typing import Any, Self

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from app.core import dynamodb
from app.core.config import settings

CURRENT, BLOCKS = "current", "blocks"


class SwitchesRow(dynamodb.Table):
    """All switches, or all blocks in force. Members that this release does not know are kept as they are."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("switches")

    id = UnicodeAttribute(hash_key=True, default=CURRENT)
    content = UnicodeAttribute(default="{}")
    version = NumberAttribute(default=0)
    purge_at_s = NumberAttribute(attr_name="purge_at", null=True)  # of the blocks: when the last one has ended

    @classmethod
    def read(cls, row_id: str = CURRENT, *, consistent: bool = False) -> Self:
        """Read a row; a new one if nothing was ever changed. Half a unit."""
        try:
            return cls.get(row_id, consistent_read=consistent)
        except cls.DoesNotExist:
            return cls(row_id)

    def members(self) -> dict[str, Any]:
        """Return the content by name."""
        return dict(json.loads(self.content))

    def readable_members(self) -> dict[str, Any]:
        """Return the content by name, also what this release does not know; nothing of content that it cannot read."""
        try:
            return self.members()
        except (ValueError, TypeError):
            return {}

    def replace_in(self, transaction: TransactWrite, members: Mapping[str, Any]) -> None:
        """Add the next version of the row to a transaction, over the version that was read."""
        seen_version = int(self.version)
        self.content = json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        self.version = seen_version + 1
        unchanged = SwitchesRow.version == seen_version if seen_version else SwitchesRow.id.does_not_exist()
        transaction.save(self, condition=unchanged)
