"""Extents of events, and the exact test whether the place of a subscription touches one."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from app.alerts import reach
from app.alerts.reach import Ranges
from app.core import clock
from app.geo import polygon
from app.geo.box_circle import Box, Circle
from app.geo.distance import touches_circle
from app.geo.encode import unpack
from app.geo.polygon import MultiPolygon
from app.geo.tiles import Tile
from app.geo.touching import outline_of, shapes_touch
from app.warnings.area_models import Area

if TYPE_CHECKING:
    from app.warnings.models import OfficialWarning

CIRCLE, BOX = "c", "b"  # kinds of a subscription's shape, first in its list; else an official area
_AROUND_CENTRE_KM = 10  # of an area without an outline
MOST_AREAS = 512  # that a process keeps
OUTLINE_KEPT_MS = clock.HOUR_MS
UNKNOWN_KEPT_MS = clock.MINUTE_MS
Shape = Sequence[Any]

_areas: dict[str, tuple[int, MultiPolygon | Circle | None]] = {}  # until when each is kept


class Extent(Protocol):
    """The places where an event is."""

    @property
    def ranges(self) -> dict[str, Ranges]:
        """Return the parts of the table of subscriptions that it reaches."""

    def touches(self, shape: Shape) -> bool:
        """Return whether the place of a subscription shares any place with it."""


class Outlined:
    """The extent of a warning: its outline, and the official areas that it names."""

    def __init__(self, outline: MultiPolygon, codes: frozenset[str] = frozenset()) -> None:
        self.outline, self.codes = outline, codes

    @cached_property
    def ranges(self) -> dict[str, Ranges]:
        return reach.ranges_of(self._tiles_at, self._count_at)

    def ranges_beyond(self, former: "Outlined") -> dict[str, Ranges]:
        """Return the parts that hold all whom it touches and the former outline does not.

        They have a place outside of the former outline, in a square that is not completely inside of it.
        """
        return reach.ranges_of(lambda z: self._tiles_beyond(former, z), self._count_at)

    def _tiles_beyond(self, former: "Outlined", z: int) -> list[Tile]:
        inside = polygon.inner_tiles(former.outline, z)
        return [tile for tile in self._tiles_at(z) if tile not in inside]

    def _tiles_at(self, z: int) -> list[Tile]:
        return polygon.tiles(self.outline, z)

    def _count_at(self, z: int) -> int:
        return sum(box.count_tiles(z) for box in self.outline.boxes)

    def touches(self, shape: Shape) -> bool:
        kind, *values = shape
        if kind == CIRCLE:
            return touches_circle(self.outline, lat=values[0], lon=values[1], radius_km=values[2])
        if kind == BOX:
            return polygon.touches_box(self.outline, Box(*values))
        if values[0] in self.codes:
            return True
        area = _area(values[0])
        return shapes_touch(self.outline, area) if isinstance(area, MultiPolygon) else self._touches_circle(area)

    def _touches_circle(self, circle: Circle | None) -> bool:
        return circle is not None and touches_circle(self.outline, **_around(circle))


class Named:
    """The extent of a warning that is not drawn: the official areas that it names, for those who asked for these."""

    def __init__(self, codes: frozenset[str]) -> None:
        self.codes = codes

    @cached_property
    def ranges(self) -> dict[str, Ranges]:
        return reach.ranges_of(self._tiles_at, self._count_at)

    def _tiles_at(self, z: int) -> list[Tile]:
        return [tile for area in self._areas() for tile in _tiles_of(area, z)]

    def _count_at(self, z: int) -> int:
        boxes = (area.box if isinstance(area, MultiPolygon) else area.box() for area in self._areas())
        return sum(box.count_tiles(z) for box in boxes)

    def _areas(self) -> list[MultiPolygon | Circle]:
        return [area for code in sorted(self.codes) if (area := _area(code))]

    def touches(self, shape: Shape) -> bool:
        kind, *values = shape
        return kind not in (CIRCLE, BOX) and values[0] in self.codes


def of_warning(warning: "OfficialWarning") -> Outlined | Named:
    """Return the extent of a warning. An outline that cannot be read counts as none."""
    return (_outlined(warning.shape, warning.codes) if warning.shape else None) or Named(warning.codes)


@lru_cache(8)  # the parts of a search, and messages about one event, follow one another
def _outlined(packed: bytes, codes: frozenset[str]) -> Outlined | None:
    try:
        outline = unpack(packed)
    except ValueError:
        return None
    return None if outline.is_empty else Outlined(outline, codes)


class Spot:
    """The extent of a report: a point, or the circle in which it is."""

    def __init__(self, circle: Circle) -> None:
        self.circle = circle

    @cached_property
    def ranges(self) -> dict[str, Ranges]:
        return reach.ranges_of(self.circle.tiles, self.circle.count_tiles)

    def touches(self, shape: Shape) -> bool:
        kind, *values = shape
        if kind == CIRCLE:
            return self._touches_circle(Circle(*values))
        area = outline_of(Box(*values)) if kind == BOX else _area(values[0])
        if isinstance(area, MultiPolygon):
            return touches_circle(area, **_around(self.circle))
        return area is not None and self._touches_circle(area)

    def _touches_circle(self, other: Circle) -> bool:
        return Circle(other.lat, other.lon, other.radius_km + self.circle.radius_km).contains(
            lat=self.circle.lat, lon=self.circle.lon
        )


def _tiles_of(area: MultiPolygon | Circle, z: int) -> list[Tile]:
    return polygon.tiles(area, z) if isinstance(area, MultiPolygon) else area.tiles(z)


def _around(circle: Circle) -> dict[str, float]:
    return {"lat": circle.lat, "lon": circle.lon, "radius_km": circle.radius_km}


def _area(area_id: str) -> MultiPolygon | Circle | None:
    """Return the outline of an official area, else a circle around its centre; None if neither is known.

    Many people ask for the same areas, and outlines hardly ever change; one that is missing may come at any time.
    """
    now_ms = clock.now_ms()
    until_ms, area = _areas.get(area_id, (0, None))
    if until_ms <= now_ms:
        area = _read_area(area_id)
        _areas.pop(area_id, None)
        _areas[area_id] = now_ms + (OUTLINE_KEPT_MS if isinstance(area, MultiPolygon) else UNKNOWN_KEPT_MS), area
        while len(_areas) > MOST_AREAS:
            _areas.pop(next(iter(_areas)))
    return area


def _read_area(area_id: str) -> MultiPolygon | Circle | None:
    area = Area.find(area_id)
    if area is None:
        return None
    if outline := area.outline():
        return outline
    return None if area.lat is None or area.lon is None else Circle(float(area.lat), float(area.lon), _AROUND_CENTRE_KM)


def around(shape: Shape) -> Box | Circle | None:
    """Return an extent that holds the whole place of a subscription; None for an area of which nothing is known."""
    kind, *values = shape
    if kind == CIRCLE:
        return Circle(*map(float, values))
    if kind == BOX:
        return Box(*map(float, values))
    area = _area(str(values[0]))
    return area.box if isinstance(area, MultiPolygon) else area


def forget() -> None:
    """Forget the areas that were read: for tests."""
    _areas.clear()
    _outlined.cache_clear()
