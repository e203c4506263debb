"""Neighbours of a report, compared with every distance reckoned by another formula."""

import math
import random
from typing import Any

import pytest

from app.reports.entry import Entry
from app.review.surroundings import NEAR_KM, Surroundings, nearby
from tests.factories import make_report

RADIUS_KM = 6371.0088


def apart_km(one: Entry, other: Entry) -> float:
    """The angle between the two places as vectors."""
    vectors = []
    for entry in (one, other):
        lat, lon = math.radians(entry.lat), math.radians(entry.lon)
        vectors.append((math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)))
    return RADIUS_KM * 2 * math.asin(min(1.0, math.dist(*vectors) / 2))


@pytest.fixture
def around(dynoxide: Any, noon: Any) -> list[Entry]:
    """A report, and three hundred within some 700 m, on all sides."""
    dice, made = random.Random(4), make_report(lat=51.5, lon=-0.12).entry()
    steps = ((dice.uniform(-0.0065, 0.0065), dice.uniform(-0.01, 0.01)) for _ in range(300))
    others = (
        made._replace(id=f"rep_{number}", lat=round(51.5 + up, 5), lon=round(-0.12 + east, 5))
        for number, (up, east) in enumerate(steps)
    )
    return [made, *others]


def test_neighbours_are_all_within_500_m_nearest_first(around: list[Entry]) -> None:
    made, *others = around
    wanted = sorted((apart_km(made, other), other.id) for other in others)

    found = [entry.id for entry in nearby(made, others).entries]

    assert 50 < len(found) < 250
    assert found == [report_id for km, report_id in wanted if km <= NEAR_KM]


def test_neighbours_asked_for_again_are_the_same_and_of_another_place_are_others(around: list[Entry]) -> None:
    made = around[0]
    known = Surroundings(around, {entry.id: entry for entry in around})
    first = known.of(made)

    assert known.of(made) == first == nearby(made, around)
    assert known.of(made._replace(lat=made.lat + 0.003)) == nearby(made._replace(lat=made.lat + 0.003), around)
