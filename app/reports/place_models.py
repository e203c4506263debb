"""Reports by place: all of one tile, newest first, so that the history of a place costs what it returns."""

from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.update import Action

from app.reports.entry import NEWER_THAN_ALL
from app.reports.index import completeness
from app.reports.index.keys import EntriesByPlace, IndexPage, between, newest, place_shard_of


class FoundByPlace:
    """Column of a report that says in which partition of the place index it is, and the query of that index."""

    id: Any
    lat: Any
    lon: Any
    sort: Any
    _items: Any
    _page: Any
    place_shard = UnicodeAttribute(null=True)
    entries_by_place = EntriesByPlace()

    def own_place_shard(self) -> str:
        """Return the partition that the public place belongs to."""
        return place_shard_of(lat=self.lat, lon=self.lon, report_id=self.id)

    def is_under_its_place(self) -> bool:
        """Return whether the row has that partition. Earlier releases write none, and leave it when a place moves."""
        return bool(self.place_shard == self.own_place_shard())

    def putting_under_place(self) -> Action:
        """Return what sets the partition."""
        return type(self).place_shard.set(self.own_place_shard())

    @classmethod
    def newest_in_place(cls, shard: str, *, before: str = NEWER_THAN_ALL, after: str = "", limit: int) -> IndexPage:
        """Return entries of one shard of a tile with any status, strictly between two sort keys, newest first.

        One query. Raises IndexUnusable while the index is not there or not ready.
        """
        key_range = between(cls.sort, after, before)
        items = cls._items(completeness.BY_PLACE, shard, range_key_condition=key_range, **newest(limit))
        page: IndexPage = cls._page(items, "sort", limit)
        return page
