"""Build GeoJSON (RFC 7946): positions are [lon, lat]."""

from collections.abc import Mapping, Sequence
from typing import Any

MEDIA_TYPE = "application/geo+json"


def point_feature(feature_id: str, *, lat: float, lon: float, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Build a point feature."""
    point = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "id": feature_id, "geometry": point, "properties": dict(properties)}


def placeless_feature(feature_id: str, *, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Build a feature without a place (3.2: geometry null)."""
    return {"type": "Feature", "id": feature_id, "geometry": None, "properties": dict(properties)}


def collection(features: Sequence[Mapping[str, Any]], **foreign_members: Any) -> dict[str, Any]:
    """Build a FeatureCollection; foreign members are allowed (6.1)."""
    return {"type": "FeatureCollection", "features": list(features), **foreign_members}
