"""Simplify polygons. Pure. The result may touch or cross itself: for drawing only.

Douglas and Peucker (1973): removed positions are within the tolerance of the simplified line. Done in stretches with
limited depth, so that the time is bounded by the length.
"""

from collections.abc import Callable, Sequence
from itertools import groupby, pairwise
from math import cos, hypot, pi, radians
from typing import NamedTuple

from app.geo.box_circle import Box
from app.geo.coordinates import EARTH_RADIUS_KM
from app.geo.polygon import MultiPolygon, Polygon, Ring
from app.geo.polygon_geojson import signed_area

_METRES_PER_DEGREE = EARTH_RADIUS_KM * 1000 * pi / 180
_STRETCH = 512  # positions; each stretch keeps its ends
_DEEPEST = 16  # a round outline needs half of it; growing teeth would take a pass for each tooth
# If there are more than this many times the positions wanted, all rings are first thinned by spacing, since the exact
# method takes some microseconds for each.
_WITH_CARE = 8
_SHORT = 16  # positions of a ring that needs no spacing
_FINEST_M = 0.1  # the grid on which outlines are stored
_WIDEST_M = 21_000_000.0  # half of the globe: nothing is left to simplify
Flat = list[tuple[float, float]]


def simplified(shape: MultiPolygon, tolerance_m: float) -> MultiPolygon:
    """Simplify; an outer ring keeps at least a triangle, a hole smaller than the tolerance is dropped."""
    return MultiPolygon(tuple(_simplified_polygon(polygon, tolerance_m) for polygon in shape.polygons))


def simplified_to_budget(shapes: Sequence[MultiPolygon], tolerance_m: float, *, most: int) -> list[MultiPolygon]:
    """Simplify for drawing to at most `most` positions in all; shapes above their share become coarser.

    Parts smaller than the tolerance are dropped, except the largest of a shape: each keeps at least a triangle. Removed
    positions are within a few times a shape's last tolerance of the simplified line.
    """
    tolerance_m = max(tolerance_m, _FINEST_M)
    spaced = [_SimplifiedOutline(_spaced(_large(shape, tolerance_m), tolerance_m / 4), tolerance_m) for shape in shapes]
    few = _fewer(spaced, most * _WITH_CARE, _spaced)
    fewest = _fewer([outline.by(simplified) for outline in few], most, simplified)
    return [outline.shape for outline in fewest]


class _SimplifiedOutline(NamedTuple):
    """A shape and its current tolerance."""

    shape: MultiPolygon
    tolerance_m: float

    def by(self, thin: "Simplify", times: float = 1.0) -> "_SimplifiedOutline":
        tolerance_m = self.tolerance_m * times
        return _SimplifiedOutline(thin(_large(self.shape, tolerance_m), tolerance_m), tolerance_m)


Simplify = Callable[[MultiPolygon, float], MultiPolygon]


def _fewer(outlines: list[_SimplifiedOutline], most: int, thin: Simplify) -> list[_SimplifiedOutline]:
    """Coarsen until at most `most` positions are left. Few rounds: the tolerance grows with a shape's excess."""
    share = most // max(len(outlines), 1)
    while sum(outline.shape.points for outline in outlines) > most:
        over = [outline.shape.points > share and outline.tolerance_m < _WIDEST_M for outline in outlines]
        if not any(over):
            break
        outlines = [
            outline.by(thin, max(2.0, outline.shape.points / (share + 1) / 2)) if is_over else outline
            for outline, is_over in zip(outlines, over, strict=True)
        ]
    return outlines


def _large(shape: MultiPolygon, tolerance_m: float) -> MultiPolygon:
    """Drop parts smaller than the tolerance; the largest always stays."""
    if len(shape.polygons) < 2:
        return shape
    sizes = [_metres_across(box) for box in shape.boxes]
    least = min(tolerance_m, max(sizes))
    return MultiPolygon(tuple(part for part, size in zip(shape.polygons, sizes, strict=True) if size >= least))


def _metres_across(box: Box) -> float:
    across = (box.east - box.west) * cos(radians((box.south + box.north) / 2))
    return hypot(across, box.north - box.south) * _METRES_PER_DEGREE


def _spaced(shape: MultiPolygon, spacing_m: float) -> MultiPolygon:
    """Remove positions of long rings that are nearer than the spacing to the last one kept. One pass."""
    return MultiPolygon(
        tuple(
            tuple(ring if len(ring) <= _SHORT else _spaced_ring(ring, spacing_m) for ring in polygon)
            for polygon in shape.polygons
        )
    )


def _spaced_ring(ring: Ring, spacing_m: float) -> Ring:
    up = spacing_m / _METRES_PER_DEGREE
    across = up / max(_narrowing(ring), 1e-6)
    west, south = ring[0]
    positions = [ring[0]]
    for lon, lat in ring[1:-1]:
        if abs(lon - west) > across or abs(lat - south) > up:
            positions.append((lon, lat))
            west, south = lon, lat
    return (*positions, ring[0]) if len(positions) > 2 else _ring(ring, spacing_m)


def rounded(shape: MultiPolygon, places: int) -> MultiPolygon:
    """Round to some decimals without repeated positions; parts that collapse are dropped, but never a whole shape."""
    polygons = []
    for outer, *holes in ([_rounded(ring, places) for ring in polygon] for polygon in shape.polygons):
        if outer:
            polygons.append((outer, *filter(None, holes)))
    return MultiPolygon(tuple(polygons)) if polygons else shape


def _rounded(ring: Ring, places: int) -> Ring:
    """Round a closed ring; empty without three different positions."""
    distinct_positions = tuple(
        position for position, _ in groupby((round(lon, places), round(lat, places)) for lon, lat in ring)
    )
    return distinct_positions if len(set(distinct_positions)) > 2 else ()


def _simplified_polygon(polygon: Polygon, tolerance_m: float) -> Polygon:
    outer, *holes = polygon
    smallest = (tolerance_m / _METRES_PER_DEGREE) ** 2
    large_holes = (hole for hole in holes if abs(signed_area(hole)) * _narrowing(hole) > smallest)
    return tuple(_ring(ring, tolerance_m) for ring in (outer, *large_holes))


def _narrowing(ring: Ring) -> float:
    """Return the length of a degree of longitude in the ring's middle, relative to one at the equator."""
    lats = [lat for _, lat in ring]
    return cos(radians((min(lats) + max(lats)) / 2))


def _ring(ring: Ring, tolerance_m: float) -> Ring:
    """Simplify a ring; the first position, the one farthest from it and the one farthest from both are kept."""
    narrowing = _narrowing(ring)
    flat = [(lon * narrowing * _METRES_PER_DEGREE, lat * _METRES_PER_DEGREE) for lon, lat in ring]
    last = len(ring) - 1
    far, _ = _farthest(flat, range(last), 0, 0)
    third, _ = _farthest(flat, range(last), 0, far)
    corners = sorted({0, far, third, last})
    if len(corners) < 4 or tolerance_m <= 0:
        return ring
    kept_numbers = set(corners)
    for start, end in pairwise(corners):
        for first in range(start, end, _STRETCH):
            kept_numbers |= _kept_numbers(flat, first, min(first + _STRETCH, end), tolerance_m)
    return tuple(ring[number] for number in sorted(kept_numbers))


def _kept_numbers(flat: Flat, first: int, last: int, tolerance_m: float) -> set[int]:
    """Return the kept positions of a stretch: its ends, and those farther than the tolerance from the line."""
    numbers, pending = {first, last}, [(first, last, 0)]
    while pending:
        start, end, depth = pending.pop()
        if end - start < 2:
            continue
        farthest, square = _farthest(flat, range(start + 1, end), start, end)
        if square > tolerance_m * tolerance_m:
            middle = farthest if depth < _DEEPEST else (start + end) // 2
            numbers.add(middle)
            pending += [(start, middle, depth + 1), (middle, end, depth + 1)]
    return numbers


def _farthest(flat: Flat, numbers: range, start: int, end: int) -> tuple[int, float]:
    """Return the position farthest from the segment between two, and its squared distance in metres. Hot loop."""
    (west, south), (east, north) = flat[start], flat[end]
    across, up = east - west, north - south
    length = across * across + up * up or 1.0
    farthest, most = numbers.start, -1.0
    for number in numbers:
        lon, lat = flat[number]
        lon, lat = lon - west, lat - south
        share = (lon * across + lat * up) / length
        if share > 0:
            share = min(share, 1.0)
            lon, lat = lon - share * across, lat - share * up
        square = lon * lon + lat * lat
        if square > most:
            farthest, most = number, square
    return farthest, most
