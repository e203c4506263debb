"""The rows of one-time links, in the table of sign-ins: all of them expire. One for each account and right."""

import secrets
from collections.abc import Iterable
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from app.core import clock, dynamodb
from app.core.config import settings

KEPT_AFTER_S = 24 * 3600  # beyond its end; time-to-live deletes late in any case


class OneTimeLink(dynamodb.Table):
    """A link that was sent by mail. A newer one takes its place; using it deletes it.

    The row holds a random number, of which the token in the link is a keyed hash: no token follows from the table.
    """

    class Meta(dynamodb.Meta):
        table_name = settings().table("tokens")

    id = UnicodeAttribute(hash_key=True)  # `<right>:<account>`
    nonce = UnicodeAttribute(default_for_new=lambda: secrets.token_hex(16))
    address_hash = UnicodeAttribute()
    ends_at_ms = NumberAttribute(attr_name="ends_at")
    purge_at_s = NumberAttribute(attr_name="purge_at")

    @classmethod
    def for_account(cls, right: str, account_id: str, *, address_hash: str, life_ms: int) -> "OneTimeLink":
        """Return a new link that is not stored yet."""
        ends_ms = clock.now_ms() + life_ms
        purge_at_s = ends_ms // 1000 + KEPT_AFTER_S
        return cls(key_of(right, account_id), address_hash=address_hash, ends_at_ms=ends_ms, purge_at_s=purge_at_s)

    @classmethod
    def find(cls, right: str, account_id: str) -> "OneTimeLink | None":
        """Return the newest link of a right, unless it was used or has ended."""
        found = cls.find_readable(key_of(right, account_id))
        return found if found and found.ends_at_ms > clock.now_ms() else None

    @property
    def account_id(self) -> str:
        return str(self.id).partition(":")[2]

    @property
    def right(self) -> str:
        return str(self.id).partition(":")[0]

    def put_in(self, transaction: TransactWrite) -> None:
        """Let it take the place of an earlier one, with the message that holds it."""
        transaction.save(self)

    def use_in(self, transaction: TransactWrite) -> None:
        """Use it up in the transaction of what it allows; of simultaneous uses one succeeds."""
        transaction.delete(self, condition=OneTimeLink.nonce == self.nonce)

    @classmethod
    def forget_account(cls, account_id: str, rights: Iterable[str]) -> None:
        """Delete the links of a deleted account. Safe to repeat."""
        for right in rights:
            cls(key_of(right, account_id)).delete()

    @classmethod
    def forget_in(cls, transaction: TransactWrite, right: str, account_id: str) -> None:
        """Delete the link of a right in a transaction, if there is one."""
        row: Any = cls(key_of(right, account_id))
        transaction.delete(row)


def key_of(right: str, account_id: str) -> str:
    """Return the key of the newest link of a right to an account."""
    return f"{right}:{account_id}"
