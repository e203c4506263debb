"""Official warnings for the old clients: decoded as strictly as they do, never at 0, 0, never empty for not known."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import auth
from app.clock import HOUR_MS
from app.http import headers, problems
from app.legacy.official import MOST, Circle, InForce, Official
from app.legacy.routes import official_routes
from tests.app.legacy.old_clients import decoded, error_of

NOON_MS = 1_795_262_400_000  # 2026-11-21T12:00:00Z
Served = Callable[..., FlaskClient]


def warning(number: int = 1, **wanted: Any) -> InForce:
    values: dict[str, Any] = {
        "address": f"/v1/warnings/wrn_{number:04d}",
        "area_address": f"/v1/areas/ea_112FWFWIG10{number}",
        "area_id": f"112FWFWIG10{number}",
        "area_name": "River Parrett at Langport",
        "issuer": "Environment Agency",
        "label": "Flood warning",
        "severity": "severe",
        "text": "River levels are rising.\nAct now.",
        "raised": NOON_MS - HOUR_MS,
        "changed": NOON_MS,
        "circle": Circle(lat=51.0375, lon=-2.829, radius_km=3.2),
    }
    return InForce(**(values | wanted))


@pytest.fixture
def serve() -> Served:
    """A client of the two routes over the warnings given."""

    def served(*warnings: InForce, as_of: int | None = NOON_MS, is_stale: bool = False) -> FlaskClient:
        app = Flask("old routes")
        headers.register(app)
        auth.guard(app)
        app.register_blueprint(official_routes(lambda: Official(warnings, as_of, is_stale)))
        problems.register(app)
        return app.test_client()

    return served


def areas_of(client: FlaskClient) -> list[dict[str, Any]]:
    """`FloodWarningResponse.self`: one bad item loses the map all of them."""
    said = decoded(client.get("/simplified_flood_areas"))
    for item in said["items"]:
        assert isinstance(item["description"], str)
        lon, lat, *_ = item["centroid"]["coordinates"]
        numbers = (lon, lat, item["centroid"]["radius"])
        assert all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers)
        assert isinstance(item.get("severity", ""), str)
        assert type(item.get("severityLevel", 0)) is int
    items: list[dict[str, Any]] = said["items"]
    return items


def test_area_is_a_circle_with_its_radius_in_kilometres(serve: Served) -> None:
    assert areas_of(serve(warning())) == [
        {
            "description": "River Parrett at Langport",
            "centroid": {"type": "Circle", "coordinates": [-2.829, 51.0375], "radius": 3.2},
            "severity": "Flood warning",
            "severityLevel": 2,
        }
    ]


def test_area_without_a_known_place_is_left_out_of_the_map_only(serve: Served) -> None:
    client = serve(warning(1, circle=None), warning(2))

    assert len(areas_of(client)) == 1
    assert len(decoded(client.get("/flood_warnings"))["items"]) == 2


def test_warning_has_the_shape_of_the_agency_s_list(serve: Served) -> None:
    (item,) = decoded(serve(warning()).get("/flood_warnings"))["items"]

    assert item == {
        "@id": "/v1/warnings/wrn_0001",
        "description": "River Parrett at Langport",
        "eaAreaName": "Environment Agency",
        "floodArea": {
            "@id": "/v1/areas/ea_112FWFWIG101",
            "county": "",
            "notation": "112FWFWIG101",
            "polygon": "/v1/areas/ea_112FWFWIG101.geojson",
        },
        "floodAreaID": "112FWFWIG101",
        "message": "River levels are rising.\nAct now.",
        "severity": "Flood warning",
        "severityLevel": 2,
        "timeMessageChanged": "2026-11-21T12:00:00",
        "timeRaised": "2026-11-21T11:00:00",
        "timeSeverityChanged": "2026-11-21T12:00:00",
    }


def test_members_of_the_agency_s_own_items_are_there(serve: Served, shared_data: Path) -> None:
    recorded = json.loads((shared_data / "ea" / "floods-2026-09-27.json").read_text())

    ours = decoded(serve(warning()).get("/flood_warnings"))

    # Not kept by us: what the agency itself calls no longer used, and whether the water is the sea's.
    assert recorded["items"][0].keys() - ours["items"][0].keys() == {"eaRegionName", "isTidal"}
    assert recorded["items"][0]["floodArea"].keys() - ours["items"][0]["floodArea"].keys() == {"riverOrSea"}
    assert recorded.keys() - ours.keys() == set()


@pytest.mark.parametrize(
    ("severity", "level"), [("extreme", 1), ("severe", 2), ("moderate", 3), ("minor", 3), ("unknown", 3)]
)
def test_levels_are_the_agency_s_and_never_no_longer_in_force(serve: Served, severity: str, level: int) -> None:
    client = serve(warning(severity=severity))

    assert [item["severityLevel"] for item in areas_of(client)] == [level]
    assert [item["severityLevel"] for item in decoded(client.get("/flood_warnings"))["items"]] == [level]


def test_worst_come_first_then_the_latest(serve: Served) -> None:
    client = serve(
        warning(1, severity="moderate"),
        warning(2, severity="extreme", changed=NOON_MS - 2),
        warning(3, severity="extreme", changed=NOON_MS - 1),
    )

    ids = [item["floodAreaID"][-1] for item in decoded(client.get("/flood_warnings"))["items"]]

    assert ids == ["3", "2", "1"]


def test_lists_are_bounded(serve: Served) -> None:
    client = serve(*(warning(number) for number in range(MOST + 20)))

    assert len(areas_of(client)) == MOST
    assert len(decoded(client.get("/flood_warnings"))["items"]) == MOST


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("/flood_warnings", "Failed to fetch data from government API"),
        ("/simplified_flood_areas", "Error processing flood data"),
    ],
)
def test_unknown_is_not_shown_as_no_warnings(serve: Served, path: str, start: str) -> None:
    answer = serve(as_of=None).get(path)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert error_of(answer).startswith(start)


@pytest.mark.parametrize("path", ["/flood_warnings", "/simplified_flood_areas"])
def test_no_warnings_say_how_old_that_is(serve: Served, path: str) -> None:
    answer = serve(as_of=NOON_MS, is_stale=True).get(path)

    said = decoded(answer)
    assert (answer.status_code, said["items"]) == (200, [])
    assert (said["meta"]["modified"], said["meta"]["stale"]) == ("2026-11-21T12:00:00Z", True)
    assert answer.headers["Deprecation"] == "@1795219200"
    assert answer.headers["Cache-Control"] == "public, max-age=15, stale-while-revalidate=60"
