"""Web-mercator tiles: at zoom z there are 2^z by 2^z, x from west to east, y from north to south. Pure.

The latitudes beyond 85.0511 belong to the first and last row.
"""

from math import asinh, atan, degrees, floor, pi, radians, sinh, tan
from typing import NamedTuple

MERCATOR_LAT = 85.051128779806


class Tile(NamedTuple):
    """One square of the map's pyramid."""

    z: int
    x: int
    y: int

    @property
    def key(self) -> str:
        return f"{self.z}/{self.x}/{self.y}"

    @property
    def is_polar(self) -> bool:
        """Return whether it reaches to a pole."""
        return self.y in (0, (1 << self.z) - 1)

    @property
    def stored_key(self) -> str:
        """Return the tile's storage key; one key for all tiles of a polar row, as a circle at the pole touches all."""
        return f"{self.z}/0/{self.y}" if self.is_polar else self.key

    @property
    def quadkey(self) -> str:
        """Return its quadkey: a digit of 0 to 3 for each zoom from 1 on. Keys of tiles inside it begin with its own."""
        digits = ((self.x >> place & 1) + 2 * (self.y >> place & 1) for place in reversed(range(self.z)))
        return "".join(map(str, digits))

    def parent(self, z: int) -> "Tile":
        """Return the tile of a coarser (or the same) zoom that holds this one."""
        return Tile(z, self.x >> (self.z - z), self.y >> (self.z - z))

    def children(self, z: int) -> list["Tile"]:
        """Return the tiles of a finer zoom in this one."""
        wide = 1 << (z - self.z)
        return [Tile(z, self.x * wide + column, self.y * wide + row) for column in range(wide) for row in range(wide)]

    def bounds(self) -> tuple[float, float, float, float]:
        """Return west, south, east, north in degrees; the outer rows reach the poles."""
        n = 1 << self.z
        north = 90.0 if self.y == 0 else degrees(atan(sinh(pi * (1 - 2 * self.y / n))))
        south = -90.0 if self.y == n - 1 else degrees(atan(sinh(pi * (1 - 2 * (self.y + 1) / n))))
        return self.x / n * 360 - 180, south, (self.x + 1) / n * 360 - 180, north


def tile_from_key(key: str) -> Tile:
    """Parse a key such as `13/4093/2723`."""
    z, x, y = key.split("/")
    return Tile(int(z), int(x), int(y))


def tile_at(*, lat: float, lon: float, z: int) -> Tile:
    """Return the tile that holds a place."""
    n = 1 << z
    x, _ = position_at(lat=lat, lon=lon, z=z)
    return Tile(z, min(max(floor(x), 0), n - 1), row_of(lat, n))


def position_at(*, lat: float, lon: float, z: int) -> tuple[float, float]:
    """Return x and y of a place in tiles of this zoom, with fractions."""
    n = 1 << z
    return (lon + 180) / 360 * n, _y_of(lat, n)


def row_of(lat: float, n: int) -> int:
    return min(max(floor(_y_of(lat, n)), 0), n - 1)


def _y_of(lat: float, n: int) -> float:
    clamped = min(max(lat, -MERCATOR_LAT), MERCATOR_LAT)
    return (1 - asinh(tan(radians(clamped))) / pi) / 2 * n
