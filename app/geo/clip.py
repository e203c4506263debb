"""Clip a polygon to a box. Pure. For drawing only: parts of one ring may be connected along the box's edge.

Sutherland and Hodgman (1974): a ring is cut along one side of the box after the other.
"""

from itertools import pairwise

from app.geo.box_circle import Box
from app.geo.polygon import MultiPolygon, Polygon, Position, Ring
from app.geo.polygon_geojson import signed_area

_NO_AREA = 1e-12  # square degrees, a hundredth of a square metre: rounding residue
_LON, _LAT = 0, 1


def clipped(shape: MultiPolygon, box: Box) -> MultiPolygon:
    """Clip to a box, which may cross the antimeridian or reach beyond it; empty if nothing is inside."""
    pieces = [
        _within(polygon, around, Box(west, box.south, east, box.north))
        for west, east in box.spans()
        for polygon, around in zip(shape.polygons, shape.boxes, strict=True)
    ]
    return MultiPolygon(tuple(piece for piece in pieces if piece))


def _within(polygon: Polygon, around: Box, box: Box) -> Polygon:
    """Clip one polygon; empty if it has no area in the box: outside, touching it, or with the box inside a hole."""
    if around.east <= box.west or around.west >= box.east or around.north <= box.south or around.south >= box.north:
        return ()
    if box.west <= around.west and around.east <= box.east and box.south <= around.south and around.north <= box.north:
        return polygon
    outer, *holes = (_clipped(ring, box) for ring in polygon)
    remaining_holes = [hole for hole in holes if hole]
    area = abs(signed_area(outer)) if outer else 0.0
    return (
        (outer, *remaining_holes) if area - sum(abs(signed_area(hole)) for hole in remaining_holes) > _NO_AREA else ()
    )


def _clipped(ring: Ring, box: Box) -> Ring:
    """Clip one ring, closed; empty if no area is left."""
    sides = ((_LON, box.west, 1), (_LON, box.east, -1), (_LAT, box.south, 1), (_LAT, box.north, -1))
    for axis, limit, sign in sides:
        ring = _cut(ring, axis, limit, sign)
    return ring if ring and abs(signed_area(ring)) > _NO_AREA else ()


def _cut(ring: Ring, axis: int, limit: float, sign: int) -> Ring:
    """Cut a ring along a line: keep the side above the limit for sign 1, below it for -1."""
    inside = [(position[axis] - limit) * sign >= 0 for position in ring]
    if all(inside):
        return ring
    clipped_positions: list[Position] = []
    for (start, end), (was_in, is_in) in zip(pairwise(ring), pairwise(inside), strict=True):
        if was_in != is_in:
            clipped_positions.append(_crossing(start, end, axis, limit))
        if is_in:
            clipped_positions.append(end)
    return (*clipped_positions, clipped_positions[0]) if clipped_positions else ()


def _crossing(start: Position, end: Position, axis: int, limit: float) -> Position:
    share = (limit - start[axis]) / (end[axis] - start[axis])
    if axis == _LON:
        return limit, start[_LAT] + share * (end[_LAT] - start[_LAT])
    return start[_LON] + share * (end[_LON] - start[_LON]), limit
