"""Where sources speak: whether what they cover holds a place wholly, in part or not at all.

Absence of a warning means something only where somebody would have said it (docs/decisions/0025).
"""

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from math import asin, atan2, cos, degrees, pi, radians, sin
from pathlib import Path
from typing import TYPE_CHECKING

from app.gazetteer import territories
from app.geo.box_circle import Box, Circle
from app.geo.coordinates import EARTH_RADIUS_KM

if TYPE_CHECKING:
    from app.geo.polygon import Shape

_RINGS, _BEARINGS = 3, 24
Place = Circle | Box


class Reach(StrEnum):
    """How much of a place is covered."""

    ALL = "all"
    PART = "part"
    NONE = "none"


def reach(covers: Sequence[str], place: Place) -> Reach:
    """How much of a place these territories and files cover together."""
    shapes = [outline(one) for one in covers if _is_near(one, place)]
    touched = [shape for shape in shapes if _touches(shape, place)]
    if not touched:
        return Reach.NONE
    if any(_holds(shape, place) for shape in touched):
        return Reach.ALL
    if len(touched) == 1:
        return Reach.PART
    return Reach.ALL if all(_is_in(touched, lat=lat, lon=lon) for lat, lon in _samples(place)) else Reach.PART


def outline(named: str) -> "Shape":
    """The outline of a territory's code, or of a GeoJSON file."""
    return _read_file(named) if _is_file(named) else territories.outline(named)


def mistake_in(named: str) -> str:
    """What is wrong with a code or file, after the words `covers`; empty when nothing is."""
    if not _is_file(named):
        return (
            "" if named in territories.territories() else f"{named!r}, which is no country's code (ISO 3166-1 alpha-2)"
        )
    from app.geo.polygon import NoShape  # here, because most deployments name no file

    try:
        _read_file(named)
    except OSError as error:
        return f"{named}, which cannot be read ({error.strerror or type(error).__name__})"
    except (ValueError, RecursionError):
        return f"{named}, which is no JSON"
    except NoShape as error:
        return f"{named}, which draws no area: {error}"
    return ""


def _is_file(named: str) -> bool:
    return named.lower().endswith((".geojson", ".json"))


@cache
def _read_file(named: str) -> "Shape":
    from app.geo.polygon_geojson import read_geojson  # as above

    return read_geojson(json.loads(Path(named).read_text(encoding="utf-8")))


def _is_near(named: str, place: Place) -> bool:
    """By boxes: most outlines need not be unpacked."""
    if _is_file(named):
        return True
    around = place.box() if isinstance(place, Circle) else place
    return any(_meet(box, around) for box in territories.territories()[named].boxes)


def _meet(one: Box, other: Box) -> bool:
    is_level = one.south <= other.north and other.south <= one.north
    return is_level and any(w <= other_e and other_w <= e for w, e in one.spans() for other_w, other_e in other.spans())


def _touches(shape: "Shape", place: Place) -> bool:
    from app.geo.distance import touches_circle  # here, as outlines are looked at where there is one near
    from app.geo.polygon import touches_box

    if isinstance(place, Box):
        return touches_box(shape, place)
    return touches_circle(shape, lat=place.lat, lon=place.lon, radius_km=place.radius_km)


def _holds(shape: "Shape", place: Place) -> bool:
    from app.geo.distance import holds_circle  # as above
    from app.geo.polygon import covers_box

    if isinstance(place, Box):
        return covers_box(shape, place)
    return holds_circle(shape, lat=place.lat, lon=place.lon, radius_km=place.radius_km)


def _is_in(shapes: Sequence["Shape"], *, lat: float, lon: float) -> bool:
    from app.geo.polygon import contains  # as above

    return any(contains(shape, lat=lat, lon=lon) for shape in shapes)


def _samples(place: Place) -> Iterator[tuple[float, float]]:
    """Places all over a circle or box, its rim with them, as (lat, lon)."""
    if isinstance(place, Box):
        steps = [number / _BEARINGS for number in range(_BEARINGS + 1)]
        up = place.north - place.south
        for west, east in place.spans():
            yield from ((place.south + up * y, west + (east - west) * x) for x in steps for y in steps)
        return
    yield place.lat, place.lon
    for ring in range(1, _RINGS + 1):
        for bearing in range(_BEARINGS):
            yield _onward(place, km=place.radius_km * ring / _RINGS, angle=2 * pi * bearing / _BEARINGS)


def _onward(circle: Circle, *, km: float, angle: float) -> tuple[float, float]:
    """The place so far from a circle's middle, in that direction."""
    away, lat = km / EARTH_RADIUS_KM, radians(circle.lat)
    there = asin(sin(lat) * cos(away) + cos(lat) * sin(away) * cos(angle))
    turn = atan2(sin(angle) * sin(away) * cos(lat), cos(away) - sin(lat) * sin(there))
    return degrees(there), (circle.lon + degrees(turn) + 180) % 360 - 180
