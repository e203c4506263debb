"""Place: one entry of the gazetteer, and its extent."""

import hashlib
from enum import StrEnum
from math import exp, log10
from typing import NamedTuple

from app.geo.box_circle import Box
from app.geo.coordinates import distance_km


class Match(StrEnum):
    """Quality of a match: the text names the place, contains it, or has almost the same name."""

    EXACT = "exact"
    COARSE = "coarse"
    SIMILAR = "similar"


KINDS = (
    "city", "town", "village", "hamlet", "suburb", "locality", "county", "district", "region", "country", "island",
    "river", "flood_area", "postcode", "postcode_sector", "postcode_district", "zip_code", "grid_square", "position",
)  # fmt: skip
POSITION = KINDS[-1]  # typed as coordinates
SETTLEMENTS = frozenset(KINDS[:6])
# Areas with an outline of their own: their middle is not the place that people mean.
AREAS = frozenset("county district region country island river flood_area".split())
SOURCES = (
    "",
    "os_open_names",
    "geonames",
    "ons",
    "environment_agency",
    "code_point_open",
    "small_list",
    "floodmanager",
)
# Smallest radius in km of a settlement by its number of inhabitants (as `size_of`).
_RADII_KM = ((68, 30.0), (60, 20.0), (55, 12.0), (50, 8.0), (45, 5.0), (40, 4.0), (35, 2.5), (30, 1.5))
_SMALLEST_KM = 1.0
_LARGEST_SIZE = 70
# Ten units of size are ten times the inhabitants: a place at home counts as ten times as large.
_HOME_BONUS = 10
_AREA_BONUS = 4
_NEAR_BONUS, _NEAR_KM = 40, 25.0
HOME = frozenset(("England", "Scotland", "Wales", "Northern Ireland", "Ireland", "Isle of Man", "Jersey", "Guernsey"))
Near = tuple[float, float] | None


class Place(NamedTuple):
    """A place to search around. `within` names the containing areas, the smallest first; `size` as in `size_of`."""

    name: str
    kind: str
    within: tuple[str, ...]
    lat: float
    lon: float
    radius_km: float
    box: Box | None = None
    source: str = ""
    size: int = 0
    match: str = Match.EXACT

    @property
    def id(self) -> str:
        """An id that is the same in each build of the table, as long as name, kind and position are."""
        identity = f"{self.kind}|{self.name}|{self.lat:.4f}|{self.lon:.4f}"
        return f"plc_{hashlib.sha256(identity.encode()).hexdigest()[:20]}"

    @property
    def detail(self) -> str:
        return ", ".join(self.within)

    @property
    def rank(self) -> int:
        """Rank for the map, which draws 0 (the largest) first."""
        return max(0, (_LARGEST_SIZE - self.size) // 5)


def size_of(people: int) -> int:
    """Return ten times the logarithm of the number of inhabitants: 60 is a million, 30 a thousand."""
    return round(10 * log10(people)) if people > 0 else 0


def radius_km_of(size: int) -> float:
    """Return the radius in km of a settlement of this size."""
    return next((radius_km for least, radius_km in _RADII_KM if size >= least), _SMALLEST_KM)


def is_home(place: Place) -> bool:
    """Return whether it is in the British Isles."""
    return not HOME.isdisjoint((place.name, *place.within))


def weight(place: Place, near: Near) -> float:
    """Return the weight for sorting places of one name: by size, home bonus and distance."""
    weight = float(place.size)
    if is_home(place):
        weight += _HOME_BONUS
    if place.kind in ("county", "island"):
        weight += _AREA_BONUS
    if near:
        km = distance_km(lat=near[0], lon=near[1], to_lat=place.lat, to_lon=place.lon)
        weight += _NEAR_BONUS * exp(-km / _NEAR_KM)
    return weight
