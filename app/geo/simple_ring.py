"""Simple rings: whether a ring meets itself nowhere, its parts where it touches itself, its hull. Pure.

Exact, on the grid of app.geo.encode: in whole millionths of a degree.
"""

from collections.abc import Iterable
from itertools import pairwise

from app.geo.encode import PER_DEGREE
from app.geo.polygon import Ring
from app.geo.polygon_geojson import signed_area

FEWEST = 4  # positions of a closed ring
Point = tuple[int, int]
Edge = tuple[Point, Point]


def is_simple(ring: Ring) -> bool:
    """Return whether no two edges of a closed ring meet, except neighbours in their common end."""
    points = _points(ring)
    edges = list(pairwise(points))
    if len(edges) < FEWEST - 1 or any(a == b for a, b in edges):
        return False
    if any(_turns_back(*one, other[1]) for one, other in pairwise([*edges, edges[0]])):
        return False
    last, active = len(edges) - 1, list[int]()
    for number in sorted(range(len(edges)), key=lambda number: min(edges[number])[0]):
        edge = edges[number]
        west = min(edge)[0]
        active = [other for other in active if max(edges[other])[0] >= west]
        for other in active:
            if abs(number - other) not in (1, last) and _meet(edge, edges[other]):
                return False
        active.append(number)
    return True


def parted(ring: Ring) -> list[Ring]:
    """Cut a ring where it touches itself in a position; parts without area are left out."""
    parts, passed, at = list[Ring](), list[tuple[float, float]](), dict[tuple[float, float], int]()
    for position in _rounded(ring):
        if position not in at:
            at[position] = len(passed)
            passed.append(position)
            continue
        first = at[position]
        parts.append((*passed[first:], position))
        for left in passed[first + 1 :]:
            del at[left]
        del passed[first + 1 :]
    return [part for part in parts if len(part) >= FEWEST and signed_area(part)]


def hull(ring: Ring) -> Ring:
    """Return the convex hull of a ring (Andrew's monotone chain), closed; it covers all that the ring goes around."""
    points = sorted(set(_points(ring)))
    lower, upper = _half_hull(points), _half_hull(reversed(points))
    corners = [*lower[:-1], *upper[:-1]] or points
    return tuple((x / PER_DEGREE, y / PER_DEGREE) for x, y in (*corners, corners[0]))


def _half_hull(points: Iterable[Point]) -> list[Point]:
    half: list[Point] = []
    for point in points:
        while len(half) > 1 and _side(half[-2], half[-1], point) <= 0:
            half.pop()
        half.append(point)
    return half


def _points(ring: Ring) -> list[Point]:
    return [(round(lon * PER_DEGREE), round(lat * PER_DEGREE)) for lon, lat in ring]


def _rounded(ring: Ring) -> list[tuple[float, float]]:
    """Return the positions on the grid, without repeated ones."""
    points = _points(ring)
    distinct = [points[0], *(after for before, after in pairwise(points) if after != before)]
    return [(x / PER_DEGREE, y / PER_DEGREE) for x, y in distinct]


def _turns_back(start: Point, corner: Point, end: Point) -> bool:
    """Return whether an edge runs back over the one before it."""
    ahead = (corner[0] - start[0]) * (end[0] - corner[0]) + (corner[1] - start[1]) * (end[1] - corner[1])
    return ahead < 0 and _side(start, corner, end) == 0


def _meet(one: Edge, other: Edge) -> bool:
    (a, b), (c, d) = one, other
    if max(a[1], b[1]) < min(c[1], d[1]) or max(c[1], d[1]) < min(a[1], b[1]):
        return False
    if max(a[0], b[0]) < min(c[0], d[0]) or max(c[0], d[0]) < min(a[0], b[0]):
        return False
    return _side(a, b, c) * _side(a, b, d) <= 0 and _side(c, d, a) * _side(c, d, b) <= 0


def _side(a: Point, b: Point, c: Point) -> int:
    """Return a positive number if the third point is to the left of the line, 0 if it is on it."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
