"""Make polygons valid: rings closed and simple, overlapping parts joined, cut at the antimeridian. Pure.

Only the ingest of warnings needs this; it loads pyclipper (polygon clipping on integers, so that rounding is exact).
Every position is put on the grid of app.geo.encode.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import asin, atan2, ceil, cos, degrees, pi, radians, sin
from typing import Any

import pyclipper

from app.geo.antimeridian import shifted_beside, unwrapped
from app.geo.coordinates import EARTH_RADIUS_KM, is_on_globe
from app.geo.encode import PER_DEGREE
from app.geo.polygon import MultiPolygon, NotAPolygon, Polygon, Position, Ring

# Pairs of edges that a parallel can meet together. The worst accepted shape takes some seconds; a coast of 50,000
# positions has half of it.
MOST_PAIRS = 2_500_000
_LONGEST_DEGREES = 90.0  # a longer edge, beyond half a turn, would be read as the short way round
_HALF_TURN, _TURN, _POLE = (degrees_ * PER_DEGREE for degrees_ in (180, 360, 90))
Path = list[tuple[int, int]]


def make_valid(shape: MultiPolygon) -> MultiPolygon:
    """Return a valid shape of the same area; raises NoShape if there is none or if it is too complex.

    Everything that a ring goes around is inside, whatever its winding: a warned place is never lost.
    """
    return _assembled([path for polygon in shape.polygons for path in _sound(polygon)])


def union(shapes: Iterable[MultiPolygon]) -> MultiPolygon:
    """Return the union of shapes."""
    return make_valid(MultiPolygon(tuple(polygon for shape in shapes for polygon in shape.polygons)))


def circle(*, lat: float, lon: float, radius_km: float, corners: int = 64) -> MultiPolygon:
    """Return a polygon around the circle, so that no place in it is lost: with 64 corners up to 0.12 % wider."""
    if not is_on_globe(lat=lat, lon=lon):
        raise NotAPolygon("the circle's middle is not on the globe")
    angle = radius_km / EARTH_RADIUS_KM / cos(pi / corners)
    if not 0 < angle < pi / 2:
        raise NotAPolygon(f"a circle of {radius_km:g} km has no outline")
    ring = [_moved(lat, lon, angle, radians(360 * number / corners)) for number in range(corners)]
    return make_valid(MultiPolygon((((*ring, ring[0]),),)))


def _moved(lat: float, lon: float, angle: float, bearing: float) -> Position:
    """Return the place at an angular distance and bearing (spherical direct formula)."""
    phi = radians(lat)
    to_phi = asin(max(-1.0, min(1.0, sin(phi) * cos(angle) + cos(phi) * sin(angle) * cos(bearing))))
    turn = atan2(sin(bearing) * sin(angle), cos(phi) * cos(angle) - sin(phi) * sin(angle) * cos(bearing))
    return (lon + degrees(turn) + 180) % 360 - 180, degrees(to_phi)


def _sound(polygon: Polygon) -> list[Path]:
    """Subtract the holes from the outer ring, and cut at the antimeridian."""
    outer, *holes = (unwrapped(ring) for ring in polygon)
    inner = [_path(shifted_beside(hole, outer)) for hole in holes]
    paths = _clipped([_path(outer)], inner, pyclipper.CT_DIFFERENCE)
    west = min((x for path in paths for x, _ in path), default=0)
    east = max((x for path in paths for x, _ in path), default=0)
    if west >= -_HALF_TURN and east <= _HALF_TURN:
        return paths
    return list(_cut(paths, west, east))


def _path(ring: Ring) -> Path:
    return [(round(lon * PER_DEGREE), round(lat * PER_DEGREE)) for lon, lat in ring[:-1]]


def _cut(paths: list[Path], west: int, east: int) -> Iterator[Path]:
    """Cut into parts of one turn each, and shift them into -180 to 180 degrees."""
    for turn in range((west + _HALF_TURN) // _TURN, (east + _HALF_TURN) // _TURN + 1):
        west_edge, east_edge = turn * _TURN - _HALF_TURN, turn * _TURN + _HALF_TURN
        window = [(west_edge, -_POLE), (east_edge, -_POLE), (east_edge, _POLE), (west_edge, _POLE)]
        for path in _clipped(paths, [window], pyclipper.CT_INTERSECTION):
            yield [(x - turn * _TURN, y) for x, y in path]


def _clipped(paths: list[Path], others: list[Path], how: int) -> list[Path]:
    clipper = _clipper(paths, others)
    return clipper.Execute(how, pyclipper.PFT_NONZERO, pyclipper.PFT_NONZERO) if clipper else []


def _clipper(paths: list[Path], others: list[Path]) -> Any:
    """Build the clipper; None if the paths have no area."""
    _refuse_tangle([*paths, *others])
    clipper = pyclipper.Pyclipper()
    is_added = [_add(clipper, path, pyclipper.PT_SUBJECT) for path in paths]
    for path in others:
        _add(clipper, path, pyclipper.PT_CLIP)
    return clipper if any(is_added) else None


def _add(clipper: Any, path: Path, kind: int) -> bool:
    try:
        clipper.AddPath(path, kind, True)
    except pyclipper.ClipperException:  # a ring without area
        return False
    return True


def _refuse_tangle(paths: list[Path]) -> None:
    """Refuse shapes that take too long: time grows with the pairs of edges that a parallel can meet together."""
    spans = [sorted((a[1], b[1])) for path in paths for a, b in pairwise([*path, path[0]])]
    ends = sorted(north for _, north in spans)
    starts = sorted(south for south, _ in spans)
    pairs = sum(number - bisect_left(ends, south) for number, south in enumerate(starts))
    if pairs > MOST_PAIRS:
        raise NotAPolygon("the outline is too tangled")


def _assembled(paths: list[Path]) -> MultiPolygon:
    clipper = _clipper(paths, [])
    tree = clipper.Execute2(pyclipper.CT_UNION, pyclipper.PFT_NONZERO, pyclipper.PFT_NONZERO) if clipper else None
    polygons = tuple(_polygons(tree)) if tree else ()
    if not polygons:
        raise NotAPolygon("the outline has no area")
    return MultiPolygon(tuple(sorted(polygons)))


def _polygons(node: Any) -> Iterator[Polygon]:
    """Yield the polygons of a tree in which outer rings and holes alternate."""
    pending = _below(node)
    while pending:
        outer = pending.pop()
        holes = _below(outer)
        yield tuple(_ring(node.Contour) for node in (outer, *holes))
        pending.extend(inner for hole in holes for inner in _below(hole))


def _below(node: Any) -> list[Any]:
    return list(node.Childs)  # codespell:ignore childs


def _ring(contour: list[list[int]]) -> Ring:
    places: list[Position] = []
    for (ax, ay), (bx, by) in pairwise([*contour, contour[0]]):
        pieces = max(1, ceil(abs(bx - ax) / (_LONGEST_DEGREES * PER_DEGREE)))
        between = ((round(ax + (bx - ax) * n / pieces), round(ay + (by - ay) * n / pieces)) for n in range(pieces))
        places.extend((x / PER_DEGREE, y / PER_DEGREE) for x, y in between)
    first = places.index(min(places))  # start at the smallest position, so that the same area gives the same ring
    return (*places[first:], *places[: first + 1])
