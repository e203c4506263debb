"""Remove the tile documents that earlier releases read, some each minute: nothing keeps their words up to date.

After a roll-back the previous release stores them again. This leaves with a later release.
"""

from collections.abc import Sequence

from app.geo.tiles import tile_from_key
from app.reports.index.models import ROOT, ZOOMS, TileDocument

MOST_AT_ONCE = 1000


def remove_some(most: int = MOST_AT_ONCE) -> int:
    """Remove some of these documents, the finest first, so that those left are still found; return their number.

    Half a read unit once there are none.
    """
    return _remove([ROOT], most)


def _remove(keys: Sequence[str], most: int) -> int:
    """Remove the documents of some tiles of one zoom and of all finer ones in them, at most `most`."""
    removed, done = 0, []
    for item in TileDocument.read_former(keys):
        if finer := _finer(item.tile):
            removed += _remove(finer, most - removed)
        if removed >= most:
            break
        done.append(item)
        removed += 1
    TileDocument.remove_former(done)
    return removed


def _finer(key: str) -> list[str]:
    """List the tiles of the next finer zoom that may have documents."""
    tile = tile_from_key(key)
    zoom = next((zoom for zoom in ZOOMS if zoom > tile.z), None)
    return [] if zoom is None else [child.key for child in tile.children(zoom)]
