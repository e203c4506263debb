"""Outline of one official area, as its issuer draws it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.geo.polygon import MultiPolygon, NotAPolygon
from app.geo.polygon_geojson import read_geojson
from app.geo.repair import make_valid
from app.warnings.sources import json_text
from app.warnings.sources.json_members import entries, line, members

NO_POLYGON = "the issuer publishes no polygon for this area"


@dataclass(frozen=True, slots=True)
class Outline:
    """An area's shape, or why there is none."""

    id: str  # in the issuer's own spelling
    name: str = ""
    shape: MultiPolygon | None = None
    reason: str = ""  # why there is no shape
    centre: tuple[float, float] | None = None  # (lat, lon), if the issuer names one


@dataclass(frozen=True, slots=True)
class ReadOutlines:
    """Content of a file of areas."""

    outlines: tuple[Outline, ...] = ()
    broken: tuple[str, ...] = ()


def shape_of(geometry: Any) -> tuple[MultiPolygon | None, str]:
    """Return the shape of a GeoJSON value, or why there is none."""
    if geometry is None:
        return None, NO_POLYGON
    try:
        return make_valid(read_geojson(geometry)), ""
    except NotAPolygon as error:
        return None, f"the issuer's polygon cannot be used: {error}"


def read_features(raw: bytes, *, codes: Iterable[str], names: Iterable[str]) -> ReadOutlines:
    """Read GeoJSON features whose properties hold an area's code and name under any of these names."""
    try:
        answer = members(json_text.parse(raw))
    except json_text.NotJson as error:
        return ReadOutlines(broken=(str(error),))
    features = entries(answer.get("features")) if "features" in answer else [answer]
    codes, names = tuple(codes), tuple(names)
    read = [_outline(members(feature), codes, names) for feature in features]
    missing = sum(1 for outline in read if not outline.id)
    broken = (f"{missing} of {len(read)} features name no area ({', '.join(codes)})",) if missing else ()
    return ReadOutlines(tuple(outline for outline in read if outline.id), broken)


def _outline(feature: Mapping[str, Any], codes: tuple[str, ...], names: tuple[str, ...]) -> Outline:
    properties = {name.lower(): value for name, value in members(feature.get("properties")).items()}
    code = _first(properties, codes) or line(feature.get("id"))
    shape, reason = shape_of(feature.get("geometry"))
    return Outline(code.rpartition("/")[2], _first(properties, names), shape, reason)


def _first(properties: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := line(properties.get(name.lower())))), "")
