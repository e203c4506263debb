"""The two old shapes of official warnings, decoded as strictly as the old client does, and never drawn at 0, 0."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.core.clock import HOUR_MS
from app.legacy.official import MOST, Circle, OfficialWarnings, WarningInForce, flood_areas, flood_warnings

NOON_MS = 1_795_262_400_000  # 2026-11-21T12:00:00Z


def warning(number: int = 1, **wanted: Any) -> WarningInForce:
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
    return WarningInForce(**(values | wanted))


def told(*warnings: WarningInForce) -> list[dict[str, Any]]:
    """The items of the agency's list."""
    items: list[dict[str, Any]] = flood_warnings(OfficialWarnings(warnings, NOON_MS), base="")["items"]
    return items


def areas_of(*warnings: WarningInForce) -> list[dict[str, Any]]:
    """`FloodWarningResponse.self`: one bad item loses the map all of them."""
    said = flood_areas(OfficialWarnings(warnings, NOON_MS))
    for item in said["items"]:
        assert isinstance(item["description"], str)
        lon, lat, *_ = item["centroid"]["coordinates"]
        numbers = (lon, lat, item["centroid"]["radius"])
        assert all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers)
        assert isinstance(item.get("severity", ""), str)
        assert type(item.get("severityLevel", 0)) is int
    items: list[dict[str, Any]] = said["items"]
    return items


def test_area_is_a_circle_with_its_radius_in_kilometres() -> None:
    assert areas_of(warning()) == [
        {
            "description": "River Parrett at Langport",
            "centroid": {"type": "Circle", "coordinates": [-2.829, 51.0375], "radius": 3.2},
            "severity": "Flood warning",
            "severityLevel": 2,
        }
    ]


def test_area_without_a_known_place_is_left_out_of_the_map_only() -> None:
    warnings = warning(1, circle=None), warning(2)

    assert (len(areas_of(*warnings)), len(told(*warnings))) == (1, 2)


def test_warning_has_the_shape_of_the_agency_s_list() -> None:
    (item,) = told(warning())

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


def test_members_of_the_agency_s_own_items_are_there(shared_data: Path) -> None:
    recorded = json.loads((shared_data / "ea" / "floods-2026-09-27.json").read_text())

    ours = flood_warnings(OfficialWarnings([warning()], NOON_MS), base="")

    # Not kept by us: what the agency itself calls no longer used, and whether the water is the sea's.
    assert recorded["items"][0].keys() - ours["items"][0].keys() == {"eaRegionName", "isTidal"}
    assert recorded["items"][0]["floodArea"].keys() - ours["items"][0]["floodArea"].keys() == {"riverOrSea"}
    assert recorded.keys() - ours.keys() == set()


@pytest.mark.parametrize(
    ("severity", "level"), [("extreme", 1), ("severe", 2), ("moderate", 3), ("minor", 3), ("unknown", 3)]
)
def test_levels_are_the_agency_s_and_never_no_longer_in_force(severity: str, level: int) -> None:
    assert [item["severityLevel"] for item in areas_of(warning(severity=severity))] == [level]
    assert [item["severityLevel"] for item in told(warning(severity=severity))] == [level]


def test_worst_come_first_then_the_latest() -> None:
    items = told(
        warning(1, severity="moderate"),
        warning(2, severity="extreme", changed=NOON_MS - 2),
        warning(3, severity="extreme", changed=NOON_MS - 1),
    )

    assert [item["floodAreaID"][-1] for item in items] == ["3", "2", "1"]


def test_lists_are_bounded() -> None:
    warnings = [warning(number) for number in range(MOST + 20)]

    assert (len(areas_of(*warnings)), len(told(*warnings))) == (MOST, MOST)


def test_addresses_are_whole_where_the_base_is_known() -> None:
    (item,) = flood_warnings(OfficialWarnings([warning()], NOON_MS), base="https://flood.example")["items"]

    assert item["@id"] == "https://flood.example/v1/warnings/wrn_0001"
    assert item["floodArea"]["polygon"].startswith("https://flood.example/v1/areas/")
