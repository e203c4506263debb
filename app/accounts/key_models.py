"""The rows of API keys. They lie in the table of sign-ins, whose rows expire and whose index finds a person's rows."""

import contextlib
from collections.abc import Iterable
from typing import Any, Self

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.transactions import TransactWrite

from app.accounts import key_text, random_text
from app.accounts.session_models import SignInsByAccount
from app.core import clock, dynamodb, replies
from app.core.config import settings
from app.core.retention import API_KEY

NOTING_S = 1  # seconds of a request's time for noting that a key was used
MOST_LISTED = 200


class ApiKey(dynamodb.Table):
    """A key of a person's program. It counts while the account's row names it, and until its end.

    The index is that of sign-ins, so that whatever deletes a person's sign-ins deletes the keys too.
    """

    class Meta(dynamodb.Meta):
        table_name = settings().table("tokens")

    id = UnicodeAttribute(hash_key=True)
    account_id = UnicodeAttribute()
    name = UnicodeAttribute()
    scopes = UnicodeSetAttribute()
    text_hash = UnicodeAttribute(attr_name="hash")
    created_at_ms = NumberAttribute(attr_name="created_at", default_for_new=clock.now_ms)
    expires_at_ms = NumberAttribute(attr_name="expires_at")
    last_used_on = UnicodeAttribute(null=True)  # a day
    purge_at_s = NumberAttribute(attr_name="purge_at")

    by_account = SignInsByAccount()

    @classmethod
    def new(cls, text: str, *, account_id: str, name: str, scopes: Iterable[str], expires_at_ms: int) -> Self:
        """Return the row of a new key, not stored yet."""
        return cls(
            id=key_text.id_of(text),
            account_id=account_id,
            name=name,
            scopes={*scopes},
            text_hash=random_text.hash_of(text),
            expires_at_ms=expires_at_ms,
            purge_at_s=expires_at_ms // 1000 + API_KEY.seconds,
        )

    @classmethod
    def of_ids(cls, ids: Iterable[str]) -> list[Self]:
        """Return the keys of these ids, newest first, read consistently; absent ones are left out."""
        rows = cls.find_all_readable(list(ids), is_consistent=True)
        return sorted(rows, key=lambda row: -row.created_at_ms)

    @classmethod
    def all_of(cls, account_id: str) -> list[Self]:
        """Return all stored keys of a person, newest first, also those that have ended."""
        condition = cls.id.startswith(key_text.ROW_PREFIX)
        keys = cls.by_account.query(account_id, condition, limit=MOST_LISTED, page_size=MOST_LISTED)
        return cls.of_ids(key.id for key in keys)

    @property
    def is_over(self) -> bool:
        """Return whether its time has ended."""
        return bool(self.expires_at_ms <= clock.now_ms())

    def put_in(self, transaction: TransactWrite) -> None:
        """Add the row to a transaction."""
        transaction.save(self, condition=ApiKey.id.does_not_exist())

    def delete_in(self, transaction: TransactWrite) -> None:
        """Delete the row in a transaction, also if it is gone already."""
        transaction.delete(self)

    def note_use(self) -> None:
        """Store that it was used today: one write a day. If it cannot be stored now, the next use stores it."""
        today = clock.day_of(clock.now_ms())
        if self.last_used_on is not None and self.last_used_on >= today:
            return
        is_older = ApiKey.last_used_on.does_not_exist() | (ApiKey.last_used_on < today)
        actions: list[Any] = [ApiKey.last_used_on.set(today)]
        with contextlib.suppress(*dynamodb.FAILURES), replies.ending_within(NOTING_S):
            dynamodb.is_written(lambda: self.update(actions=actions, condition=ApiKey.id.exists() & is_older))
