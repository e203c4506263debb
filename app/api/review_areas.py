"""The part of the world in which a caller may judge reports, and the part of it that a request asks for."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.accounts.auth import Caller
from app.api.box_circle_query import BOX, read_box
from app.core.errors import Invalid, Mistake
from app.geo.box_circle import Box, Circle
from app.geo.tiles import Tile, tile_from_key
from app.review.urgency import ZOOM

MOST_TILES = 4  # as many are read at once, without asking which ones have reports


class Extent(NamedTuple):
    """One area: the box or circle around it, and whether a place is in it."""

    around: Box | Circle
    contains: Callable[[float, float], bool]


def extents_of(caller: Caller) -> Sequence[Extent] | None:
    """Return the areas of a responder; None for everywhere."""
    return None


def asked_extents(caller: Caller, area: str | None) -> Sequence[Extent] | None:
    """Return the areas that a request is about: all of the caller, one by its name, or a box. None for everywhere.

    Raises Invalid for what is neither a box nor the name of one of the caller's areas.
    """
    own = extents_of(caller)
    if area is None:
        return own
    box = read_box(area)
    if box is None:
        raise Invalid([Mistake("area", "area", f"It is not the name of one of your areas. As a box: {BOX}")])
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


def touches(extents: Sequence[Extent] | None, tile: str) -> bool:
    """Return whether any place of a tile may be in one of these areas."""
    return extents is None or any(extent.around.touches(tile_from_key(tile)) for extent in extents)
