"""Read features as ArcGIS servers answer them without `f=geojson` (Esri's JSON) as GeoJSON. Pure."""

from typing import Any


def as_feature(value: Any) -> Any:
    """Return a feature of Esri's as one of GeoJSON; any other value as it is."""
    if not isinstance(value, dict) or "type" in value or not isinstance(value.get("attributes"), dict):
        return value
    return {"type": "Feature", "properties": value["attributes"], "geometry": _geometry(value.get("geometry"))}


def crs_name(reference: Any) -> str:
    """Return the name of the system in a `spatialReference`; "" if it has none."""
    code = (reference.get("latestWkid") or reference.get("wkid")) if isinstance(reference, dict) else None
    return f"EPSG:{code}" if isinstance(code, int) else ""


def _geometry(value: Any) -> Any:
    if not isinstance(value, dict):
        return None
    if "x" in value and "y" in value:
        return {"type": "Point", "coordinates": [value["x"], value["y"]]}
    if "points" in value:
        return {"type": "MultiPoint", "coordinates": value["points"]}
    if "paths" in value:
        return {"type": "MultiLineString", "coordinates": value["paths"]}
    if isinstance(value.get("rings"), list):  # outer and inner ones in one list: each counts as a shape of its own
        return {"type": "MultiPolygon", "coordinates": [[ring] for ring in value["rings"]]}
    return None
