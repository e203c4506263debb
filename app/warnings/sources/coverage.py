"""Coverage of sources: whether the territories of some sources contain a place completely, in part or not at all.

The absence of a warning means something only where a source would have issued one (docs/decisions/0025).
"""

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from math import asin, atan2, cos, degrees, pi, radians, sin
from pathlib import Path
from typing import TYPE_CHECKING

from app.gazetteer import territories
from app.geo.box_circle import Box, Circle, SearchArea
from app.geo.coordinates import EARTH_RADIUS_KM

if TYPE_CHECKING:
    from app.geo.polygon import MultiPolygon

_RINGS, _BEARINGS = 3, 24


class Reach(StrEnum):
    """Part of a search area that is covered."""

    ALL = "all"
    PART = "part"
    NONE = "none"


def reach(covers: Sequence[str], search_area: SearchArea) -> Reach:
    """Return how much of an area these territories and files cover together."""
    shapes = [outline(cover) for cover in covers if _is_near(cover, search_area)]
    touched = [shape for shape in shapes if _touches(shape, search_area)]
    if not touched:
        return Reach.NONE
    if any(_holds(shape, search_area) for shape in touched):
        return Reach.ALL
    if len(touched) == 1:
        return Reach.PART
    return Reach.ALL if all(_is_in(touched, lat=lat, lon=lon) for lat, lon in _samples(search_area)) else Reach.PART


def outline(name_or_file: str) -> "MultiPolygon":
    """Return the outline of a territory's code, or of a GeoJSON file."""
    return _read_file(name_or_file) if _is_file(name_or_file) else territories.outline(name_or_file)


def mistake_in(name_or_file: str) -> str:
    """Return what is wrong with a code or file, to follow the word `covers`; empty if nothing is."""
    if not _is_file(name_or_file):
        return (
            ""
            if name_or_file in territories.territories()
            else f"{name_or_file!r}, which is no country's code (ISO 3166-1 alpha-2)"
        )
    from app.geo.polygon import NotAPolygon  # imported here because most deployments name no file

    try:
        _read_file(name_or_file)
    except OSError as error:
        return f"{name_or_file}, which cannot be read ({error.strerror or type(error).__name__})"
    except (ValueError, RecursionError):
        return f"{name_or_file}, which is no JSON"
    except NotAPolygon as error:
        return f"{name_or_file}, which draws no area: {error}"
    return ""


def _is_file(name_or_file: str) -> bool:
    return name_or_file.lower().endswith((".geojson", ".json"))


@cache
def _read_file(name_or_file: str) -> "MultiPolygon":
    from app.geo.polygon_geojson import read_geojson  # as above

    return read_geojson(json.loads(Path(name_or_file).read_text(encoding="utf-8")))


def _is_near(name_or_file: str, search_area: SearchArea) -> bool:
    """Compare boxes first: most outlines need not be unpacked."""
    if _is_file(name_or_file):
        return True
    around = search_area.box() if isinstance(search_area, Circle) else search_area
    return any(box.intersects(around) for box in territories.territories()[name_or_file].boxes)


def _touches(shape: "MultiPolygon", search_area: SearchArea) -> bool:
    from app.geo.distance import touches_circle  # imported here because most places need no outline
    from app.geo.polygon import touches_box

    if isinstance(search_area, Box):
        return touches_box(shape, search_area)
    return touches_circle(shape, lat=search_area.lat, lon=search_area.lon, radius_km=search_area.radius_km)


def _holds(shape: "MultiPolygon", search_area: SearchArea) -> bool:
    from app.geo.distance import covers_circle  # as above
    from app.geo.polygon import covers_box

    if isinstance(search_area, Box):
        return covers_box(shape, search_area)
    return covers_circle(shape, lat=search_area.lat, lon=search_area.lon, radius_km=search_area.radius_km)


def _is_in(shapes: Sequence["MultiPolygon"], *, lat: float, lon: float) -> bool:
    from app.geo.polygon import contains  # as above

    return any(contains(shape, lat=lat, lon=lon) for shape in shapes)


def _samples(search_area: SearchArea) -> Iterator[tuple[float, float]]:
    """Yield sample positions (lat, lon) in a circle or box, its edge included."""
    if isinstance(search_area, Box):
        steps = [number / _BEARINGS for number in range(_BEARINGS + 1)]
        up = search_area.north - search_area.south
        for west, east in search_area.spans():
            yield from ((search_area.south + up * y, west + (east - west) * x) for x in steps for y in steps)
        return
    yield search_area.lat, search_area.lon
    for ring in range(1, _RINGS + 1):
        for bearing in range(_BEARINGS):
            yield _onward(search_area, km=search_area.radius_km * ring / _RINGS, angle=2 * pi * bearing / _BEARINGS)


def _onward(circle: Circle, *, km: float, angle: float) -> tuple[float, float]:
    """Return the position at a distance and bearing (radians) from a circle's centre."""
    away, lat = km / EARTH_RADIUS_KM, radians(circle.lat)
    there = asin(sin(lat) * cos(away) + cos(lat) * sin(away) * cos(angle))
    turn = atan2(sin(angle) * sin(away) * cos(lat), cos(away) - sin(lat) * sin(there))
    return degrees(there), (circle.lon + degrees(turn) + 180) % 360 - 180
