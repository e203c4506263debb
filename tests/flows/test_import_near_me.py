"""Real reports, imported, then asked for near 200 places: exactly the brute-force answer."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from flask import Flask

from app.core import clock
from app.factory import create_app
from app.geo.box_circle import Circle
from app.geo.coordinates import distance_km
from app.reports.models import Report
from tests.factories import make_report, tell_consumer

FILES = [
    ("petabencana-2017-02-20.geojson", "petabencana"),
    ("petabencana-2017-02-22.geojson", "petabencana"),
    ("petabencana-flooded-areas-2017-02-21T130000.geojson", "petabencana"),
    ("uflood-chennai-2017-11-23.geojson", "geojson"),
    ("norfolk-flooded-streets-2010-2016-sample.csv", "csv"),
    ("usgs-high-water-marks-louisiana-2016-sample.csv", "csv"),
]
OWN = Path(__file__).parents[1] / "samples" / "reports"


def load(app: Flask, path: Path, form: str) -> None:
    """Load a file so that all its reports are active now."""
    terms = ["--format", form, "--shift-to-now", "--active-hours", "8000"]
    done = app.test_cli_runner().invoke(args=["import", str(path), *terms])
    assert done.exit_code == 0, done.output


def assert_near_me_is_exact(app: Flask, *, points: int) -> None:
    """Ask near many places, most of them in the flood, and compare with all that is stored."""
    stored = [report for report in Report.scan() if report.id.startswith("rep_")]
    now_ms = clock.now_ms()  # none ends while the test runs
    active = sorted((one for one in stored if one.is_active(now_ms)), key=lambda one: one.sort, reverse=True)
    newest_first = [(report.id, report.lat, report.lon) for report in active]
    chance = random.Random(20)
    client = app.test_client()
    for _ in range(points):
        at = chance.choice(stored)
        lat, lon = round(at.lat + chance.gauss(0, 0.02), 5), round(at.lon + chance.gauss(0, 0.02), 5)
        circle = Circle(lat, lon, chance.choice([0.3, 1, 2, 5, 20]))

        page = client.get(f"/v1/reports?lat={lat}&lon={lon}&radius_km={circle.radius_km}&limit=100").json
        found = page["items"]
        while page["next_cursor"]:
            page = client.get(page["links"][1]["href"]).json
            found += page["items"]

        expected = [one for one, its_lat, its_lon in newest_first if circle.contains(lat=its_lat, lon=its_lon)]
        assert [item["id"] for item in found] == expected
        for item in found:
            place = item["location"]
            away = distance_km(lat=lat, lon=lon, to_lat=place["lat"], to_lon=place["lon"])
            assert item["distance_m"] == round(away * 1000)


def test_near_me_over_real_imports_is_exactly_the_brute_force_answer(dynoxide: str, shared_data: Path) -> None:
    app = create_app(TESTING=True)
    for name, form in FILES:
        load(app, shared_data / "reports" / name, form)
    stored = [report for report in Report.scan() if report.id.startswith("rep_")]
    assert len(stored) == 882

    assert_near_me_is_exact(app, points=40)
    tell_consumer(stored)
    assert_near_me_is_exact(app, points=20)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10)):  # what was imported is no news any more
        tell_consumer([make_report(lat=51.5, lon=-0.12)])
        assert_near_me_is_exact(app, points=140)


def test_near_me_over_our_own_sample_is_exactly_the_brute_force_answer(dynoxide: str) -> None:
    app = create_app(TESTING=True)
    load(app, OWN / "petabencana.geojson", "petabencana")

    assert_near_me_is_exact(app, points=20)
