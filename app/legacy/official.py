"""Official warnings in the two formats of the first server: the Environment Agency's list, and circles. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core import clock

MOST = 500
# The agency's levels; its 4 says that a warning is over, and only warnings in force are listed. Minor or unranked
# warnings of other issuers get the lowest level in force.
LEVELS = {"extreme": 1, "severe": 2}
LOWEST_LEVEL = 3
_COMMENT = "Deprecated: use /v1/warnings. Times are UTC. Warnings of all sources, kept here, worst first."


@dataclass(frozen=True, slots=True)
class Circle:
    """Approximate position of an area: all of it is within the radius of the centre."""

    lat: float
    lon: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class WarningInForce:
    """A warning that is in force in one official area. Times are milliseconds since 1970."""

    address: str  # /v1/warnings/wrn_...
    area_address: str  # /v1/areas/...
    area_id: str
    area_name: str
    issuer: str
    label: str
    severity: str
    text: str
    raised: int
    changed: int
    circle: Circle | None  # None without a known geometry


@dataclass(frozen=True, slots=True)
class OfficialWarnings:
    """The warnings in force, and the time of the oldest last answer among the sources; None: unknown."""

    warnings: Sequence[WarningInForce]
    as_of: int | None
    is_stale: bool = False


def level(severity: str) -> int:
    """Return the agency's level of a severity: 1 is the worst."""
    return LEVELS.get(severity, LOWEST_LEVEL)


def flood_warnings(official: OfficialWarnings, *, base: str) -> dict[str, Any]:
    """Format as the agency's `/id/floods`: an object with `meta` and `items`. `base` makes the URLs absolute."""
    return {
        "@context": "http://environment.data.gov.uk/flood-monitoring/meta/context.jsonld",
        "meta": _meta(official) | {"documentation": f"{base}/docs", "hasFormat": []},
        "items": [_warning_item(warning, base) for warning in _worst_first(official.warnings)],
    }


def flood_areas(official: OfficialWarnings) -> dict[str, Any]:
    """Return one circle for each area with a known place; others are left out, since 0, 0 would be false.

    The radius is in kilometres: the client that draws it multiplies by 1,000 to get metres.
    """
    placed = [(warning, warning.circle) for warning in _worst_first(official.warnings) if warning.circle]
    return {"items": [_area_item(warning, circle) for warning, circle in placed], "meta": _meta(official)}


def _worst_first(warnings: Sequence[WarningInForce]) -> list[WarningInForce]:
    return sorted(warnings, key=lambda warning: (level(warning.severity), -warning.changed, warning.address))[:MOST]


def _meta(official: OfficialWarnings) -> dict[str, Any]:
    modified = clock.rfc3339_or_none(official.as_of)
    return {"publisher": "FloodManager", "comment": _COMMENT, "modified": modified, "stale": official.is_stale}


def _warning_item(warning: WarningInForce, base: str) -> dict[str, Any]:
    return {
        "@id": base + warning.address,
        "description": warning.area_name,
        "eaAreaName": warning.issuer,
        "floodArea": {
            "@id": base + warning.area_address,
            "county": "",
            "notation": warning.area_id,
            "polygon": f"{base}{warning.area_address}.geojson",
        },
        "floodAreaID": warning.area_id,
        "message": warning.text,
        "severity": warning.label,
        "severityLevel": level(warning.severity),
        "timeMessageChanged": _time(warning.changed),
        "timeRaised": _time(warning.raised),
        "timeSeverityChanged": _time(warning.changed),
    }


def _area_item(warning: WarningInForce, circle: Circle) -> dict[str, Any]:
    return {
        "description": warning.area_name,
        "centroid": {"type": "Circle", "coordinates": [circle.lon, circle.lat], "radius": circle.radius_km},
        "severity": warning.label,
        "severityLevel": level(warning.severity),
    }


def _time(milliseconds: int) -> str:
    return f"{clock.from_ms(milliseconds):%Y-%m-%dT%H:%M:%S}"
