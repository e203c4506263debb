"""Test places against a polygon in nested boxes: each step looks only at the edges in the previous box. Pure.

A place is inside or not depending on its box's corner: each edge crossed on the way along a parallel and then a
meridian changes the answer. Crossings are counted as for a path shifted slightly to the north-east, so that each counts
once.
"""

from dataclasses import dataclass
from itertools import pairwise

from app.geo.box_circle import Box
from app.geo.polygon import Edge, MultiPolygon, is_on, meets


@dataclass(frozen=True, slots=True)
class ClippedOutline:
    """One box with the edges that meet it. Neither the box nor an edge crosses the antimeridian."""

    box: Box
    edges: list[Edge]
    is_corner_inside: bool  # the south-west corner

    @property
    def touches(self) -> bool:
        """Return whether any place of the box is inside."""
        return bool(self.edges) or self.is_corner_inside

    @property
    def covers(self) -> bool:
        """Return whether the whole box is inside, with no edge in it."""
        return not self.edges and self.is_corner_inside

    def within(self, box: Box) -> "ClippedOutline":
        """Return the piece of a box inside this one."""
        edges = [edge for edge in self.edges if meets(edge, box)]
        return ClippedOutline(box, edges, self._is_inside(box.west, box.south))

    def contains(self, *, lat: float, lon: float) -> bool:
        """Return whether a place of the box is inside or on an edge."""
        return self._is_inside(lon, lat) or any(is_on(edge, lon, lat) for edge in self.edges)

    def _is_inside(self, lon: float, lat: float) -> bool:
        west, south = self.box.west, self.box.south
        crossings = 0
        for (ax, ay), (bx, by) in self.edges:
            if (ay > south) != (by > south):
                crossings += west < ax + (south - ay) * (bx - ax) / (by - ay) <= lon
            if (ax > lon) != (bx > lon):
                crossings += south < ay + (lon - ax) * (by - ay) / (bx - ax) <= lat
        return self.is_corner_inside != (crossings % 2 == 1)


def clip_to_box(shape: MultiPolygon, box: Box) -> ClippedOutline:
    """Return the piece of a shape in a box that does not cross the antimeridian."""
    all_edges = [edge for polygon in shape.polygons for ring in polygon for edge in pairwise(ring)]
    crossings = sum(
        (ay > box.south) != (by > box.south) and ax + (box.south - ay) * (bx - ax) / (by - ay) > box.west
        for (ax, ay), (bx, by) in all_edges
    )
    return ClippedOutline(box, [edge for edge in all_edges if meets(edge, box)], crossings % 2 == 1)
