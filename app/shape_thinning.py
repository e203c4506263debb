"""An outline with fewer places. Pure. What is left may touch or cross itself: fit for the eye, not for questions.

Douglas and Peucker (1973): what is left out lies within the tolerance of what is kept. Done in stretches, so that
no outline takes longer than its length allows.
"""

from itertools import pairwise
from math import cos, hypot, pi, radians

from app.geo import EARTH_RADIUS_KM
from app.shape_geojson import signed_area
from app.shapes import Polygon, Position, Ring, Shape

_METRES_PER_DEGREE = EARTH_RADIUS_KM * 1000 * pi / 180
_STRETCH = 512  # places; each keeps its ends
Flat = list[tuple[float, float]]


def thinned(shape: Shape, tolerance_m: float) -> Shape:
    """An outer ring keeps at least a triangle, a hole smaller than the tolerance is let go."""
    return Shape(tuple(_simpler(polygon, tolerance_m) for polygon in shape.polygons))


def _simpler(polygon: Polygon, tolerance_m: float) -> Polygon:
    outer, *holes = polygon
    smallest = (tolerance_m / _METRES_PER_DEGREE) ** 2
    kept = (hole for hole in holes if abs(signed_area(hole)) * _narrowing(hole) > smallest)
    return tuple(_ring(ring, tolerance_m) for ring in (outer, *kept))


def _narrowing(ring: Ring) -> float:
    """How much shorter a degree of longitude is, in the ring's middle."""
    lats = [lat for _, lat in ring]
    return cos(radians((min(lats) + max(lats)) / 2))


def _ring(ring: Ring, tolerance_m: float) -> Ring:
    """The first place, the one farthest from it and the one farthest from both are always kept."""
    narrowing = _narrowing(ring)
    flat = [(lon * narrowing * _METRES_PER_DEGREE, lat * _METRES_PER_DEGREE) for lon, lat in ring]
    last = len(ring) - 1
    far = max(range(last), key=lambda number: _length(flat[0], flat[number]))
    third = max(range(last), key=lambda number: _off(flat[number], flat[0], flat[far]))
    corners = sorted({0, far, third, last})
    if len(corners) < 4 or tolerance_m <= 0:
        return ring
    kept = set(corners)
    for start, end in pairwise(corners):
        for first in range(start, end, _STRETCH):
            kept |= _kept(flat, first, min(first + _STRETCH, end), tolerance_m)
    return tuple(ring[number] for number in sorted(kept))


def _kept(flat: Flat, first: int, last: int, tolerance_m: float) -> set[int]:
    """The ends of a stretch, and between them what lies off the line."""
    kept, pending = {first, last}, [(first, last)]
    while pending:
        start, end = pending.pop()
        if end - start < 2:
            continue
        farthest = max(range(start + 1, end), key=lambda number: _off(flat[number], flat[start], flat[end]))
        if _off(flat[farthest], flat[start], flat[end]) > tolerance_m:
            kept.add(farthest)
            pending += [(start, farthest), (farthest, end)]
    return kept


def _length(one: Position, other: Position) -> float:
    return hypot(other[0] - one[0], other[1] - one[1])


def _off(place: Position, start: Position, end: Position) -> float:
    """Metres from a place to the piece between two others."""
    across, up = end[0] - start[0], end[1] - start[1]
    square = across * across + up * up
    if square == 0:
        return _length(place, start)
    share = ((place[0] - start[0]) * across + (place[1] - start[1]) * up) / square
    share = min(max(share, 0.0), 1.0)
    return _length(place, (start[0] + share * across, start[1] + share * up))
