"""Report: its table, indexes, queries and rules."""

import re
from collections.abc import Iterable
from typing import Any, Self

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import QueryError
from pynamodb.expressions.update import Action

from app.core import clock, dynamodb, telemetry
from app.core.config import settings
from app.geo import tiles
from app.reports import entry_encoding
from app.reports.connections import keeps_connection
from app.reports.entry import CELL_ZOOM, DEFAULTS, NEWER_THAN_ALL, PUBLIC, STORED_COLUMNS, Entry, created_of, sort_key
from app.reports.index import completeness
from app.reports.index.keys import (
    ByAccount,
    EntriesByCell,
    EntriesByChange,
    EntriesByDay,
    IndexPage,
    between,
    change_shard_of,
    day_shard_of,
    newest,
)
from app.reports.judged import Judged
from app.reports.photo_column import Photographed
from app.reports.place_models import FoundByPlace

_ID = re.compile(r"rep_[A-Za-z0-9_-]{1,60}", re.ASCII)
# Position at which a list of reports continues: a sort key, or the end of a day or a moment without an id.
POSITION = r"~|[0-2][0-9]{14}(#rep_[A-Za-z0-9_-]+)?"


class Report(Judged, FoundByPlace, Photographed, dynamodb.Table):
    """One observation. `lat`, `lon` are the public place; the exact one is stored separately, only if it differs."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("reports")

    id = UnicodeAttribute(hash_key=True)
    sort = UnicodeAttribute()
    day_shard = UnicodeAttribute(attr_name="day_lane")
    cell = UnicodeAttribute(null=True)
    changed_day = UnicodeAttribute(null=True)
    changed_sort = UnicodeAttribute(null=True)
    changed_shard = UnicodeAttribute(attr_name="changed_lane", null=True)
    packed = BinaryAttribute(legacy_encoding=False, attr_name="entry", null=True)
    account_id = UnicodeAttribute(null=True)
    body_hash = UnicodeAttribute()
    lat = NumberAttribute()
    lon = NumberAttribute()
    exact_lat = NumberAttribute(null=True)
    exact_lon = NumberAttribute(null=True)
    visibility = UnicodeAttribute(attr_name="place")
    radius_m = NumberAttribute(attr_name="radius")
    severity = UnicodeAttribute()
    is_severity_derived = BooleanAttribute(null=True)
    depth_cm = NumberAttribute(attr_name="depth", null=True)
    title = UnicodeAttribute(null=True)
    description = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    condition = UnicodeAttribute()
    observed_at_ms = NumberAttribute(attr_name="observed")
    updated_at_ms = NumberAttribute(attr_name="updated")
    expires_at_ms = NumberAttribute(attr_name="expires")
    version = NumberAttribute()
    source = UnicodeAttribute(null=True)
    water_source = UnicodeAttribute(null=True)
    connection = UnicodeAttribute(null=True)
    purge_at_s = NumberAttribute(attr_name="purge_at", null=True)

    entries_by_cell = EntriesByCell()
    entries_by_day = EntriesByDay()
    entries_by_change = EntriesByChange()
    by_account = ByAccount()

    @property
    def created_at_ms(self) -> int:
        return created_of(self.sort)

    def entry(self) -> Entry:
        """Return the short form of this report, or of an index item."""
        stored = self.attribute_values  # itself: this runs for each row of a list; photos' names are no columns of it
        values = {name: stored[name] if name in stored else getattr(self, name) for name in STORED_COLUMNS.values()}
        absent = {name: default for name, default in DEFAULTS.items() if values[name] is None}
        hidden = {"title": None} if self.is_disputed else {}
        return Entry(self.id, self.sort, **values | absent | hidden)

    def entry_with_unknown(self) -> Entry:
        """Return the short form with the columns that a later release has added."""
        return self.entry()._replace(others=entry_encoding.others_of(self.packed))

    def is_active(self, now_ms: int) -> bool:
        """Pending or verified, and not expired."""
        return self.status in PUBLIC and self.expires_at_ms > now_ms

    def index(self, now_ms: int, *, is_change: bool) -> None:
        """Set the keys of the indexes from the current values, and forget what is no longer to be kept."""
        if self.is_home_over(now_ms):
            self.forget_home()
        if not keeps_connection(self, now_ms):
            self.connection = None
            self.forget_who_filed()
        self.day_shard = day_shard_of(clock.day_of(self.created_at_ms), self.id)
        self.place_shard = self.own_place_shard()
        self.cell = tiles.tile_at(lat=self.lat, lon=self.lon, z=CELL_ZOOM).key if self.is_active(now_ms) else None
        if is_change:
            self.changed_day, self.changed_sort = clock.day_of(now_ms), sort_key(now_ms, self.id)
            self.changed_shard = change_shard_of(
                self.changed_day, self.id, is_wide=completeness.uses_all_shards(self.changed_day, now_ms)
            )

    def save(self, condition: Any = None, **more: Any) -> Any:
        """Store the report and its index entry in one write, so that neither is ever without the other."""
        self.packed = entry_encoding.pack(self.entry())
        return super().save(condition, **more)

    def create(self) -> bool:
        """Store it unless its id is taken; False if it is. One conditional put."""
        return dynamodb.is_written(lambda: self.save(condition=Report.id.does_not_exist()))

    def replace(self, *, seen_version: int) -> bool:
        """Store it over the version seen; False if another writer was first.

        Columns of a later release stay, in the row and in the entry.
        """
        actions = self.replacing_actions()
        return dynamodb.is_written(lambda: self.update(actions=actions, condition=Report.version == seen_version))

    def replacing_actions(self) -> list[Action]:
        """Return what sets every column of this release to its current value."""
        self.packed = entry_encoding.pack(self.entry(), before=self.packed)
        attributes = {name: (attribute, getattr(self, name)) for name, attribute in self.get_attributes().items()}
        del attributes["id"]
        return [
            attribute.remove() if value is None else attribute.set(value) for attribute, value in attributes.values()
        ]

    def leave_cell(self, entry: Entry) -> bool:
        """Remove an expired report from the cell index, and its connection's mark; False if it changed meanwhile."""
        return self._store([Report.cell.remove(), *self._without_connection(entry)])

    def store_forgotten(self) -> bool:
        """Store only what `forget_home` has removed; False if the row has changed meanwhile."""
        actions: list[Action] = [Report.exact_lat.remove(), Report.exact_lon.remove()]
        actions += [Report.original.set(self.original) if self.original else Report.original.remove()]
        actions += [Report.body_hash.set(self.body_hash), *self._without_connection(self.entry_with_unknown())]
        return self._store(actions)

    @classmethod
    def _without_connection(cls, entry: Entry) -> list[Action]:
        unmarked = entry._replace(connection=None)
        marks: list[Action] = [cls.filer.remove(), cls.network.remove(), cls.under_block.remove()]
        if entry != unmarked:
            marks += [cls.connection.remove(), cls.packed.set(entry_encoding.pack(unmarked))]
        return marks

    def _store(self, actions: list[Action]) -> bool:
        return dynamodb.is_written(lambda: self.update(actions=actions, condition=Report.version == self.version))

    def is_complete(self) -> bool:
        """Return whether the row has all that the indexes of this release need. The first release did not write it."""
        has_changed_shard = "changed_day" not in self.attribute_values or "changed_shard" in self.attribute_values
        return has_changed_shard and self.is_under_its_place() and entry_encoding.is_of(self.packed, self.entry())

    def complete(self) -> bool:
        """Add what an earlier release did not write; False if the row has changed meanwhile."""
        actions: list[Action] = [Report.packed.set(entry_encoding.pack(self.entry())), self.putting_under_place()]
        if day := self.attribute_values.get("changed_day"):
            actions.append(Report.changed_shard.set(change_shard_of(day, self.id, is_wide=False)))
        return self._store(actions)

    @classmethod
    def ids_of_shard(cls, shard: str, *, before: str, limit: int) -> tuple[list[str], str]:
        """Return ids in one shard of a day, newest first, and the next position or ""."""
        items = cls._items(completeness.BY_DAY, shard, range_key_condition=cls.sort < before, **newest(limit))
        return [item.id for item in items], items[-1].sort if len(items) == limit else ""

    @staticmethod
    def is_id(text: str) -> bool:
        """Return whether a text can be the id of a report."""
        return bool(_ID.fullmatch(text))

    @classmethod
    def find(cls, report_id: str, *, consistent: bool = False) -> Self | None:
        """Return the report, or None. Other strings than report ids are not read: the table holds other rows too."""
        if not _ID.fullmatch(report_id):
            return None
        try:
            return cls.get(report_id, consistent_read=consistent)
        except cls.DoesNotExist:
            return None

    @classmethod
    def newest_in_cell(cls, cell: str, *, before: str = NEWER_THAN_ALL, after: str = "", limit: int) -> IndexPage:
        """Return entries of active reports of a cell strictly between two sort keys, newest first. One query."""
        key_range = between(cls.sort, after, before)
        items = cls._items(completeness.BY_CELL, cell, range_key_condition=key_range, **newest(limit))
        return cls._page(items, "sort", limit)

    @classmethod
    def oldest_in_cell(cls, cell: str) -> Entry | None:
        """Return the oldest entry of the cell. One query."""
        page = cls._page(cls._items(completeness.BY_CELL, cell, limit=1, page_size=1), "sort", 1)
        return page.entries[0] if page.entries else None

    @classmethod
    def newest_in_shard(cls, shard: str, *, before: str = NEWER_THAN_ALL, after: str = "", limit: int) -> IndexPage:
        """Return entries of one shard of a day with any status, newest first. One query."""
        key_range = between(cls.sort, after, before)
        items = cls._items(completeness.BY_DAY, shard, range_key_condition=key_range, **newest(limit))
        return cls._page(items, "sort", limit)

    @classmethod
    def newest_changes(cls, shard: str, *, before: str = NEWER_THAN_ALL, after: str = "", limit: int) -> IndexPage:
        """Return changes (edits, withdrawals, imports) of a shard of `change_shards`, latest first. One query.

        Raises IndexUnusable until the index holds what the first release changed.
        """
        if completeness.is_incomplete(completeness.BY_CHANGE):
            raise completeness.IndexUnusable(f"{completeness.BY_CHANGE} is not filled yet.")
        key_range = between(cls.changed_sort, after, before)
        items = cls._items(completeness.BY_CHANGE, shard, range_key_condition=key_range, **newest(limit))
        return cls._page(items, "changed_sort", limit)

    @classmethod
    def _items(cls, index: str, partition: str, **query_options: Any) -> list[Self]:
        """Query an index. Raises IndexUnusable if it is not there, or not ready: no caller is to blame for that."""
        try:
            return list(getattr(cls, index).query(partition, **query_options))
        except QueryError as error:
            if not dynamodb.is_refused(error):
                raise
            raise completeness.unusable(index, error) from error

    @classmethod
    def _page(cls, items: list[Self], position: str, limit: int) -> IndexPage:
        """Return the entries of index items in order; entries that cannot be read are taken from their rows."""
        entries = {item.id: item.listed_entry() for item in items}
        if unread := [report_id for report_id, entry in entries.items() if entry is None]:
            telemetry.measure("UnreadableEntries", len(unread), "Count")
            entries |= {row.id: row.entry() for row in cls.batch_get(unread)}
        last = getattr(items[-1], position) if len(items) == limit else ""
        return IndexPage([entry for entry in entries.values() if entry], last)

    def listed_entry(self) -> Entry | None:
        """Return the short form of an index item, or None if it cannot be read."""
        try:
            return entry_encoding.unpack(self.id, self.packed)
        except entry_encoding.Unreadable:
            return None

    @classmethod
    def page_of_account(cls, account_id: str, *, before: str = NEWER_THAN_ALL, limit: int) -> tuple[list[Self], str]:
        """Return a person's own reports, complete, newest first, and the next position, "" at the end.

        One query and one batch. A row that was deleted meanwhile makes a page shorter, but does not end the list.
        """
        keys = list(cls.by_account.query(account_id, cls.sort < before, **newest(limit)))
        return cls.find_all([key.id for key in keys]), keys[-1].sort if len(keys) == limit else ""

    @classmethod
    def find_origins(cls, ids: Iterable[str]) -> list[Self]:
        """Return of these reports only when and from whom they came. One batch of at most 100."""
        return list(cls.batch_get(list(ids), attributes_to_get=["id", "sort", "account_id", "source", "partner"]))

    @classmethod
    def find_all(cls, ids: Iterable[str], *, consistent: bool = False) -> list[Self]:
        """Return the reports of these ids, newest first; missing ones are left out."""
        return sorted(
            cls.batch_get(list(ids), consistent_read=consistent), key=lambda report: report.sort, reverse=True
        )


class Bookmark(dynamodb.Table):
    """Progress of a job that goes through all days: a partition of the day index, and a sort key in it."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("reports")

    id = UnicodeAttribute(hash_key=True)
    shard = UnicodeAttribute(attr_name="lane")
    before = UnicodeAttribute()
