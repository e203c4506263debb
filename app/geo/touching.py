"""Tell whether two shapes on the globe share a place, edges included. Pure, and without the clipping of polygons."""

from itertools import pairwise

from app.geo.box_circle import Box
from app.geo.polygon import Edge, MultiPolygon, Polygon, contains


def outline_of(box: Box) -> MultiPolygon:
    """Return a box as a multipolygon, in two parts if it crosses the antimeridian."""
    spans = [(west, east) for west, east in box.spans() if west < east or box.west == box.east]
    corners = [((west, box.south), (east, box.south), (east, box.north), (west, box.north)) for west, east in spans]
    return MultiPolygon(tuple(((*ring, ring[0]),) for ring in corners))


def shapes_touch(one: MultiPolygon, other: MultiPolygon) -> bool:
    """Return whether two multipolygons share a place: an edge of each meets, or one lies in the other."""
    if one.is_empty or other.is_empty or not one.box.intersects(other.box):
        return False
    return _holds_a_part(one, other) or _holds_a_part(other, one) or _edges_meet(one, other)


def _holds_a_part(shape: MultiPolygon, other: MultiPolygon) -> bool:
    """Return whether the first place of any polygon lies in the shape: enough where no edges meet."""
    starts = (polygon[0][0] for polygon in other.polygons)
    return any(contains(shape, lat=lat, lon=lon) for lon, lat in starts)


def _edges_meet(one: MultiPolygon, other: MultiPolygon) -> bool:
    for polygon, around in zip(one.polygons, one.boxes, strict=True):
        for neighbour, box in zip(other.polygons, other.boxes, strict=True):
            if around.intersects(box) and _any_meet(_within(polygon, box), _within(neighbour, around)):
                return True
    return False


def _within(polygon: Polygon, box: Box) -> list[Edge]:
    """Return the edges of a polygon whose own boxes touch a box, from west to east."""
    edges = (edge for ring in polygon for edge in pairwise(ring))
    return sorted((edge for edge in edges if _spans(edge, box)), key=_west)


def _spans(edge: Edge, box: Box) -> bool:
    (ax, ay), (bx, by) = edge
    in_columns = min(ax, bx) <= box.east and max(ax, bx) >= box.west
    return in_columns and min(ay, by) <= box.north and max(ay, by) >= box.south


def _west(edge: Edge) -> float:
    return min(edge[0][0], edge[1][0])


def _east(edge: Edge) -> float:
    return max(edge[0][0], edge[1][0])


def _any_meet(edges: list[Edge], others: list[Edge]) -> bool:
    """Return whether any two edges meet. Both lists are in order: only those that lie above each other are compared."""
    beside: list[Edge] = []
    waiting = iter(others)
    following = next(waiting, None)
    for edge in edges:
        while following is not None and _west(following) <= _east(edge):
            beside.append(following)
            following = next(waiting, None)
        beside = [other for other in beside if _east(other) >= _west(edge)]
        if any(_meet(edge, other) for other in beside):
            return True
    return False


def _meet(edge: Edge, other: Edge) -> bool:
    """Return whether two straight edges share a place: the ends of each lie on both sides of the other."""
    (ax, ay), (bx, by) = edge
    (cx, cy), (dx, dy) = other
    if max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return False
    return _are_apart(edge, (cx, cy), (dx, dy)) and _are_apart(other, (ax, ay), (bx, by))


def _are_apart(edge: Edge, one: tuple[float, float], other: tuple[float, float]) -> bool:
    return _side(edge, one) * _side(edge, other) <= 0


def _side(edge: Edge, place: tuple[float, float]) -> float:
    (ax, ay), (bx, by) = edge
    return (bx - ax) * (place[1] - ay) - (by - ay) * (place[0] - ax)
