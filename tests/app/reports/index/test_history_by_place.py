"""History of a small area, which is read by place: the answers are those of brute force, at the cost of that place."""

import math
import random
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from app.core import clock, dynamodb
from app.geo.box_circle import Circle
from app.reports.index import completeness
from app.reports.models import Report
from tests.factories import make_report, sign_in_as
from tests.rig.many_reports import km_between

TOWNS = [(51.5, -0.12), (54.9, -2.93), (0.01, 179.99), (-6.2, -180.0), (89.99, 10.0), (-85.06, 40.0)]
STATUSES = ["pending", "pending", "verified", "withdrawn", "rejected"]
SEVERITIES = ["unknown", "minor", "moderate", "severe", "extreme"]
DAY_MS = 86_400_000
NEAR = "/v1/reports?lat=51.5&lon=-0.12&radius_km=2&since=2010-01-01T00:00:00Z"


class Stored(NamedTuple):
    """A stored report in short, for brute force."""

    id: str
    at_ms: int
    lat: float
    lon: float
    status: str
    severity: str


class Asked(NamedTuple):
    """A query, and what it means."""

    parameters: dict[str, Any]
    severity: str
    status: str
    since_ms: int
    until_ms: int

    def is_met(self, report: Stored) -> bool:
        """Return whether the report is in the answer, by formulas of its own."""
        asked = self.parameters
        if "bbox" in asked:
            west, south, east, north = (float(edge) for edge in asked["bbox"].split(","))
            is_across = west > east
            is_between = (report.lon >= west or report.lon <= east) if is_across else west <= report.lon <= east
            is_inside = south <= report.lat <= north and is_between
        else:
            is_inside = km_between((asked["lat"], asked["lon"]), (report.lat, report.lon)) <= asked["radius_km"]
        statuses = (self.status,) if self.status else ("pending", "verified")
        is_grave = SEVERITIES.index(report.severity) >= SEVERITIES.index(self.severity)
        return is_inside and report.status in statuses and is_grave and self.since_ms <= report.at_ms <= self.until_ms


def scatter(count: int, chance: random.Random) -> list[Stored]:
    """Reports of towns, over years and within hours, some of them far in the past."""
    made = []
    for _ in range(count):
        town = chance.choices(TOWNS, weights=[8, 3, 3, 3, 2, 2])[0]
        spread = chance.choice([0.01, 0.03, 0.2])
        lat = max(-90.0, min(90.0, chance.gauss(town[0], spread)))
        lon = (chance.gauss(town[1], spread) + 180) % 360 - 180
        age_days = chance.choice([1, 30, 400, 5_000, 700_000]) * chance.random()
        at_ms = clock.now_ms() - int(age_days * DAY_MS) // 60_000 * 60_000
        status, severity = chance.choice(STATUSES), chance.choice(SEVERITIES)
        report = make_report(lat=lat, lon=lon, created_ms=at_ms, status=status, severity=severity)
        made.append(Stored(report.id, at_ms, report.lat, report.lon, status, severity))
    return made


def questions(chance: random.Random, count: int) -> Iterator[Asked]:
    for _ in range(count):
        lat, lon = chance.choice(TOWNS)
        lat = round(max(-90.0, min(90.0, lat + chance.uniform(-0.03, 0.03))), 5)
        lon = round((lon + chance.uniform(-0.03, 0.03) + 180) % 360 - 180, 5)
        area: dict[str, Any] = {"lat": lat, "lon": lon, "radius_km": chance.choice([0.5, 2, 5, 10, 30])}
        if chance.random() < 0.4:
            half = chance.choice([0.005, 0.05, 0.2])
            south, north = max(-90.0, lat - half), min(90.0, lat + half)
            west, east = ((lon + edge + 180) % 360 - 180 for edge in (-half, half))
            area = {"bbox": ",".join(f"{edge:.5f}" for edge in (west, south, east, north))}
        now_ms = clock.now_ms()
        since_ms = now_ms - chance.choice([2, 500, 6_000, 730_000]) * DAY_MS
        until_ms = chance.choice([now_ms, now_ms, (now_ms + since_ms) // 120_000 * 60_000])
        severity, status = chance.choice(["unknown", "unknown", "severe"]), chance.choice(["", "", "", "withdrawn"])
        yield Asked(area, severity, status, since_ms, until_ms)


def pages(client: FlaskClient, address: str, headers: dict[str, str]) -> Iterator[dict[str, Any]]:
    while address:
        answer = client.get(address, headers=headers)
        assert answer.status_code == 200, answer.text
        yield answer.json
        address = next((link["href"] for link in answer.json["links"] if link["rel"] == "next"), "")


def read(client: FlaskClient, asked: Asked, staff: dict[str, str], limit: int) -> list[str]:
    """The ids of all pages; an empty page that is not the last must tell that the list has come further."""
    filters = {"severity_min": asked.severity, "limit": limit} | ({"status": asked.status} if asked.status else {})
    period = {"since": clock.rfc3339(asked.since_ms), "until": clock.rfc3339(asked.until_ms)}
    address = f"/v1/reports?{urlencode(asked.parameters | filters | period)}"
    found, before = [], ""
    for page in pages(client, address, staff if asked.status else {}):
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] and not page["items"]:
            assert page["complete_to"] and page["complete_to"] != before, asked
        before = page["complete_to"] or before
    return found


def is_as_brute_force(client: FlaskClient, *, seed: int) -> bool:
    chance = random.Random(seed)
    stored, staff = scatter(220, chance), sign_in_as("responder")
    newest_first = sorted(stored, key=lambda report: (report.at_ms, report.id), reverse=True)
    return all(
        read(client, asked, staff, chance.choice([3, 50])) == [one.id for one in newest_first if asked.is_met(one)]
        for asked in questions(chance, 40)
    )


class Queries:
    """The index of each query."""

    def __init__(self) -> None:
        self.indexes: list[str] = []

    def note(self, params: dict[str, Any], **_: Any) -> None:
        self.indexes.append(params.get("IndexName", ""))


@pytest.fixture
def queries(tables: None) -> Iterator[Queries]:
    noted, events = Queries(), dynamodb.connection().client.meta.events
    events.register("provide-client-params.dynamodb.Query", noted.note)
    yield noted
    events.unregister("provide-client-params.dynamodb.Query", noted.note)


@pytest.mark.parametrize("seed", [1, 2, 3, *(pytest.param(more, marks=pytest.mark.long) for more in range(4, 20))])
def test_history_is_that_of_brute_force(client: FlaskClient, noon: Any, queries: Queries, seed: int) -> None:
    assert is_as_brute_force(client, seed=seed)
    assert {"entries_by_place", "entries_by_day"} <= {*queries.indexes}


def test_reading_only_the_tile_of_the_middle_is_found_out(
    client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A naive twin, which forgets that a circle may reach into the tiles beside."""
    middle = lambda area, z, *, most: Circle(area.lat, area.lon, 0).box().stored_keys(z, most=most)[:1]  # noqa: E731
    monkeypatch.setattr(Circle, "stored_keys", middle)

    assert not is_as_brute_force(client, seed=1)


@pytest.mark.parametrize(
    "area",
    [
        "lat=48&lon=-20&radius_km=2",
        "lat=48&lon=-20&radius_km=5",
        "lat=90&lon=0&radius_km=10",
        "lat=-90&lon=77&radius_km=2",
        "lat=-17&lon=180&radius_km=5",
        "bbox=179.99,-17,-179.99,-16.95",
        "bbox=-20,48,-19.9,48.05",
    ],
)
def test_empty_place_since_year_1_is_one_page(client: FlaskClient, queries: Queries, area: str) -> None:
    for days in range(100):
        make_report(lat=51.5 + days / 100, created_ms=clock.now_ms() - days * 40 * DAY_MS)
    queries.indexes.clear()

    page = client.get(f"/v1/reports?since=0001-01-01T00:00:00Z&{area}").json

    assert (page["items"], page["next_cursor"]) == ([], None)
    assert len(queries.indexes) <= 9
    assert {*queries.indexes} == {"entries_by_place"}


def test_other_towns_reports_cost_nothing(client: FlaskClient, queries: Queries) -> None:
    own = [make_report(created_ms=clock.now_ms() - days * DAY_MS) for days in (1, 400, 4000)]
    for days in range(150):
        make_report(lat=54.9, created_ms=clock.now_ms() - days * 30 * DAY_MS)
    queries.indexes.clear()

    page = client.get(NEAR).json

    assert [item["id"] for item in page["items"]] == [report.id for report in own]
    assert page["next_cursor"] is None
    assert len(queries.indexes) <= 4


def test_country_is_still_read_by_day(client: FlaskClient, queries: Queries) -> None:
    report = make_report()
    queries.indexes.clear()

    page = client.get("/v1/reports?bbox=-8,50,2,60&since=2010-01-01T00:00:00Z").json

    assert [item["id"] for item in page["items"]] == [report.id]
    assert {*queries.indexes} == {"entries_by_day"}


def test_period_of_one_moment_has_what_was_made_then(client: FlaskClient, noon: Any) -> None:
    made = [make_report(created_ms=clock.now_ms() - seconds * 1000) for seconds in (59, 60, 61)]
    then = clock.rfc3339(made[1].created_at_ms)

    page = client.get(f"/v1/reports?lat=51.5&lon=-0.12&radius_km=2&since={then}&until={then}").json

    assert [item["id"] for item in page["items"]] == [made[1].id]


@pytest.mark.parametrize("first", ["by place", "by day"])
def test_list_begins_with_one_index_and_goes_on_with_the_other(client: FlaskClient, first: str) -> None:
    made = [make_report(created_ms=clock.now_ms() - number * 50 * DAY_MS) for number in range(9)]
    found, is_by_place = [], first == "by place"

    for page in pages(client, f"{NEAR}&limit=2", {}):
        found += [item["id"] for item in page["items"]]
        is_by_place = not is_by_place
        completeness.refresh()
        completeness.cache.copies |= {completeness.BY_PLACE}
        if not is_by_place:
            completeness.cache.copies -= {completeness.BY_PLACE}

    assert found == [report.id for report in made]


def test_corrected_place_moves_the_report(client: FlaskClient, queries: Queries) -> None:
    headers, elsewhere = sign_in_as(), NEAR.replace("lat=51.5", "lat=52.5")
    body = {"location": {"lat": 51.5, "lon": -0.12}, "depth_cm": 30, "place": "public"}
    made = client.post("/v1/reports", json=body, headers=headers | {"Idempotency-Key": "moved-0000001"}).json
    assert [item["id"] for item in client.get(NEAR).json["items"]] == [made["id"]]

    change = {"location": {"lat": 52.5, "lon": -0.12}}
    client.patch(f"/v1/reports/{made['id']}", json=change, headers=headers | {"If-Match": '"v1"'})
    queries.indexes.clear()

    assert client.get(NEAR).json["items"] == []
    assert [item["id"] for item in client.get(elsewhere).json["items"]] == [made["id"]]
    assert {*queries.indexes} == {"entries_by_place"}


def test_purged_report_leaves_with_its_row(client: FlaskClient) -> None:
    gone, stays = make_report(), make_report(created_ms=clock.now_ms() - DAY_MS)

    Report.get(gone.id).delete()

    assert [item["id"] for item in client.get(NEAR).json["items"]] == [stays.id]


def test_withdrawn_report_is_shown_to_responders_alone(client: FlaskClient) -> None:
    report, staff = make_report(status="withdrawn"), sign_in_as("responder")

    assert client.get(NEAR).json["items"] == []
    assert [item["id"] for item in client.get(f"{NEAR}&status=withdrawn", headers=staff).json["items"]] == [report.id]


def test_brute_force_measures_as_a_globe_does() -> None:
    assert math.isclose(km_between((0.0, 179.0), (0.0, -179.0)), 222.39, rel_tol=1e-4)
