"""Row of the minute up to which waiting messages were handed to their queues. In the table of the ledger."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from app.core import dynamodb
from app.core.config import settings

_KEY = ("!due", "!released")


class Released(dynamodb.Table):
    """The last minute of which all messages were handed over, and how far the next one has come."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("deliveries")

    recipient = UnicodeAttribute(hash_key=True, default=_KEY[0])
    event = UnicodeAttribute(range_key=True, default=_KEY[1])
    minute_ms = NumberAttribute(attr_name="minute", default=0)
    key = UnicodeAttribute(null=True)  # of the minute and shard that was begun
    person = UnicodeAttribute(null=True)  # the last one in it whose messages were handed over

    @classmethod
    def find(cls) -> "Released":
        """Return the row; a new one, of no minute, before the first run. A consistent read."""
        try:
            return cls.get(*_KEY, consistent_read=True)
        except DoesNotExist:
            return cls(*_KEY)

    def note(self, minute_ms: int) -> None:
        """Note that a minute is done. Two runs at once hand messages over twice, which is harmless."""
        self.minute_ms, self.key, self.person = minute_ms, None, None
        self.save()

    def note_part(self, key: str, person: str) -> None:
        """Note how far a minute has come."""
        self.key, self.person = key, person
        self.save()
