"""Places by name, postcode or coordinates, the towns of a view, and the nearest one.

Two tables of our own making (infra/gazetteer.py), read when first asked for and kept by the process. Whoever
answers requests imports this where it is needed: a start without it is lighter.
"""

import csv
import gzip
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from app.gazetteer import matching
from app.geo.box_circle import Box
from app.geo.coordinates import PLACES_EXACT, distance_km, is_place

_DATA = Path(__file__).with_name("data")
# A postcode or a point is smaller than any town.
POINT_RANK = 9
POINT_RADIUS_KM = 5
# How far a postcode's district reaches is not listed: most lie within this of their middle.
DISTRICT_RADIUS_KM = 10
# How well a place fits the text: it is what was named, only holds it, or has a name that begins so or nearly.
EXACT, COARSE, SIMILAR = "exact", "coarse", "similar"
NEAR_KM = 25.0
# One degree of latitude is never less.
_KM_A_DEGREE = 110.5
_SHORTEST_TO_MISSPELL = 4
_WORDS = 8
_MISSPELT_WAYS = 4
_OTHER_NAMES = {
    "england": "uk gb united kingdom great britain",
    "scotland": "uk gb united kingdom great britain",
    "wales": "uk gb united kingdom great britain",
    "northern ireland": "uk united kingdom",
    "united states": "usa us of america",
}


class Place(NamedTuple):
    """Somewhere to look around; `detail` tells apart what has one name, rank 0 is largest."""

    name: str
    detail: str
    lat: float
    lon: float
    rank: int
    radius_km: float
    match: str = EXACT


class _Index(NamedTuple):
    """The towns, largest first, and how they are found. Towns are numbers: their order is their size."""

    towns: Sequence[Place]
    names: Sequence[frozenset[str]]  # folded: all that a town is called
    details: Sequence[str]  # folded, with a blank before each word
    starts: Sequence[tuple[str, int]]  # what begins with any word of a name, sorted
    words: Sequence[
        tuple[str, int, tuple[int, ...]]
    ]  # whole names and their first words, their letters, whose they are


def find(text: str, *, limit: int = 8) -> list[Place]:
    """What a person may mean, best first. Any text will do; nothing found is an empty list."""
    text = matching.cleaned(text)
    if limit < 1 or not text:
        return []
    if point := matching.coordinates(text):
        return [_point(*point)]
    if likely := matching.outward_codes(text):
        return [_codes()[code] for code in likely if code in _codes()][:1]
    begun: list[Place] = []
    for name, detail in _ways(text):
        found = [_matched(number, name) for number in _beginning(_index(), name, detail)]
        if found and found[0].match == EXACT:
            return found[:limit]
        begun = begun or found
    return begun[:limit]


def _matched(number: int, name: str) -> Place:
    town = _index().towns[number]
    return town if name in _index().names[number] else town._replace(match=SIMILAR)


def similar(text: str, *, limit: int = 8) -> list[Place]:
    """Towns of nearly this name, to ask whether one of them is meant: nobody is shown another town in silence."""
    text = matching.cleaned(text)
    found = _tried(_misspelt, islice(_ways(text), _MISSPELT_WAYS))[: max(limit, 0)] if text else []
    return [one._replace(match=SIMILAR) for one in found]


def towns_in(box: Box, *, limit: int = 30) -> list[Place]:
    """The towns of a view, largest first."""
    inside = (one for one in _index().towns if box.contains(lat=one.lat, lon=one.lon))
    return list(islice(inside, max(limit, 0)))


def nearest(*, lat: float, lon: float, within_km: float = NEAR_KM) -> Place | None:
    """The town whose middle is nearest."""
    if not is_place(lat=lat, lon=lon) or not isfinite(within_km):
        return None
    reach = within_km / _KM_A_DEGREE
    near = (
        (distance_km(lat=lat, lon=lon, to_lat=one.lat, to_lon=one.lon), number)
        for number, one in enumerate(_index().towns)
        if abs(one.lat - lat) <= reach
    )
    km, number = min(near, default=(within_km + 1, 0))
    return _index().towns[number] if km <= within_km else None


def _point(lat: float, lon: float) -> Place:
    town = nearest(lat=lat, lon=lon)
    name = ", ".join(f"{one:.{PLACES_EXACT}f}".rstrip("0").rstrip(".") for one in (lat, lon))
    return Place(name, town.name if town else "", lat, lon, POINT_RANK, POINT_RADIUS_KM)


def _tried(way: Callable[[_Index, str, str], list[int]], names: Iterable[tuple[str, str]]) -> list[Place]:
    """What the first of these names that is one leads to."""
    index = _index()
    found = (way(index, name, detail) for name, detail in names)
    return [index.towns[number] for number in next(filter(None, found), [])]


def _ways(text: str) -> Iterator[tuple[str, str]]:
    """What of a text is the name, and what says where: all is the name, or all up to a comma, or the first words."""
    words = matching.folded(text).split()[:_WORDS]
    yield " ".join(words), ""
    if "," in text:
        name, _, detail = text.partition(",")
        yield matching.folded(name), matching.folded(detail)
    for end in range(len(words) - 1, 0, -1):
        yield " ".join(words[:end]), " ".join(words[end:])


def _beginning(index: _Index, name: str, detail: str) -> list[int]:
    """Towns whose name begins so at any word: the whole name first, then the larger, then its first word."""
    if not name:
        return []
    found = set()
    for start, number in islice(index.starts, bisect_left(index.starts, (name, -1)), None):
        if not start.startswith(name):
            break
        found.add(number)

    def order(one: int) -> tuple[bool, bool, int, bool, int]:
        is_elsewhere = not index.details[one].startswith(f" {detail}")
        is_later_word = not any(called.startswith(name) for called in index.names[one])
        return name not in index.names[one], is_elsewhere, index.towns[one].rank, is_later_word, one

    return sorted((one for one in found if _lies_in(index.details[one], detail)), key=order)


def _lies_in(known: str, detail: str) -> bool:
    return all(f" {word}" in known for word in detail.split()[:_WORDS])


def _misspelt(index: _Index, name: str, detail: str) -> list[int]:
    """Towns of which the name, or its first word, is nearly so: the fewest letters wrong first, then the larger."""
    allowed = matching.slips_allowed(name)
    letters = matching.letters_in(name)
    best: dict[int, int] = {}
    for word, others, numbers in index.words if allowed else ():
        if abs(len(word) - len(name)) > allowed or (letters ^ others).bit_count() > 2 * allowed:
            continue
        wrong = matching.slips(name, word)
        if wrong <= allowed:
            for number in numbers:
                best[number] = min(wrong, best.get(number, wrong))
    kept = [one for one in best if _lies_in(index.details[one], detail)]
    return sorted(kept, key=lambda one: (best[one], one))


def _rows(name: str) -> Iterator[list[str]]:
    with gzip.open(_DATA / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


@cache
def _codes() -> dict[str, Place]:
    return {
        code: Place(code, detail, float(lat), float(lon), POINT_RANK, DISTRICT_RADIUS_KM, COARSE)
        for code, detail, lat, lon in _rows("outward.csv.gz")
    }


@cache
def _index() -> _Index:
    towns, names, details = [], [], []
    for name, others, detail, lat, lon, rank, radius_km in _rows("towns.csv.gz"):
        towns.append(Place(name, detail, float(lat), float(lon), int(rank), float(radius_km)))
        names.append(frozenset(matching.folded(one) for one in (name, *others.split("|")) if one))
        details.append(_searched(detail))
    return _Index(towns, names, details, _starts(names), _words(names))


@cache
def _searched(detail: str) -> str:
    words = matching.folded(detail)
    also = next((others for country, others in _OTHER_NAMES.items() if words.endswith(country)), "")
    return f" {words} {also}"


def _starts(names: Sequence[frozenset[str]]) -> list[tuple[str, int]]:
    starts = []
    for number, called in enumerate(names):
        for name in called:
            words = name.split()
            starts += [(" ".join(words[first:]), number) for first in range(len(words))]
    return sorted(starts)


def _words(names: Sequence[frozenset[str]]) -> list[tuple[str, int, tuple[int, ...]]]:
    found: dict[str, set[int]] = defaultdict(set)
    for number, called in enumerate(names):
        for name in called:
            for word in {name, name.split()[0]}:
                if len(word) >= _SHORTEST_TO_MISSPELL:
                    found[word].add(number)
    return [(word, matching.letters_in(word), tuple(sorted(numbers))) for word, numbers in found.items()]
