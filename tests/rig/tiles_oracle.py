"""Expected tile documents, computed from the reports alone, without the product's code.

Slippy-map tiles as at wiki.openstreetmap.org/wiki/Slippy_map_tilenames.
"""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

ZOOMS = (0, 4, 6, 8, 10, 13)
PUBLIC = ("pending", "verified")


def tile_of(lat: float, lon: float, zoom: int) -> str:
    side = 2**zoom
    x = int((lon + 180) / 360 * side)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side)
    return f"{zoom}/{min(x, side - 1)}/{min(max(y, 0), side - 1)}"


@dataclass
class Tile:
    """Active reports, newest first, as (id, version, severity), and how many there are of each severity."""

    rows: list[tuple[str, int, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def expected(reports: list[dict[str, Any]], now_ms: int) -> dict[str, Tile]:
    """Every tile that has active reports, by key."""
    tiles: dict[str, Tile] = defaultdict(Tile)
    active = [report for report in reports if report["status"] in PUBLIC and report["expires"] > now_ms]
    for report in sorted(active, key=lambda report: report["sort"], reverse=True):
        for zoom in ZOOMS:
            tile = tiles[tile_of(float(report["lat"]), float(report["lon"]), zoom)]
            tile.rows.append((report["id"], int(report["version"]), report["severity"]))
            tile.counts[report["severity"]] += 1
    return dict(tiles)
