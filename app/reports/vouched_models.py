"""Visitors of whom a responder has verified a report: a block of their network does not hold for them.

A row names a visitor by a keyed hash, in the table of votes. Of an account its own reports tell.
"""

from typing import Self

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from app.core import clock, dynamodb
from app.core.config import settings
from app.core.retention import VOUCHED

_PREFIX = "vouched#"
_ONE = "#one"


class Vouched(dynamodb.Table):
    """Note that a report of a visitor was verified."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("votes")

    report_id = UnicodeAttribute(hash_key=True)
    person = UnicodeAttribute(range_key=True)
    purge_at_s = NumberAttribute(attr_name="purge_at")

    @classmethod
    def note(cls, filer: str) -> None:
        """Note that a report of this visitor was verified. Safe to repeat."""
        cls._of(filer).update(actions=[cls.purge_at_s.set(clock.now_ms() // 1000 + VOUCHED.seconds)])

    @classmethod
    def take_back(cls, filer: str) -> None:
        """Note that none of this visitor's reports counts as verified any more. Safe to repeat."""
        cls._of(filer).update(actions=[cls.purge_at_s.set(clock.now_ms() // 1000)])

    @classmethod
    def is_there(cls, filer: str) -> bool:
        """Return whether a report of this visitor was verified. Half a unit."""
        try:
            row = cls.get(_PREFIX + filer, _ONE)
        except cls.DoesNotExist:
            return False
        return int(row.purge_at_s) > clock.now_ms() // 1000

    @classmethod
    def _of(cls, filer: str) -> Self:
        return cls(_PREFIX + filer, _ONE)
