"""Area: one official flood area or zone, as its issuer draws it."""

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

if TYPE_CHECKING:  # outlines, which most requests do not look at
    from app.geo.polygon import Shape

# Areas of one tile lie together, by their centre: at 51 degrees such a tile is 98 km wide.
CENTRE_ZOOM = 8
# Compiled when first used (re keeps them): a start needs none.
_ID = r"[A-Za-z0-9_-]{1,64}"
_PLAIN = r"[A-Za-z0-9_-]{1,56}"
_LARGEST_BYTES = 350_000  # an item of DynamoDB holds 400 KB


def area_id(source: str, code: str) -> str:
    """`ea-061FWF10Abingdon`: the source and the issuer's code; a code that is no plain word is told by its hash."""
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
    """An official area. Without `shape` the issuer draws none that can be used, and `reason` says why."""

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
    updated = NumberAttribute()

    by_centre = ByCentre()
    by_source = BySource()

    def put_outline(self, shape: "Shape | None", *, reason: str, centre: tuple[float, float] | None) -> None:
        """Set what is drawn, or why nothing is, and the centre."""
        from app.geo.encode import pack  # here, because only what takes outlines in packs them

        packed = pack(shape) if shape else None
        if packed and len(packed) > _LARGEST_BYTES:
            packed, reason = None, "the issuer's polygon has too many points to be kept"
        self.shape, self.reason = packed, None if packed else reason
        if centre is None and shape is not None:
            centre = _middle(shape.box)
        if centre is not None:
            self.lat, self.lon = (round(value, 6) for value in centre)
            self.centre_tile = tile_at(lat=self.lat, lon=self.lon, z=CENTRE_ZOOM).key
        self.updated = clock.now_ms()

    def outline(self) -> "Shape | None":
        """The shape, unpacked; None where there is none, or none that this code can read, until it is had anew."""
        from app.geo.encode import unpack  # here, because most requests look at no outline

        try:
            return unpack(self.shape) if self.shape else None
        except ValueError as error:
            telemetry.logger().error("unreadable outline", extra={"area": self.id, "reason": str(error)})
            return None

    @classmethod
    def find(cls, wanted: str) -> Self | None:
        """The area, or None."""
        try:
            return cls.get(wanted) if re.fullmatch(_ID, wanted) else None
        except cls.DoesNotExist:
            return None

    @classmethod
    def find_codes(cls, source: str, codes: Iterable[str]) -> dict[str, Self]:
        """The areas that are known of a source, by code. One batch for each 100."""
        ids = {area_id(source, code) for code in codes}
        return {area.code: area for area in cls.batch_get(list(ids))} if ids else {}

    @classmethod
    def find_all(cls, ids: Iterable[str]) -> list[Self]:
        """The areas of these ids; missing ones are left out. One batch for each 100."""
        wanted = list(dict.fromkeys(ids))
        return list(cls.batch_get(wanted)) if wanted else []

    @classmethod
    def store(cls, areas: Iterable[Self]) -> None:
        """Write them all, 25 in a call."""
        with cls.batch_write() as batch:
            for area in areas:
                batch.save(area)

    @classmethod
    def around(cls, tile: Tile) -> "list[Area]":
        """The areas whose centre lies in a tile of CENTRE_ZOOM, without their outlines. One query."""
        return list(cls.by_centre.query(tile.key))

    @classmethod
    def of_source(cls, source: str, *, after: str = "", limit: int) -> "list[Area]":
        """The areas of a source in the order of their ids, without their outlines. One query."""
        return list(cls.by_source.query(source, _above(cls.id, after), limit=limit, page_size=limit))


def _above(key: Any, after: str) -> Any:
    return key > after if after else None


def _middle(box: Box) -> tuple[float, float]:
    east = box.east + 360 if box.west > box.east else box.east
    lon = (box.west + east) / 2
    return (box.south + box.north) / 2, lon - 360 if lon > 180 else lon
