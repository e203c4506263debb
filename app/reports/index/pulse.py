"""Pulse: one token for the state of the at most four tiles under a view, from the digests in their documents."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from app.core import clock
from app.geo.box_circle import SearchArea
from app.reports.index.models import ROOT, ZOOMS, TileDocument

MOST_TILES = 4
KEPT_MS = 1000
MOST_KEPT = 10_000  # digests in this process: 2 MB
TOKEN_LETTERS = 20


class _Kept(NamedTuple):
    """The digest of a document when it was read; empty if there was none."""

    seen_ms: int
    digest: str


_kept: dict[str, _Kept] = {}


def token(search_area: SearchArea) -> str:
    """Return the token of a view: it changes with what lists show of the tiles under it. At most two read units."""
    keys = tiles_under(search_area)
    digests = _digests(keys)
    text = "\n".join(f"{key} {digests[key]}" for key in keys)
    return hashlib.sha256(text.encode()).hexdigest()[:TOKEN_LETTERS]


def tiles_under(search_area: SearchArea) -> list[str]:
    """Return the finest tiles that cover a view, four at most."""
    for zoom in reversed(ZOOMS[1:]):
        if search_area.count_tiles(zoom) <= MOST_TILES * 4 and len(tiles := search_area.tiles(zoom)) <= MOST_TILES:
            return [tile.key for tile in tiles]
    return [ROOT]


def _digests(keys: Sequence[str]) -> dict[str, str]:
    now_ms = clock.now_ms()
    found = {key: kept for key in keys if (kept := _kept.get(key)) and 0 <= now_ms - kept.seen_ms < KEPT_MS}
    if missing := [key for key in keys if key not in found]:
        documents = TileDocument.read(missing)
        new = {key: _Kept(now_ms, documents[key].state() if key in documents else "") for key in missing}
        if len(_kept) + len(new) > MOST_KEPT:
            _kept.clear()
        _kept.update(new)
        found |= new
    return {key: kept.digest for key, kept in found.items()}


def forget() -> None:
    """Empty the cache, for tests."""
    _kept.clear()
