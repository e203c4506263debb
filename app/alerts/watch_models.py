"""Row of how far the minute's look at warnings and their sources has come. In the table of events."""

import json

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from app.core import dynamodb
from app.core.config import settings

_KEY = ("!watched", "!")


class Watched(dynamodb.Table):
    """The last minute whose ends are known, and the silence of each source that people have heard of."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("alert-events")

    id = UnicodeAttribute(hash_key=True, default=_KEY[0])
    sort = UnicodeAttribute(range_key=True, default=_KEY[1])
    until_ms = NumberAttribute(attr_name="until", default=0)
    packed_silences = UnicodeAttribute(attr_name="silences", default="{}")  # JSON: by source, when it was heard last

    @classmethod
    def find(cls) -> "Watched":
        """Return the row; a new one before the first run. A consistent read."""
        try:
            return cls.get(*_KEY, consistent_read=True)
        except DoesNotExist:
            return cls(*_KEY)

    @property
    def silences(self) -> dict[str, int]:
        """Return when each source was heard last before the silence that people have heard of."""
        return dict(json.loads(self.packed_silences))

    def note(self, until_ms: int, silences: dict[str, int]) -> None:
        """Store the time up to which the watch has looked. Two runs at once do the same twice, which is harmless."""
        self.until_ms, self.packed_silences = until_ms, json.dumps(silences, sort_keys=True)
        self.save()
