"""Convert places in projected systems to degrees, where arithmetic alone does it. Pure.

EPSG:3857 by its definition (a sphere of 6,378,137 m; IOGP guidance note 7-2, 3.2.1.2), EPSG:27700 by Ordnance Survey's
published formulas (`app.gazetteer.national_grid`, to about 5 m).
"""

import re
from collections.abc import Callable
from math import atan, degrees, exp, pi
from typing import Any, NamedTuple

from app.core.parse_time import UnreadableTime
from app.core.unicode_text import shown
from app.gazetteer import national_grid
from app.reports.importer.row import Unreadable

Converter = Callable[[float, float], tuple[float, float]]  # x, y -> lon, lat
_RADIUS_M = 6_378_137.0
_HALF_M = pi * _RADIUS_M
_EAST_M, _NORTH_M = (0.0, 700_000.0), (0.0, 1_300_000.0)
_DEGREES = re.compile(r"(?:CRS:?84h?|WGS[ _]?(?:19)?84|\b(?:4326|4979|4269|4258|4283|4167))$", re.I)
_CODES = re.compile(r"(\d{4,6})$", re.ASCII)


class _System(NamedTuple):
    """A projected system that is read."""

    name: str
    to_degrees: Converter


def _from_mercator(x: float, y: float) -> tuple[float, float]:
    if abs(x) > _HALF_M * 1.0001 or abs(y) > _HALF_M * 1.0001:
        raise UnreadableTime(f"{x}, {y} is not within EPSG:3857")
    return degrees(x / _RADIUS_M), degrees(2 * atan(exp(y / _RADIUS_M)) - pi / 2)


def _from_national_grid(x: float, y: float) -> tuple[float, float]:
    if x == 0 or y == 0:  # the edges of the grid lie in the sea: a zero is a number that is missing
        raise UnreadableTime(f"{x:g}, {y:g} of EPSG:27700 stands for no place")
    if not (_EAST_M[0] <= x < _EAST_M[1] and _NORTH_M[0] <= y < _NORTH_M[1]):
        raise UnreadableTime(f"{x}, {y} is not within the British National Grid (EPSG:27700)")
    lat, lon = national_grid.to_degrees(x, y)
    return lon, lat


_MERCATOR = _System("EPSG:3857 (Web Mercator)", _from_mercator)
_GRID = _System("EPSG:27700 (British National Grid)", _from_national_grid)
_SYSTEMS = {"3857": _MERCATOR, "900913": _MERCATOR, "102100": _MERCATOR, "102113": _MERCATOR, "27700": _GRID}
READ = "EPSG:4326, EPSG:3857, EPSG:27700"


def converter_of(name: str) -> Converter | None:
    """Return what converts places of a system, None for degrees; raises Unreadable for a system that is not read."""
    if not name or _DEGREES.search(name.strip()):
        return None
    code = _CODES.search(name.strip())
    system = _SYSTEMS.get(code[1]) if code else None
    if system is None:
        raise Unreadable(
            f"The places are in {shown(name)}, which is not read here (read are {READ}). Project the file to WGS 84 "
            "(EPSG:4326) first: ogr2ogr -t_srs EPSG:4326 -f GeoJSON reports.geojson FILE"
        )
    return system.to_degrees


def title_of(name: str) -> str:
    """Return the name of a system for people."""
    code = _CODES.search(name.strip())
    return _SYSTEMS[code[1]].name if code and code[1] in _SYSTEMS else name


def likely_system(x: float, y: float) -> str:
    """Return a sentence on numbers that are no degrees: which systems are read, and which of them these may be in.

    Irish, British and UTM grids share their ranges, so the hint never says to take one of them.
    """
    fits = []
    if _EAST_M[0] < x < _EAST_M[1] and _NORTH_M[0] < y < _NORTH_M[1]:
        fits.append(_GRID.name)
    if abs(x) <= _HALF_M and abs(y) <= _HALF_M:
        fits.append(_MERCATOR.name)
    known = f"if you know that it is {' or '.join(fits)}, say --crs with its code; " if fits else ""
    return (
        "they look like metres or feet of a grid that the file does not name: "
        f"{known}project other grids (Irish, UTM, ...) to EPSG:4326 first. Read are {READ}"
    )


def converted(geometry: Any, convert: Converter) -> Any:
    """Return a geometry with all its positions converted; what is no position stays, to be refused later."""
    if not isinstance(geometry, dict):
        return geometry
    if isinstance(geometry.get("geometries"), list):
        return {**geometry, "geometries": [converted(inner, convert) for inner in geometry["geometries"]]}
    return {**geometry, "coordinates": _converted(geometry.get("coordinates"), convert)}


def _converted(value: Any, convert: Converter) -> Any:
    if not isinstance(value, list):
        return value
    if len(value) > 1 and all(isinstance(one, int | float) and not isinstance(one, bool) for one in value[:2]):
        if any(abs(one) > 1e9 for one in value[:2]):
            raise UnreadableTime(f"{shown(value)} is no place")
        return list(convert(float(value[0]), float(value[1])))
    return [_converted(inner, convert) for inner in value]
