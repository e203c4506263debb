"""The shipped small list: some 3,000 towns, and the postcode districts of the whole United Kingdom.

Used if the table is not loaded or cannot be read, and for data that the table lacks: the districts of Northern Ireland
and the islands, and the largest towns of a wide view. Made by infra/gazetteer/small_list.py; read at first use, and
kept by the process.
"""

import csv
import gzip
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from app.gazetteer import typed_text
from app.gazetteer.place import Match, Place
from app.geo.box_circle import Box
from app.geo.coordinates import distance_km, is_on_globe

_DATA = Path(__file__).with_name("data")
SOURCE = "small_list"
_DISTRICT_KM = 10.0  # a district's extent is not listed: most are within this radius
# A degree of latitude is never shorter.
_KM_A_DEGREE = 110.5
# Its ranks as sizes, to sort the towns of both lists.
_SIZES = (68, 65, 60, 56, 53, 50, 45, 40, 33)


class _List(NamedTuple):
    """The towns, largest first, and their sorted names with the towns' numbers."""

    towns: Sequence[Place]
    names: Sequence[tuple[str, int]]


def find_names(name: str) -> list[tuple[str, Place]]:
    """Find towns by the prefix of a name, each with its normalised name; the larger first."""
    names = _list().names
    numbered_names = []
    for listed_name, number in islice(names, bisect_left(names, (name, -1)), None):
        if not listed_name.startswith(name):
            break
        numbered_names.append((number, listed_name))
    return [(listed_name, _list().towns[number]) for number, listed_name in sorted(numbered_names)]


def find_similar(name: str) -> list[Place]:
    """Find towns with a similar name: the fewest wrong letters first, then the larger."""
    allowed, letters = typed_text.slips_allowed(name), typed_text.letters_in(name)
    best: dict[int, int] = {}
    for listed_name, number in _list().names if allowed else ():
        if (
            abs(len(listed_name) - len(name)) > allowed
            or (typed_text.letters_in(listed_name) ^ letters).bit_count() > 2 * allowed
        ):
            continue
        if (wrong := typed_text.slips(name, listed_name)) <= allowed:
            best[number] = min(wrong, best.get(number, wrong))
    return [_list().towns[number] for number in sorted(best, key=lambda town_number: (best[town_number], town_number))]


def find_district(code: str) -> Place | None:
    """Find the place of an outward code."""
    return _districts().get(code)


def towns_in(box: Box, *, limit: int) -> list[Place]:
    """Return the towns of a view, largest first."""
    inside = (town for town in _list().towns if box.contains(lat=town.lat, lon=town.lon))
    return list(islice(inside, max(limit, 0)))


def nearest(*, lat: float, lon: float, within_km: float) -> Place | None:
    """Find the nearest town."""
    if not is_on_globe(lat=lat, lon=lon) or not isfinite(within_km):
        return None
    reach = within_km / _KM_A_DEGREE
    near = (
        (distance_km(lat=lat, lon=lon, to_lat=town.lat, to_lon=town.lon), number)
        for number, town in enumerate(_list().towns)
        if abs(town.lat - lat) <= reach
    )
    km, number = min(near, default=(within_km + 1, 0))
    return _list().towns[number] if km <= within_km else None


def _rows(name: str) -> Iterator[list[str]]:
    with gzip.open(_DATA / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


@cache
def _districts() -> dict[str, Place]:
    return {
        # Coarse: the list does not give the extent of a district.
        code: Place(
            code,
            "postcode_district",
            _parts(detail),
            float(lat),
            float(lon),
            _DISTRICT_KM,
            source=SOURCE,
            match=Match.COARSE,
        )
        for code, detail, lat, lon in _rows("small_districts.csv.gz")
    }


def _parts(detail: str) -> tuple[str, ...]:
    return tuple(detail.split(", ")) if detail else ()


@cache
def _list() -> _List:
    towns, names = [], []
    for number, (name, others, detail, lat, lon, rank, radius_km) in enumerate(_rows("small_towns.csv.gz")):
        size = _SIZES[min(int(rank), len(_SIZES) - 1)]
        kind = "city" if size >= 50 else "town"
        place = Place(name, kind, _parts(detail), float(lat), float(lon), float(radius_km), source=SOURCE, size=size)
        towns.append(place)
        names += [(typed_text.folded(other_name), number) for other_name in {name, *others.split("|")} if other_name]
    return _List(towns, sorted(names))
