"""The rows of user names and confirmed addresses, each of one account; and the index of accounts by role and name."""

from typing import Any

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.transactions import TransactWrite

from app.core import dynamodb
from app.core.config import settings


class AccountsByRole(GlobalSecondaryIndex[Any]):
    """Accounts of a role by user name. Every account has had both keys since the first release."""

    class Meta:
        index_name = "by_role"
        projection = IncludeProjection(["is_suspended"])

    role = UnicodeAttribute(hash_key=True)
    username_folded = UnicodeAttribute(range_key=True)
    id = UnicodeAttribute()
    is_suspended = BooleanAttribute(null=True)


class UsernameClaim(dynamodb.Table):
    """Owner of a normalised user name, or of a confirmed address: no two accounts have one of either.

    Stored in the accounts table, so that one transaction writes both.
    """

    class Meta(dynamodb.Meta):
        table_name = settings().table("accounts")

    id = UnicodeAttribute(hash_key=True)
    account_id = UnicodeAttribute()

    def put_in(self, transaction: TransactWrite) -> None:
        """Take it in a transaction, which fails if another account has it. Safe to repeat."""
        is_own = UsernameClaim.account_id == self.account_id
        transaction.save(self, condition=UsernameClaim.id.does_not_exist() | is_own)

    @classmethod
    def holder(cls, claim_id: str) -> str | None:
        """Return the id of the account with this name."""
        claim = cls.find_readable(claim_id)
        return claim.account_id if claim else None
