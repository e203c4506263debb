"""Indexes of the reports table, and the keys of their partitions.

Those of lists project one attribute, `entry`, so that a new field changes no projection.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from zlib import crc32

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from app.geo.tiles import tile_at
from app.reports.entry import Entry
from app.reports.index import completeness

DAY_SHARDS = 2  # a day's reports are in two partitions of the index: 1,000 writes a second are 500 for each
CHANGE_SHARDS = 8  # of days with very many changes, such as imports; all other days need one
# A place's reports are in the tile that holds it, of about 12 km at latitude 52, in two partitions: a storm over a city
# writes into one tile, and a partition takes 1,000 writes a second.
PLACE_ZOOM, PLACE_SHARDS = 11, 2


def day_shards(day: str) -> list[str]:
    """List the partitions of the day index that hold a day."""
    return [f"{day}#{number}" for number in range(DAY_SHARDS)]


def day_shard_of(day: str, report_id: str) -> str:
    """Return the partition of the day index that a report belongs to."""
    return f"{day}#{crc32(report_id.encode()) % DAY_SHARDS}"


def change_shards(day: str) -> list[str]:
    """List the partitions with a day's changes: one, or several on days with very many changes."""
    return [f"{day}#{number}" for number in range(CHANGE_SHARDS if completeness.is_wide(day) else 1)]


def change_shard_of(day: str, report_id: str, *, is_wide: bool) -> str:
    """Return the partition that a change belongs to."""
    return f"{day}#{crc32(report_id.encode()) % CHANGE_SHARDS if is_wide else 0}"


def place_shards(tiles: Iterable[str]) -> list[str]:
    """List the partitions of the place index that hold some tiles, given as storage keys."""
    return [f"{tile}#{number}" for tile in tiles for number in range(PLACE_SHARDS)]


def place_shard_of(*, lat: float, lon: float, report_id: str) -> str:
    """Return the partition of the place index that a report belongs to."""
    tile = tile_at(lat=lat, lon=lon, z=PLACE_ZOOM).stored_key
    return f"{tile}#{crc32(report_id.encode()) % PLACE_SHARDS}"


class IndexPage(NamedTuple):
    """Entries of an index page, and the position of the last; empty at the end of the index."""

    entries: list[Entry]
    last_key: str


class EntriesByCell(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = completeness.BY_CELL
        projection = IncludeProjection(["entry"])

    cell = UnicodeAttribute(hash_key=True)
    sort = UnicodeAttribute(range_key=True)


class EntriesByDay(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = completeness.BY_DAY
        projection = IncludeProjection(["entry"])

    day_shard = UnicodeAttribute(attr_name="day_lane", hash_key=True)
    sort = UnicodeAttribute(range_key=True)


class EntriesByChange(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = completeness.BY_CHANGE
        projection = IncludeProjection(["entry"])

    changed_shard = UnicodeAttribute(attr_name="changed_lane", hash_key=True)
    changed_sort = UnicodeAttribute(range_key=True)


class EntriesByPlace(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = completeness.BY_PLACE
        projection = IncludeProjection(["entry"])

    place_shard = UnicodeAttribute(hash_key=True)
    sort = UnicodeAttribute(range_key=True)


class ByAccount(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = "by_account"
        projection = KeysOnlyProjection()

    account_id = UnicodeAttribute(hash_key=True)
    sort = UnicodeAttribute(range_key=True)


def between(key: Any, after: str, before: str) -> Any:
    """Build the condition for a sort key strictly between two others; from the beginning if the first is empty."""
    return key.between(after + "\0", before[:-1] + chr(ord(before[-1]) - 1) + "\U0010ffff") if after else key < before


def newest(limit: int) -> dict[str, Any]:
    """Return the query parameters for the newest items first."""
    return {"scan_index_forward": False, "limit": limit, "page_size": limit}
