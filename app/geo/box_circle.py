"""Search areas (a box or a circle in degrees), and the tiles that cover them. Pure."""

from collections.abc import Callable, Iterator
from math import asin, atan, cos, degrees, floor, pi, radians, sin, tan
from typing import NamedTuple

from app.geo.coordinates import EARTH_RADIUS_KM, distance_km
from app.geo.tiles import Tile, row_of

# A cover must never miss a point that the distance test accepts; floats differ in the last digits.
_SLACK_DEGREES = 1e-7
_KM_IN_A_DEGREE = radians(EARTH_RADIUS_KM) * (1 - 1e-9)  # of latitude, and no more


class Box(NamedTuple):
    """A box in degrees; west > east means that it crosses the antimeridian. All edges are inside."""

    west: float
    south: float
    east: float
    north: float

    def contains(self, *, lat: float, lon: float) -> bool:
        if not self.south <= lat <= self.north:
            return False
        if self.west <= lon <= self.east:
            return True
        return self.west > self.east and (lon >= self.west or lon <= self.east) or self._holds_its_other_rim(lon)

    def tester(self) -> Callable[[float, float], bool]:
        """Return `contains` as a function of lat and lon, for many places."""
        return lambda lat, lon: self.contains(lat=lat, lon=lon)

    def _holds_its_other_rim(self, lon: float) -> bool:
        """The meridians 180 and -180 are one line: a box with an edge on either holds both."""
        return abs(lon) == 180 and 180 in (abs(self.west), abs(self.east))

    def spans(self) -> list[tuple[float, float]]:
        """Return west and east of each part, none of which crosses the antimeridian."""
        # The meridians 180 and -180 are one line: an edge on either includes both.
        if self.west > self.east:
            return [(self.west, 180.0), (-180.0, self.east)]
        spans = [(self.west, self.east)]
        if self.east == 180.0 and self.west > -180.0:
            spans.append((-180.0, -180.0))
        if self.west == -180.0 and self.east < 180.0:
            spans.append((180.0, 180.0))
        return spans

    def intersects(self, other: "Box | Circle") -> bool:
        """Return whether the boxes share a place, across the antimeridian too; a circle counts as the box around it."""
        box = other.box() if isinstance(other, Circle) else other
        return (
            self.south <= box.north
            and box.south <= self.north
            and any(
                west <= box_east and box_west <= east
                for west, east in self.spans()
                for box_west, box_east in box.spans()
            )
        )

    def includes(self, other: "Box") -> bool:
        """Return whether all of another box is inside; false if either crosses the antimeridian."""
        is_plain = self.west <= self.east and other.west <= other.east
        is_within = self.west <= other.west and other.east <= self.east
        return is_plain and is_within and self.south <= other.south and other.north <= self.north

    def _rows(self, z: int) -> range:
        n = 1 << z
        return range(row_of(self.north + _SLACK_DEGREES, n), row_of(self.south - _SLACK_DEGREES, n) + 1)

    def _columns(self, z: int) -> Iterator[range]:
        n = 1 << z
        for west, east in self.spans():
            first = floor((west - _SLACK_DEGREES + 180) / 360 * n)
            last = floor((east + _SLACK_DEGREES + 180) / 360 * n)
            yield range(max(first, 0), min(last, n - 1) + 1)

    def count_tiles(self, z: int) -> int:
        """Return the largest number of tiles in the cover, without building them."""
        return len(self._rows(z)) * sum(len(columns) for columns in self._columns(z))

    def touches(self, tile: Tile) -> bool:
        """Return whether any place of the tile is in the box."""
        return tile.y in self._rows(tile.z) and any(tile.x in columns for columns in self._columns(tile.z))

    def holds(self, tile: Tile) -> bool:
        """Return whether all places of a tile are in the box."""
        west, south, east, north = tile.bounds()
        in_rows = self.south <= south and north <= self.north
        return in_rows and any(first <= west and east <= last for first, last in self.spans())

    def tiles(self, z: int) -> list[Tile]:
        """Return the tiles that the box touches, each once."""
        tiles = {Tile(z, x, y) for columns in self._columns(z) for x in columns for y in self._rows(z)}
        return sorted(tiles, key=lambda tile: (tile.x, tile.y))

    def stored_keys(self, z: int, *, most: int) -> list[str] | None:
        """Return the storage keys of the tiles that the box touches, each once; None if there may be more than `most`.

        All tiles of a polar row share one key, so an area at a pole has no more of them than elsewhere.
        """
        tiles = self.few_tiles(z, most=most)
        return None if tiles is None else sorted({tile.stored_key for tile in tiles})

    def few_tiles(self, z: int, *, most: int) -> list[Tile] | None:
        """Return the tiles that the box touches, of a polar row the first; None if there may be more than `most`."""
        rows, columns = self._rows(z), list(self._columns(z))
        polar = [Tile(z, 0, y) for y in (rows[0], rows[-1]) if Tile(z, 0, y).is_polar]
        inner = range(max(rows[0], 1), min(rows[-1], (1 << z) - 2) + 1)
        if len(inner) * sum(map(len, columns)) > most:
            return None
        return polar + [Tile(z, x, y) for y in inner for x in {x for span in columns for x in span}]


class Circle(NamedTuple):
    """A circle on the globe: all places within a great-circle distance, the edge included."""

    lat: float
    lon: float
    radius_km: float

    def contains(self, *, lat: float, lon: float) -> bool:
        if abs(lat - self.lat) * _KM_IN_A_DEGREE > self.radius_km:  # no way is shorter than along a meridian
            return False
        return distance_km(lat=self.lat, lon=self.lon, to_lat=lat, to_lon=lon) <= self.radius_km

    def tester(self) -> Callable[[float, float], bool]:
        """Return `contains` as a function of lat and lon, for many places: what they have in common is computed once.

        It compares the haversines of the distances; only where these are nearly equal it compares the distances.
        """
        own_lat, own_lon, radius_km = self
        reach, cos_own_lat = radius_km / _KM_IN_A_DEGREE, cos(radians(own_lat))
        rim = sin(min(radius_km / (2 * EARTH_RADIUS_KM), pi / 2)) ** 2
        surely_inside, surely_outside = rim * (1 - 1e-9), rim * (1 + 1e-9)

        def is_inside(lat: float, lon: float) -> bool:
            if not -reach <= lat - own_lat <= reach:
                return False
            half_lat, half_lon = sin(radians(lat - own_lat) / 2), sin(radians(lon - own_lon) / 2)
            away = half_lat * half_lat + cos_own_lat * cos(radians(lat)) * half_lon * half_lon
            if surely_inside <= away <= surely_outside:
                return self.contains(lat=lat, lon=lon)
            return away < surely_inside

        return is_inside

    def box(self) -> Box:
        """Return the smallest box around the circle; near a pole it spans every longitude."""
        angle = self.radius_km / EARTH_RADIUS_KM + radians(_SLACK_DEGREES)
        south, north = self.lat - degrees(angle), self.lat + degrees(angle)
        if south <= -90 or north >= 90:
            return Box(-180.0, max(south, -90.0), 180.0, min(north, 90.0))
        reach = degrees(asin(min(1.0, sin(angle) / cos(radians(self.lat)))))
        if reach >= 180:
            return Box(-180.0, south, 180.0, north)
        return Box(_wrapped(self.lon - reach), south, _wrapped(self.lon + reach), north)

    def count_tiles(self, z: int) -> int:
        return self.box().count_tiles(z)

    def tiles(self, z: int) -> list[Tile]:
        """Return the tiles that the circle touches: those of its box whose nearest place is within the radius."""
        return [tile for tile in self.box().tiles(z) if self.touches(tile)]

    def stored_keys(self, z: int, *, most: int) -> list[str] | None:
        """Like those of a box; they hold nothing of the corners of the box around the circle."""
        tiles = self.box().few_tiles(z, most=2 * most)
        keys = sorted({tile.stored_key for tile in tiles or () if tile.is_polar or self.touches(tile)})
        return None if tiles is None or len(keys) > most else keys

    def touches(self, tile: Tile) -> bool:
        """Return whether the tile's nearest place is within the radius."""
        return self.least_km(tile) <= self.radius_km + 0.001

    def least_km(self, tile: Tile) -> float:
        """Return a lower bound of the distance in km from the centre to any place of the tile."""
        # Along a meridian the distance to a tile is exact; along a parallel this is a lower bound, the distance to the
        # tile's nearest edge. So the cover is never too small, and sometimes one tile too large.
        west, south, east, north = tile.bounds()
        if west <= self.lon <= east or abs(self.lon) == 180 and (west == -180 or east == 180):
            lat = min(max(self.lat, south), north)
            return radians(abs(lat - self.lat)) * EARTH_RADIUS_KM
        return min(self._to_meridian(edge, south, north) for edge in (west, east))

    def most_km(self, tile: Tile) -> float:
        """Return the distance in km from the centre to the farthest place of a tile far smaller than the globe."""
        return farthest_km(tile.bounds(), lat=self.lat, lon=self.lon)

    def holds(self, tile: Tile) -> bool:
        """Return whether all places of a tile far smaller than the globe are within the radius."""
        return self.most_km(tile) <= self.radius_km

    def _to_meridian(self, edge: float, south: float, north: float) -> float:
        """Return the distance in km to the part of a meridian between two latitudes."""
        turn = radians(edge - self.lon)
        if cos(turn) <= 0:  # more than a quarter turn: one of the ends is nearest
            foot = self.lat
        else:
            foot = degrees(atan(tan(radians(self.lat)) / cos(turn))) if abs(self.lat) < 90 else self.lat
        ends = (min(max(foot, south), north), south, north)
        return min(distance_km(lat=self.lat, lon=self.lon, to_lat=lat, to_lon=edge) for lat in ends)


SearchArea = Box | Circle


def farthest_km(edges: tuple[float, float, float, float], *, lat: float, lon: float) -> float:
    """Return the distance in km from a place to the farthest corner of a box, given as west, south, east, north."""
    west, south, east, north = edges
    corners = [(to_lat, to_lon) for to_lat in (south, north) for to_lon in (west, east)]
    return max(distance_km(lat=lat, lon=lon, to_lat=to_lat, to_lon=to_lon) for to_lat, to_lon in corners)


def _wrapped(lon: float) -> float:
    return (lon + 180) % 360 - 180
