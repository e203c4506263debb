"""Convert GeoJSON (RFC 7946) to a shape and back. Pure.

Tolerant: open rings are closed, a third coordinate is dropped, longitudes up to a turn out of range are wrapped. The
result is not yet valid: app.geo.repair makes it so.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import isfinite
from typing import Any

from app.geo.polygon import MultiPolygon, NotAPolygon, Polygon, Position, Ring

MOST_POINTS = 100_000  # the largest official area seen has a tenth of that
_DEEPEST = 16  # nested collections
_INNER = {"Feature": "geometry", "FeatureCollection": "features", "GeometryCollection": "geometries"}
_NO_AREA = {"Point", "MultiPoint", "LineString", "MultiLineString"}
_ROUNDING_DEGREES = 1e-6


def read_geojson(value: Any) -> MultiPolygon:
    """Read all polygons of a geometry, feature or collection; raises NoShape with the reason."""
    others: set[str] = set()
    polygons = [tuple(rings) for rings in _found(value, others) if rings]
    if not polygons:
        raise NotAPolygon(
            f"there is no polygon, only {', '.join(sorted(others))}" if others else "there is no geometry"
        )
    return _counted(MultiPolygon(tuple(_readable(polygons))))


def from_rings(outer_rings: Iterable[Iterable[Position]]) -> MultiPolygon:
    """Build one polygon for each ring of (lon, lat); raises NoShape."""
    return _counted(MultiPolygon(tuple(_readable([[list(ring)] for ring in outer_rings]))))


def _counted(shape: MultiPolygon) -> MultiPolygon:
    if shape.is_empty:
        raise NotAPolygon("no ring has three different points")
    if shape.points > MOST_POINTS:
        raise NotAPolygon(f"more than {MOST_POINTS} points")
    return shape


def _found(value: Any, others: set[str], *, depth: int = 0) -> Iterator[list[Any]]:
    """Yield the unparsed rings of each polygon."""
    if value is None:
        return
    if not isinstance(value, dict):
        raise NotAPolygon(f"not a GeoJSON object but {type(value).__name__}")
    kind = str(value.get("type"))
    if kind in _INNER:
        if depth == _DEEPEST:
            raise NotAPolygon("nested too deep")
        inner = value.get(_INNER[kind])
        for one in [inner] if kind == "Feature" else _list(inner):
            yield from _found(one, others, depth=depth + 1)
    elif kind in _NO_AREA:
        others.add(kind)
    else:
        yield from _polygons(kind, value.get("coordinates"))


def _polygons(kind: str, coordinates: Any) -> list[list[Any]]:
    if kind == "Polygon":
        return [_list(coordinates)]
    if kind == "MultiPolygon":
        return [_list(rings) for rings in _list(coordinates)]
    raise NotAPolygon(f"not a GeoJSON type: {kind[:40]}")


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise NotAPolygon(f"coordinates or members are {type(value).__name__}, not a list")
    return value


def _readable(polygons: Iterable[Iterable[Any]]) -> Iterator[Polygon]:
    """Parse rings; drop holes without area, and polygons whose outer ring has none."""
    for rings in polygons:
        outer, *holes = (_ring(ring) for ring in rings)
        if outer:
            yield (outer, *(hole for hole in holes if hole))


def _ring(value: Any) -> Ring:
    """Parse and close a ring; empty without three different positions."""
    places = [_position(position) for position in _list(value)]
    if len(set(places)) < 3:
        return ()
    return tuple(places) if places[0] == places[-1] else (*places, places[0])


def _position(value: Any) -> Position:
    if not isinstance(value, (list, tuple)) or len(value) < 2:
        raise NotAPolygon("a position is not a pair of numbers")
    lon, lat = _degrees(value[0]), _degrees(value[1])
    if abs(lat) > 90 + _ROUNDING_DEGREES or abs(lon) > 540:
        raise NotAPolygon(f"not on the globe: longitude {lon:g}, latitude {lat:g}")
    wrapped = lon if abs(lon) <= 180 else (lon + 180) % 360 - 180
    return wrapped, min(max(lat, -90.0), 90.0)


def _degrees(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise NotAPolygon("a position is not a pair of numbers")
    if isinstance(value, int) and abs(value) > 1000:  # may be out of a float's range
        raise NotAPolygon("not on the globe")
    if not isfinite(value):
        raise NotAPolygon("a position is not finite")
    return float(value)


def to_geojson(shape: MultiPolygon) -> dict[str, Any]:
    """Build a Polygon or MultiPolygon geometry; outer rings run counter-clockwise, holes clockwise."""
    polygons = [
        [_positions(ring, left=number == 0) for number, ring in enumerate(polygon)] for polygon in shape.polygons
    ]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _positions(ring: Ring, *, left: bool) -> list[list[float]]:
    turned = ring if (signed_area(ring) > 0) == left else ring[::-1]
    return [[lon, lat] for lon, lat in turned]


def signed_area(ring: Ring) -> float:
    """Return the area in square degrees; positive if the ring runs counter-clockwise."""
    west, south = ring[0]
    shifted = [(lon - west, lat - south) for lon, lat in ring]
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(shifted)) / 2
