"""Reports counted inside outlines: by brute force, from documents and from indexes."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app.core import clock
from app.geo.polygon import MultiPolygon, contains
from app.geo.repair import circle, make_valid, union
from app.reports.index import count_inside
from app.reports.index.count_inside import count_active, count_by_index
from app.reports.models import Report
from tests.factories import make_report, tell_consumer
from tests.rig.calls import counted
from tests.warning_making import square

RING = make_valid(MultiPolygon((square(-0.5, 51.2, side=0.8).polygons[0] + square(-0.2, 51.4, side=0.2).polygons[0],)))
SHAPES = [
    square(),
    RING,
    circle(lat=51.5, lon=-0.1, radius_km=0.4),
    circle(lat=51.5, lon=-0.1, radius_km=30),
    circle(lat=51.5, lon=-0.1, radius_km=700),
    union([square(-0.2, 51.4), square(179.5, -17.5, side=0.5), square(-180, -17.5, side=0.5)]),
    square(-180, -90, side=180),
    square(20, 20),
    MultiPolygon(()),
]


def scatter(count: int, *, spread: float, seed: int = 3) -> list[Report]:
    """Reports around London and on the antimeridian, some of them past their end."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        lat, lon = chance.choice([(51.5, -0.1)] * 4 + [(-17.3, 179.99)])
        age = chance.choice([1, 1, 1, 50]) * clock.HOUR_MS
        lon = (chance.gauss(lon, spread) + 180) % 360 - 180
        made.append(make_report(lat=chance.gauss(lat, spread), lon=lon, created_ms=clock.now_ms() - age))
    return made


def by_brute_force(reports: list[Report]) -> list[int]:
    now_ms = clock.now_ms()
    active = [report for report in reports if report.is_active(now_ms)]
    return [sum(contains(shape, lat=one.lat, lon=one.lon) for one in active) for shape in SHAPES]


@pytest.mark.parametrize("count", [count_active, count_by_index])
@pytest.mark.parametrize("spread", [0.02, 0.5])
def test_count_is_that_of_brute_force(
    tables: None, count: Callable[[list[MultiPolygon]], list[int]], spread: float
) -> None:
    reports = scatter(60, spread=spread)
    if count is count_active:
        tell_consumer(reports)

    assert count(SHAPES) == by_brute_force(reports)
    assert max(count(SHAPES)) > 25


def test_more_than_can_be_read_without_documents_are_not_counted(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count_inside, "MOST_BY_INDEX", 3)
    for _ in range(4):
        make_report(lat=51.5, lon=-0.1)

    with pytest.raises(count_inside.TooMany):
        count_by_index([square()])


def test_documents_are_believed_for_what_they_know(tables: None) -> None:
    """The count may lag by the 15 s that tiles may."""
    reports = scatter(40, spread=0.1)
    tell_consumer(reports[:20])
    cells = {report.cell for report in reports[:20]}

    known = [report for report in reports if report.cell in cells]
    assert count_active(SHAPES) == by_brute_force(known) != by_brute_force(reports)


def test_hole_is_not_counted(tables: None) -> None:
    tell_consumer([make_report(lat=51.5, lon=-0.1), make_report(lat=51.3, lon=-0.4)])

    assert count_active([RING, square()]) == [1, 1]


def crowd(count: int, *, lat: float, lon: float, age_s: int, **wanted: Any) -> list[Report]:
    """Reports in one street."""
    created_ms = clock.now_ms() - age_s * 1000
    return [make_report(lat=lat, lon=lon, created_ms=created_ms - number, **wanted) for number in range(count)]


def test_older_reports_than_a_crowded_cells_document_holds_are_counted(tables: None) -> None:
    old = crowd(30, lat=51.5, lon=-0.1, age_s=3600)
    tell_consumer(old + crowd(105, lat=51.503, lon=-0.1, age_s=60))

    assert count_active([circle(lat=51.5, lon=-0.1, radius_km=0.1), square()]) == [30, 135]


def test_coarse_one_is_not_counted_among_very_many(tables: None) -> None:
    """It is known to kilometres only, and older than those that have a row of their own."""
    coarse = crowd(3, lat=51.5, lon=-0.1, age_s=3600, radius_m=5000)
    tell_consumer(coarse + crowd(105, lat=51.503, lon=-0.1, age_s=60))

    assert count_active([square(), circle(lat=51.5, lon=-0.1, radius_km=700)]) == [105, 105]


def test_report_that_has_ended_since_is_not_counted(tables: None, noon: time_machine.Traveller) -> None:
    soon = crowd(1, lat=51.5, lon=-0.1, age_s=60, expires_at_ms=clock.now_ms() + 5000)
    tell_consumer(soon + crowd(110, lat=51.5, lon=-0.1, age_s=30))
    shapes = [square(), circle(lat=51.5, lon=-0.1, radius_km=0.1)]

    assert count_active(shapes) == [111, 111]
    noon.shift(timedelta(seconds=10))
    assert count_active(shapes) == [110, 110]


def test_many_outlines_are_counted_in_as_few_rounds_as_one(tables: None) -> None:
    tell_consumer(scatter(40, spread=0.1))

    with counted() as one:
        count_active([SHAPES[3]])
    with counted() as many:
        count_active([SHAPES[3]] * 20)

    assert many.made == one.made
    assert one.made.total() <= 6


def test_nothing_drawn_asks_nothing(tables: None) -> None:
    with counted() as calls:
        assert count_active([MultiPolygon(()), MultiPolygon(())]) == [0, 0]

    assert not calls.made
