"""Official warnings in the two shapes that the first server had: the Environment Agency's list, and circles. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core import clock

MOST = 500
# The agency's numbers; its 4 says that a warning is over, and only what is in force comes here. What other issuers
# call minor, or give no rank, is told as the lowest that holds.
LEVELS = {"extreme": 1, "severe": 2}
LOWEST_LEVEL = 3
_COMMENT = "Deprecated: use /v1/warnings. Times are UTC. Warnings of all sources, kept here, worst first."


@dataclass(frozen=True, slots=True)
class Circle:
    """About where an area lies: all of it is within the radius of the centre."""

    lat: float
    lon: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class InForce:
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
    circle: Circle | None  # None where no geometry is known


@dataclass(frozen=True, slots=True)
class Official:
    """What the authorities say, and when the source was heard that was heard longest ago; None: that is not known."""

    warnings: Sequence[InForce]
    as_of: int | None
    is_stale: bool = False


def level(severity: str) -> int:
    """The agency's number of a severity's word: 1 is the worst."""
    return LEVELS.get(severity, LOWEST_LEVEL)


def flood_warnings(official: Official, *, base: str) -> dict[str, Any]:
    """As the agency's `/id/floods`: an envelope with `meta` and `items`. `base` makes the addresses absolute."""
    return {
        "@context": "http://environment.data.gov.uk/flood-monitoring/meta/context.jsonld",
        "meta": _meta(official) | {"documentation": f"{base}/docs", "hasFormat": []},
        "items": [_warning_item(warning, base) for warning in _worst_first(official.warnings)],
    }


def flood_areas(official: Official) -> dict[str, Any]:
    """One circle for each area in whose place we are sure; others are left out, for 0, 0 would be a lie.

    The radius is in kilometres: the client that draws it multiplies by 1,000 and takes metres.
    """
    placed = [(warning, warning.circle) for warning in _worst_first(official.warnings) if warning.circle]
    return {"items": [_area_item(warning, circle) for warning, circle in placed], "meta": _meta(official)}


def _worst_first(warnings: Sequence[InForce]) -> list[InForce]:
    return sorted(warnings, key=lambda each: (level(each.severity), -each.changed, each.address))[:MOST]


def _meta(official: Official) -> dict[str, Any]:
    modified = clock.rfc3339(official.as_of) if official.as_of is not None else None
    return {"publisher": "FloodManager", "comment": _COMMENT, "modified": modified, "stale": official.is_stale}


def _warning_item(warning: InForce, base: str) -> dict[str, Any]:
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


def _area_item(warning: InForce, circle: Circle) -> dict[str, Any]:
    return {
        "description": warning.area_name,
        "centroid": {"type": "Circle", "coordinates": [circle.lon, circle.lat], "radius": circle.radius_km},
        "severity": warning.label,
        "severityLevel": level(warning.severity),
    }


def _time(milliseconds: int) -> str:
    return f"{clock.from_ms(milliseconds):%Y-%m-%dT%H:%M:%S}"
