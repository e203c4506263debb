"""Area: one official flood area or zone, with the issuer's outline."""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from app.core import clock, dynamodb, telemetry
from app.core.config import settings
from app.geo.box_circle import Box
from app.geo.tiles import Tile, tile_at

if TYPE_CHECKING:  # outlines, which most requests do not need
    from app.geo.polygon import MultiPolygon

# Areas of one tile are stored together, by their centre: at 51 degrees such a tile is 98 km wide.
CENTRE_ZOOM = 8
# Compiled at first use (re caches them), because a cold start needs none.
_ID = r"[A-Za-z0-9_-]{1,64}"
_PLAIN = r"[A-Za-z0-9_-]{1,56}"
_LARGEST_BYTES = 350_000  # an item of DynamoDB holds 400 KB


def area_id(source: str, code: str) -> str:
    """Build `ea-061FWF10Abingdon` from the source and the issuer's code; other codes than plain words are hashed."""
    origin = source.replace(":", "-")
    if re.fullmatch(_PLAIN, code) and len(origin) + len(code) < 64:
        return f"{origin}-{code}"
    return f"{origin[:30]}-{sha256(code.encode()).hexdigest()[:24]}"


class ByCentre(GlobalSecondaryIndex["Area"]):
    class Meta:
        index_name = "by_centre"
        projection = IncludeProjection(["source", "code", "name", "lat", "lon", "reason", "updated"])

    centre_tile = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class BySource(GlobalSecondaryIndex["Area"]):
    class Meta:
        index_name = "by_source"
        projection = IncludeProjection(["code", "name", "lat", "lon", "reason", "updated"])

    source = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class Area(dynamodb.Table):
    """An official area. Without `shape` the issuer publishes no usable outline, and `reason` says why."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("areas")

    id = UnicodeAttribute(hash_key=True)
    source = UnicodeAttribute()
    code = UnicodeAttribute()
    name = UnicodeAttribute()
    shape = BinaryAttribute(null=True, legacy_encoding=False)
    reason = UnicodeAttribute(null=True)
    lat = NumberAttribute(null=True)  # the centre: the issuer's own, else the middle of the outline's box
    lon = NumberAttribute(null=True)
    centre_tile = UnicodeAttribute(null=True)
    updated_at_ms = NumberAttribute(attr_name="updated")

    by_centre = ByCentre()
    by_source = BySource()

    def put_outline(self, shape: "MultiPolygon | None", *, reason: str, centre: tuple[float, float] | None) -> None:
        """Set the outline, or the reason why there is none, and the centre."""
        from app.geo.encode import pack  # imported here because only the ingest packs outlines

        packed = pack(shape) if shape else None
        if packed and len(packed) > _LARGEST_BYTES:
            packed, reason = None, "the issuer's polygon has too many points to be kept"
        self.shape, self.reason = packed, None if packed else reason
        if centre is None and shape is not None:
            centre = _middle(shape.box)
        if centre is not None:
            self.lat, self.lon = (round(value, 6) for value in centre)
            self.centre_tile = tile_at(lat=self.lat, lon=self.lon, z=CENTRE_ZOOM).stored_key
        self.updated_at_ms = clock.now_ms()

    def outline(self) -> "MultiPolygon | None":
        """Unpack the outline; None if there is none or this code cannot read it, until it is fetched again."""
        from app.geo.encode import unpack  # imported here because most requests need no outline

        try:
            return unpack(self.shape) if self.shape else None
        except ValueError as error:
            telemetry.logger().error("unreadable outline", extra={"area": self.id, "reason": str(error)})
            return None

    @classmethod
    def find(cls, given_id: str) -> Self | None:
        """Return the area, or None."""
        try:
            return cls.get(given_id) if re.fullmatch(_ID, given_id) else None
        except cls.DoesNotExist:
            return None

    @classmethod
    def find_codes(cls, source: str, codes: Iterable[str]) -> dict[str, Self]:
        """Return the stored areas of a source, by code. One batch for each 100."""
        ids = {area_id(source, code) for code in codes}
        return {area.code: area for area in cls.batch_get(list(ids))} if ids else {}

    @classmethod
    def find_all(cls, ids: Iterable[str]) -> list[Self]:
        """Return the areas of these ids; missing ones are left out. One batch for each 100."""
        unique_ids = list(dict.fromkeys(ids))
        return list(cls.batch_get(unique_ids)) if unique_ids else []

    @classmethod
    def store(cls, areas: Iterable[Self]) -> None:
        """Store the areas, 25 in a call."""
        with cls.batch_write() as batch:
            for area in areas:
                batch.save(area)

    @classmethod
    def around(cls, tile: Tile) -> "list[Area]":
        """Return the areas whose centre lies in a tile of CENTRE_ZOOM, without outlines. One query."""
        return list(cls.by_centre.query(tile.stored_key))

    @classmethod
    def of_source(cls, source: str, *, after: str = "", limit: int) -> "list[Area]":
        """Return the areas of a source in the order of their ids, without outlines. One query."""
        return list(cls.by_source.query(source, _above(cls.id, after), limit=limit, page_size=limit))


def _above(key: Any, after: str) -> Any:
    return key > after if after else None


def _middle(box: Box) -> tuple[float, float]:
    east = box.east + 360 if box.west > box.east else box.east
    lon = (box.west + east) / 2
    return (box.south + box.north) / 2, lon - 360 if lon > 180 else lon
