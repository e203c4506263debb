"""Simulate reports of real floods: a few large floods and many small ones, clustered in towns and neighbourhoods.

Towns by Zipf, floods by Pareto, the largest (about a tenth of all reports) current, five years of history. The same
seed and size give the same reports.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from app.core import clock
from app.geo.coordinates import PLACES_EXACT, rounded
from app.geo.tiles import tile_at
from app.reports import entry_encoding
from app.reports.entry import CELL_ZOOM, STORED_COLUMNS, Entry, sort_key
from app.reports.index.keys import day_shards, place_shard_of
from bench.units import Item

TOWNS = 60
YEARS_MS = 5 * 365 * clock.DAY_MS
LIFE_MS = 48 * clock.HOUR_MS
LARGEST = 0.11  # of all reports: the current flood
BACKGROUND = 0.05  # burst pipes and blocked drains, at any time in any town
ENDED_EARLY = 0.25
COUNTRY = (-5.0, 50.0, 1.5, 55.0)  # west, south, east, north
_TITLES = ("Water over the road", "Cellar flooded", "Underpass closed, cars stuck", "Garden under water, still rising")
_SEVERITIES = ("minor", "moderate", "moderate", "severe", "extreme")
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True)
class Flood:
    """One event: place, time, number of reports; its neighbourhoods as centre, spread in degrees and weight."""

    began_ms: int
    lasted_ms: int
    reports: int
    centres: list[tuple[float, float, float]]
    weights: list[float]


@dataclass(frozen=True)
class Seen:
    """One report in short."""

    id: str
    created_ms: int
    lat: float
    lon: float
    is_over: bool


class Country:
    """The towns, and their floods until `now_ms`."""

    def __init__(self, size: int, now_ms: int, seed: int = 7) -> None:
        self.random = random.Random(seed)
        self.now_ms = now_ms
        self.size = size
        west, south, east, north = COUNTRY
        draw = self.random.uniform
        self.towns = [(draw(south + 0.3, north - 0.3), draw(west + 0.3, east - 0.3)) for _ in range(TOWNS)]
        self.shares = list(accumulate(1 / rank for rank in range(1, TOWNS + 1)))
        self.floods = list(self._floods())

    def _floods(self) -> Iterator[Flood]:
        now = max(20, int(self.size * LARGEST))
        yield self._flood(self.towns[0], now, began_ms=self.now_ms - 36 * clock.HOUR_MS, lasted_ms=48 * clock.HOUR_MS)
        left = int(self.size * (1 - LARGEST - BACKGROUND))
        while left > 0:
            count = min(left, int(min(6 * self.random.paretovariate(0.9), self.size * LARGEST / 2)) + 1)
            lasted = int(self.random.uniform(0.3, 5) * clock.DAY_MS)
            began = self.now_ms - 4 * clock.DAY_MS - lasted - int(self.random.random() * (YEARS_MS - 9 * clock.DAY_MS))
            if self.random.random() < 0.01:  # some small floods are current too
                began = self.now_ms - int(self.random.random() * lasted)
            yield self._flood(self._town(), count, began_ms=began, lasted_ms=lasted)
            left -= count

    def _town(self) -> tuple[float, float]:
        return self.random.choices(self.towns, cum_weights=self.shares)[0]

    def _flood(self, town: tuple[float, float], reports: int, *, began_ms: int, lasted_ms: int) -> Flood:
        count = self.random.randint(3, 40)
        gauss = self.random.gauss
        spread = 0.03 + 0.02 * self.random.random()
        centres = [
            (town[0] + gauss(0, spread), town[1] + gauss(0, spread * 1.6), self.random.uniform(0.001, 0.006))
            for _ in range(count)
        ]
        return Flood(began_ms, lasted_ms, reports, centres, list(accumulate(1 / rank for rank in range(1, count + 1))))

    def reports(self) -> Iterator[Seen]:
        """Yield all reports, unsorted."""
        for flood in self.floods:
            for _ in range(flood.reports):
                yield self._seen(self._moment(flood), self._place(flood))
        for _ in range(int(self.size * BACKGROUND)):
            lat, lon = self._town()
            spot = lat + self.random.gauss(0, 0.05), lon + self.random.gauss(0, 0.08)
            yield self._seen(self.now_ms - int(self.random.random() * YEARS_MS), spot)

    def _moment(self, flood: Flood) -> int:
        """Return a report's time: reports increase and decrease; those of a current flood end now."""
        ends = min(flood.began_ms + flood.lasted_ms, self.now_ms)
        return min(flood.began_ms + int(self.random.betavariate(2, 1.6) * (ends - flood.began_ms)), self.now_ms - 1)

    def _place(self, flood: Flood) -> tuple[float, float]:
        lat, lon, spread = self.random.choices(flood.centres, cum_weights=flood.weights)[0]
        return self.random.gauss(lat, spread), self.random.gauss(lon, spread * 1.6)

    def _seen(self, created_ms: int, place: tuple[float, float]) -> Seen:
        number = self.random.getrandbits(130)
        report_id = "rep_" + "".join(_BASE32[number >> shift & 31] for shift in range(0, 130, 5))
        lat, lon = (rounded(value, places=PLACES_EXACT) for value in place)
        return Seen(report_id, created_ms, lat, lon, self.random.random() < ENDED_EARLY)


def stored_form(seen: Seen, now_ms: int) -> Item:
    """Build the item that the product stores; `check_form` compares it with the product's own."""
    pick = int(seen.id[-2:], 36)
    sort = sort_key(seen.created_ms, seen.id)
    expires = seen.created_ms + LIFE_MS // (2 if seen.is_over else 1)
    if seen.is_over:
        expires = min(expires, now_ms - 1)
    item: Item = {
        "id": {"S": seen.id},
        "sort": {"S": sort},
        "day_lane": {"S": day_shards(clock.day_of(seen.created_ms))[pick % 2]},
        "place_shard": {"S": place_shard_of(lat=seen.lat, lon=seen.lon, report_id=seen.id)},
        "body_hash": {"S": "0123456789abcdef0123456789abcdef"},
        "lat": {"N": str(seen.lat)},
        "lon": {"N": str(seen.lon)},
        "place": {"S": "public"},
        "radius": {"N": "50"},
        "severity": {"S": _SEVERITIES[pick % 5]},
        "title": {"S": _TITLES[pick % 4]},
        "description": {"S": "Seen from the bridge; the water stands at the kerb and comes nearer. " * (pick % 3 + 1)},
        "status": {"S": "pending"},
        "condition": {"S": "receded" if seen.is_over else "flooded"},
        "observed": {"N": str(seen.created_ms)},
        "updated": {"N": str(seen.created_ms)},
        "expires": {"N": str(expires)},
        "version": {"N": "1"},
    }
    if pick % 2:
        item["depth"] = {"N": str(pick % 120)}
    item["entry"] = {"B": entry_encoding.pack(entry_of(item))}
    if expires > now_ms:
        item["cell"] = {"S": tile_at(lat=seen.lat, lon=seen.lon, z=CELL_ZOOM).key}
    return item


def entry_of(item: Item) -> Entry:
    """Build the short form of an item."""
    columns = {name: item[stored] for stored, name in STORED_COLUMNS.items() if stored in item}
    values = {name: column.get("S") or json.loads(column["N"]) for name, column in columns.items()}
    return Entry(item["id"]["S"], item["sort"]["S"], **({"depth_cm": None} | values))


def check_form(item: Item) -> None:
    """Compare with what the product's own model would store. Raises AssertionError if the model has changed."""
    from app.reports.models import Report

    report: Any = Report()
    report.deserialize(item)
    assert report.serialize() == item, "stored_form() no longer matches the Report model"
    assert {attribute.attr_name for attribute in Report.get_attributes().values()} >= item.keys()
