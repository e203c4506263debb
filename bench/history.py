"""Measure the history of places: pages and read units until 50 reports are known, and until the end.

By place, and by day as without that index. Every list is compared with all reports.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from app.geo.box_circle import Box, Circle, SearchArea
from app.reports.index import completeness
from bench.asking import Asker
from bench.floods import Seen
from bench.loading import World, worlds
from bench.questions import SEA, places

SINCE = "2010-01-01T00:00:00Z"
RADII_KM = (2, 5, 10)
BOX_KM = 50
KM_IN_A_DEGREE = 111.2
SPOTS = 3  # of each kind
WANTED = 50
MOST_PAGES = {"by place": 300, "by day": 25}  # of 19 units each; the rest of a list by day is more of the same
Record = dict[str, Any]


class Read(NamedTuple):
    """Cost of one list until 50 reports were known, and until its end. `is_cut`: it was not read to the end."""

    pages: int
    units: float
    pages_to_end: int
    units_to_end: float
    most_units: float
    found: int
    is_cut: bool


def measure(sizes: Sequence[int]) -> Iterator[Record]:
    """Measure each shape at each kind of place, first with the index by place, then without."""
    for world, asker in worlds(sizes):
        everything = sorted(world.reports(), key=lambda seen: (seen.created_ms, seen.id), reverse=True)
        for way in MOST_PAGES:
            completeness.refresh()
            if way == "by day":
                completeness.cache.copies -= {completeness.BY_PLACE}
            yield from _lists(world, asker, everything, way)
        completeness.cache.read_ms = None


def _lists(world: World, asker: Asker, everything: Sequence[Seen], way: str) -> Iterator[Record]:
    reads: dict[tuple[str, str], list[Read]] = defaultdict(list)
    for where, spots in (places(world) | {"at sea": [SEA]}).items():
        for lat, lon in spots[:SPOTS]:
            for kind, query, shape in _shapes(lat, lon):
                wanted = [seen.id for seen in everything if shape.contains(lat=seen.lat, lon=seen.lon)]
                reads[kind, where].append(_read(asker, query | {"since": SINCE}, wanted, MOST_PAGES[way]))
    for (kind, where), all_read in reads.items():
        means = {name: round(_mean(all_read, name), 1) for name in Read._fields}
        yield (
            {"measure": "history", "way": way, "question": f"{kind}, {where}", "stored": world.total}
            | means
            | {"most_units": max(read.most_units for read in all_read)}
        )


def _mean(reads: Sequence[Read], name: str) -> float:
    return float(sum(getattr(read, name) for read in reads)) / len(reads)


def _shapes(lat: float, lon: float) -> Iterator[tuple[str, dict[str, Any], SearchArea]]:
    lat, lon = round(lat, 4), round(lon, 4)
    for radius in RADII_KM:
        yield f"within {radius} km", {"lat": lat, "lon": lon, "radius_km": radius}, Circle(lat, lon, radius)
    half = BOX_KM / 2 / KM_IN_A_DEGREE
    edges = [round(edge, 4) for edge in (lon - half * 1.6, lat - half, lon + half * 1.6, lat + half)]
    yield f"box of {BOX_KM} km", {"bbox": ",".join(map(str, edges))}, Box(*edges)


def _read(asker: Asker, query: dict[str, Any], wanted: Sequence[str], most_pages: int) -> Read:
    """Read a list to its end, or so many pages, and check it."""
    found: list[str] = []
    units, until_known = [], 0
    for number, asked in enumerate(asker.pages(query | {"limit": WANTED}, most_pages), 1):
        units.append(asked.bill.reads)
        found += [item["id"] for item in asked.body["items"]]
        is_cut = bool(asked.body["next_cursor"])
        if not until_known and (len(found) >= WANTED or not is_cut):
            until_known = number
    assert found == list(wanted[: len(found)]), f"wrong answer to {query}"
    assert is_cut or len(found) == len(wanted), f"too few for {query}"
    until_known = until_known or len(units)
    return Read(until_known, sum(units[:until_known]), len(units), sum(units), max(units), len(found), is_cut)
