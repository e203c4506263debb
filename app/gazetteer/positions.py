"""Find the settlement at a position, and the settlements of a view."""

from collections.abc import Iterable
from math import isfinite

from app.core import dynamodb
from app.gazetteer import blocks, small_list
from app.gazetteer.models import STORE
from app.gazetteer.place import Place
from app.geo.box_circle import Box, Circle
from app.geo.coordinates import distance_km, is_on_globe

WITHIN_KM = 25.0
# In the British Isles a settlement is rarely farther: the squares that this circle touches are read first.
_DENSE_KM = 4.0
_MOST_SQUARES = 4


def nearest(*, lat: float, lon: float, within_km: float = WITHIN_KM) -> Place | None:
    """Return the nearest settlement, or None: in the British Isles also hamlets; without the table only towns."""
    if not is_on_globe(lat=lat, lon=lon) or not isfinite(within_km):
        return None
    try:
        place = _nearest_of_table(lat, lon, within_km) if STORE.is_loaded() else None
    except dynamodb.FAILURES:  # the small list needs no database
        place = None
    return place or small_list.nearest(lat=lat, lon=lon, within_km=within_km)


def is_whole() -> bool:
    """Return whether the table can be read, not only the small list."""
    try:
        return STORE.is_loaded()
    except dynamodb.FAILURES:
        return False


def _nearest_of_table(lat: float, lon: float, within_km: float) -> Place | None:
    if blocks.SETTLEMENT_AREA.contains(lat=lat, lon=lon):
        circle = Circle(lat, lon, min(_DENSE_KM, within_km))
        near = _closest(_read(blocks.tile_key(tile) for tile in circle.tiles(blocks.DENSE_ZOOM)), lat, lon)
        if near and near[0] <= _DENSE_KM:
            return near[1]
    tiles = Circle(lat, lon, within_km).tiles(blocks.WORLD_ZOOM)[:_MOST_SQUARES]
    near = _closest(_read(blocks.tile_key(tile) for tile in tiles), lat, lon)
    return near[1] if near and near[0] <= within_km else None


def _read(keys: Iterable[str]) -> list[Place]:
    return [entry.place for body in STORE.read(keys).values() for entry in blocks.read_entries(body)]


def _closest(places: Iterable[Place], lat: float, lon: float) -> tuple[float, Place] | None:
    distances = ((distance_km(lat=lat, lon=lon, to_lat=place.lat, to_lon=place.lon), place) for place in places)
    return min(distances, key=lambda pair: pair[0], default=None)


def towns_in(box: Box, *, limit: int = 30) -> list[Place]:
    """Return the settlements of a view, largest first: all of a small view, towns of the small list for a wide one."""
    try:
        towns = _in_table(box) if limit > 0 and STORE.is_loaded() else []
    except dynamodb.FAILURES:
        towns = []
    if not towns:
        return small_list.towns_in(box, limit=limit)
    inside = (town for town in towns if box.contains(lat=town.lat, lon=town.lon))
    return sorted(inside, key=lambda town: (-town.size, town.name))[:limit]


def _in_table(box: Box) -> list[Place]:
    for zoom in (blocks.DENSE_ZOOM, blocks.WORLD_ZOOM):
        if box.count_tiles(zoom) <= _MOST_SQUARES and (
            zoom != blocks.DENSE_ZOOM or blocks.SETTLEMENT_AREA.contains(lat=box.south, lon=box.west)
        ):
            return _read(blocks.tile_key(tile) for tile in box.tiles(zoom))
    return []
