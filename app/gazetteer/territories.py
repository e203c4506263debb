"""Shipped outlines of countries, by ISO 3166-1 code, and their time zones.

England, Scotland, Wales and Northern Ireland have outlines of their own (GB-ENG, ...). Made by infra/coverage.py; read
at first use.
"""

import json
from collections.abc import Sequence
from functools import cache, lru_cache
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZipFile

from app.geo.box_circle import Box
from app.geo.coordinates import distance_km

if TYPE_CHECKING:
    from app.geo.polygon import MultiPolygon

_KM_AN_HOUR, _WEST_DEGREES = 1200, 11.5
_FILE = Path(__file__).with_name("data") / "coverage.zip"


class Zone(NamedTuple):
    """A time zone, and the position of the place that it is named after."""

    name: str  # Europe/London
    lat: float
    lon: float
    hours: float  # UTC offset without the hour of summer time

    def strangeness(self, *, lat: float, lon: float) -> float:
        """Return a cost: the lower, the likelier this zone of its country holds a place, by distance and by the sun.

        Zones begin some 11.5 degrees west of their own meridian, as countries have drawn them.
        """
        away = distance_km(lat=lat, lon=lon, to_lat=self.lat, to_lon=self.lon)
        return away + _KM_AN_HOUR * abs(self.hours - floor((lon + _WEST_DEGREES) / 15))


class Territory(NamedTuple):
    """A country without its outline."""

    boxes: Sequence[Box]
    zones: Sequence[Zone]


@cache
def territories() -> dict[str, Territory]:
    """Return all territories by code."""
    with ZipFile(_FILE) as archive:
        index = json.loads(archive.read("index.json"))
    return {
        code: Territory([Box(*box) for box in entry["boxes"]], [Zone(*zone) for zone in entry["zones"]])
        for code, entry in index.items()
    }


@cache
def outline(code: str) -> "MultiPolygon":
    """Return the outline of a country; raises KeyError for an unknown code."""
    from app.geo.encode import unpack  # imported here because a place outside every box needs none

    with ZipFile(_FILE) as archive:
        return unpack(archive.read(code))


@cache
def zone_at(*, lat: float, lon: float) -> str:
    """Return the time zone of a place, empty at sea; of a country with several zones, the likeliest."""
    from app.geo.polygon import contains  # as above

    for code, territory in territories().items():
        is_near = any(box.contains(lat=lat, lon=lon) for box in territory.boxes)
        if is_near and territory.zones and contains(outline(code), lat=lat, lon=lon):
            return min(territory.zones, key=lambda zone: zone.strangeness(lat=lat, lon=lon)).name
    return ""


@lru_cache(maxsize=1000)
def country_at(*, lat: float, lon: float) -> str:
    """Return the code of the country at a place, coastal waters included; empty on the open sea."""
    from app.geo.polygon import contains  # as above

    for code, territory in territories().items():
        is_near = any(box.contains(lat=lat, lon=lon) for box in territory.boxes)
        # Parts of a country, such as GB-ENG, are inside the whole.
        if is_near and "-" not in code and contains(outline(code), lat=lat, lon=lon):
            return code
    return ""
