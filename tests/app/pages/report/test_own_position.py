"""Answers to the form's script about a device's position, and where the form's map opens."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import config
from app.pages.frame import own_position
from app.pages.report import location
from tests.app.pages.world import HTML

JSON = {"Accept": "application/json"}


def told(client: FlaskClient, query: str) -> Any:
    answer = client.get(f"/report?{query}", headers=JSON)
    assert answer.status_code == 200
    return answer.json


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> Any:
    def connect(setting: str, place: tuple[float, float, str] | None = None) -> None:
        chosen = config.settings()._replace(sources=setting, place=place)
        for module in (location, own_position):
            monkeypatch.setattr(module, "settings", lambda: chosen)

    return connect


def test_position_has_the_name_of_the_nearest_settlement(client: FlaskClient) -> None:
    assert told(client, "lat=51.037&lon=-2.829&accuracy_m=20") == {"name": "Langport", "doubt": ""}


@pytest.mark.parametrize(("query", "doubt"), [
    ("lat=51.037&lon=-2.829&accuracy_m=500", ""),
    ("lat=51.037&lon=-2.829&accuracy_m=501", "coarse"),
    ("lat=51.3&lon=-3.8&accuracy_m=20", "sea"),
    ("lat=48.85&lon=2.35&accuracy_m=20", "uncovered"),
])  # fmt: skip
def test_position_is_doubted_where_the_device_may_be_wrong(
    client: FlaskClient, sources: Any, query: str, doubt: str
) -> None:
    sources("ea")

    assert told(client, query)["doubt"] == doubt


@pytest.mark.parametrize("query", [
    "lat=&lon=", "lat=91&lon=0&accuracy_m=1", "lat=nan&lon=0&accuracy_m=1", "lat=51&lon=-2",
    "lat=51&lon=-2&accuracy_m=x", "lat=1e309&lon=0&accuracy_m=1",
])  # fmt: skip
def test_position_that_cannot_be_read_has_neither_name_nor_doubt(client: FlaskClient, query: str) -> None:
    assert told(client, query) == {"name": "", "doubt": ""}


def test_map_opens_at_the_operators_place_else_at_what_issuers_cover_and_never_at_the_world(sources: Any) -> None:
    sources("ea", (51.128, -3.004, "Bridgwater"))
    assert location.map_start() == "51.128,-3.004"

    sources("ea")
    west, south, east, north = map(float, location.map_start().split(","))
    assert west < -5
    assert 49 < south < 51
    assert 1 < east < 3
    assert 55 < north < 57

    for widely in ("ea,nws", "nws", "none"):
        sources(widely)
        assert location.map_start() == ""


def test_form_carries_where_its_map_opens(client: FlaskClient, sources: Any) -> None:
    sources("ea", (51.128, -3.004, "Bridgwater"))

    assert 'data-start="51.128,-3.004"' in client.get("/report", headers={"Accept": HTML}).text
