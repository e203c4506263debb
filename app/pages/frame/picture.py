"""A small server-drawn map for paper and for browsers without scripts: a place and the warnings there."""

from collections.abc import Sequence
from itertools import groupby
from math import cos, radians
from typing import TYPE_CHECKING, NamedTuple

from app.core.severity import Severity
from app.geo.box_circle import Box
from app.geo.coordinates import M_PER_DEGREE
from app.pages.frame import wording
from app.pages.frame.outlines import towns, width

if TYPE_CHECKING:
    from app.geo.polygon import MultiPolygon, Polygon, Ring

WIDTH, HEIGHT = 640, 360
_MOST_TOWNS = 6
_SCALES_M = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
_LONGEST_SCALE = 140
LETTER = 8  # approximate width in pixels of a letter in a town's name
LINE = 20
_EDGE = 10
MOST_AREAS = 12
# For all areas together; half of a phone's picture is drawn finer than its screen.
MOST_POINTS = 1500
_TOLERANCE = 1.5  # pixels
_BEYOND = 0.1  # of the picture's size on each side: outlines are clipped there, out of sight


class Area(NamedTuple):
    """One outline as an SVG path."""

    path: str
    severity: str


class Spot(NamedTuple):
    """A report's place in pixels."""

    severity: str
    x: int
    y: int
    is_firm: bool


class Town(NamedTuple):
    """A name and its position in pixels."""

    name: str
    x: int
    y: int


class Picture(NamedTuple):
    """Values that the template draws, in pixels, and the frame that converts to them."""

    frame: "Frame"
    areas: list[Area]
    spots: list[Spot]
    towns: list[Town]
    x: int
    y: int
    radius: int
    scale_width: int
    scale: str


class Frame:
    """Conversion of degrees to pixels: linear, which is accurate enough over a few kilometres."""

    def __init__(self, *, lat: float, lon: float, metres_across: float) -> None:
        self.lat, self.lon = lat, lon
        self.per_m = WIDTH / metres_across
        self.narrowing = max(cos(radians(lat)), 0.01)

    def x(self, lon: float) -> float:
        """Convert a longitude, which may exceed 180: a picture is not cut at the antimeridian."""
        return WIDTH / 2 + (lon - self.lon) * self.narrowing * M_PER_DEGREE * self.per_m

    def y(self, lat: float) -> float:
        return HEIGHT / 2 - (lat - self.lat) * M_PER_DEGREE * self.per_m

    def nearest_x(self, lon: float) -> float:
        """Convert a longitude on the globe, by the short way from the middle."""
        return self.x(self.lon + (lon - self.lon + 180) % 360 - 180)

    def flat(self, beyond: float) -> Box:
        """Return the picture's box plus a margin, at most a whole turn; it may reach beyond the antimeridian."""
        size = (1 + 2 * beyond) / 2 / self.per_m / M_PER_DEGREE
        half_lon = min(WIDTH * size / self.narrowing, 180.0)
        return Box(self.lon - half_lon, self.lat - HEIGHT * size, self.lon + half_lon, self.lat + HEIGHT * size)

    def box(self) -> Box:
        """Return the picture's box on the globe."""
        flat = self.flat(0)
        if flat.east - flat.west >= 360:
            return Box(-180.0, max(flat.south, -90.0), 180.0, min(flat.north, 90.0))
        west, east = ((lon + 180) % 360 - 180 for lon in (flat.west, flat.east))
        return Box(west, max(flat.south, -90.0), east, min(flat.north, 90.0))


def around(
    *,
    lat: float,
    lon: float,
    metres_across: float,
    radius_m: float = 0,
    shapes: Sequence[tuple["MultiPolygon", str]] = (),
    spots: Sequence[tuple[float, float, str, bool]] = (),
) -> Picture:
    """Draw a picture of `metres_across` around a place. Of the shapes with their severities the gravest are drawn.

    `spots`: latitude, longitude and severity of reports, and whether they are drawn filled; the gravest lie on top.
    """
    frame = Frame(lat=lat, lon=lon, metres_across=metres_across)
    scale_m = max((metres for metres in _SCALES_M if metres * frame.per_m <= _LONGEST_SCALE), default=_SCALES_M[0])
    return Picture(
        frame=frame,
        areas=_areas(shapes, frame),
        spots=[
            Spot(severity, round(frame.nearest_x(lon)), round(frame.y(lat)), is_firm)
            for lat, lon, severity, is_firm in sorted(spots, key=lambda spot: Severity(spot[2]).gravity)
        ],
        towns=_towns(frame),
        x=WIDTH // 2,
        y=HEIGHT // 2,
        radius=round(radius_m * frame.per_m),
        scale_width=round(scale_m * frame.per_m),
        scale=wording.distance(scale_m),
    )


def of_shape(shape: "MultiPolygon", severity: str) -> Picture:
    """Draw a picture of one whole outline."""
    box = shape.box
    width_degrees = width(box)
    lat, lon = (box.south + box.north) / 2, (box.west + width_degrees / 2 + 180) % 360 - 180
    wide_m = width_degrees * max(cos(radians(lat)), 0.01) * M_PER_DEGREE
    high_m = (box.north - box.south) * M_PER_DEGREE * WIDTH / HEIGHT
    return around(lat=lat, lon=lon, metres_across=max(wide_m, high_m, 500) * 1.15, shapes=[(shape, severity)])


def _areas(shapes: "Sequence[tuple[MultiPolygon, str]]", frame: Frame) -> list[Area]:
    """Draw the gravest areas, and of these the smallest, which are most specific; the first one is drawn last."""
    chosen = sorted(shapes, key=lambda drawn: (-Severity(drawn[1]).gravity, _size(drawn[0])))[:MOST_AREAS][::-1]
    if not chosen:
        return []
    from app.geo.simplify import simplified_to_budget  # imported here because only requests that draw need it

    visible_shapes = [_seen(shape, frame) for shape, _ in chosen]
    coarse = simplified_to_budget(visible_shapes, _TOLERANCE / frame.per_m, most=MOST_POINTS)
    areas = [Area(_path(shape, frame), severity) for shape, (_, severity) in zip(coarse, chosen, strict=True)]
    return [area for area in areas if area.path]


def _size(shape: "MultiPolygon") -> float:
    return width(shape.box) * (shape.box.north - shape.box.south)


def _seen(shape: "MultiPolygon", frame: Frame) -> "MultiPolygon":
    """Clip an outline to the picture, with longitudes that continue beyond the antimeridian."""
    from app.geo.clip import clipped  # as above
    from app.geo.polygon import MultiPolygon

    flat = frame.flat(_BEYOND)
    polygons: list[Polygon] = []
    for turn in (-360, 0, 360):
        part = clipped(shape, Box(flat.west - turn, flat.south, flat.east - turn, flat.north))
        polygons += [tuple(_turned(ring, turn) for ring in polygon) for polygon in part.polygons]
    return MultiPolygon(tuple(polygons))


def _turned(ring: "Ring", turn: int) -> "Ring":
    return tuple((lon + turn, lat) for lon, lat in ring) if turn else ring


def _path(shape: "MultiPolygon", frame: Frame) -> str:
    return "".join(_ring(ring, frame) for polygon in shape.polygons for ring in polygon)


def _ring(ring: "Ring", frame: Frame) -> str:
    points = [f"{frame.x(lon):.0f} {frame.y(lat):.0f}" for lon, lat in ring]
    return f"M{'L'.join(point for point, _ in groupby(points))}Z" if len(set(points)) > 2 else ""


def _towns(frame: Frame) -> list[Town]:
    """Return the largest towns whose names do not overlap."""
    shown_towns: list[Town] = []
    for known_town in towns(frame.box()):
        town = Town(known_town["name"], round(frame.nearest_x(known_town["lon"])), round(frame.y(known_town["lat"])))
        if fits(town) and not any(meet(town, other) for other in shown_towns):
            shown_towns.append(town)
    return shown_towns[:_MOST_TOWNS]


def _half(town: Town) -> int:
    return len(town.name) * LETTER // 2


def fits(town: Town) -> bool:
    """Return whether a whole name is inside the picture."""
    half = _half(town)
    return _EDGE + half <= town.x <= WIDTH - _EDGE - half and LINE <= town.y <= HEIGHT - 2 * LINE


def meet(one: Town, other: Town) -> bool:
    """Return whether two names would overlap."""
    return abs(one.x - other.x) < _half(one) + _half(other) and abs(one.y - other.y) < LINE
