"""The rows of the counters that limit guessing and filing."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from app.core import dynamodb
from app.core.config import settings


class Throttle(dynamodb.Table):
    """Number of uses in one window. The key names the window, so an old row is never taken for a new one."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("throttles")

    id = UnicodeAttribute(hash_key=True)
    purge_at = NumberAttribute()
    mark = UnicodeAttribute(null=True)  # random, shared by what is counted here: see app/accounts/network_limits.py

    @classmethod
    def add_one(
        cls, key: str, *rooms: Mapping[str, int], purge_at: int, mark: str = ""
    ) -> tuple[dict[str, int], str] | None:
        """Count one use if all limits of one of the `rooms` allow it; return the counts and the row's first mark."""
        columns = {name: NumberAttribute(attr_name=name) for room in rooms for name in room}
        actions: list[Action] = [cls.purge_at.set(purge_at), *(column.add(1) for column in columns.values())]
        actions += [cls.mark.set(cls.mark | mark)] if mark else []
        below = ((columns[name].does_not_exist() | (columns[name] < room[name]) for name in room) for room in rooms)
        has_room, found = reduce(or_, (reduce(and_, limits) for limits in below)), dict[str, Any]()
        if not dynamodb.is_written(lambda: found.update(cls(key).update(actions=actions, condition=has_room))):
            return None
        counts = {name: int(found["Attributes"][name]["N"]) for name in columns}
        return counts, found["Attributes"].get("mark", {}).get("S", "")

    @classmethod
    def take_one_back(cls, key: str, columns: Iterable[str]) -> None:
        """Undo one use in each of these columns, unless one has none."""
        counts = [NumberAttribute(attr_name=name) for name in columns]
        actions: list[Action] = [count.add(-1) for count in counts]
        has_uses = reduce(and_, (count > 0 for count in counts))
        dynamodb.is_written(lambda: cls(key).update(actions=actions, condition=has_uses))
