"""The rows of the counters that limit guessing and filing."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from app.core import dynamodb
from app.core.config import settings


class Throttle(dynamodb.Table):
    """Number of uses in one window. The key names the window, so an old row is never taken for a new one."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("throttles")

    id = UnicodeAttribute(hash_key=True)
    purge_at_s = NumberAttribute(attr_name="purge_at")
    mark = UnicodeAttribute(null=True)  # random, shared by what is counted here: see app/accounts/network_limits.py

    @classmethod
    def add_one(
        cls, key: str, *rooms: Mapping[str, int], purge_at_s: int, mark: str = "", many: int = 1
    ) -> tuple[dict[str, int], str] | None:
        """Count one use if all limits of one of the `rooms` allow it; return the counts and the row's first mark.

        `many` uses at once are counted all or none.
        """
        columns = {name: NumberAttribute(attr_name=name) for room in rooms for name in room}
        actions: list[Action] = [cls.purge_at_s.set(purge_at_s), *(column.add(many) for column in columns.values())]
        actions += [cls.mark.set(cls.mark | mark)] if mark else []
        below = ((_has_room(columns[name], room[name] - many) for name in room) for room in rooms)
        has_room, found = reduce(or_, (reduce(and_, limits) for limits in below)), dict[str, Any]()
        if not dynamodb.is_written(lambda: found.update(cls(key).update(actions=actions, condition=has_room))):
            return None
        counts = {name: int(found["Attributes"][name]["N"]) for name in columns}
        return counts, found["Attributes"].get("mark", {}).get("S", "")

    @classmethod
    def take_one_back(cls, key: str, columns: Iterable[str], many: int = 1) -> None:
        """Undo one use, or `many`, in each of these columns, unless one has fewer."""
        counts = [NumberAttribute(attr_name=name) for name in columns]
        actions: list[Action] = [count.add(-many) for count in counts]
        has_uses = reduce(and_, (count >= many for count in counts))
        dynamodb.is_written(lambda: cls(key).update(actions=actions, condition=has_uses))


def _has_room(count: NumberAttribute, most_before: int) -> Condition:
    """Return the condition that a count is absent or at most `most_before`; below 0 it never holds."""
    return count.does_not_exist() | (count <= most_before) if most_before >= 0 else count < 0
