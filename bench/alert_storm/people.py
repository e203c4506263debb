"""Subscribers by the population of settlements. The same number of them is always the same people.

They live at some places of each settlement, so that the squares and the outlines of hundreds of thousands of people are
reckoned for some ten thousands of places.
"""

import random
from array import array
from collections.abc import Iterator
from itertools import accumulate
from math import cos, radians
from typing import NamedTuple

from app.gazetteer import blocks, pack_file
from bench.alert_storm.size import SEED

KM_PER_DEGREE = 111.2
WEST, SOUTH, EAST, NORTH = -6.5, 49.8, 2.0, 55.9  # England and Wales, and some more
RADII_KM = (1.0, 2.0, 3.0, 5.0, 10.0)
RADIUS_SHARES = (20, 30, 25, 20, 5)
HAMLET = 80  # people of a settlement of unknown size
SECOND_SHARE = 0.04  # of the people have a second subscription near the first one
SEVERE_ONLY_SHARE = 0.2
PEOPLE_A_PLACE = 12


class Settlement(NamedTuple):
    """A settlement, with the number of its inhabitants."""

    lat: float
    lon: float
    radius_km: float
    people: float


class Spot(NamedTuple):
    """A place that people asked about: a circle."""

    lat: float
    lon: float
    radius_km: float


class People:
    """All subscriptions by number: `spot_of`, `person_of`, `is_severe_only`. Numbers below `persons` are first ones."""

    def __init__(self, persons: int) -> None:
        dice = random.Random(SEED)
        self.persons = persons
        self.settlements = list(read_settlements())
        self.spots: list[Spot] = []
        self.spot_of = array("I")
        self.person_of = array("I", range(persons))
        self.is_severe_only = bytearray()
        for settlement, count in zip(self.settlements, self._shares(), strict=True):
            self._settle(settlement, count, dice)
        self._add_second_ones(dice)

    def _shares(self) -> Iterator[int]:
        """Yield the subscribers of each settlement; all of them together are exactly as many as were asked for."""
        total = sum(one.people for one in self.settlements)
        before = 0
        for up_to in accumulate(one.people for one in self.settlements):
            whole = round(up_to / total * self.persons)
            yield whole - before
            before = whole

    def _settle(self, settlement: Settlement, count: int, dice: random.Random) -> None:
        first, places = len(self.spots), -(-count // PEOPLE_A_PLACE)
        for _ in range(places):
            km_north, km_east = dice.gauss(0, settlement.radius_km / 3), dice.gauss(0, settlement.radius_km / 3)
            lat = settlement.lat + km_north / KM_PER_DEGREE
            lon = settlement.lon + km_east / KM_PER_DEGREE / cos(radians(lat))
            radius_km = dice.choices(RADII_KM, RADIUS_SHARES)[0]
            self.spots.append(Spot(round(lat, 4), round(lon, 4), radius_km))
        for number in range(count):
            self.spot_of.append(first + number % places)
            self.is_severe_only.append(dice.random() < SEVERE_ONLY_SHARE)

    def _add_second_ones(self, dice: random.Random) -> None:
        for person in range(self.persons):
            if dice.random() < SECOND_SHARE:
                self.person_of.append(person)
                spot = min(self.spot_of[person] + 1, len(self.spots) - 1)
                self.spot_of.append(spot)
                self.is_severe_only.append(False)

    def __len__(self) -> int:
        """Return the number of subscriptions."""
        return len(self.spot_of)


def read_settlements() -> Iterator[Settlement]:
    """Yield the settlements of the gazetteer in this part of the world, each once."""
    seen = set()
    for key, body in pack_file.read_blocks(pack_file.FILE):
        if not key.startswith(f"t/{blocks.DENSE_ZOOM}/"):
            if seen:
                return  # they stand together
            continue
        for entry in blocks.read_entries(body):
            place = entry.place
            is_here = WEST < place.lon < EAST and SOUTH < place.lat < NORTH
            if is_here and place.id not in seen:
                seen.add(place.id)
                yield Settlement(
                    place.lat, place.lon, place.radius_km, 10 ** (place.size / 10) if place.size else HAMLET
                )
