"""Right answers, computed from the stored rows alone, without the product's code."""

import math
from collections import Counter, defaultdict
from typing import Any

from app.reports.index.models import PREFIX, TileDocument
from bench.stand_in import StandIn
from bench.units import Item

ZOOMS = (0, 4, 6, 8, 10, 13)
PUBLIC = ("pending", "verified")


def active(database: StandIn, now_ms: int) -> list[Item]:
    """Return all active reports, newest first."""
    table = next(table for name, table in database.tables.items() if name.endswith("-reports"))
    rows = [row for key in table.items if key.startswith("rep_") and (row := table.read(key))]
    found = [row for row in rows if row["status"]["S"] in PUBLIC and int(row["expires"]["N"]) > now_ms]
    return sorted(found, key=lambda row: row["sort"]["S"], reverse=True)


def newest_active(database: StandIn, now_ms: int) -> list[str]:
    """Return the ids of all active reports, newest first."""
    return [row["id"]["S"] for row in active(database, now_ms)]


def tile_of(lat: float, lon: float, zoom: int) -> str:
    """Return a slippy-map tile, as at wiki.openstreetmap.org/wiki/Slippy_map_tilenames."""
    side = 2**zoom
    x = int((lon + 180) / 360 * side)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side)
    return f"{zoom}/{min(x, side - 1)}/{min(max(y, 0), side - 1)}"


def wrong_documents(database: StandIn, now_ms: int) -> dict[str, Any]:
    """Return the tiles whose document says something else than the reports: counts, or newest rows with versions."""
    rows: dict[str, list[tuple[str, int]]] = defaultdict(list)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in active(database, now_ms):
        for zoom in ZOOMS:
            key = tile_of(float(row["lat"]["N"]), float(row["lon"]["N"]), zoom)
            rows[key].append((row["id"]["S"], int(row["version"]["N"])))
            counts[key][row["severity"]["S"]] += 1
    stored = [key for key in database.tables[TileDocument.Meta.table_name].items if key.startswith(PREFIX)]
    keys = {key.removeprefix(PREFIX) for key in stored}
    keys = {key for key in keys if key.count("/") == 2 and key.split("/")[0].isdigit() and "@" not in key}
    documents = TileDocument.read(keys | rows.keys())
    wrong = {}
    for key in keys | rows.keys():
        document = documents.get(key)
        said = dict(document.counts) if document else {}
        shown = [(row.id, row.version) for row in document.rows] if document else []
        if said != dict(counts[key]) and not (document and document.is_at_least):
            wrong[key] = (said, dict(counts[key]))
        elif shown != rows[key][: len(shown)]:
            wrong[key] = (shown[:3], rows[key][:3])
    return wrong
