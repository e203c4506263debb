"""The rows of user names: whose each is."""

from pynamodb.attributes import UnicodeAttribute

from app.core import dynamodb
from app.core.config import settings


class UsernameClaim(dynamodb.Table):
    """Owner of a normalised user name. Stored in the accounts table, so that one transaction writes both."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("accounts")

    id = UnicodeAttribute(hash_key=True)
    account_id = UnicodeAttribute()

    @classmethod
    def holder(cls, claim_id: str) -> str | None:
        """Return the id of the account with this name."""
        claim = cls.find_readable(claim_id)
        return claim.account_id if claim else None
