"""The rows of invitations to become staff, in the table of sign-ins: all of them expire."""

from functools import partial
from typing import Any, Self

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.transactions import TransactWrite

from app.accounts.session_models import new_id
from app.core import clock, dynamodb
from app.core.config import settings
from app.core.retention import INVITATION

ALL = "invitations"  # where sign-ins have the id of an account, so that one query of their index lists invitations
LIFE_MS = 7 * clock.DAY_MS


class InvitationsByTime(GlobalSecondaryIndex[Any]):
    """All invitations by id, which begins with the time at which they were made: the index of sign-ins by account."""

    class Meta:
        index_name = "by_account"
        projection = KeysOnlyProjection()

    listed_under = UnicodeAttribute(hash_key=True, attr_name="account_id")
    id = UnicodeAttribute(range_key=True)


class Invitation(dynamodb.Table):
    """An invitation to become staff by a link that works once. Its secret is stored as a hash alone."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("tokens")

    id = UnicodeAttribute(hash_key=True, default_for_new=partial(new_id, "inv"))
    listed_under = UnicodeAttribute(attr_name="account_id", default=ALL)
    secret_hash = UnicodeAttribute()
    role = UnicodeAttribute()
    packed_areas = BinaryAttribute(legacy_encoding=False, attr_name="areas", null=True)  # app/accounts/areas.py
    note = UnicodeAttribute(null=True)
    maker_id = UnicodeAttribute(attr_name="maker")  # an account, or the command line
    maker_rights = NumberAttribute(default=0)  # the maker's `rights_version` when it was made
    created_at_ms = NumberAttribute(attr_name="created_at", default_for_new=clock.now_ms)
    expires_at_ms = NumberAttribute(attr_name="expires_at", default_for_new=lambda: clock.now_ms() + LIFE_MS)
    used_by = UnicodeAttribute(null=True)
    used_at_ms = NumberAttribute(attr_name="used_at", null=True)
    ended_at_ms = NumberAttribute(attr_name="ended_at", null=True)
    purge_at_s = NumberAttribute(
        attr_name="purge_at", default_for_new=lambda: clock.now_ms() // 1000 + INVITATION.seconds
    )

    by_time = InvitationsByTime()

    @classmethod
    def find(cls, invitation_id: str) -> Self | None:
        """Return an invitation by a consistent read, unless its row should be gone (TTL deletes late)."""
        row = cls.find_readable(invitation_id)
        return row if row and row.purge_at_s > clock.now_ms() // 1000 else None

    @classmethod
    def page(cls, *, before: str, limit: int) -> tuple[list[Self], str]:
        """Return invitations, newest first, and the id at which the page ends, "" on the last one."""
        ids = [
            key.id
            for key in cls.by_time.query(ALL, cls.id < before, scan_index_forward=False, limit=limit, page_size=limit)
        ]
        rows = sorted(cls.find_all_readable(ids), key=lambda row: str(row.id), reverse=True)
        now_s = clock.now_ms() // 1000
        return [row for row in rows if row.purge_at_s > now_s], ids[-1] if len(ids) == limit else ""

    def put_in(self, transaction: TransactWrite) -> None:
        """Add a new invitation to a transaction."""
        transaction.save(self, condition=Invitation.id.does_not_exist())

    def use_in(self, transaction: TransactWrite, account_id: str) -> None:
        """Add its use by an account to a transaction, which fails unless it still waits at that moment."""
        now_ms = clock.now_ms()
        actions: list[Action] = [Invitation.used_by.set(account_id), Invitation.used_at_ms.set(now_ms)]
        transaction.update(self, actions=actions, condition=_is_open() & (Invitation.expires_at_ms > now_ms))

    def end_in(self, transaction: TransactWrite) -> None:
        """Add its end to a transaction, which fails if it was used or ended meanwhile."""
        transaction.update(self, actions=[Invitation.ended_at_ms.set(clock.now_ms())], condition=_is_open())


def _is_open() -> Condition:
    is_open: Condition = (
        Invitation.id.exists() & Invitation.used_at_ms.does_not_exist() & Invitation.ended_at_ms.does_not_exist()
    )
    return is_open
