"""Walk the cells with active reports in an area, in a fixed order, from a position on. Reads documents as needed."""

from collections.abc import Iterator, Sequence

from app.geo.box_circle import SearchArea
from app.geo.tiles import Tile, tile_from_key
from app.reports.entry import CELL_ZOOM
from app.reports.index.models import ROOT, TileDocument


def place_in_order(tile: Tile) -> str:
    """Return a sortable text for a tile, with a digit for each zoom: a tile sorts right after those that contain it."""
    return "".join(str((tile.x >> z & 1) + 2 * (tile.y >> z & 1)) for z in reversed(range(tile.z)))


def cells_in(area: SearchArea, *, after: str = "") -> Iterator[Tile]:
    """Yield the cells that the documents name in an area, in order, those after a place in the order.

    The documents are at most 15 seconds late; a batch is read for each coarser tile whose cells are taken.
    """
    yield from _below([ROOT], area, after)


def _below(keys: Sequence[str], area: SearchArea, after: str) -> Iterator[Tile]:
    documents = TileDocument.read(keys)
    for key in keys:
        children = [tile_from_key(child) for child in documents[key].children] if key in documents else []
        inside = sorted((tile for tile in children if area.touches(tile)), key=place_in_order)
        yield from (tile for tile in inside if tile.z == CELL_ZOOM and place_in_order(tile) > after)
        coarser = [tile for tile in inside if tile.z < CELL_ZOOM]
        left = [tile.key for tile in coarser if place_in_order(tile) >= after[: tile.z]]
        if left:
            yield from _below(left, area, after)
