"""Rows of the table review in which the work of five minutes stands as it was counted. They hold numbers, no person."""

from collections.abc import Iterator
from typing import Self

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from app.core import clock, dynamodb
from app.core.config import settings

FIGURES = "figures"
_KEPT_MS = 3 * clock.DAY_MS


class CountedRow(dynamodb.Table):
    """Numbers of five minutes. A row without `counts` is to be counted again: a report of that time came in later."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("review")

    shard = UnicodeAttribute(hash_key=True, attr_name="lane", default=FIGURES)
    sort = UnicodeAttribute(range_key=True)  # the beginning in milliseconds since 1970, as 15 digits
    counts = UnicodeAttribute(null=True)  # JSON; app/review/figures.py reads it
    late_at_ms = NumberAttribute(attr_name="late", null=True)  # when such a report was last seen
    purge_at_s = NumberAttribute(attr_name="purge_at", null=True)

    @property
    def begin_ms(self) -> int:
        return int(self.sort)

    @classmethod
    def between(cls, from_ms: int, to_ms: int) -> Iterator[Self]:
        """Yield the rows that begin from one moment to another, both included, oldest first. One query."""
        return iter(cls.query(FIGURES, cls.sort.between(_key(from_ms), _key(to_ms))))

    @classmethod
    def store(cls, begin_ms: int, counts: str, *, seen_late_ms: int | None) -> bool:
        """Store numbers; False if a report has come in since they were counted. Safe to repeat."""
        is_same = cls.late_at_ms.does_not_exist() if seen_late_ms is None else cls.late_at_ms == seen_late_ms
        return dynamodb.is_written(lambda: cls._update(begin_ms, [cls.counts.set(counts)], condition=is_same))

    @classmethod
    def have_counted_again(cls, begin_ms: int) -> None:
        """Remove the numbers of five minutes, so that they are counted again. Safe to repeat."""
        cls._update(begin_ms, [cls.counts.remove(), cls.late_at_ms.set(clock.now_ms())])

    @classmethod
    def _update(cls, begin_ms: int, actions: list[Action], condition: object = None) -> None:
        row = cls(FIGURES, _key(begin_ms))
        kept = cls.purge_at_s.set((begin_ms + _KEPT_MS) // 1000)
        row.update(actions=[*actions, kept], condition=condition)  # type: ignore[arg-type]  # None or a condition


def _key(begin_ms: int) -> str:
    return f"{begin_ms:015d}"
