"""Reduce a GeoJSON geometry to one position: the point, halfway along a line, a point inside a polygon. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, dist, isfinite, radians
from typing import Any

from app.core.parse_time import UnreadableTime
from app.core.unicode_text import shown

Position = tuple[float, float]  # lon, lat in degrees
Ring = list[Position]
_DEEPEST = 16  # nested geometry collections


@dataclass
class _Parts:
    points: list[Position] = field(default_factory=list)
    lines: list[Ring] = field(default_factory=list)
    polygons: list[list[Ring]] = field(default_factory=list)


def point_of(geometry: Any) -> Position:
    """Return a position (lon, lat) on or in the geometry; raises Unusable with the reason.

    Of several parts the largest polygon is used, else the longest line, else the point nearest to the mean of all.
    """
    parts = _Parts()
    _gather(geometry, parts, depth=0)
    if parts.polygons:
        lon, lat = _inside(max(parts.polygons, key=lambda rings: _area(rings[0])))
    elif parts.lines:
        lon, lat = _halfway(max(parts.lines, key=_length))
    elif parts.points:
        lon, lat = _most_central(parts.points)
    else:
        raise UnreadableTime("the geometry is empty")
    if abs(lon) > 180:  # a shape that crosses the antimeridian
        lon -= 360 if lon > 0 else -360
    return lon, lat


def _gather(geometry: Any, parts: _Parts, *, depth: int) -> None:
    if geometry is None:
        raise UnreadableTime("there is no geometry")
    if not isinstance(geometry, dict):
        raise UnreadableTime(f"the geometry is not an object: {shown(geometry)}")
    if geometry.get("type") == "GeometryCollection":
        if depth == _DEEPEST:
            raise UnreadableTime("the geometry is nested too deep")
        for inner in _list(geometry.get("geometries"), "geometries"):
            _gather(inner, parts, depth=depth + 1)
        return
    _gather_shape(geometry, parts)


def _gather_shape(geometry: dict[str, Any], parts: _Parts) -> None:
    coordinates = geometry.get("coordinates")
    match geometry.get("type"):
        case "Point":
            parts.points += [_position(coordinates)] if coordinates != [] else []
        case "MultiPoint":
            parts.points += [_position(member) for member in _list(coordinates)]
        case "LineString":
            parts.lines += _line(coordinates)
        case "MultiLineString":
            parts.lines += [line for member in _list(coordinates) for line in _line(member)]
        case "Polygon":
            parts.polygons += _polygon(coordinates)
        case "MultiPolygon":
            parts.polygons += [polygon for member in _list(coordinates) for polygon in _polygon(member)]
        case other:
            raise UnreadableTime(f"{shown(other)} is not a type of geometry")


def _list(value: Any, what: str = "coordinates") -> list[Any]:
    if not isinstance(value, list):
        raise UnreadableTime(f"the {what} of the geometry are not a list")
    return value


def _line(value: Any) -> list[Ring]:
    positions = [_position(position, reach=360) for position in _list(value)]
    return [_unwrapped(positions)] if positions else []


def _polygon(value: Any) -> list[list[Ring]]:
    rings = [ring for ring_value in _list(value) for ring in _line(ring_value)]
    if not rings:
        return []
    start = rings[0][0][0]
    return [[rings[0], *(_beside(ring, start) for ring in rings[1:])]]


def _position(value: Any, *, reach: int = 180) -> Position:
    """Check a position. Longitudes of lines and polygons may exceed 180 at the antimeridian."""
    if not isinstance(value, list) or len(value) < 2:
        raise UnreadableTime(f"{shown(value)} is not a position of two numbers")
    return checked_position(lon=value[0], lat=value[1], reach=reach)


def checked_position(*, lon: Any, lat: Any, reach: int = 180) -> Position:
    """Return (lon, lat) if both are finite numbers on the globe; raises Unusable."""
    for name, value in (("longitude", lon), ("latitude", lat)):
        if value is None:
            raise UnreadableTime(f"there is no {name}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnreadableTime(f"the {name} {shown(value)} is not a number")
        if abs(value) > 1e300 or not isfinite(value):
            raise UnreadableTime(f"the {name} is not a finite number")
    if abs(lat) <= 90 and abs(lon) <= reach:
        return float(lon), float(lat)
    hint = ""
    if abs(lat) > 360 or abs(lon) > 360:
        hint = "; these are not degrees (a projected grid?)"
    elif abs(lon) <= 90 < abs(lat) <= 180:
        hint = "; latitude and longitude look swapped"
    raise UnreadableTime(f"latitude {lat}, longitude {lon} is not on the globe{hint}")


def _unwrapped(positions: Sequence[Position]) -> Ring:
    """Make a line continuous across the antimeridian; longitudes may exceed 180."""
    out, turn = [positions[0]], 0.0
    for (before, _), (lon, lat) in pairwise(positions):
        if 180 < abs(lon - before) < 360:
            turn += 360 if lon < before else -360
        out.append((lon + turn, lat))
    return out


def _beside(ring: Ring, lon: float) -> Ring:
    turn = 360 * round((lon - ring[0][0]) / 360)
    return [(lon + turn, lat) for lon, lat in ring]


def _length(line: Ring) -> float:
    shrink = cos(radians(line[0][1]))
    return sum(dist((a[0] * shrink, a[1]), (b[0] * shrink, b[1])) for a, b in pairwise(line))


def _halfway(line: Ring) -> Position:
    shrink = cos(radians(line[0][1]))
    remaining_length = _length(line) / 2
    for (lon, lat), (to_lon, to_lat) in pairwise(line):
        step = dist((lon * shrink, lat), (to_lon * shrink, to_lat))
        if step and remaining_length <= step:
            return lon + (to_lon - lon) * remaining_length / step, lat + (to_lat - lat) * remaining_length / step
        remaining_length -= step
    return line[-1]


def _area(ring: Ring) -> float:
    """Approximate area in square degrees at the equator; for comparing only."""
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*ring, ring[0]]))
    return abs(twice) / 2 * cos(radians(ring[0][1]))


def _inside(rings: list[Ring]) -> Position:
    """Return a point inside a polygon: the middle of its widest section on a parallel near its centre.

    Method of JTS's InteriorPointArea; the parallel passes through no corner. Without an area: halfway along the outer
    ring.
    """
    lats = sorted({lat for ring in rings for _, lat in ring})
    if len(lats) < 2:
        return _halfway(rings[0])
    above = min(bisect_right(lats, (lats[0] + lats[-1]) / 2), len(lats) - 1)
    lat = (lats[above - 1] + lats[above]) / 2
    crossings = sorted(lon for ring in rings for lon in _crossings(ring, lat))
    pieces = list(zip(crossings[::2], crossings[1::2], strict=True))
    if not pieces:
        return _halfway(rings[0])
    west, east = max(pieces, key=lambda piece: piece[1] - piece[0])
    return (west + east) / 2, lat


def _crossings(ring: Ring, lat: float) -> list[float]:
    edges = pairwise([*ring, ring[0]])
    return [
        from_lon + (to_lon - from_lon) * (lat - from_lat) / (to_lat - from_lat)
        for (from_lon, from_lat), (to_lon, to_lat) in edges
        if (from_lat > lat) != (to_lat > lat)
    ]


def _most_central(points: list[Position]) -> Position:
    middle = (sum(lon for lon, _ in points) / len(points), sum(lat for _, lat in points) / len(points))
    return min(points, key=lambda point: dist(point, middle))
