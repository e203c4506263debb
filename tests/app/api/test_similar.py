"""/v1/reports/similar: the active reports that may be about the same flood, nearest first."""

import random
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.core.config import settings
from app.core.settings_groups import Similar
from app.reports.index import similar
from app.reports.models import Report
from tests.app.api.test_description import check
from tests.factories import make_report, tell_consumer
from tests.reporting import mistakes_of
from tests.rig.many_reports import km_between

HERE = (51.5, -0.12)
HOUR_MS = clock.HOUR_MS


def ask(client: FlaskClient, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/v1/reports/similar?{urlencode({'lat': HERE[0], 'lon': HERE[1]} | query)}")
    assert answer.status_code == 200, answer.text
    check("Similar", answer.json)
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def at(metres: float, **wanted: Any) -> Report:
    """A report so many metres north of here."""
    return make_report(lat=HERE[0] + metres / 111_195, lon=HERE[1], **wanted)


@pytest.mark.parametrize("has_documents", [True, False])
def test_the_nearest_five_of_place_and_time_are_found(at_noon: FlaskClient, has_documents: bool) -> None:
    chance, now_ms = random.Random(17), clock.now_ms()
    places = chance.sample(range(0, 500, 3), 60)
    reports = [at(metres, observed_at_ms=now_ms - chance.randrange(6 * HOUR_MS)) for metres in places]
    if has_documents:
        tell_consumer(reports)
    for hours in (0, 2, 5):
        seen_ms = now_ms - hours * HOUR_MS
        away = {report.id: km_between(HERE, (report.lat, report.lon)) for report in reports}
        wanted = [
            report.id
            for report in sorted(reports, key=lambda report: away[report.id])
            if away[report.id] <= 0.25 and abs(report.observed_at_ms - seen_ms) <= 3 * HOUR_MS
        ]
        items = ask(at_noon, observed_at=clock.rfc3339(seen_ms))

        assert [item["id"] for item in items] == wanted[:5]
        assert [item["distance_m"] for item in items] == [round(away[item["id"]] * 1000) for item in items]


def test_only_active_reports_at_their_public_places_are_found(at_noon: FlaskClient) -> None:
    home = make_report(lat=51.50249, lon=HERE[1], place="home")  # shown at 51.502, 222 m from here
    at(10, status="rejected")
    at(10, expires_at_ms=clock.now_ms() - 1)

    (found,) = ask(at_noon)

    assert (found["id"], found["distance_m"]) == (home.id, 222)
    assert found["location"] == {"lat": 51.502, "lon": -0.12}


def test_its_age_is_told_by_the_public_minute(at_noon: FlaskClient) -> None:
    at(10, observed_at_ms=clock.now_ms() - 90_500)

    assert [item["age_s"] for item in ask(at_noon)] == [120]


def test_a_flood_from_one_connection_hides_no_other(at_noon: FlaskClient) -> None:
    many = [at(number, connection="one") for number in range(20)]
    other = at(200)

    assert [item["id"] for item in ask(at_noon)] == [many[0].id, other.id]


def test_imported_reports_with_odd_ids_are_found(at_noon: FlaskClient) -> None:
    ids = ["rep_-", "rep_similar", "rep_" + "Z" * 60, "rep___proto__"]
    for number, report_id in enumerate(ids):
        at(number, id=report_id, source="petabencana", severity="unknown", title=None)

    assert [item["id"] for item in ask(at_noon)] == ids


@pytest.mark.parametrize("lat,lon", [(90, 0), (-90, 12), (0, 180), (0, -180), (-17, 179.9999)])
def test_the_ends_of_the_map_are_places_too(at_noon: FlaskClient, lat: float, lon: float) -> None:
    report = make_report(lat=lat, lon=-180 if abs(lon) == 180 else lon)

    assert [item["id"] for item in ask(at_noon, lat=lat, lon=lon)] == [report.id]


def test_every_mistake_is_named(client: FlaskClient) -> None:
    answer = client.get("/v1/reports/similar?lat=91&observed_at=yesterday&radius_km=3")

    assert mistakes_of(answer) == {
        ("lat", "range"), ("lon", "required"), ("observed_at", "time"), ("radius_km", "unknown")
    }  # fmt: skip


def test_its_bounds_are_settings(at_noon: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    far = at(400, observed_at_ms=clock.now_ms() - 5 * HOUR_MS)
    assert ask(at_noon) == []
    wide = settings()._replace(similar=Similar(within_m=500, within_hours=6))
    monkeypatch.setattr(similar, "settings", lambda: wide)

    assert [item["id"] for item in ask(at_noon)] == [far.id]
