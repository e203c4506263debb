"""The one row of the switches: its content as JSON, replaced under an optimistic lock."""

import json
from collections.abc import Mapping
from typing import Any, Self

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from app.core import dynamodb
from app.core.config import settings

CURRENT = "current"


class SwitchesRow(dynamodb.Table):
    """All switches. Members that this release does not know are kept as they are."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("switches")

    id = UnicodeAttribute(hash_key=True, default=CURRENT)
    content = UnicodeAttribute(default="{}")
    version = NumberAttribute(default=0)

    @classmethod
    def read(cls, *, consistent: bool = False) -> Self:
        """Read the row; a new one if no switch was ever changed. Half a unit."""
        try:
            return cls.get(CURRENT, consistent_read=consistent)
        except cls.DoesNotExist:
            return cls(CURRENT)

    def members(self) -> dict[str, Any]:
        """Return the content by name."""
        return dict(json.loads(self.content))

    def replace_in(self, transaction: TransactWrite, members: Mapping[str, Any]) -> None:
        """Add the next version of the row to a transaction, over the version that was read."""
        seen_version = int(self.version)
        self.content = json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        self.version = seen_version + 1
        unchanged = SwitchesRow.version == seen_version if seen_version else SwitchesRow.id.does_not_exist()
        transaction.save(self, condition=unchanged)
