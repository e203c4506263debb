"""Tell land from sea by the map's coast squares, which infra/coast.py writes and coast.js draws."""

import json
from collections.abc import Sequence
from functools import cache, lru_cache
from math import cos, pi, radians, sin
from typing import Any

from app.geo.tiles import tile_at
from app.pages.frame import assets

_INDEX = "coast/index.json"
_DIGITS = {
    digit: value for value, digit in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
}
_SEA, _LAND = "sea", "land"
# Error of the drawn shore by the zoom of a square; the last holds for all coarser squares.
_SLACK_KM = {5: 1.5}
_COARSE_SLACK_KM = 8.0
_BEARINGS = 8
_KM_PER_DEGREE = 111.2
Rings = list[list[tuple[int, int]]]


def is_at_sea(*, lat: float, lon: float) -> bool:
    """Return whether a place is at sea: no land there, nor within the error of the drawn shore."""
    level = _level_of(lat, lon)
    slack_km = _SLACK_KM.get(level["z"], _COARSE_SLACK_KM) if level else 0.0
    return not any(_is_land(*position) for position in ((lat, lon), *_around(lat, lon, slack_km)))


def _around(lat: float, lon: float, km: float) -> list[tuple[float, float]]:
    up = km / _KM_PER_DEGREE
    along = up / max(cos(radians(lat)), 0.01)
    angles = [2 * pi * number / _BEARINGS for number in range(_BEARINGS)]
    return [
        (min(max(lat + up * cos(angle), -90.0), 90.0), (lon + along * sin(angle) + 180) % 360 - 180) for angle in angles
    ]


def _is_land(lat: float, lon: float) -> bool:
    level = _level_of(lat, lon)
    if level is None:
        return False
    tile = tile_at(lat=lat, lon=lon, z=level["z"])
    name = f"{tile.x}-{tile.y}"
    what = level["squares"].get(name, _SEA)
    if what in (_SEA, _LAND):
        return bool(what == _LAND)
    fine = tile_at(lat=lat, lon=lon, z=level["z"] + _bits(level["units"]))
    x, y = (value - corner * level["units"] for value, corner in zip(fine[1:], tile[1:], strict=True))
    return _holds(_rings(f"coast/{level['z']}-{name}.json"), x + 0.5, y + 0.5)


def _level_of(lat: float, lon: float) -> dict[str, Any] | None:
    """Return the finest level with a square at the place."""
    levels = ((level, tile_at(lat=lat, lon=lon, z=level["z"])) for level in reversed(_levels()))
    return next((level for level, tile in levels if f"{tile.x}-{tile.y}" in level["squares"]), None)


def _bits(units: int) -> int:
    """Return the power of two of the units on a square's side."""
    return units.bit_length() - 1


def _holds(rings: Rings, x: float, y: float) -> bool:
    """Return whether a point is inside the rings, by the even-odd rule."""
    return sum(_crossings(ring, x, y) for ring in rings) % 2 == 1


def _crossings(ring: Sequence[tuple[int, int]], x: float, y: float) -> int:
    """Count the edges that a ray from the point to the east crosses."""
    crossed, (from_x, from_y) = 0, ring[-1]
    for to_x, to_y in ring:
        if (from_y > y) != (to_y > y) and x < from_x + (y - from_y) * (to_x - from_x) / (to_y - from_y):
            crossed += 1
        from_x, from_y = to_x, to_y
    return crossed


@cache
def _levels() -> list[dict[str, Any]]:
    index = assets.find(_INDEX)
    levels: list[dict[str, Any]] = json.loads(index.content)["levels"] if index else []
    return levels


@lru_cache(maxsize=4)
def _rings(name: str) -> Rings:
    square = assets.find(name)
    return [_decoded(text) for text in json.loads(square.content)] if square else []


def _decoded(text: str) -> list[tuple[int, int]]:
    """Decode a ring: its steps are zigzag numbers in digits of five bits; the sixth bit means that more follow."""
    numbers, value, weight = [], 0, 1
    for digit in map(_DIGITS.__getitem__, text):
        value += (digit & 31) * weight
        weight *= 32
        if digit < 32:
            numbers.append(-(value + 1) // 2 if value & 1 else value // 2)
            value, weight = 0, 1
    ring, x, y = [], 0, 0
    for step_x, step_y in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + step_x, y + step_y
        ring.append((x, y))
    return ring
