"""Number all active reports of a search area where they lie close together: for a map, and for a sentence beside it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from app.core import clock, dynamodb
from app.core.severity import Severity
from app.geo.box_circle import Box, SearchArea
from app.geo.tiles import Tile, tile_at, tile_from_key
from app.reports.entry import CELL_ZOOM, Entry
from app.reports.index import completeness, recent_writes
from app.reports.index.estimate import rows_inside
from app.reports.index.models import ROOT, ZOOMS, Document, TileDocument
from app.reports.index.view import note_unread

# Documents of half a unit each. A circle of 5 km touches some 16 of the finest tiles.
MOST_TILES = 20
MOST_TILES_BELOW_ROOT = 4
MOST_ROUNDS = 1  # of finer documents, after the first


class Cluster(NamedTuple):
    """The reports of one tile in the area: their number by severity, and the place that they lie around."""

    box: Box
    lat: float
    lon: float
    by_severity: Mapping[str, int]
    is_at_least: bool = False

    @property
    def number(self) -> int:
        return sum(self.by_severity.values())

    @property
    def gravest(self) -> str:
        return max(self.by_severity, key=lambda word: Severity(word).gravity)


def find_clusters(area: SearchArea | None, known: Sequence[Entry] = ()) -> list[Cluster] | None:
    """Find the clusters of an area, None for everywhere. `known`: reports that were read in it; none is left out.

    None while the documents cannot be read, or if those of a very large area are too many. The numbers are those of the
    documents, which may be a minute behind.
    """
    documents = _documents(area)
    if documents is None:
        return None
    zoom = next((tile.z for tile in documents), CELL_ZOOM)  # of them all
    known_by_tile: dict[Tile, list[Entry]] = {}
    for entry in known:
        known_by_tile.setdefault(tile_at(lat=entry.lat, lon=entry.lon, z=zoom), []).append(entry)
    tiles = dict.fromkeys([*documents, *known_by_tile])
    found = [_cluster(area, tile, documents.get(tile, Document()), known_by_tile.get(tile, [])) for tile in tiles]
    return [cluster for cluster in found if cluster is not None]


def narrowed(clusters: Iterable[Cluster], severities: frozenset[str]) -> list[Cluster]:
    """Reduce clusters to some severities."""
    reduced = (
        cluster._replace(
            by_severity={word: cluster.by_severity[word] for word in cluster.by_severity.keys() & severities}
        )
        for cluster in clusters
    )
    return [cluster for cluster in reduced if cluster.by_severity]


def _documents(area: SearchArea | None) -> dict[Tile, Document] | None:
    """Read the finest documents that cover the area with few tiles, then the finer ones below while they are few."""
    documents, left = _first_documents(area)
    for _ in range(MOST_ROUNDS):
        below = [key for document in (documents or {}).values() for key in document.children]
        finer = [key for key in below if area is None or area.touches(tile_from_key(key))]
        if not finer or len(finer) > left or (found := _read(finer)) is None:
            break
        documents, left = found, left - len(finer)
    return documents


def _first_documents(area: SearchArea | None) -> tuple[dict[Tile, Document] | None, int]:
    """Read documents of one zoom, for very large areas those below the root; return how many more may be read."""
    for zoom in reversed(ZOOMS[1:]):
        if area is None or area.count_tiles(zoom) > 2 * MOST_TILES:
            continue
        if len(tiles := area.tiles(zoom)) <= MOST_TILES:
            return _read(tile.key for tile in tiles), MOST_TILES - len(tiles)
    fresh = recent_writes.root_cache.fresh_root(clock.now_ms())
    roots = {tile_from_key(ROOT): fresh} if fresh else _read([ROOT])
    children = [key for root in (roots or {}).values() for key in root.children]
    below = [key for key in children if area is None or area.touches(tile_from_key(key))]
    # The root alone would be one cluster, in the middle of the world.
    is_read = roots is not None and len(below) <= MOST_TILES
    return _read(below) if is_read else None, MOST_TILES_BELOW_ROOT - len(below)


def _read(keys: Iterable[str]) -> dict[Tile, Document] | None:
    """Read documents; None if one of them cannot be read or may be missing, since their sum would be too small."""
    if completeness.is_incomplete(completeness.TILES):
        return None
    try:
        documents = TileDocument.read(keys)
    except dynamodb.FAILURES as error:
        note_unread(error)
        return None
    is_whole = all(document.is_readable for document in documents.values())
    return {tile_from_key(key): document for key, document in documents.items()} if is_whole else None


def _cluster(area: SearchArea | None, tile: Tile, document: Document, known: Sequence[Entry]) -> Cluster | None:
    """Estimate a tile's reports in the area by the share of its rows there; None if there are none."""
    rows, share = rows_inside(area, tile, document)
    told = Counter({word: round(number * share) for word, number in document.counts.items()})
    by_severity = {word: number for word, number in (told | Counter(one.severity for one in known)).items() if number}
    if not by_severity:
        return None
    west, south, east, north = tile.bounds()
    places = [(float(one.lat), float(one.lon)) for one in (*rows, *known)] or [((south + north) / 2, (west + east) / 2)]
    lat, lon = (sum(values) / len(places) for values in zip(*places, strict=True))
    return Cluster(Box(west, south, east, north), lat, lon, by_severity, document.is_at_least)
