"""Reading of stored rows by release 1: a frozen copy of its code. It changes only when that release does, never.

From `app/reports/index/models.py` and `app/reports/models.py` of commit bf2c4bc.
"""

import json
import zlib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

PLAIN = "lat lon place radius severity depth title status condition version".split()
SHORT_FORM = "lat lon place radius severity depth title status condition observed updated expires version".split()
FOREVER = 1 << 53


class Entry(NamedTuple):
    id: str
    sort: str
    lat: float
    lon: float
    place: str
    radius: int
    severity: str
    depth: float | None
    title: str | None
    status: str
    condition: str
    observed: int
    updated: int
    expires: int
    version: int


@dataclass
class Document:
    rows: list[Entry] = field(default_factory=list)
    cut: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    is_at_least: bool = False
    oldest: str = ""
    next_end: int = FOREVER
    last_end: int = 0
    children: list[str] = field(default_factory=list)
    gone: dict[str, list[int]] = field(default_factory=dict)
    shards: dict[str, int] = field(default_factory=dict)
    built_at: int = 0
    version: int = 0

    @classmethod
    def unpack(cls, packed: bytes, version: int) -> "Document":
        content: dict[str, Any] = json.loads(zlib.decompress(packed))
        return cls(version=version, rows=_rows(content.pop("columns")), **content)


def _rows(columns: list[list[Any]]) -> list[Entry]:
    rows = []
    created = 0
    for report_id, step, observed, updated, life, *plain in zip(*columns, strict=True):
        created -= step
        times = {"observed": created + observed, "updated": created + updated, "expires": created + observed + life}
        rows.append(
            Entry(id=report_id, sort=sort_key(created, report_id), **times, **dict(zip(PLAIN, plain, strict=True)))
        )
    return rows


def sort_key(created_ms: int, report_id: str = "") -> str:
    return f"{created_ms + 62_135_596_800_000:015d}" + (f"#{report_id}" if report_id else "")


class Report(Model):
    class Meta:
        table_name = "floodmanager-test-reports"

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

    def entry(self) -> Entry:
        return Entry(self.id, self.sort, *(getattr(self, name) for name in SHORT_FORM))


class TileDocument(Model):
    class Meta:
        table_name = "floodmanager-test-tiles"

    tile = UnicodeAttribute(hash_key=True)
    version = NumberAttribute()
    body = BinaryAttribute(legacy_encoding=False)


def as_written(item: dict[str, Any]) -> dict[str, Any]:
    """A row as release 1 writes it again after reading it: what it does not know is gone."""
    report = Report()
    report.deserialize(item)
    return report.serialize()
