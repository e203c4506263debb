"""Report, its indexes, its queries and its own rules."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Self
from zlib import crc32

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from app import clock, db, geo
from app.config import settings
from app.reports.entry import CELL_ZOOM, DEFAULTS, NEWER_THAN_ALL, PUBLIC, STORED, Entry, created_of, sort_key

_ID = re.compile(r"rep_[A-Za-z0-9_-]{1,60}", re.ASCII)
LANES = 2  # one day's reports in two partitions of the index: 1,000 a second stay at 500 writes a second each
# What the first indexes project; it stays as it is for as long as they do.
PROJECTED = "lat lon place radius severity depth title status condition observed updated expires version".split()


# Where a list of reports goes on: a sort key, or the end of a day or a moment without an id.
POSITION = r"~|[0-2][0-9]{14}(#rep_[A-Za-z0-9_-]+)?"


def lanes_of(day: str) -> list[str]:
    """The partitions of the day index that hold a day."""
    return [f"{day}#{lane}" for lane in range(LANES)]


class ByCell(GlobalSecondaryIndex["Report"]):
    class Meta:
        index_name = "by_cell"
        projection = IncludeProjection(PROJECTED)

    cell = UnicodeAttribute(hash_key=True)
    sort = UnicodeAttribute(range_key=True)


class ByDay(GlobalSecondaryIndex["Report"]):
    class Meta:
        index_name = "by_day"
        projection = IncludeProjection(PROJECTED)

    day_lane = UnicodeAttribute(hash_key=True)
    sort = UnicodeAttribute(range_key=True)


class ByChange(GlobalSecondaryIndex["Report"]):
    class Meta:
        index_name = "by_change"
        projection = IncludeProjection(["sort", *PROJECTED])

    changed_day = UnicodeAttribute(hash_key=True)
    changed_sort = UnicodeAttribute(range_key=True)


class ByAccount(GlobalSecondaryIndex["Report"]):
    class Meta:
        index_name = "by_account"
        projection = KeysOnlyProjection()

    account_id = UnicodeAttribute(hash_key=True)
    sort = UnicodeAttribute(range_key=True)


class Report(db.Table):
    """One observation. `lat`, `lon` are the public place; the exact one is kept apart and only when it differs."""

    class Meta(db.Meta):
        table_name = settings().table("reports")

    id = UnicodeAttribute(hash_key=True)
    sort = UnicodeAttribute()
    day_lane = UnicodeAttribute()
    cell = UnicodeAttribute(null=True)
    changed_day = UnicodeAttribute(null=True)
    changed_sort = UnicodeAttribute(null=True)
    account_id = UnicodeAttribute(null=True)
    body_hash = UnicodeAttribute()
    lat = NumberAttribute()
    lon = NumberAttribute()
    exact_lat = NumberAttribute(null=True)
    exact_lon = NumberAttribute(null=True)
    place = UnicodeAttribute()
    radius = NumberAttribute()
    severity = UnicodeAttribute()
    is_severity_derived = BooleanAttribute(null=True)
    depth = NumberAttribute(null=True)
    title = UnicodeAttribute(null=True)
    description = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    condition = UnicodeAttribute()
    observed = NumberAttribute()
    updated = NumberAttribute()
    expires = NumberAttribute()
    version = NumberAttribute()
    source = UnicodeAttribute(null=True)
    purge_at = NumberAttribute(null=True)

    by_cell = ByCell()
    by_day = ByDay()
    by_change = ByChange()
    by_account = ByAccount()

    @property
    def created(self) -> int:
        return created_of(self.sort)

    def entry(self) -> Entry:
        """The short form of this report, or of what an index projects of it."""
        told = {name: getattr(self, name) for name in STORED}
        absent = {name: default for name, default in DEFAULTS.items() if told[name] is None}
        return Entry(self.id, self.sort, **told | absent)

    def is_active(self, now_ms: int) -> bool:
        """Pending or verified, and not past its end."""
        return self.status in PUBLIC and self.expires > now_ms

    def put_at(self, *, lat: float, lon: float, place: str) -> None:
        """Set the exact place, and the public one: as it is, or on the 0.001 degree grid for a home."""
        exact_lat, exact_lon = (geo.rounded(value, places=geo.PLACES_EXACT) for value in (lat, lon))
        places = geo.PLACES_EXACT if place == "public" else geo.PLACES_GRID
        self.place = place
        self.lat, self.lon = (geo.rounded(value, places=places) for value in (exact_lat, exact_lon))
        is_apart = (self.lat, self.lon) != (exact_lat, exact_lon)
        self.exact_lat, self.exact_lon = (exact_lat, exact_lon) if is_apart else (None, None)

    def exact_place(self) -> dict[str, float]:
        """Where the reporter said it was, to 5 decimals."""
        apart: dict[str, Any] = {"lat": self.exact_lat, "lon": self.exact_lon}
        return {"lat": self.lat, "lon": self.lon} if None in apart.values() else apart

    def index(self, now_ms: int, *, is_change: bool) -> None:
        """Set the keys of the indexes from what the report says now."""
        self.day_lane = lanes_of(clock.day_of(self.created))[crc32(self.id.encode()) % LANES]
        self.cell = geo.tile_at(lat=self.lat, lon=self.lon, z=CELL_ZOOM).key if self.is_active(now_ms) else None
        if is_change:
            self.changed_day, self.changed_sort = clock.day_of(now_ms), sort_key(now_ms, self.id)

    def create(self) -> bool:
        """Store it unless its id is taken; False when it is. One conditional put."""
        return db.is_written(lambda: self.save(condition=Report.id.does_not_exist()))

    def replace(self, *, seen_version: int) -> bool:
        """Store it over the version seen; False when another writer was first."""
        return db.is_written(lambda: self.save(condition=Report.version == seen_version))

    def leave_cell(self) -> bool:
        """End a report's place in the cell index once it is past its end; False when it changed meanwhile."""
        unchanged = Report.version == self.version
        return db.is_written(lambda: self.update(actions=[Report.cell.remove()], condition=unchanged))

    @classmethod
    def find(cls, report_id: str, *, consistent: bool = False) -> Self | None:
        """The report, or None. What is not shaped like an id is not looked for: the table holds other rows too."""
        if not _ID.fullmatch(report_id):
            return None
        try:
            return cls.get(report_id, consistent_read=consistent)
        except cls.DoesNotExist:
            return None

    @classmethod
    def newest_in_cell(cls, cell: str, *, before: str = NEWER_THAN_ALL, after: str = "", limit: int) -> list[Entry]:
        """Entries of the cell index strictly between two sort keys, newest first. One query."""
        found = cls.by_cell.query(cell, _between(cls.sort, after, before), **_newest(limit))
        return [report.entry() for report in found]

    @classmethod
    def oldest_in_cell(cls, cell: str) -> Entry | None:
        """The entry of the cell index that was made first. One query."""
        return next((report.entry() for report in cls.by_cell.query(cell, limit=1, page_size=1)), None)

    @classmethod
    def newest_in_lane(cls, lane: str, *, before: str = NEWER_THAN_ALL, after: str = "", limit: int) -> list[Entry]:
        """Entries of one lane of a day, whatever their status, newest first. One query."""
        found = cls.by_day.query(lane, _between(cls.sort, after, before), **_newest(limit))
        return [report.entry() for report in found]

    @classmethod
    def newest_changes(cls, day: str, *, before: str = NEWER_THAN_ALL, after: str = "", limit: int) -> list[Entry]:
        """What changed on a day (edits, withdrawals, imports), latest change first. One query."""
        found = cls.by_change.query(day, _between(cls.changed_sort, after, before), **_newest(limit))
        return [report.entry() for report in found]

    @classmethod
    def of_account(cls, account_id: str, *, before: str = NEWER_THAN_ALL, limit: int) -> list[Self]:
        """A person's own reports, whole, newest first. One query and one batch."""
        found = cls.by_account.query(account_id, cls.sort < before, **_newest(limit))
        return cls.find_all([report.id for report in found])

    @classmethod
    def find_all(cls, ids: Iterable[str]) -> list[Self]:
        """The reports of these ids, newest first; missing ones are left out."""
        return sorted(cls.batch_get(list(ids)), key=lambda report: report.sort, reverse=True)


def _between(key: Any, after: str, before: str) -> Any:
    return key.between(after + "\0", before[:-1] + chr(ord(before[-1]) - 1) + "\U0010ffff") if after else key < before


def _newest(limit: int) -> dict[str, Any]:
    return {"scan_index_forward": False, "limit": limit, "page_size": limit}


class Calendar(db.Table):
    """Days that have reports, and days that had changes, so that lists end. Noted before the first write of a day."""

    class Meta(db.Meta):
        table_name = settings().table("reports")

    id = UnicodeAttribute(hash_key=True)  # `made` and `changed` hold years, `made:2026` and `changed:2026` days
    days = UnicodeSetAttribute(null=True)

    @staticmethod
    @cache
    def note(day: str, kind: str = "made") -> None:
        """Make a day known; once in a process, for it stays known."""
        Calendar(f"{kind}:{day[:4]}").update(actions=[Calendar.days.add({day})])
        Calendar(kind).update(actions=[Calendar.days.add({day[:4]})])

    @classmethod
    def days_known(cls, kind: str = "made", *, first: str = "", last: str = "9999-12-31") -> list[str]:
        """The days of that kind, newest first."""
        years = [year for row in cls.batch_get([kind]) for year in row.days if first[:4] <= year <= last[:4]]
        rows = cls.batch_get([f"{kind}:{year}" for year in years]) if years else []
        return sorted((day for row in rows for day in row.days if first <= day <= last), reverse=True)
