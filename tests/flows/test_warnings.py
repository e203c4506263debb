"""Life of a warning: taken in, found near a place, over a report, changed, ended; all answers agree."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.factory import create_app
from app.reports.models import Report
from tests.factories import count_inside, tell_consumer
from tests.reporting import filed

EA, LATER = "floods-2015-12-10.json", "floods-2015-12-10-later.json"
CODE = "122WAF933"  # an alert at first, then a warning
AREA = """{"type": "Feature", "properties": {"fws_tacode": "%s", "TA_NAME": "Tidal Hull"}, "geometry":
{"type": "Polygon", "coordinates": [[[-0.4, 53.7], [-0.2, 53.7], [-0.2, 53.8], [-0.4, 53.8], [-0.4, 53.7]]]}}"""
HERE = {"lat": 53.75, "lon": -0.3}


@pytest.fixture
def app(dynoxide: str) -> Flask:
    return create_app(TESTING=True)


def take(app: Flask, file: Path, *options: Any) -> str:
    done = app.test_cli_runner().invoke(args=["ingest", "--source", "ea", "--file", str(file), *map(str, options)])
    assert done.exit_code == 0, done.output
    return done.stdout


def warning_nearby(client: FlaskClient) -> dict[str, Any]:
    items = client.get(f"/v1/nearby?lat={HERE['lat']}&lon={HERE['lon']}").json["items"]
    return next((item["warning"] for item in items if item["kind"] == "warning"), {})


def test_warning_from_its_first_message_to_its_end(app: Flask, shared_data: Path, tmp_path: Path) -> None:
    areas, empty = tmp_path / "areas.geojson", shared_data / "ea" / "floods-empty.json"
    areas.write_text('{"type": "FeatureCollection", "features": [%s]}' % (AREA % CODE))
    client = app.test_client()
    take(app, shared_data / "ea" / EA, "--areas", areas)
    count_inside()

    first = warning_nearby(client)
    assert (first["severity"], first["reports_active"], first["areas"][0]["id"]) == ("moderate", 0, f"ea-{CODE}")

    report = filed(client, location=HERE, place="public")
    tell_consumer([Report.get(report["id"])])
    assert (report["warnings"], warning_nearby(client)["reports_active"]) == ([first["id"]], 1)

    take(app, shared_data / "ea" / LATER)
    second = warning_nearby(client)
    assert (second["id"], second["severity"], second["reports_active"]) == (first["id"], "severe", 1)
    assert second["headline"] == first["headline"]

    take(app, empty)  # one empty answer after a full one is looked at twice
    assert warning_nearby(client)["id"] == first["id"]
    take(app, empty)
    ended = client.get(first["links"]["self"]).json
    assert (warning_nearby(client), ended["in_force"], ended["severity"]) == ({}, False, "severe")
    assert client.get(f"/v1/reports/{report['id']}").json["warnings"] == []
    assert {item["in_force"] for item in client.get("/v1/warnings").json["items"]} == {False}
