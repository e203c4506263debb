"""Lists against a brute-force oracle: whatever the documents know, nothing is lost, doubled or out of order."""

import random
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.geo.box_circle import Box, Circle, SearchArea
from app.reports.index import recent_writes
from app.reports.models import Report
from tests.factories import make_report, tell_consumer

TOWNS = [(51.5, -0.12), (54.9, -2.93), (0.01, 179.98), (-6.2, 106.8), (89.9, 10.0)]


def scatter(count: int, *, seed: int) -> list[Report]:
    """Reports clustered as floods are, over three days, one in eight past its end."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        lat, lon = chance.choices(TOWNS, weights=[8, 4, 2, 1, 1])[0]
        spread = chance.choice([0.004, 0.03, 0.3])
        lat = max(-90.0, min(90.0, chance.gauss(lat, spread)))
        lon = (chance.gauss(lon, spread) + 180) % 360 - 180
        age = chance.randrange(47 * clock.HOUR_MS) + (2 * clock.HOUR_MS if chance.random() < 0.1 else 0)
        severity = chance.choice(["minor", "severe", "extreme"])
        made.append(make_report(lat=lat, lon=lon, created_ms=clock.now_ms() - age, severity=severity))
    return made


def shapes(*, seed: int) -> Iterator[SearchArea]:
    chance = random.Random(seed)
    for lat, lon in TOWNS:
        for radius_km in (0, 0.4, 2, 5, 12, 60, 100):
            near = lat + chance.uniform(-0.02, 0.02), lon + chance.uniform(-0.02, 0.02)
            yield Circle(max(-90.0, min(90.0, near[0])), (near[1] + 180) % 360 - 180, radius_km)
    yield Box(-180, -90, 180, 90)
    yield Box(179.9, -1, -179.9, 1)
    yield Box(-8.6, 49.8, 1.8, 60.9)
    yield Box(-0.12, 51.5, -0.12, 51.5)


def ask(client: FlaskClient, shape: SearchArea, *, limit: int, **filters: str) -> list[dict]:
    """All pages of a list."""
    if isinstance(shape, Circle):
        query = {"lat": shape.lat, "lon": shape.lon, "radius_km": shape.radius_km}
    else:
        query = {"bbox": f"{shape.west},{shape.south},{shape.east},{shape.north}"}
    address = f"/v1/reports?{urlencode(query | {'limit': limit} | filters)}"
    items: list[dict] = []
    for _ in range(200):
        page = client.get(address)
        assert page.status_code == 200, page.text
        items += page.json["items"]
        following = [link["href"] for link in page.json["links"] if link["rel"] == "next"]
        if not following:
            return items
        address = following[0]
    raise AssertionError("the list does not end")


def expected(reports: list[Report], shape: SearchArea) -> list[str]:
    now_ms = clock.now_ms()
    inside = [r for r in reports if r.is_active(now_ms) and shape.contains(lat=r.lat, lon=r.lon)]
    return [report.id for report in sorted(inside, key=lambda report: report.sort, reverse=True)]


@pytest.mark.parametrize("known", [1.0, 0.8, 0.0], ids=["all known", "some news", "no consumer"])
def test_every_list_pages_to_exactly_the_brute_force_answer(dynoxide_client: FlaskClient, known: float) -> None:
    reports = scatter(250, seed=7)
    by_age = sorted(reports, key=lambda report: report.sort)
    tell_consumer(by_age[: int(len(by_age) * known)])

    for shape in shapes(seed=11):
        found = [item["id"] for item in ask(dynoxide_client, shape, limit=37)]

        assert found == expected(reports, shape), shape


def test_view_without_reports_ends_with_its_first_page(dynoxide_client: FlaskClient) -> None:
    tell_consumer([make_report() for _ in range(150)])

    for query in ("lat=0&lon=180&radius_km=100", "bbox=100,-10,120,10", "bbox=-180,-90,-180,90"):
        for limit in (1, 50):
            recent_writes.root_cache.root, recent_writes.root_cache.read_at_ms = None, 0  # as a new process asks
            page = dynoxide_client.get(f"/v1/reports?{query}&limit={limit}").json
            assert (page["items"], page["next_cursor"]) == ([], None), (query, limit)


def test_rare_reports_among_many_are_on_the_first_page(dynoxide_client: FlaskClient) -> None:
    now_ms = clock.now_ms()
    rare = make_report(severity="extreme", created_ms=now_ms - 40 * clock.HOUR_MS)
    many = [make_report(severity="minor", created_ms=now_ms - age * 1000) for age in range(400)]
    tell_consumer([rare, *many])

    for query in ("lat=51.5&lon=-0.12&radius_km=2", "bbox=-10,40,10,60"):
        page = dynoxide_client.get(f"/v1/reports?{query}&severity_min=extreme&limit=5").json
        assert [item["id"] for item in page["items"]] == [rare.id], query
