"""Reports near a place against brute force: every grave report or a word that some may lack, and the nearest."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.reports.index import completeness, recent_writes
from tests.factories import make_report, tell_consumer
from tests.rig.many_reports import RANKS, Loaded, Told, scattered

MIDDLE = (51.5, -0.12)
FLOOD = [
    *scattered(800, around=MIDDLE, spread=0.004, seed=1),  # more in one cell than an answer may read
    *scattered(250, around=MIDDLE, spread=0.05, seed=2),
]
RADII = (0.3, 1, 3, 8, 20, 50)
MARK = "0123456789ab"
_made: list[Loaded] = []


@pytest.fixture
def flooded(tables: None, noon: Any) -> Iterator[Loaded]:
    if not _made:  # no test here writes into it
        _made.append(Loaded(FLOOD))
    with _made[0].open() as opened:
        yield opened


def forget_root() -> None:
    recent_writes.root_cache.root, recent_writes.root_cache.read_at_ms = None, 0


def near(client: FlaskClient, lat: float, lon: float, radius_km: float) -> Any:
    forget_root()
    answer = client.get(f"/v1/nearby?lat={lat}&lon={lon}&radius_km={radius_km}")
    assert answer.status_code == 200, answer.text
    return answer.json


def ids_of(body: Any) -> set[str]:
    return {item["report"]["id"] for item in body["items"]}


def circles() -> list[tuple[float, float, float]]:
    chance = random.Random(5)
    middles = [chance.choice(FLOOD) for _ in RADII * 4]
    return [
        (round(one.lat + chance.gauss(0, 0.02), 4), round(one.lon + chance.gauss(0, 0.02), 4), radius)
        for one, radius in zip(middles, RADII * 4, strict=True)
    ]


def inside(circle: tuple[float, float, float]) -> list[Told]:
    lat, lon, radius_km = circle
    return [told for told in FLOOD if told.km_from(lat, lon) <= radius_km]


def newest_grave(reports: list[Told]) -> list[Told]:
    grave = [told for told in reports if RANKS.index(told.severity) >= RANKS.index("severe")]
    return sorted(grave, key=lambda told: -told.created_ms)[:25]


def test_every_grave_report_is_there_or_the_answer_says_that_some_may_lack(
    client: FlaskClient, flooded: Loaded
) -> None:
    whole = 0
    for circle in circles():
        body = near(client, *circle)
        lacking = {told.id for told in newest_grave(inside(circle))} - ids_of(body)
        says_so = "grave_reports" in body["missing"]
        assert says_so or not lacking, circle
        whole += not says_so

    assert whole >= 12, "and of most places it is known"


def test_nearest_are_there_as_far_as_the_answer_says(client: FlaskClient, flooded: Loaded) -> None:
    for circle in circles():
        lat, lon, radius_km = circle
        body = near(client, *circle)
        grave = {told.id for told in newest_grave(inside(circle))}
        others = sorted(
            (told for told in inside(circle) if told.id not in grave), key=lambda told: told.km_from(lat, lon)
        )
        end_km = radius_km if body["complete_to"] is None else body["complete_to"]
        lacking = [told for told in others[: 50 - len(grave)] if told.id not in ids_of(body)]
        assert [told for told in lacking if told.km_from(lat, lon) <= end_km] == [], circle


def test_no_number_is_below_what_is_shown_and_an_exact_one_is_exact(client: FlaskClient, flooded: Loaded) -> None:
    for circle in circles():
        body = near(client, *circle)
        counts = body["counts"]
        assert counts["reports"] >= len(body["items"])
        assert not counts["is_exact"] or counts["reports"] == len(inside(circle)), circle


def test_grave_flood_of_one_connection_hides_no_neighbour(client: FlaskClient, noon: Any) -> None:
    now_ms = clock.now_ms()
    flood = [
        make_report(lat=51.5 + 0.05 * cell, lon=-0.125, created_ms=now_ms - n, connection=MARK, severity="severe")
        for cell in range(6)
        for n in range(100)
    ]
    neighbours = [make_report(lat=51.6, lon=-0.5, created_ms=now_ms - 3_000_000 - n) for n in range(5)]
    tell_consumer([*neighbours, *flood])
    noon.shift(120)
    tell_consumer([make_report(lat=10, lon=10)])
    noon.shift(20)

    assert {one.id for one in neighbours} <= ids_of(near(client, 51.6, -0.5, 50))


def test_entry_of_one_connection_shows_the_gravest(client: FlaskClient, noon: Any) -> None:
    now_ms = clock.now_ms()
    older = make_report(lat=51.5, lon=-0.125, created_ms=now_ms - 50_000, connection=MARK, severity="extreme")
    newer = make_report(lat=51.5, lon=-0.125, created_ms=now_ms - 1000, connection=MARK, severity="severe")
    tell_consumer([older, newer])

    [item] = near(client, 51.5, -0.125, 5)["items"]

    assert (item["report"]["severity"], item["count"]) == ("extreme", 2)


@pytest.mark.parametrize("radius_km", [2, 8, 20])
def test_report_in_a_cell_that_no_document_lists_yet_counts(client: FlaskClient, noon: Any, radius_km: int) -> None:
    now_ms = clock.now_ms()
    known = [
        make_report(lat=51.5 + 0.0003 * (n % 10), lon=-0.12, created_ms=now_ms - 600_000 - n * 1000) for n in range(160)
    ]
    tell_consumer(known)
    noon.shift(60)
    tell_consumer([make_report(lat=-30, lon=20)])
    noon.shift(20)
    make_report(lat=51.5, lon=-0.17, severity="extreme")

    counts = near(client, 51.5, -0.15, radius_km)["counts"]

    assert counts["by_severity"]["extreme"] == 1


@pytest.mark.parametrize("radius_km", [0.3, 1])
def test_day_of_very_many_changes_hides_no_near_report(
    client: FlaskClient, tables: None, noon: Any, radius_km: float
) -> None:
    town = scattered(200, around=MIDDLE, spread=0.004, seed=3)  # more in one cell than its document has rows for
    with Loaded(town).open():
        quiet = near(client, *MIDDLE, radius_km)
        completeness.widen(clock.day_of(clock.now_ms()))
        busy = near(client, *MIDDLE, radius_km)

    assert quiet["complete_to"] is None
    assert (busy["items"], busy["counts"]) == (quiet["items"], quiet["counts"])
