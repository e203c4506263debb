"""Distance from a place to a polygon, on the sphere of mean radius. Pure.

The distance to an edge is the haversine distance to its nearest point, found by Newton steps: right to 0.1 %
everywhere, poles and antimeridian included (tests compare it with points along every edge). A lower bound for all
points in a box makes it fast, because it excludes nearly all edges.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import asin, ceil, cos, inf, pi, radians, sin, sqrt

from app.geo.coordinates import EARTH_RADIUS_KM
from app.geo.polygon import Edge, MultiPolygon, Position, Ring, contains

_RUN = 32  # edges that share one bounding box
_STEPS = 6  # each reduces most of the remaining error; the last ones change millimetres
_LONGEST_DEGREES = 1.0  # a longer edge may have two nearest points


def shape_distance_km(shape: MultiPolygon, *, lat: float, lon: float, at_most_km: float = inf) -> float:
    """Return the distance in km: 0 inside, else to the nearest edge; infinite beyond `at_most_km`."""
    if contains(shape, lat=lat, lon=lon):
        return 0.0
    limit = _haversine(at_most_km)
    nearest = _nearest(shape, _View(lat, lon), limit * (1 + 1e-9))
    if nearest > limit * (1 + 1e-9):
        return inf
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(nearest)))


def touches_circle(shape: MultiPolygon, *, lat: float, lon: float, radius_km: float) -> bool:
    """Return whether any place of the shape is within the great-circle distance."""
    return shape_distance_km(shape, lat=lat, lon=lon, at_most_km=radius_km) < inf


def covers_circle(shape: MultiPolygon, *, lat: float, lon: float, radius_km: float) -> bool:
    """Return whether every place within the distance is inside: no edge is nearer."""
    limit = _haversine(radius_km)
    return contains(shape, lat=lat, lon=lon) and _nearest(shape, _View(lat, lon), limit) >= limit


def _haversine(km: float) -> float:
    """Return the haversine of a distance, which grows with it and needs neither root nor inverse."""
    angle = km / EARTH_RADIUS_KM
    return sin(angle / 2) ** 2 if angle < pi else inf


@dataclass(frozen=True)
class _View:
    """Haversines as seen from one place."""

    lat: float
    lon: float

    def to(self, lon: float, lat: float) -> float:
        return self._of(radians(lat - self.lat), radians(lon - self.lon), cos(radians(lat)))

    def _of(self, up: float, turn: float, narrowing: float) -> float:
        return sin(up / 2) ** 2 + cos(radians(self.lat)) * narrowing * sin(turn / 2) ** 2

    def least(self, lons: list[float], lats: list[float]) -> float:
        """Return a lower bound for every point of the box around these, with each factor at its minimum."""
        west, east, south, north = min(lons), max(lons), min(lats), max(lats)
        up = max(south - self.lat, self.lat - north, 0.0)
        inside = west <= self.lon <= east
        turn = 0.0 if inside else min((west - self.lon) % 360, (self.lon - east) % 360)
        # Rounding may make a right angle's cosine slightly negative.
        narrowing = max(0.0, min(cos(radians(south)), cos(radians(north))))
        return self._of(radians(up), radians(turn), narrowing) * (1 - 1e-12)

    def to_edge(self, start: Position, across: float, up: float) -> float:
        """Return the haversine to the nearest point of a short straight piece."""
        share = 0.5
        best = min(self.to(*start), self.to(start[0] + across, start[1] + up))
        for _ in range(_STEPS):
            lon, lat = start[0] + share * across, start[1] + share * up
            best = min(best, self.to(lon, lat))
            share = min(max(share - self._step(lon, lat, across, up), 0.0), 1.0)
        return min(best, self.to(start[0] + share * across, start[1] + share * up))

    def _step(self, lon: float, lat: float, across: float, up: float) -> float:
        """Return Newton's step along the piece, with the curvature of the flat map around it."""
        scale = cos(radians(self.lat))
        narrowing, turn = scale * cos(radians(lat)), radians(lon - self.lon)
        slope = up * sin(radians(lat - self.lat)) / 2 + across * narrowing * sin(turn) / 2
        slope -= up * scale * sin(radians(lat)) * sin(turn / 2) ** 2
        bend = radians(up * up + narrowing * across * across) / 2
        return slope / bend if bend > 0 else 0.0


def _nearest(shape: MultiPolygon, view: _View, limit: float) -> float:
    """Return the least haversine to any edge, or a number above the limit if none is within it."""
    best = limit if limit < inf else 2.0
    nearest_km = inf
    for bound, ring, first in sorted(_runs(shape, view), key=lambda run: run[0]):
        if bound > best:
            break
        for edge in pairwise(ring[first : first + _RUN + 1]):
            nearest_km = min(nearest_km, _to_edge(view, edge, best))
            best = min(best, nearest_km)
    return nearest_km


def _runs(shape: MultiPolygon, view: _View) -> Iterator[tuple[float, Ring, int]]:
    """Yield runs of edges: a lower bound, the ring, and the index at which the run starts."""
    for ring in (ring for polygon in shape.polygons for ring in polygon):
        lons, lats = [lon for lon, _ in ring], [lat for _, lat in ring]
        for first in range(0, len(ring) - 1, _RUN):
            yield view.least(lons[first : first + _RUN + 1], lats[first : first + _RUN + 1]), ring, first


def _to_edge(view: _View, edge: Edge, best: float) -> float:
    """Return the haversine to an edge, or infinity if a bound exceeds the best one so far."""
    (ax, ay), (bx, by) = edge
    if view.least([ax, bx], [ay, by]) > best:
        return inf
    pieces = max(1, ceil(max(abs(bx - ax), abs(by - ay)) / _LONGEST_DEGREES))
    across, up = (bx - ax) / pieces, (by - ay) / pieces
    starts = ((ax + number * across, ay + number * up) for number in range(pieces))
    near = (start for start in starts if view.least([start[0], start[0] + across], [start[1], start[1] + up]) <= best)
    return min((view.to_edge(start, across, up) for start in near), default=inf)
