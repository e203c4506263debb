"""The place of a subscription as it was asked for, and what is stored of it: a shape for exact tests, and squares."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from app.alerts import cover
from app.alerts.cover import TooLarge
from app.core.errors import Invalid, Mistake
from app.geo.box_circle import Box, Circle
from app.geo.tiles import Tile
from app.warnings.area_models import Area

CIRCLE, BOX, AREA = "c", "b", "a"  # kinds of shapes, first in their list
_AROUND_CENTRE_KM = 10  # of an area without an outline
_NO_AREA = "There is no such area. GET /v1/areas lists them."
_NO_EXTENT = "Of this area neither an outline nor a centre is known. Give a place and a radius."
_TOO_LARGE = "This is too large for alerts. Give a part of it."

Tiles = Callable[[int], list[Tile]]


def attributes_of(place: dict[str, Any], subscription_id: str) -> dict[str, str]:
    """Return what a subscription stores of a place: `{lat, lon, radius_km}`, `{bbox}` or `{area}`.

    Raises Invalid for an area that does not exist, and for a place that is too large.
    """
    shape, tiles_at, named = _read(place)
    try:
        squares = cover.squares_of(tiles_at)
    except TooLarge as error:
        raise _refused("range", _TOO_LARGE) from error
    return {
        "packed_place": _packed(place | named),
        "packed_shape": _packed(shape),
        "packed_squares": _packed([cover.key_of(square, subscription_id) for square in squares]),
    }


def _read(place: dict[str, Any]) -> tuple[list[Any], Tiles, dict[str, str]]:
    """Return the shape of a place, its tiles by zoom, and of an area its name."""
    if "area" in place:
        area = _area(place["area"])
        return [AREA, area.id], _tiles_of(area), {"name": area.name}
    if "bbox" in place:
        box = Box(*place["bbox"])
        return [BOX, *box], box.tiles, {}
    circle = Circle(place["lat"], place["lon"], place["radius_km"])
    return [CIRCLE, *circle], circle.tiles, {}


def _area(area_id: str) -> Area:
    area = Area.find(area_id)
    if area is None:
        raise _refused("unknown-area", _NO_AREA, "/place/area")
    return area


def _tiles_of(area: Area) -> Tiles:
    if outline := area.outline():
        from app.geo import polygon  # imported here because most requests need no outline

        return partial(polygon.tiles, outline)
    if area.lat is None or area.lon is None:
        raise _refused("no-extent", _NO_EXTENT, "/place/area")
    return Circle(float(area.lat), float(area.lon), _AROUND_CENTRE_KM).tiles


def _refused(code: str, sentence: str, pointer: str = "/place") -> Invalid:
    return Invalid([Mistake(pointer, code, sentence)])


def _packed(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
