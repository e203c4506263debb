"""Tell where homes stand alone, so that a grid of 100 metres would show a single one.

In a block `h/<x>/<y>`, one bit for each cell of a map square is set where homes stand close together. A unit postcode
stands for some 15 addresses (Code-Point Open), so three within 250 metres for some 45 homes.
"""

import zlib
from collections.abc import Iterable

from app.core import dynamodb, replies
from app.gazetteer import small_list
from app.gazetteer.models import STORE
from app.geo.tiles import Tile, tile_at

LEAST_POSTCODES, REACH_M = 3, 250
SQUARE_ZOOM, CELL_ZOOM = 10, 17
_SIDE = 1 << (CELL_ZOOM - SQUARE_ZOOM)
# A town of the small list is built up so far from its middle at least.
_TOWN_KM = 1.5
# The report itself has to be stored in the rest of the request's time.
_READ_S = 1.0


def block_key(square: Tile) -> str:
    return f"h/{square.x}/{square.y}"


def pack_cells(cells: Iterable[Tile]) -> bytes:
    """Compress the cells of a square in which homes stand close together."""
    bits = bytearray(_SIDE * _SIDE // 8)
    for cell in cells:
        byte, bit = divmod(_number(cell), 8)
        bits[byte] |= 1 << bit
    return zlib.compress(bytes(bits), 9)


def stands_alone(*, lat: float, lon: float) -> bool:
    """Return whether a home here stands alone. False where there are no postcodes: nothing is known there.

    While the table cannot be read, only the towns of the small list are known; outside them it is True, because a place
    that was shown cannot be taken back. One block: half a read unit, unless it was read before.
    """
    cell = tile_at(lat=lat, lon=lon, z=CELL_ZOOM)
    key = block_key(cell.parent(SQUARE_ZOOM))
    try:
        with replies.ending_within(_READ_S):
            body = STORE.read([key]).get(key) if STORE.is_loaded() else None
        return body is not None and not _is_close(body, cell)
    except (*dynamodb.FAILURES, zlib.error, IndexError):  # it cannot be read, or is damaged
        return small_list.nearest(lat=lat, lon=lon, within_km=_TOWN_KM) is None


def _is_close(body: bytes, cell: Tile) -> bool:
    byte, bit = divmod(_number(cell), 8)
    return bool(zlib.decompress(body)[byte] >> bit & 1)


def _number(cell: Tile) -> int:
    return cell.y % _SIDE * _SIDE + cell.x % _SIDE
