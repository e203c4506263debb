"""Count the active reports in a circle by severity, from what an answer has read of it: exactly, or by estimate."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.geo.box_circle import Circle, SearchArea
from app.geo.tiles import Tile, tile_at
from app.reports.entry import CELL_ZOOM, Entry
from app.reports.index.models import Document

_HALF = 0.5  # of a tile that the rim cuts, if none of its reports is known


@dataclass
class Part:
    """A tile, and the greatest key that a report hidden in it may have; empty if all its reports are known."""

    tile: Tile
    low_watermark: str
    parent: Document | None = None
    document: Document | None = None  # None: not read

    @property
    def is_cell(self) -> bool:
        return self.tile.z == CELL_ZOOM


class Estimate(NamedTuple):
    """Number of reports by severity. `is_exact`: every report in the circle was read."""

    by_severity: Mapping[str, int]
    is_exact: bool

    def at_least(self, entries: Iterable[Entry]) -> "Estimate":
        """Return the estimate with no severity below the number of these reports."""
        known = Counter(entry.severity for entry in entries)
        return self._replace(by_severity=dict(Counter(self.by_severity) | known))


def estimate(circle: Circle, severities: Iterable[str], entries: Iterable[Entry], parts: Sequence[Part]) -> Estimate:
    """Count the reports of some severities. `entries`: those that are known to be in the circle.

    A tile that is not known completely counts as its document says, by the share of its rows in the circle.
    """
    known = _by_part(entries, parts)
    # A tile that no document lists yet is no part.
    found = Counter(entry.severity for entry in known.get(None, ()))
    for part in parts:
        own = Counter(entry.severity for entry in known.get(part.tile, ()))
        if part.low_watermark:
            counts, share = _counts_over(part, circle)
            own |= Counter({word: round(counts.get(word, 0) * share) for word in severities})
        found += own
    return Estimate(dict(found), all(not part.low_watermark for part in parts))


def _by_part(entries: Iterable[Entry], parts: Iterable[Part]) -> dict[Tile | None, list[Entry]]:
    """Group entries by the tile of their part; under None those that are in no part."""
    tiles = {part.tile for part in parts}
    zooms = {tile.z for tile in tiles}
    found: dict[Tile | None, list[Entry]] = {}
    for entry in entries:
        own_tiles = (tile_at(lat=entry.lat, lon=entry.lon, z=zoom) for zoom in zooms)
        found.setdefault(next((tile for tile in own_tiles if tile in tiles), None), []).append(entry)
    return found


def _counts_over(part: Part, circle: Circle) -> tuple[Mapping[str, int], float]:
    """Return the counts of the document over this tile, and the share of them that lies in the tile and the circle."""
    document = part.document or part.parent
    if document is None:
        return {}, 0.0
    if part.document is not None:
        _, share = rows_inside(circle, part.tile, part.document)
        return document.counts, share
    if not document.rows:
        return document.counts, 0.0
    inside = sum(
        circle.contains(lat=row.lat, lon=row.lon) and tile_at(lat=row.lat, lon=row.lon, z=part.tile.z) == part.tile
        for row in document.rows
    )
    return document.counts, inside / len(document.rows)


def rows_inside(area: SearchArea | None, tile: Tile, document: Document) -> tuple[list[Entry], float]:
    """Return a document's rows in an area, and the estimated share of the tile's reports that lies in the area."""
    rows = [row for row in document.rows if area is None or area.contains(lat=row.lat, lon=row.lon)]
    if area is None or area.holds(tile):
        return rows, 1.0
    return rows, len(rows) / len(document.rows) if document.rows else _HALF


def expected_in(part: Part) -> float:
    """Estimate the number of reports in a tile whose document is not read, by its share of the coarser tile's rows."""
    if part.parent is None or not part.parent.rows:
        return 1.0
    own = sum(tile_at(lat=row.lat, lon=row.lon, z=part.tile.z) == part.tile for row in part.parent.rows)
    return sum(part.parent.counts.values()) * own / len(part.parent.rows)
