"""Areas of a responder: the parts of the world that an account may judge, packed small in its row.

Each has its extent with it, a box, a circle or polygons, so that no request reads the gazetteer. Reading them from a
request: app/accounts/area_input.py.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from app.core import packed_json, telemetry
from app.geo.box_circle import Box, Circle

if TYPE_CHECKING:
    from app.geo.polygon import MultiPolygon

MOST_AREAS, MOST_CORNERS = 20, 200
FORMAT = 1
_BOX, _CIRCLE, _POLYGON = "box", "circle", "polygon"
_KEPT = 64  # accounts whose areas a process keeps unpacked


class Area(NamedTuple):
    """One area. `place`: the id of the gazetteer's place that it was made from, or ""."""

    name: str
    extent: "Box | Circle | MultiPolygon"
    place: str = ""

    def contains(self, *, lat: float, lon: float) -> bool:
        """Return whether the place is inside or on the edge."""
        if isinstance(self.extent, Box | Circle):
            return self.extent.contains(lat=lat, lon=lon)
        from app.geo import polygon  # imported here because few requests need it

        return polygon.contains(self.extent, lat=lat, lon=lon)

    @property
    def code(self) -> str:
        """Return a code for the audit: the id of the place, or a hash of the extent. Names stay out of it."""
        return self.place or f"area_{hashlib.sha256(json.dumps(_extent_form(self)).encode()).hexdigest()[:20]}"


def covers(areas: Iterable[Area], *, lat: float, lon: float) -> bool:
    """Return whether a place lies in one of the areas; without areas, nothing does."""
    return any(area.contains(lat=lat, lon=lon) for area in areas)


def pack(areas: Sequence[Area]) -> bytes | None:
    """Encode areas for a row; None for none."""
    rows = [[area.name, area.place, *_extent_row(area)] for area in areas]
    return packed_json.pack({"format": FORMAT, "areas": rows}) if rows else None


def _extent_row(area: Area) -> list[Any]:
    if isinstance(area.extent, Box):
        return [_BOX, [*area.extent]]
    if isinstance(area.extent, Circle):
        return [_CIRCLE, [*area.extent]]
    from app.geo import encode  # imported here because few requests need it

    return [_POLYGON, b64encode(encode.pack(area.extent)).decode()]


def as_stored(some_areas: Sequence[Area]) -> tuple[Area, ...]:
    """Return areas as they will be read: corners are kept to 0.000001 degrees."""
    return unpack(pack(some_areas))


@lru_cache(maxsize=_KEPT)
def unpack(packed: bytes | None) -> tuple[Area, ...]:
    """Decode the areas of a row, once in a process. Those that cannot be read are left out: they give no right."""
    if not packed:
        return ()
    try:
        content = packed_json.unpack(packed)
        rows = content["areas"] if content["format"] == FORMAT else []
        return tuple(area for row in rows if (area := _area(*row[:4])))
    except (ValueError, LookupError, TypeError) as error:
        telemetry.logger().error("unreadable areas", extra={"reason": type(error).__name__})
        return ()


def _area(name: str, place: str, kind: str, extent: Any) -> Area | None:
    if kind == _BOX:
        return Area(name, Box(*extent), place)
    if kind == _CIRCLE:
        return Area(name, Circle(*extent), place)
    if kind != _POLYGON:
        return None  # of a later release
    from app.geo import encode  # imported here because few requests need it

    return Area(name, encode.unpack(b64decode(extent)), place)


def form(areas: Iterable[Area]) -> list[dict[str, Any]]:
    """Return areas as they are shown, and as they may be sent again."""
    return [{"name": area.name} | _extent_form(area) for area in areas]


def _extent_form(area: Area) -> dict[str, Any]:
    if area.place:
        return {"place": area.place}
    if isinstance(area.extent, Box):
        return {"bbox": [*area.extent]}
    from app.geo.polygon_geojson import to_geojson  # imported here because few requests need it

    assert not isinstance(area.extent, Circle)  # circles are places of the gazetteer
    return {"polygon": to_geojson(area.extent)}
