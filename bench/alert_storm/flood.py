"""The flood: warnings over outlines of their own, when each appears, rises and ends, and which places it touches.

What is touched is reckoned here by plain geometry of its own, because it judges the product's.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, hypot, pi, radians, sin
from typing import NamedTuple

from app.core import clock
from bench.alert_storm import size
from bench.alert_storm.people import KM_PER_DEGREE, People, Spot

CORNERS = 20
CELL = 0.25  # degrees
LAST_MINUTE = size.HOURS * 60 - 20
# Within so much of an outline's rim, either answer is right: straight edges on a globe are a matter of definition.
RIM_KM, RIM_SHARE = 0.02, 0.005
Ring = tuple[tuple[float, float], ...]  # lon, lat


class Area(NamedTuple):
    """One warning's area. The letters name it by its code."""

    code: str
    ring: Ring


class Group(NamedTuple):
    """Warnings of one text that appear together: who is in several of their areas gets one message."""

    number: int
    areas: tuple[Area, ...]
    severity: str
    at_ms: int
    rises_at_ms: int | None
    ends_at_ms: int | None


class Spots:
    """The places of people, found by position."""

    def __init__(self, people: People) -> None:
        self.spots = people.spots
        self.subscriptions = [0] * len(people.spots)
        for spot in people.spot_of:
            self.subscriptions[spot] += 1
        self._cells: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for number, spot in enumerate(people.spots):
            self._cells[int(spot.lat // CELL), int(spot.lon // CELL)].append(number)

    def around(self, lat: float, lon: float, km: float) -> Iterator[int]:
        """Yield all places within some distance, and some that are farther."""
        high, wide = km / KM_PER_DEGREE, km / KM_PER_DEGREE / cos(radians(lat))
        for row in range(int((lat - high) // CELL), int((lat + high) // CELL) + 1):
            for column in range(int((lon - wide) // CELL), int((lon + wide) // CELL) + 1):
                yield from self._cells.get((row, column), ())

    def radius_for(self, lat: float, lon: float, wanted: float) -> float:
        """Return the radius in km within which about so many subscriptions have a place that is touched."""
        km = 8.0
        while True:
            near = []
            for number in self.around(lat, lon, km + 10):
                spot = self.spots[number]
                near.append((hypot(*_km(spot, lat, lon)) - spot.radius_km, number))
            near.sort()
            found = 0
            for away_km, number in near:
                found += self.subscriptions[number]
                if found >= wanted and away_km < km:
                    return max(away_km, 0.3)
            if km > 200:
                return km
            km *= 2


def make_groups(people: People, spots: Spots) -> list[Group]:
    """Return the storm's warnings in the order in which they appear."""
    dice = random.Random(size.SEED + 1)
    weights = [one.people for one in people.settlements]
    total = size.warnings_for(people.persons)
    minutes = sorted(_minutes(dice, total))
    counts = _counts(dice, minutes, people.persons / size.SUBSCRIBERS / size.WISHING_SHARE)
    groups: list[Group] = []
    number = 0
    while number < total:
        alike = dice.randint(2, 4) if dice.random() < size.ALIKE_SHARE / 2 else 1
        alike = min(alike, total - number)
        middle = dice.choices(people.settlements, weights)[0]
        areas = []
        for place in range(alike):
            lat, lon = middle.lat + dice.gauss(0, 0.1) * place, middle.lon + dice.gauss(0, 0.15) * place
            radius_km = spots.radius_for(lat, lon, counts[number + place])
            areas.append(Area(f"W{number + place:04d}", _ring(dice, lat, lon, radius_km)))
        groups.append(_timed(dice, len(groups), tuple(areas), minutes[number]))
        number += alike
    return groups


def _minutes(dice: random.Random, total: int) -> Iterator[float]:
    """Yield when each warning appears: ever more of them, and a peak."""
    of_peak = round(total * size.PEAK_WARNINGS / size.WARNINGS)
    for _ in range(of_peak):
        yield size.PEAK_AT_MINUTE + dice.uniform(0, size.PEAK_MINUTES)
    for _ in range(total - of_peak):
        yield LAST_MINUTE * dice.random() ** 0.5


def _counts(dice: random.Random, minutes: Sequence[float], share: float) -> list[float]:
    """Return how many people each warning is to reach, by its time."""
    raw = [dice.lognormvariate(0, 0.8) for _ in minutes]
    is_peak = [0 <= minute - size.PEAK_AT_MINUTE < size.PEAK_MINUTES for minute in minutes]
    totals = {True: size.PEAK_RECIPIENTS * share, False: size.OTHER_RECIPIENTS * share}
    sums = {kind: sum(one for one, peak in zip(raw, is_peak, strict=True) if peak is kind) for kind in totals}
    return [max(1.0, one / sums[peak] * totals[peak]) for one, peak in zip(raw, is_peak, strict=True)]


def _timed(dice: random.Random, number: int, areas: tuple[Area, ...], minute: float) -> Group:
    at_ms = size.BEGIN_MS + round(minute * clock.MINUTE_MS)
    severity = dice.choice(("severe", "severe", "extreme")) if dice.random() < size.SEVERE_SHARE else "moderate"
    is_rising = severity == "moderate" and dice.random() < size.RISING_SHARE / (1 - size.SEVERE_SHARE)
    rises_at_ms = at_ms + round(dice.uniform(20, 60) * clock.MINUTE_MS) if is_rising else None
    last_ms = rises_at_ms or at_ms
    ends_at_ms = last_ms + round(dice.uniform(10, 120) * clock.MINUTE_MS) if dice.random() < size.ENDING_SHARE else None
    return Group(number, areas, severity, at_ms, rises_at_ms, ends_at_ms)


def _ring(dice: random.Random, lat: float, lon: float, radius_km: float) -> Ring:
    high, wide = radius_km / KM_PER_DEGREE, radius_km / KM_PER_DEGREE / cos(radians(lat))
    corners = []
    for corner in range(CORNERS):
        angle, far = 2 * pi * corner / CORNERS, dice.uniform(0.9, 1.1)
        corners.append((round(lon + far * wide * cos(angle), 6), round(lat + far * high * sin(angle), 6)))
    return (*corners, corners[0])


def touched(spots: Spots, ring: Ring) -> tuple[set[int], set[int]]:
    """Return the places that an outline surely touches, and those for which either answer is right."""
    lat = sum(one for _, one in ring[1:]) / CORNERS
    lon = sum(one for one, _ in ring[1:]) / CORNERS
    reach_km = max(hypot(*_km(Spot(one_lat, one_lon, 0), lat, lon)) for one_lon, one_lat in ring)
    sure, unsure = set(), set()
    for number in spots.around(lat, lon, reach_km + 11):
        spot = spots.spots[number]
        beyond_km = _away_km(spot, ring) - spot.radius_km
        if abs(beyond_km) <= RIM_KM + RIM_SHARE * spot.radius_km:
            unsure.add(number)
        elif beyond_km < 0:
            sure.add(number)
    return sure, unsure


def _km(spot: Spot, lat: float, lon: float) -> tuple[float, float]:
    """Return how far a position lies east and north of a place, in km on a plane."""
    return (lon - spot.lon) * KM_PER_DEGREE * cos(radians(spot.lat)), (lat - spot.lat) * KM_PER_DEGREE


def _away_km(spot: Spot, ring: Ring) -> float:
    """Return the distance of an outline from the middle of a place; 0 inside."""
    corners = [_km(spot, lat, lon) for lon, lat in ring]
    is_inside, nearest = False, float("inf")
    for (x, y), (to_x, to_y) in pairwise(corners):
        if (y > 0) != (to_y > 0) and x + (to_x - x) * -y / (to_y - y) > 0:
            is_inside = not is_inside
        length = (to_x - x) ** 2 + (to_y - y) ** 2
        along = min(1.0, max(0.0, -(x * (to_x - x) + y * (to_y - y)) / length)) if length else 0.0
        nearest = min(nearest, hypot(x + along * (to_x - x), y + along * (to_y - y)))
    return 0.0 if is_inside else nearest
