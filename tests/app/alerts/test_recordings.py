"""A recording of the Environment Agency and its sequel, taken in as a person takes them in."""

import json
from pathlib import Path

import pytest
from flask import Flask

from app.warnings.area_models import Area, area_id
from tests.alerting import Alerts, subscribe
from tests.alerting import alerts as alerts  # noqa: PLC0414 - a fixture

FIRST, LATER = "floods-2015-12-10.json", "floods-2015-12-10-later.json"
# Alerts of which one becomes a severe warning and one a warning; a warning that is over.
RISES_TWICE, RISES, ENDS = "122WAF946", "122WAF933", "122FWF723"


def outlines(folder: Path, codes: dict[str, float]) -> Path:
    """Squares beside each other, a degree apart, for some areas."""
    features = [
        {
            "type": "Feature",
            "properties": {"fws_tacode": code, "TA_NAME": code},
            "geometry": {"type": "Polygon", "coordinates": [ring(west)]},
        }
        for code, west in codes.items()
    ]
    file = folder / "areas.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return file


def ring(west: float) -> list[list[float]]:
    return [[west, 53.7], [west + 0.2, 53.7], [west + 0.2, 53.8], [west, 53.8], [west, 53.7]]


def take(app: Flask, file: Path, *options: str | Path) -> None:
    done = app.test_cli_runner().invoke(args=["ingest", "--source", "ea", "--file", str(file), *map(str, options)])
    assert done.exit_code == 0, done.output


def codes_of(file: Path) -> list[str]:
    return [item["floodAreaID"] for item in json.loads(file.read_text())["items"]]


@pytest.mark.usefixtures("noon")
def test_sequel_tells_of_rises_and_ends_and_of_nothing_else(
    app: Flask, alerts: Alerts, shared_data: Path, tmp_path: Path
) -> None:
    first, later = shared_data / "ea" / FIRST, shared_data / "ea" / LATER
    changed = {RISES_TWICE, RISES, ENDS}
    *_, stays, undrawn = sorted({*codes_of(first)} & {*codes_of(later)} - changed)
    drawn = {RISES_TWICE: -4.0, RISES: -3.0, ENDS: -2.0, stays: -1.0}
    for code, west in drawn.items():
        subscribe(code, place={"lat": 53.75, "lon": west + 0.1, "radius_km": 1.0})
    area = Area(area_id("ea", undrawn), source="ea", code=undrawn, name="-")
    area.put_outline(None, reason="-", centre=(53.75, 1.0))
    area.save()
    subscribe(undrawn, place={"area": area.id})
    subscribe("undrawn-circle", place={"lat": 53.75, "lon": 1.0, "radius_km": 1.0})
    take(app, first, "--areas", outlines(tmp_path, drawn))
    alerts.catch_up()
    assert alerts.news() == sorted((code, "w") for code in (*drawn, undrawn))

    take(app, later)
    alerts.catch_up()

    assert alerts.news() == sorted([(RISES_TWICE, "w"), (RISES, "w"), (ENDS, "e")])
