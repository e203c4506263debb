"""Squares of the map that cover the place of a subscription, under which an event finds it. Pure.

At most MOST_SQUARES of them, of the finest zoom from COARSEST to FINEST that is enough. Only a very large area, and a
circle beyond 80 degrees of latitude, takes more.
"""

from collections.abc import Callable
from zlib import crc32

from app.alerts.subscription_models import MOST_SQUARES, SHARDS
from app.geo.tiles import Tile

COARSEST, FINEST = 7, 13
MOST_AT_ALL = 32
_POLAR_ROWS = (0, (1 << COARSEST) - 1)


class TooLarge(Exception):
    """Error: the place needs more squares than a subscription may have."""


def squares_of(tiles_at: Callable[[int], list[Tile]]) -> list[Tile]:
    """Return the squares that cover a shape, sorted. `tiles_at`: its tiles of a zoom. Raises TooLarge."""
    found = _stored(tiles_at(COARSEST))
    if len(found) > MOST_AT_ALL:
        raise TooLarge
    for z in range(COARSEST + 1, FINEST + 1):
        if all(_is_polar(square) for square in found):
            break
        finer = _stored(tiles_at(z))
        if len(finer) > MOST_SQUARES:
            break
        found = finer
    return sorted(found)


def stored_square(tile: Tile) -> Tile:
    """Return the square that stands for a tile of zoom COARSEST or finer: itself, but one for a whole polar row.

    Events look for squares under the same ones: a circle at a pole touches all tiles of the row.
    """
    return Tile(COARSEST, 0, tile.parent(COARSEST).y) if _is_polar(tile) else tile


def partition_of(square: Tile, shard: int) -> str:
    """Return the key under which the squares of a shard in a square of zoom COARSEST are stored: `7/63/42#3`."""
    return f"{square.parent(COARSEST).key}#{shard}"


def shard_of(subscription_id: str) -> int:
    """Return the shard of a subscription, always the same."""
    return crc32(subscription_id.encode()) % SHARDS


def key_of(square: Tile, subscription_id: str) -> tuple[str, str]:
    """Return the key of the row of a subscription's square."""
    return partition_of(square, shard_of(subscription_id)), f"{square.quadkey}#{subscription_id}"


def _is_polar(tile: Tile) -> bool:
    return tile.parent(COARSEST).y in _POLAR_ROWS


def _stored(tiles: list[Tile]) -> set[Tile]:
    return {stored_square(tile) for tile in tiles}
