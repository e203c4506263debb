"""A small map drawn by the server, for paper and for browsers that run no script: a place and what is warned there."""

from collections.abc import Sequence
from itertools import groupby
from math import cos, radians
from typing import TYPE_CHECKING, NamedTuple

from app.geo import Box
from app.pages.outlines import towns
from app.web import wording

if TYPE_CHECKING:
    from app.shapes import Ring, Shape

WIDTH, HEIGHT = 640, 360
_M_PER_DEGREE = 111_195.0
_MOST_TOWNS = 6
_SCALES_M = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
_LONGEST_SCALE = 140
_LETTER = 8  # pixels that a letter of a town's name takes, about
_LINE = 20
_EDGE = 10


class Area(NamedTuple):
    """One outline as an SVG path."""

    path: str
    severity: str


class Town(NamedTuple):
    """A name and where its middle is, in pixels."""

    name: str
    x: int
    y: int


class Picture(NamedTuple):
    """All that the template draws, in pixels."""

    areas: list[Area]
    towns: list[Town]
    x: int
    y: int
    radius: int
    scale_width: int
    scale: str


class _Frame:
    """From degrees to pixels: straight, which nobody sees over a few kilometres."""

    def __init__(self, *, lat: float, lon: float, metres_across: float) -> None:
        self.lat, self.lon = lat, lon
        self.per_m = WIDTH / metres_across
        self.narrowing = max(cos(radians(lat)), 0.01)

    def x(self, lon: float) -> float:
        away = (lon - self.lon + 180) % 360 - 180
        return WIDTH / 2 + away * self.narrowing * _M_PER_DEGREE * self.per_m

    def y(self, lat: float) -> float:
        return HEIGHT / 2 - (lat - self.lat) * _M_PER_DEGREE * self.per_m

    def box(self) -> Box:
        """What the picture shows, wide enough at least that towns near its edge are found."""
        half_lat = HEIGHT / 2 / self.per_m / _M_PER_DEGREE
        half_lon = min(WIDTH / 2 / self.per_m / _M_PER_DEGREE / self.narrowing, 179.0)
        west, east = ((self.lon + side + 180) % 360 - 180 for side in (-half_lon, half_lon))
        return Box(west, max(self.lat - half_lat, -90.0), east, min(self.lat + half_lat, 90.0))


def around(
    *, lat: float, lon: float, metres_across: float, radius_m: float = 0, shapes: Sequence[tuple["Shape", str]] = ()
) -> Picture:
    """A picture of so many metres around a place; `shapes` come with their severities, the gravest last."""
    frame = _Frame(lat=lat, lon=lon, metres_across=metres_across)
    scale_m = max((metres for metres in _SCALES_M if metres * frame.per_m <= _LONGEST_SCALE), default=_SCALES_M[0])
    return Picture(
        areas=[Area(_path(shape, frame), severity) for shape, severity in shapes],
        towns=_towns(frame),
        x=WIDTH // 2,
        y=HEIGHT // 2,
        radius=round(radius_m * frame.per_m),
        scale_width=round(scale_m * frame.per_m),
        scale=wording.distance(scale_m),
    )


def of_shape(shape: "Shape", severity: str) -> Picture:
    """A picture of one outline, whole."""
    box = shape.box
    width_degrees = (box.east - box.west) % 360 or 0.001
    lat, lon = (box.south + box.north) / 2, (box.west + width_degrees / 2 + 180) % 360 - 180
    wide_m = width_degrees * max(cos(radians(lat)), 0.01) * _M_PER_DEGREE
    high_m = (box.north - box.south) * _M_PER_DEGREE * WIDTH / HEIGHT
    return around(lat=lat, lon=lon, metres_across=max(wide_m, high_m, 500) * 1.15, shapes=[(shape, severity)])


def _path(shape: "Shape", frame: _Frame) -> str:
    from app.shape_thinning import thinned  # here, as what draws is loaded where something is drawn

    fine = thinned(shape, 1.5 / frame.per_m)
    return "".join(_ring(ring, frame) for polygon in fine.polygons for ring in polygon)


def _ring(ring: "Ring", frame: _Frame) -> str:
    """Far outside the picture nobody sees where a line runs."""
    limit = WIDTH * 8
    places = [
        f"{min(max(frame.x(lon), -limit), limit):.0f} {min(max(frame.y(lat), -limit), limit):.0f}" for lon, lat in ring
    ]
    return f"M{'L'.join(place for place, _ in groupby(places))}Z" if len(set(places)) > 2 else ""


def _towns(frame: _Frame) -> list[Town]:
    """The largest towns of the picture whose names do not meet."""
    shown: list[Town] = []
    for place in towns(frame.box()):
        town = Town(place["name"], round(frame.x(place["lon"])), round(frame.y(place["lat"])))
        if _fits(town) and not any(_meet(town, other) for other in shown):
            shown.append(town)
    return shown[:_MOST_TOWNS]


def _half(town: Town) -> int:
    return len(town.name) * _LETTER // 2


def _fits(town: Town) -> bool:
    half = _half(town)
    return _EDGE + half <= town.x <= WIDTH - _EDGE - half and _LINE <= town.y <= HEIGHT - 2 * _LINE


def _meet(one: Town, other: Town) -> bool:
    return abs(one.x - other.x) < _half(one) + _half(other) and abs(one.y - other.y) < _LINE
