"""The part of the world in which a caller may judge reports, and the part of it that a request asks for."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.accounts import areas
from app.accounts.areas import Area
from app.accounts.auth import Caller
from app.api.box_circle_query import BOX, read_box
from app.core.errors import Invalid, mistake_in_parameter
from app.geo.box_circle import Box, Circle
from app.geo.tiles import Tile, tile_from_key
from app.reports.entry import CELL_ZOOM
from app.review.small_areas import MOST_CELLS
from app.review.urgency import ZOOM

_BOX_SENTENCE = BOX.partition("|")[2]
MOST_TILES = 4  # as many are read at once, without asking which ones have reports


class Extent(NamedTuple):
    """One area: the box or circle around it, and whether a place is in it."""

    around: Box | Circle
    contains: Callable[[float, float], bool]


def extents_of(caller: Caller) -> Sequence[Extent] | None:
    """Return the areas of a responder; None for everywhere."""
    if caller.is_everywhere:
        return None
    return [_extent(area) for area in areas.unpack(caller.packed_areas)]


def _extent(area: Area) -> Extent:
    around = area.extent if isinstance(area.extent, Box | Circle) else area.extent.box
    return Extent(around, lambda lat, lon: area.contains(lat=lat, lon=lon))


def asked_extents(caller: Caller, name: str | None) -> Sequence[Extent] | None:
    """Return the areas that a request is about: all of the caller, one by its name, or a box. None for everywhere.

    Raises Invalid for what is neither a box nor the name of one of the caller's areas.
    """
    if name is None:
        return extents_of(caller)
    if own := [area for area in areas.unpack(caller.packed_areas) if area.name.casefold() == name.casefold()]:
        return [_extent(area) for area in own]
    box = read_box(name)
    if box is None:
        sentence = f"It is not the name of one of your areas. As a box: {_BOX_SENTENCE}"
        raise Invalid([mistake_in_parameter("area", "area", sentence)])
    return [Extent(box, lambda lat, lon: box.contains(lat=lat, lon=lon))]


def is_in(extents: Sequence[Extent] | None, *, lat: float, lon: float) -> bool:
    """Return whether a place is in one of these areas."""
    return extents is None or any(extent.contains(lat, lon) for extent in extents)


def few_tiles(extents: Sequence[Extent] | None) -> list[str] | None:
    """Return the tiles of the queue over these areas; None if they are more than four."""
    if extents is None:
        return None
    if sum(extent.around.count_tiles(ZOOM) for extent in extents) > MOST_TILES * max(len(extents), 1):
        return None
    tiles: dict[str, Tile] = {tile.key: tile for extent in extents for tile in extent.around.tiles(ZOOM)}
    return sorted(tiles) if len(tiles) <= MOST_TILES else None


def few_cells(extents: Sequence[Extent] | None) -> list[str] | None:
    """Return the cells of these areas; None if they are too many to be read one by one."""
    if extents is None or sum(extent.around.count_tiles(CELL_ZOOM) for extent in extents) > MOST_CELLS:
        return None
    return sorted({tile.key for extent in extents for tile in extent.around.tiles(CELL_ZOOM)})


def touches(extents: Sequence[Extent] | None, tile: str) -> bool:
    """Return whether any place of a tile may be in one of these areas."""
    return extents is None or any(extent.around.touches(tile_from_key(tile)) for extent in extents)
