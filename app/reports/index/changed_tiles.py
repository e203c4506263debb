"""Find the tiles of the map in which reports were added, changed, removed or expired since the last look."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from app.geo.tiles import Tile, tile_from_key
from app.reports.entry import CELL_ZOOM
from app.reports.index.models import ROOT, ZOOMS, Document, TileDocument

FINEST_ZOOM = 10  # a tile of it is some 25 km wide at 51 degrees


class Changed(NamedTuple):
    """Tiles with changes, and the states by tile key to compare with the next time."""

    tiles: list[Tile]
    states: dict[str, str]


def find(known: Mapping[str, str], now_ms: int) -> Changed:
    """Compare the documents with the states of the last time, finer ones only below those that differ.

    Half a read unit if nothing has changed, and one for each document that has.
    """
    tiles: list[Tile] = []
    states = dict(known)
    keys = [ROOT]
    for zoom in ZOOMS[: ZOOMS.index(FINEST_ZOOM) + 1]:
        documents = TileDocument.read(keys)
        differing = [key for key in keys if _state(documents.get(key), now_ms) != known.get(key)]
        for key in differing:
            states[key] = _state(documents.get(key), now_ms)
        if zoom == FINEST_ZOOM:
            tiles += map(tile_from_key, differing)
            break
        keys = []
        for key in differing:
            children = {*documents[key].children} if key in documents else set()
            gone = _children_of(key, states) - children
            tiles += map(tile_from_key, gone)
            states = {other: state for other, state in states.items() if not _is_below(other, gone)}
            keys += sorted(children)
    return Changed(tiles, states)


def _state(document: Document | None, now_ms: int) -> str:
    """Return a value that differs when any report of the tile differs; with an expired report it differs each time."""
    if document is None:
        return ""
    return document.state() if document.next_end_ms > now_ms else f"{document.state()} {now_ms}"


def _children_of(key: str, states: Iterable[str]) -> set[str]:
    zoom = tile_from_key(key).z
    finer = ZOOMS[ZOOMS.index(zoom) + 1]
    return {other for other in states if other.startswith(f"{finer}/") and tile_from_key(other).parent(zoom).key == key}


def _is_below(key: str, gone: set[str]) -> bool:
    tile = tile_from_key(key)
    return any(tile.parent(zoom).key in gone for zoom in ZOOMS if zoom <= tile.z < CELL_ZOOM)
