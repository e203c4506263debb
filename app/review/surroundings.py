"""Other active reports near a report: its neighbours, and those that may be about the same flood.

Taken from the documents of the cells around, which hold about the newest hundred reports of each.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from app.core import clock
from app.core.config import settings
from app.geo.box_circle import Circle
from app.geo.coordinates import distance_km
from app.geo.tiles import tile_at
from app.reports.entry import CELL_ZOOM, Entry
from app.reports.index.models import TileDocument

NEAR_KM = 0.5
NEAR_DEGREES = NEAR_KM / 111  # of latitude: a degree has a little more than 111 km, so that none is left out
WITHIN_MS = 3 * clock.HOUR_MS
MOST_COUNTED = 20  # more neighbours are counted as this number
MOST_NAMED, MOST_SIMILAR = 5, 3
_KEYS_IN_A_BATCH = 100


class Nearby(NamedTuple):
    """Other reports near a report, nearest first."""

    entries: list[Entry]
    similar: list[str]

    def summary(self) -> tuple[int, list[str]]:
        """Return the number of neighbours, 20 for more of them, and the nearest five."""
        return min(len(self.entries), MOST_COUNTED), [entry.id for entry in self.entries[:MOST_NAMED]]


class Surroundings:
    """The active reports of some cells, with the changes that their documents may not hold yet."""

    def __init__(self, places: Iterable[Entry], latest: Mapping[str, Entry | None]) -> None:
        # Twice as far, so that the neighbours of neighbours are known too.
        cells = sorted({cell for place in places for cell in _cells_around(place, 2 * NEAR_KM)})
        known: dict[str, Entry | None] = {}
        for start in range(0, len(cells), _KEYS_IN_A_BATCH):
            documents = TileDocument.read_if_readable(cells[start : start + _KEYS_IN_A_BATCH])
            known |= {row.id: row for one in documents.values() for row in (*one.grave, *one.rows)}
        self.by_cell: dict[str, list[Entry]] = defaultdict(list)
        now_ms = clock.now_ms()
        for entry in (known | dict(latest)).values():
            if entry is not None and entry.is_active(now_ms):
                self.by_cell[_cell_of(entry)].append(entry)
        self._found: dict[tuple[str, float, float, int], Nearby] = {}

    def of(self, entry: Entry) -> Nearby:
        """Return what is near a report, without itself. In a storm the same report is asked for many times."""
        key = (entry.id, float(entry.lat), float(entry.lon), int(entry.observed_at_ms))
        if key not in self._found:
            others = (other for cell in _cells_around(entry) for other in self.by_cell.get(cell, ()))
            self._found[key] = nearby(entry, others)
        return self._found[key]


def nearby(entry: Entry, others: Iterable[Entry]) -> Nearby:
    """Choose from other reports those within 500 m and 3 hours; of these the similar ones, by the settings' bounds."""
    lat = float(entry.lat)
    level = (other for other in others if abs(float(other.lat) - lat) <= NEAR_DEGREES)
    found = [(_km(entry, other), other) for other in level if _is_at_the_time(entry, other)]
    near = sorted((pair for pair in found if pair[0] <= NEAR_KM), key=lambda pair: (pair[0], pair[1].sort))
    bounds = settings().similar
    within_ms = bounds.within_hours * clock.HOUR_MS
    similar = [other.id for km, other in near if km * 1000 <= bounds.within_m and _ms_apart(entry, other) <= within_ms]
    return Nearby([other for _, other in near], similar[:MOST_SIMILAR])


def _is_at_the_time(entry: Entry, other: Entry) -> bool:
    return other.id != entry.id and _ms_apart(entry, other) <= WITHIN_MS


def _ms_apart(entry: Entry, other: Entry) -> int:
    return abs(int(other.observed_at_ms) - int(entry.observed_at_ms))


def _km(entry: Entry, other: Entry) -> float:
    lat, lon = float(other.lat), float(other.lon)
    return distance_km(lat=float(entry.lat), lon=float(entry.lon), to_lat=lat, to_lon=lon)


def circle_around(entry: Entry, km: float = NEAR_KM) -> Circle:
    """Return the circle in which a report's neighbours lie."""
    return Circle(float(entry.lat), float(entry.lon), km)


def _cells_around(entry: Entry, km: float = NEAR_KM) -> list[str]:
    return [tile.key for tile in circle_around(entry, km).tiles(CELL_ZOOM)]


def _cell_of(entry: Entry) -> str:
    return tile_at(lat=float(entry.lat), lon=float(entry.lon), z=CELL_ZOOM).key
