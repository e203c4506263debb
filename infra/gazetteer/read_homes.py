"""Derive from the postcodes where homes stand close together (app/gazetteer/homes.py)."""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from math import cos, hypot, radians
from pathlib import Path

from app.gazetteer import homes
from app.gazetteer.national_grid import to_degrees
from app.geo.tiles import Tile, position_at
from infra.gazetteer.read_postcodes import read_units

_EQUATOR_M = 40_075_017
_CELLS = 1 << homes.CELL_ZOOM
_NEAR_ZOOM, _NEAR = 13, 2  # two tiles of 2.5 to 3 km


def pack(source: Path) -> Iterator[tuple[str, bytes]]:
    """Build a block for each map square within some 5 km of a postcode. The nearest foreign coast is farther."""
    squares: dict[Tile, list[Tile]] = {}
    near = {Tile(homes.CELL_ZOOM, x, y): number for (x, y), number in _count_around(source).items()}
    around = range(-_NEAR, _NEAR + 1)
    for tile in {cell.parent(_NEAR_ZOOM) for cell in near}:
        for columns, rows in product(around, around):
            squares.setdefault(Tile(tile.z, tile.x + columns, tile.y + rows).parent(homes.SQUARE_ZOOM), [])
    for cell, number in near.items():
        if number >= homes.LEAST_POSTCODES:
            squares[cell.parent(homes.SQUARE_ZOOM)].append(cell)
    for square, cells in sorted(squares.items()):
        yield homes.block_key(square), homes.pack_cells(cells)


def _count_around(source: Path) -> Counter[tuple[int, int]]:
    """Count the postcodes around the middle of each cell."""
    near: Counter[tuple[int, int]] = Counter()
    for _, sectors in read_units(source):
        for units in sectors.values():
            for _, east, north in units:
                near.update(_cells_around(*to_degrees(east, north)))
    return near


def _cells_around(lat: float, lon: float) -> Iterator[tuple[int, int]]:
    x, y = position_at(lat=lat, lon=lon, z=homes.CELL_ZOOM)
    reach = homes.REACH_M / (_EQUATOR_M / _CELLS * cos(radians(lat)))
    for column in range(int(x - reach - 0.5), int(x + reach) + 1):
        for row in range(int(y - reach - 0.5), int(y + reach) + 1):
            if hypot(column + 0.5 - x, row + 0.5 - y) <= reach:
                yield column, row
