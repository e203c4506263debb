"""View: the tile documents that one request reads of a search area, each once, with what is newer than they are."""

from collections.abc import Collection, Iterable, Sequence

from app.core import clock, dynamodb, telemetry
from app.geo.box_circle import SearchArea
from app.geo.tiles import tile_from_key
from app.reports.entry import Entry
from app.reports.index import recent_writes
from app.reports.index.merge import Budget
from app.reports.index.models import ROOT, ZOOMS, Document, TileDocument

# Documents of the first round: a view of a country may cost three units in all, a phone's view more.
MOST_TILES = 3
MOST_COARSE_TILES = 2
FINE_ZOOM = 8


class View:
    """Reads documents within a budget. The first use reads those of the tiles that cover the area."""

    def __init__(self, search_area: SearchArea | None, budget: Budget) -> None:
        self.search_area, self.budget, self.now_ms = search_area, budget, clock.now_ms()
        self.first_tiles = first_tiles(search_area)
        self.is_coarse = any(tile_from_key(key).z < FINE_ZOOM for key in self.first_tiles)
        self._documents: dict[str, Document] = {}
        self._asked: set[str] = set()
        self._current: recent_writes.Current | None = None

    def is_usable(self) -> bool:
        """Return whether documents can answer: they are there, readable, and not too far behind."""
        if self._current is None and not self._asked:
            self._asked = {*self.first_tiles, ROOT}
            try:
                self._current = recent_writes.read(self.first_tiles, self.now_ms, self.budget)
            except dynamodb.FAILURES as error:
                note_unread(error)
            if self._current:
                self._documents = {**self._current.documents, ROOT: self._current.root}
        return self._current is not None

    def current(self) -> recent_writes.Current:
        """Return the first documents and what is newer; only of a usable view."""
        assert self._current is not None
        return self._current

    def read_without_newer(self) -> int:
        """Read the first documents alone; return as of when they are true, in milliseconds, 0 if there are none."""
        self._asked = {*self.first_tiles, ROOT}
        self._documents = TileDocument.read(self._asked)
        root = self._documents.get(ROOT)
        return root.changes_low_watermark_ms() if root else 0

    def can_read(self, keys: Iterable[str]) -> bool:
        """Return whether the budget pays for these documents, in one more round."""
        missing = set(keys) - self._asked
        budget = self.budget
        return not missing or budget.rounds > 0 and budget.calls > 0 and len(missing) / 2 <= budget.units

    def read(self, keys: Sequence[str]) -> dict[str, Document]:
        """Return the stored documents of some tiles; those not read before in one round."""
        if missing := set(keys) - self._asked:
            self.load(missing)
            self.budget.spend(units=len(missing) / 2, calls=1)
        return {key: self._documents[key] for key in keys if key in self._documents}

    def load(self, keys: Collection[str]) -> list[Entry]:
        """Read documents as a part of a round that the caller accounts for. The answer is empty."""
        self._documents |= TileDocument.read(keys)
        self._asked |= set(keys)
        return []


def note_unread(error: Exception) -> None:
    """Log that the indexes must answer because documents could not be read."""
    telemetry.logger().error("tile documents not read", extra={"error": type(error).__name__})


def first_tiles(search_area: SearchArea | None) -> list[str]:
    """Return the finest tiles that cover a search area with few documents; for large areas only the root."""
    for zoom in reversed(ZOOMS[1:]):
        most = MOST_TILES if zoom >= FINE_ZOOM else MOST_COARSE_TILES
        if (
            search_area is not None
            and search_area.count_tiles(zoom) <= most + 5
            and len(tiles := search_area.tiles(zoom)) <= most
        ):
            return [tile.key for tile in tiles]
    return [ROOT]


def finer_tiles(search_area: SearchArea | None, keys: Iterable[str]) -> list[str]:
    """Return those of some tiles that touch the search area."""
    tiles = {key: tile_from_key(key) for key in keys}
    if search_area is None:
        return list(tiles)
    zooms = {tile.z for tile in tiles.values()}
    if sum(map(search_area.count_tiles, zooms)) < len(tiles):  # a small area: its own tiles are fewer
        touched = {tile for zoom in zooms for tile in search_area.tiles(zoom)}
        return [key for key, tile in tiles.items() if tile in touched]
    return [key for key, tile in tiles.items() if search_area.touches(tile)]
