"""`flask demo`: an invented flood at Bath that is the same on every start, and never grows old."""

import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import areas, registration
from app.accounts.models import Account
from app.cli import demo, demo_warnings
from app.cli.demo_scenes import SCENES
from app.geo.polygon import contains
from app.geo.polygon_geojson import read_geojson
from app.reports.models import Report
from app.review.audit import history_of
from tests.factories import PASSWORD
from tests.moments import NOON
from tests.warning_making import announce, message, place, square

HOUR_S = 3600
EVERYWHERE = "/v1/reports?lat=51.3813&lon=-2.3590&radius_km=50&limit=100"
IN_FORCE = "/v1/warnings?in_force=true"


@pytest.fixture(autouse=True)
def few_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three streets with four reports each: the story at full length says no more."""
    few = [scene._replace(reports=4) for scene in SCENES if scene.street in ("Ferry Lane", "Mead Lane", "Mill Lane")]
    monkeypatch.setattr(demo, "SCENES", few)


def loaded(app: Flask, *arguments: str) -> str:
    done = app.test_cli_runner().invoke(args=["demo", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def at(hours: float) -> time_machine.travel:
    return time_machine.travel(NOON + hours * HOUR_S, tick=False)


def reports(client: FlaskClient) -> dict[str, Any]:
    return {one["id"]: one for one in client.get(EVERYWHERE).json["items"]}  # type: ignore[index]


def warnings(client: FlaskClient) -> dict[str, Any]:
    return {one["source_id"]: one for one in client.get(IN_FORCE).json["items"]}  # type: ignore[index]


def test_it_is_the_same_after_an_hour_and_a_restart(app: Flask, client: FlaskClient) -> None:
    with at(0):
        first = loaded(app)
        told, warned = reports(client), warnings(client)
    with at(1):
        again = loaded(app)

        assert reports(client) == told
        assert warnings(client) == warned
    assert set(warned) == {f"demo/{area.code}" for area in demo_warnings.AREAS}
    assert "12 invented reports and 4 warnings" in first
    assert "invented reports" not in again
    assert len(told) == demo.count() + 1


def test_interrupted_first_load_is_completed_as_it_began(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at(0):
        loaded(app)
        whole = reports(client)
        lost = [each.id for each in demo.scenario(demo_warnings.loaded_at_ms() or 0, demo.places()["streets"])][5:]
        for report_id in lost:
            Report.get(report_id).delete()
    with at(2):
        loaded(app)

        seen = {report_id: report["observed_at"] for report_id, report in reports(client).items()}

    assert seen == {report_id: report["observed_at"] for report_id, report in whole.items()}


def test_a_day_later_it_is_told_again_in_the_present(app: Flask, client: FlaskClient) -> None:
    with at(0):
        loaded(app)
        before, warned = reports(client), warnings(client)
    with at(25):
        assert "The demo is loaded" in loaded(app)
        after, warned_again = reports(client), warnings(client)

    assert len(after) == len(before) + 1  # the resident's own report of yesterday is theirs to take back
    assert len(before.keys() & after.keys()) == 1
    newest = max(one["observed_at"] for one in after.values())
    assert max(one["observed_at"] for one in before.values()) < newest
    assert {code: one["id"] for code, one in warned.items()} == {code: one["id"] for code, one in warned_again.items()}
    shifted = [(warned[code]["sent_at"], warned_again[code]["sent_at"]) for code in warned]
    assert all(one < other for one, other in shifted)


def test_nothing_of_it_outlives_two_days_without_a_telling(app: Flask, client: FlaskClient) -> None:
    with at(0):
        loaded(app)
    with at(49):
        assert reports(client) == {}
        assert warnings(client) == {}


def test_another_demo_found_in_the_database_ends(app: Flask, client: FlaskClient) -> None:
    with at(-2):
        announce(message("moorland", places=(place("M", square(-2.95, 51.08)),)), source="demo")
        assert len(warnings(client)) == 1
    with at(0):
        loaded(app)

        assert set(warnings(client)) == {f"demo/{area.code}" for area in demo_warnings.AREAS}


def test_its_reports_lie_in_their_streets_in_areas_with_a_warning_or_upstream() -> None:
    where = demo.places()
    shapes = {code: read_geojson(area["outline"]) for code, area in where["areas"].items()}

    for scene in SCENES:
        points = where["streets"][f"{scene.area}/{scene.street}"]
        assert 1 < len(points) <= 16
        if scene.area in shapes:  # an outline is simplified, so that a point on its edge may lie outside
            inside = [contains(shapes[scene.area], lat=lat, lon=lon) for lat, lon in points]
            assert sum(inside) * 2 > len(inside), scene.street


def test_the_resident_has_a_report_to_change_and_to_take_back(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    with at(0):
        loaded(app, "--sign-ins", str(tmp_path / "sign-ins.json"))
        phrase = json.loads((tmp_path / "sign-ins.json").read_text())["resident"]
        signed_in = client.post("/v1/tokens", json={"username": "resident", "password": phrase}).json
        own = client.get("/v1/me/reports", headers={"Authorization": f"Bearer {signed_in['access_token']}"}).json

        assert [one["title"] for one in own["items"]] == ["Water at our gate"]
        assert Account.named("responder") and Account.named("admin")


def test_pass_phrases_that_no_file_keeps_are_printed(app: Flask, tmp_path: Path) -> None:
    with at(0):
        assert "  resident " in loaded(app)
        assert "resident" not in loaded(app, "--sign-ins", str(tmp_path / "sign-ins.json"))


def test_the_responder_has_the_whole_demo(app: Flask) -> None:
    with at(0):
        loaded(app)
        account = Account.named("responder")
        assert account
        own = areas.unpack(account.packed_areas)

        assert [area.name for area in own] == [demo.AREA_NAME]
        assert all(areas.covers(own, lat=each.lat, lon=each.lon) for each in demo.scenario(0, demo.places()["streets"]))
        assert not areas.covers(own, lat=51.45, lon=-2.59)  # Bristol


def test_a_responder_of_an_earlier_release_gets_it_too(app: Flask) -> None:
    registration.register(username="responder", password=PASSWORD, role="responder")
    with at(0):
        loaded(app)
        loaded(app)

    account = Account.named("responder")
    assert account and [area.name for area in areas.unpack(account.packed_areas)] == [demo.AREA_NAME]
    assert [row.action for row in history_of(account.id)] == ["account.areas_changed"]
