"""Upstreams that speak as the Environment Agency and the National Weather Service do, from documents one gives them.

tests/app/warnings/sources/test_official_upstreams.py proves it with clients that others wrote for the real services.
"""

import json
from collections.abc import Mapping
from typing import Any

from tests.rig.upstream import Asked, Reply

JSON = {"Content-Type": "application/json;charset=UTF-8"}
GEOJSON = {"Content-Type": "application/geo+json"}
EA_PATH = "/flood-monitoring/id/"
EA_ROOT = f"http://environment.data.gov.uk{EA_PATH}"
SQUARE = {"type": "Polygon", "coordinates": [[[0.0, 51.0], [0.1, 51.0], [0.1, 51.1], [0.0, 51.1], [0.0, 51.0]]]}


def flood(area: str, **wanted: Any) -> dict[str, Any]:
    """One item of /id/floods, as of 2026."""
    return {
        "@id": f"{EA_ROOT}floods/{area}",
        "description": f"Low land by the river at {area}",
        "eaAreaName": "Wessex",
        "eaRegionName": "No longer used",
        "floodArea": {
            "@id": f"{EA_ROOT}floodAreas/{area}",
            "county": "Somerset",
            "notation": area,
            "polygon": f"{EA_ROOT}floodAreas/{area}/polygon",
        },
        "floodAreaID": area,
        "isTidal": False,
        "message": "The river is high.\n\nKeep away from its banks.",
        "severity": "Flood alert",
        "severityLevel": 3,
        "timeMessageChanged": "2026-01-10T08:00:00",
        "timeRaised": "2026-01-10T08:00:31",
        "timeSeverityChanged": "2026-01-09T07:00:00",
    } | wanted


def floods(*items: Any, **others: Any) -> bytes:
    return json.dumps({"@context": "x", "meta": {"version": "0.9"}, "items": list(items)} | others).encode()


def alert(number: int, **wanted: Any) -> dict[str, Any]:
    """One feature of /alerts/active, as of 2025; `wanted` are properties, but `geometry` is the feature's own."""
    identifier = f"urn:oid:2.49.0.1.840.0.{number:040x}.001.1"
    geometry = wanted.pop("geometry", None)
    properties = {
        "@id": f"https://api.weather.gov/alerts/{identifier}",
        "id": identifier,
        "areaDesc": "Chelan, WA",
        "geocode": {"UGC": ["WAC007"], "SAME": ["053007"]},
        "affectedZones": ["https://api.weather.gov/zones/county/WAC007"],
        "references": [],
        "sent": "2026-01-10T08:00:00-08:00",
        "expires": "2026-01-11T08:00:00-08:00",
        "ends": None,
        "status": "Actual",
        "messageType": "Alert",
        "severity": "Severe",
        "certainty": "Observed",
        "urgency": "Immediate",
        "event": "Flood Warning",
        "headline": "Flood Warning issued January 10",
        "description": "The river is high.",
        "instruction": None,
        "parameters": {},
        "language": "en-US",
    } | wanted
    return {"id": properties["@id"], "type": "Feature", "geometry": geometry, "properties": properties}


def alerts(*features: Any, **others: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), "title": "alerts"} | others).encode()


class EnvironmentAgency:
    """Floods, areas with their polygons, and stations, with the service's paging and filters."""

    def __init__(self, **documents: Any) -> None:
        self.floods: list[dict[str, Any]] = documents.get("floods", [])
        self.polygons: dict[str, Any] = documents.get("polygons", {})
        self.stations: list[dict[str, Any]] = documents.get("stations", [])
        self.soft_limit: str = documents.get("soft_limit", "")  # as it is set where the caller sets none

    def __call__(self, asked: Asked) -> Reply:
        kind, _, rest = asked.path.removeprefix(EA_PATH).partition("/")
        if not asked.path.startswith(EA_PATH):
            return Reply(b"<html>no</html>", 404)
        if kind == "floodAreas":
            return self._area(asked, *rest.partition("/")[::2])
        held = {"floods": self.floods, "stations": self.stations}.get(kind, [])
        if rest:
            found = next((item for item in held if item["@id"].endswith(f"/{rest}")), None)
            return _ea(found) if found else Reply(b"", 404)
        least = int(asked.first("min-severity", "4"))
        held = [item for item in held if item.get("severityLevel", 0) <= least]
        start, limit = int(asked.first("_offset", "0")), asked.first("_limit", self.soft_limit)
        return _ea(held[start : start + int(limit)] if limit else held, limit=limit)

    def _area(self, asked: Asked, area: str, wanted: str) -> Reply:
        if area not in self.polygons:
            return Reply(b"", 404)
        if wanted == "polygon":
            return Reply(json.dumps(self.polygons[area]).encode(), headers=GEOJSON)
        polygon = f"http://{asked.headers['Host']}{EA_PATH}floodAreas/{area}/polygon"  # at its own host, as theirs
        return _ea({"@id": f"{EA_ROOT}floodAreas/{area}", "label": f"River at {area}", "lat": 51.05, "long": 0.05,
                    "fwdCode": area, "notation": area, "polygon": polygon})  # fmt: skip


def _ea(items: Any, *, limit: str = "") -> Reply:
    meta: Mapping[str, Any] = {"publisher": "Environment Agency"} | ({"limit": int(limit)} if limit else {})
    return Reply(json.dumps({"@context": "x", "meta": meta, "items": items}).encode(), headers=JSON)


class WeatherService:
    """Alerts in force and zones. Unknown parameters are refused, and so is a caller without a name."""

    parameters = frozenset({"status", "message_type", "event", "area", "zone", "limit", "severity", "urgency"})

    def __init__(self, *, alerts: list[dict[str, Any]], zones: list[dict[str, Any]] | None = None) -> None:
        self.alerts, self.zones = alerts, {zone["properties"]["id"]: zone for zone in zones or []}

    def __call__(self, asked: Asked) -> Reply:
        if not asked.headers.get("User-Agent"):
            return Reply(b"", 403)
        if unknown := set(asked.query) - self.parameters:
            return Reply(json.dumps({"title": "Invalid Parameter", "detail": sorted(unknown)}).encode(), 400)
        if asked.path.startswith("/zones/"):
            kind, _, zone = asked.path.removeprefix("/zones/").partition("/")
            is_there = zone in self.zones and kind == {"C": "county", "Z": "forecast"}[zone[2]]
            return Reply(json.dumps(self.zones[zone]).encode(), headers=GEOJSON) if is_there else Reply(b"", 404)
        if not asked.path.startswith("/alerts/active"):
            return Reply(b"", 404)
        return Reply(alerts(*filter(lambda one: self._is_wanted(one, asked), self.alerts)), headers=GEOJSON)

    def _is_wanted(self, feature: Mapping[str, Any], asked: Asked) -> bool:
        told, zone = feature["properties"], asked.path.removeprefix("/alerts/active").removeprefix("/zone/")
        events = [one for one in asked.first("event").split(",") if one]
        return (
            (not events or told["event"] in events)
            and (not asked.first("status") or told["status"].lower() == asked.first("status"))
            and (not zone or zone in told["geocode"]["UGC"])
        )
