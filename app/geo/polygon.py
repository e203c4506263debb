"""Polygons on the globe: contained places, touched boxes and tiles. Pure.

Edges are straight in degrees (RFC 7946 §3.1.1). Shapes must come from app.geo.repair: no part crosses the antimeridian,
no ring crosses itself, parts do not overlap.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

from app.geo.box_circle import Box
from app.geo.tiles import Tile

Position = tuple[float, float]  # lon, lat in degrees
Ring = tuple[Position, ...]  # the first position again at the end
Polygon = tuple[Ring, ...]  # the outer ring, then its holes
Edge = tuple[Position, Position]
# A thousandth of a millimetre: where an edge meets a parallel, floats differ in the last digits.
_RIM_DEGREES = 1e-11
_SLACK_DEGREES = 1e-7  # as in app.geo.box_circle: a cover must never miss a place that is inside
_SEAM = 180.0


class NotAPolygon(Exception):
    """There is no usable shape; the message says why."""


@dataclass(frozen=True)
class MultiPolygon:
    """A multipolygon; every ring is closed, finite and in range."""

    polygons: tuple[Polygon, ...]

    @property
    def is_empty(self) -> bool:
        return not self.polygons

    @property
    def points(self) -> int:
        """Return the number of positions of all rings, closing ones included."""
        return sum(len(ring) for polygon in self.polygons for ring in polygon)

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """Bounding box of each polygon."""
        return tuple(_box_around(polygon[0]) for polygon in self.polygons)

    @cached_property
    def box(self) -> Box:
        """The narrowest box around all polygons, possibly across the antimeridian; raises NotAPolygon if empty."""
        if self.is_empty:
            raise NotAPolygon("there is no polygon")
        spans = sorted((box.west, box.east) for box in self.boxes)
        west, east = _narrowest(spans)
        return Box(west, min(box.south for box in self.boxes), east, max(box.north for box in self.boxes))


def _box_around(ring: Ring) -> Box:
    lons, lats = zip(*ring, strict=True)
    return Box(min(lons), min(lats), max(lons), max(lats))


def _narrowest(spans: list[tuple[float, float]]) -> tuple[float, float]:
    """Return west and east of the box that excludes the widest gap between the sorted spans."""
    first, east_most = spans[0]
    gaps = []
    for west, east in spans[1:]:
        gaps.append((west - east_most, west, east_most))
        east_most = max(east_most, east)
    outside = (first + 360 - east_most, first, east_most)
    _, west, east = max([outside, *gaps], key=lambda gap: gap[0])
    return west, east


def contains(shape: MultiPolygon, *, lat: float, lon: float) -> bool:
    """Return whether the place is inside or on an edge. The meridians 180 and -180 are one."""
    lons = (_SEAM, -_SEAM) if abs(lon) == _SEAM else (lon,)
    for polygon, box in zip(shape.polygons, shape.boxes, strict=True):
        if box.south <= lat <= box.north and any(
            box.west <= x <= box.east and _contains(polygon, x, lat) for x in lons
        ):
            return True
    return False


def _contains(polygon: Polygon, lon: float, lat: float) -> bool:
    """Even-odd rule for the outer ring and its holes: a line to a place in a hole crosses twice."""
    crossings = 0
    for ring in polygon:
        if (lon, lat) in ring:
            return True
        for (ax, ay), (bx, by) in pairwise(ring):
            if (ay > lat) != (by > lat):
                reach = ax + (lat - ay) * (bx - ax) / (by - ay) - lon
                if -_RIM_DEGREES <= reach <= _RIM_DEGREES:
                    return True
                crossings += reach > 0
            elif ay == lat == by and min(ax, bx) <= lon <= max(ax, bx):
                return True
    return crossings % 2 == 1


def touches_box(shape: MultiPolygon, box: Box) -> bool:
    """Return whether any place is both in the shape and in the box, edges included."""
    return any(
        _touches(polygon, around, Box(west, box.south, east, box.north))
        for west, east in box.spans()
        for polygon, around in zip(shape.polygons, shape.boxes, strict=True)
    )


def _touches(polygon: Polygon, around: Box, box: Box) -> bool:
    if not _overlap(around, box):
        return False
    return any(meets(edge, box) for edge in _edges(polygon)) or _contains(polygon, box.west, box.south)


def covers_box(shape: MultiPolygon, box: Box) -> bool:
    """Return whether every place of the box is in the shape. Edges may coincide."""
    pieces = [
        Box(west, box.south, east, box.north) for west, east in box.spans() if west < east or box.west == box.east
    ]
    return all(any(_covers(polygon, piece) for polygon in shape.polygons) for piece in pieces)


def _covers(polygon: Polygon, box: Box) -> bool:
    if any(_cuts(edge, box) for edge in _edges(polygon)):
        return False
    corners = ((lon, lat) for lon in (box.west, box.east) for lat in (box.south, box.north))
    middle = ((box.west + box.east) / 2, (box.south + box.north) / 2)
    return all(_contains(polygon, lon, lat) for lon, lat in (middle, *corners))


def _edges(polygon: Polygon) -> Iterator[Edge]:
    return chain.from_iterable(pairwise(ring) for ring in polygon)


def _overlap(one: Box, other: Box) -> bool:
    return one.west <= other.east and other.west <= one.east and one.south <= other.north and other.south <= one.north


def meets(edge: Edge, box: Box) -> bool:
    """Return whether the edge has a point in the box: no line along a side of either separates them."""
    (ax, ay), (bx, by) = edge
    if (ax < box.west and bx < box.west) or (ax > box.east and bx > box.east):
        return False
    if (ay < box.south and by < box.south) or (ay > box.north and by > box.north):
        return False
    sides = _sides(edge, box)
    return min(sides) <= 0 <= max(sides)


def is_on(edge: Edge, lon: float, lat: float) -> bool:
    """Return whether the place is on the edge, within the precision of floats."""
    (ax, ay), (bx, by) = edge
    if (lon, lat) in edge:
        return True
    if (ay > lat) != (by > lat):
        return abs(ax + (lat - ay) * (bx - ax) / (by - ay) - lon) <= _RIM_DEGREES
    return ay == lat == by and min(ax, bx) <= lon <= max(ax, bx)


def _cuts(edge: Edge, box: Box) -> bool:
    """Return whether the edge passes through the inside of the box, not only along its border."""
    (ax, ay), (bx, by) = edge
    if max(ax, bx) <= box.west or min(ax, bx) >= box.east or max(ay, by) <= box.south or min(ay, by) >= box.north:
        return False
    sides = _sides(edge, box)
    return min(sides) < 0 < max(sides)


def _sides(edge: Edge, box: Box) -> tuple[float, float, float, float]:
    """Return the side of the edge's line for each corner of the box: left is positive, right negative."""
    (ax, ay), (bx, by) = edge
    across, up = bx - ax, by - ay
    west, east = up * (box.west - ax), up * (box.east - ax)
    south, north = across * (box.south - ay), across * (box.north - ay)
    return south - west, north - west, south - east, north - east


def tiles(shape: MultiPolygon, z: int) -> list[Tile]:
    """Return the tiles that the shape touches, each once. Choose the zoom with care: their number grows with it."""
    return sorted(_tiles(shape, z, is_whole=False), key=lambda tile: (tile.x, tile.y))


def inner_tiles(shape: MultiPolygon, z: int) -> set[Tile]:
    """Return the tiles that lie in the shape completely, and far enough from its edges for all rounding."""
    return _tiles(shape, z, is_whole=True)


def _tiles(shape: MultiPolygon, z: int, *, is_whole: bool) -> set[Tile]:
    found_tiles: set[Tile] = set()
    for polygon, box in zip(shape.polygons, shape.boxes, strict=True):
        start = max((zoom for zoom in range(z + 1) if box.count_tiles(zoom) <= 4), default=0)
        pending = [(tile, _near(_edges(polygon), tile)) for tile in box.tiles(start)]
        while pending:
            tile, edges = pending.pop()
            if edges and tile.z < z:
                pending.extend((child, _near(edges, child)) for child in _children(tile))
            elif not is_whole if edges else _is_inside(polygon, tile):
                found_tiles.update(_descendants(tile, z))
    return found_tiles


def _near(edges: Iterable[Edge], tile: Tile) -> list[Edge]:
    west, south, east, north = tile.bounds()
    slack = _SLACK_DEGREES
    wider_box = Box(max(west - slack, -_SEAM), south - slack, min(east + slack, _SEAM), north + slack)
    pieces = [Box(left, wider_box.south, right, wider_box.north) for left, right in wider_box.spans()]
    return [edge for edge in edges if any(meets(edge, piece) for piece in pieces)]


def _is_inside(polygon: Polygon, tile: Tile) -> bool:
    """Return whether a tile that no edge meets is inside; it is so completely or not at all."""
    west, south, east, north = tile.bounds()
    return _contains(polygon, (west + east) / 2, (south + north) / 2)


def _children(tile: Tile) -> list[Tile]:
    return _descendants(tile, tile.z + 1)


def _descendants(tile: Tile, z: int) -> list[Tile]:
    more = 1 << (z - tile.z)
    return [Tile(z, tile.x * more + x, tile.y * more + y) for x in range(more) for y in range(more)]
