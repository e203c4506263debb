"""Draw the waters and roads of the map file for a picture, with their names: as SVG paths, in pixels.

What is drawn of which kind follows app/pages/static/streets.js.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, pairwise
from math import atan, cos, degrees, floor, log2, pi, radians, sinh
from typing import NamedTuple

from app.geo.tiles import Tile, position_at
from app.geo.vector_tile import AREA, LINE, POINT, Feature, features
from app.pages.frame import map_archive
from app.pages.frame.picture import HEIGHT, WIDTH, Frame
from app.pages.frame.picture_names import Candidate, Line, Name, Point, placed

# For all paths together: the least important classes of roads are left out above it.
MOST_CHARACTERS = 80_000
_MOST_TILES = 9
_TILE_PX = 256
_M_PER_PIXEL = 156_543.03  # at zoom 0 on the equator
_BEYOND = 12  # pixels outside the picture up to which lines are drawn
_NEAR = 1.5  # pixels: corners nearer to the last one are left out
_RUNNING = ("river", "canal")
_SMALL_RUNNING = ("stream", "drain", "ditch")
# In the order of importance: the kinds of a class of roads, and their width in pixels at zooms 10, 13 and 15.
_ROADS = (
    (("highway",), (1.4, 3.2, 9.0)),
    (("major_road",), (1.0, 2.6, 7.5)),
    (("medium_road",), (0.8, 1.8, 6.0)),
    (("minor_road", "other"), (0.5, 0.9, 4.0)),
)
_STREAMS, _RIVERS = (0.4, 1.0, 2.0), (1.0, 2.4, 5.0)
_LEAST_ROAD, _LEAST_WATER = 1.2, 1.2  # pixels: thinner ones are not seen
_EDGES = 1.6  # pixels for both sides
_ROAD_KINDS = frozenset(kind for kinds, _ in _ROADS for kind in kinds)
_NAMED_WATERS = frozenset(("water", "river", "lake"))
_SETTLEMENTS = frozenset(("locality", "city", "town", "village", "hamlet", "suburb"))


class Stroke(NamedTuple):
    """Lines of one class as one SVG path; `edge`: the width of the darker line below it, or 0."""

    path: str
    width: float
    edge: float = 0


class Streets(NamedTuple):
    """Waters, roads and names of the file in one picture. `is_known`: a file is set; `is_whole`: all of it was read."""

    is_known: bool = False
    is_whole: bool = True
    water: str = ""
    rivers: tuple[Stroke, ...] = ()
    roads: tuple[Stroke, ...] = ()
    names: tuple[Name, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.water or self.rivers or self.roads)


def of(frame: Frame, taken: Iterable[Name] = ()) -> Streets:
    """Draw what the map file has in a frame; its names keep clear of those that are `taken`."""
    window = _Window(frame)
    found = map_archive.read(window.tiles)
    if found is None:
        return Streets()
    drawing = _Drawing(window)
    is_whole = found.is_whole
    for (column, row), tile in window.by_position.items():
        try:
            for feature in features(found.tiles.get(tile, b""), _is_wanted):
                drawing.add(feature, column, row)
        except ValueError:  # a damaged tile: what was read of it stays
            is_whole = False
    return drawing.streets(is_whole=is_whole, taken=taken)


def _is_wanted(layer: str, kind: str, shape: int) -> bool:
    if layer == "water":
        return shape == AREA or shape == LINE and kind in (*_RUNNING, *_SMALL_RUNNING)
    if layer == "places":
        return shape == POINT and kind in _NAMED_WATERS | _SETTLEMENTS
    return layer == "roads" and shape == LINE and kind in _ROAD_KINDS


class _Window:
    """The tiles behind a picture, and the conversion of their units to pixels."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.zoom = log2(_M_PER_PIXEL * cos(radians(min(abs(frame.lat), 85.0))) * frame.per_m)
        self.by_position: dict[tuple[int, int], Tile] = {}
        self._side = 1

    def tiles(self, least_zoom: int, most_zoom: int) -> list[Tile]:
        """List the file's tiles in the picture; none if it has no zoom for it."""
        z = min(floor(self.zoom), most_zoom)
        box = self.frame.flat(0)
        if z < max(least_zoom, 1) or box.east - box.west >= 180:
            return []
        self._side = side = 1 << z
        west, east = (floor((lon + 180) / 360 * side) for lon in (box.west, box.east))
        north, south = (floor(position_at(lat=lat, lon=0, z=z)[1]) for lat in (box.north, box.south))
        places = [
            (column, row)
            for row in range(max(north, 0), min(south, side - 1) + 1)
            for column in range(west, east + 1)
        ]  # fmt: skip
        if len(places) <= _MOST_TILES:
            self.by_position = {(column, row): Tile(z, column % side, row) for column, row in places}
        return list(self.by_position.values())

    def point(self, x: float, y: float) -> Point:
        """Convert a position in tiles to pixels."""
        lat = degrees(atan(sinh(pi * (1 - 2 * y / self._side))))
        return self.frame.x(x / self._side * 360 - 180), self.frame.y(lat)

    def width(self, widths: tuple[float, float, float]) -> float:
        """Return a line's width at this zoom, between those at 10, 13 and 15."""
        steps = ((10.0, widths[0]), (13.0, widths[1]), (15.0, widths[2]))
        for (low, thin), (high, thick) in pairwise(steps):
            if self.zoom <= high:
                share = min(max((self.zoom - low) / (high - low), 0.0), 1.0)
                return round(thin + (thick - thin) * share, 1)
        return widths[-1]


class _Drawing:
    """Paths by their class, and what may be named."""

    def __init__(self, window: _Window) -> None:
        self._window = window
        self._paths: dict[str, list[str]] = {}
        self._candidates: list[Candidate] = []

    def add(self, feature: Feature, column: int, row: int) -> None:
        """Add an object of the tile at a position."""
        extent = feature.extent
        for line in feature.lines:
            points = [self._window.point(column + x / extent, row + y / extent) for x, y in line]
            if feature.shape == POINT:
                self._candidates.append(Candidate(feature.name, feature.kind in _NAMED_WATERS, feature.kind, points))
            elif feature.shape == AREA:
                self._draw("areas", _area(points))
            else:
                for seen in _seen(points):
                    self._draw(feature.kind, _path(seen))
                    if feature.name:
                        self._candidates.append(
                            Candidate(feature.name, feature.layer == "water", feature.kind, seen)
                        )  # fmt: skip

    def _draw(self, kind: str, path: str) -> None:
        if path:
            self._paths.setdefault(kind, []).append(path)

    def streets(self, *, is_whole: bool, taken: Iterable[Name]) -> Streets:
        """Join the paths by their class, as many as a picture may have, the most important first."""
        left = MOST_CHARACTERS
        strokes: dict[str, str] = {}
        classes: Mapping[str, tuple[str, ...]] = {
            "areas": ("areas",),
            "rivers": _RUNNING,
            **{kinds[0]: kinds for kinds, _ in _ROADS[:-1]},
            "streams": _SMALL_RUNNING,
            _ROADS[-1][0][0]: _ROADS[-1][0],
        }
        for name, kinds in classes.items():
            path = "".join("".join(self._paths.get(kind, ())) for kind in kinds)
            if len(path) <= left:
                strokes[name] = path
                left -= len(path)
        width = self._window.width
        waters = ((strokes.get("rivers", ""), _RIVERS), (strokes.get("streams", ""), _STREAMS))
        roads = [(strokes.get(kinds[0], ""), max(width(widths), _LEAST_ROAD)) for kinds, widths in reversed(_ROADS)]
        return Streets(
            is_known=True,
            is_whole=is_whole,
            water=strokes.get("areas", ""),
            rivers=tuple(Stroke(path, max(width(widths), _LEAST_WATER)) for path, widths in waters if path),
            roads=tuple(Stroke(path, wide, round(wide + _EDGES, 1)) for path, wide in roads if path),
            names=tuple(placed(self._candidates, taken)),
        )


def _seen(points: Line) -> Iterator[Line]:
    """Yield the parts of a line that are in the picture, with one corner outside at each end."""
    pairs = pairwise(points)
    for is_in, run in groupby(pairs, key=lambda pair: _may_touch(*pair)):
        if is_in:
            pieces = list(run)
            yield _simplified([pieces[0][0], *(end for _, end in pieces)])


def _may_touch(one: Point, other: Point) -> bool:
    (left, right), (top, bottom) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    return right >= -_BEYOND and left <= WIDTH + _BEYOND and bottom >= -_BEYOND and top <= HEIGHT + _BEYOND


def _simplified(points: Line) -> Line:
    """Leave out corners that are too near to the one before, never the last one."""
    kept = points[:1]
    for point in points[1:-1]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= _NEAR:
            kept.append(point)
    return kept + points[-1:]


def _path(points: Line) -> str:
    """Write a line with whole pixels, each corner from the one before: the shortest form."""
    spots = [spot for spot, _ in groupby((round(x), round(y)) for x, y in points)]
    if len(spots) < 2:
        return ""
    steps = [f"{x - before_x} {y - before_y}" for (before_x, before_y), (x, y) in pairwise(spots)]
    return f"M{spots[0][0]} {spots[0][1]}l{' '.join(steps)}"


def _area(points: Line) -> str:
    """Write an area as far as it is in the picture: cut along one side after the other."""
    for axis, least, most in ((0, -_BEYOND, WIDTH + _BEYOND), (1, -_BEYOND, HEIGHT + _BEYOND)):
        points = _cut(points, axis, least, 1)
        points = _cut(points, axis, most, -1)
    path = _path(_simplified(points)) if len(points) > 2 else ""
    return f"{path}z" if path else ""


def _cut(points: Line, axis: int, edge: float, sign: int) -> Line:
    """Cut a ring along one side (Sutherland and Hodgman, 1974)."""
    kept: Line = []
    for number, point in enumerate(points):
        before = points[number - 1]
        is_in, was_in = (sign * (one[axis] - edge) >= 0 for one in (point, before))
        if is_in != was_in:
            share = (edge - before[axis]) / (point[axis] - before[axis])
            other = before[1 - axis] + (point[1 - axis] - before[1 - axis]) * share
            kept.append((edge, other) if axis == 0 else (other, edge))
        if is_in:
            kept.append(point)
    return kept
