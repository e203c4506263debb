"""Rows of the addresses that get no mail. In the table of the ledger."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.transactions import TransactWrite

from app.core import clock, dynamodb
from app.core.config import settings
from app.core.retention import SUPPRESSED_ADDRESS

SUPPRESSION = "!suppressed"  # in the place of an event; no event begins with such a sign


class Suppression(dynamodb.Table):
    """An address that gets no mail: a message to it came back for good, or was called unwanted."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("deliveries")

    recipient = UnicodeAttribute(hash_key=True)
    event = UnicodeAttribute(range_key=True, default=SUPPRESSION)
    reason = UnicodeAttribute()
    made_at_ms = NumberAttribute(attr_name="made_at", default_for_new=clock.now_ms)
    purge_at_s = NumberAttribute(
        attr_name="purge_at", default_for_new=lambda: clock.now_ms() // 1000 + SUPPRESSED_ADDRESS.seconds
    )

    @classmethod
    def note(cls, recipient: str, reason: str) -> None:
        """Send no more to an address. Safe to repeat."""
        cls(recipient, SUPPRESSION, reason=reason).save()

    @classmethod
    def reason_of(cls, recipients: list[str]) -> str:
        """Return why an address gets no mail, by its hashes; "" if it does.

        Eventually consistent reads: a bounce or a complaint comes seconds to days after the message that it is about.
        """
        return next((reason for one in recipients if (reason := cls._reason(one))), "")

    @classmethod
    def _reason(cls, recipient: str) -> str:
        try:
            return str(cls.get(recipient, SUPPRESSION).reason)
        except DoesNotExist:
            return ""

    @classmethod
    def lift_in(cls, transaction: TransactWrite, recipient: str) -> None:
        """Let an address get mail again, in a transaction. Safe to repeat."""
        transaction.delete(cls(recipient, SUPPRESSION))
