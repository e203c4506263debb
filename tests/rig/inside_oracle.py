"""Reports inside outlines by shapely and the stored rows alone, and a naive twin of the product, which adds up records.

None of the product's code counts here.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import cos, pi, radians, sin
from typing import Any

from shapely import union_all
from shapely.geometry import Point, Polygon

Ring = list[tuple[float, float]]  # lon, lat
PUBLIC = ("pending", "verified")
COARSE_M = 1000


def star(chance: random.Random, *, lat: float, lon: float, size: float, corners: int = 24) -> Ring:
    """A ragged ring around a place, of so many degrees at most."""
    ring = []
    for corner in range(corners):
        turn, reach = 2 * pi * corner / corners, size * chance.uniform(0.3, 1)
        ring.append((round(lon + cos(turn) * reach / cos(radians(lat)), 6), round(lat + sin(turn) * reach, 6)))
    return [*ring, ring[0]]


def counts(rings: Mapping[str, Ring], rows: Iterable[Mapping[str, Any]], now_ms: int) -> dict[str, int]:
    """Count the rows inside each ring that are active and known closely enough."""
    points = _points(rows, now_ms)
    return {name: sum(map(Polygon(ring).covers, points)) for name, ring in rings.items()}


def in_any(rings: Sequence[Ring], rows: Iterable[Mapping[str, Any]], now_ms: int) -> int:
    """Count those inside at least one of several rings."""
    return sum(map(union_all([Polygon(ring) for ring in rings]).covers, _points(rows, now_ms)))


def _points(rows: Iterable[Mapping[str, Any]], now_ms: int) -> list[Point]:
    return [
        Point(float(row["lon"]), float(row["lat"]))
        for row in rows
        if row["status"] in PUBLIC and row["expires"] > now_ms and row["radius_m"] < COARSE_M
    ]


class Naive:
    """It adds one for each report that a record brings, and takes one off for each that it ends."""

    def __init__(self, rings: Mapping[str, Ring]) -> None:
        self.polygons = {name: Polygon(ring) for name, ring in rings.items()}
        self.counts: Counter[str] = Counter(dict.fromkeys(rings, 0))

    def take(self, records: Iterable[Mapping[str, Any]]) -> None:
        for record in records:
            images = record["dynamodb"]
            self._add(images.get("NewImage"), 1)
            self._add(images.get("OldImage"), -1)

    def _add(self, image: Mapping[str, Any] | None, number: int) -> None:
        if image and image["status"]["S"] in PUBLIC and int(image["radius"]["N"]) < COARSE_M:
            place = Point(float(image["lon"]["N"]), float(image["lat"]["N"]))
            self.counts.update({name: number for name, polygon in self.polygons.items() if polygon.covers(place)})
