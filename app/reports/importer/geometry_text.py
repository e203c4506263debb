"""Parse the geometry in a table cell to GeoJSON: GeoJSON, a Python dict, WKT, KML or `(lat, lon)`. Pure.

Code is never evaluated and no XML parser is used, so that entities and code in a cell stay text.
"""

import json
import re
from typing import Any

from app.core.parse_time import UnreadableTime
from app.core.unicode_text import shown

_LONGEST = 20_000_000  # characters; a country's polygon in full detail has about a million
_NUMBER = r"(?<![\d.])[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
_WKT = re.compile(r"(?:SRID=(\d+);)?\s*((?:MULTI)?(?:POINT|LINESTRING|POLYGON))\s*(?:Z|M|ZM)?\s*(\(.*\))", re.I | re.S)
_WKT_TYPES = {
    kind.upper(): kind for kind in ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
}
_WKT_POSITION = re.compile(rf"{_NUMBER}(?:\s+{_NUMBER}){{1,3}}")
_LAT_LON = re.compile(rf"\(\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\)\s*\Z")
_BARE_LAT_LON = re.compile(rf"\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*\Z")
_PYTHON_AS_JSON = str.maketrans("'()", '"[]')
_TRAILING_COMMA = re.compile(r",(?=\s*])")  # of a tuple with one element
_KML = re.compile(
    r"<(?:\w+:)?(Polygon|Point|LineString)\b"
    r"|<(?:\w+:)?coordinates(?:\s[^<>]*)?>([^<]*)</(?:\w+:)?coordinates>",
    re.ASCII,
)


def is_position(text: str) -> bool:
    """Return whether a text is two numbers, as a column of places has them, and no title."""
    return bool(_BARE_LAT_LON.match(text.strip(" ()\n")))


def parse_geometry(text: str) -> Any:
    """Parse a cell to GeoJSON; raises Unusable."""
    text = text.strip()
    if len(text) > _LONGEST:
        raise UnreadableTime("the geometry is too long")
    if text.startswith("{"):
        return _json(text)
    if text.startswith("<"):
        return _kml(text)
    if match := _WKT.fullmatch(text):
        return _wkt(match[2], match[3]) | ({"srid": match[1]} if match[1] else {})
    if match := _LAT_LON.search(text) or _BARE_LAT_LON.match(text):
        return {"type": "Point", "coordinates": [float(match[2]), float(match[1])]}
    raise UnreadableTime(f"{shown(text)!r} is not a geometry")


def _json(text: str) -> Any:
    """Parse JSON or a Python dict (single quotes, tuples). A geometry has no quotes or brackets inside its names."""
    for spelling in (text, _TRAILING_COMMA.sub("", text.translate(_PYTHON_AS_JSON))):
        try:
            return json.loads(spelling)
        except (ValueError, RecursionError):
            continue
    raise UnreadableTime(f"{shown(text)!r} is not a geometry")


def _wkt(kind: str, body: str) -> Any:
    kind = _WKT_TYPES[kind.upper()]
    listed = _WKT_POSITION.sub(lambda match: _listed(match[0]), body).replace("(", "[").replace(")", "]")
    try:
        coordinates = json.loads(listed)
    except (ValueError, RecursionError) as error:
        raise UnreadableTime(f"{shown(body)!r} is not well-known text") from error
    if kind == "Point":
        coordinates = coordinates[0] if coordinates else []
    if kind == "MultiPoint":  # MULTIPOINT ((1 2), (3 4)) and MULTIPOINT (1 2, 3 4) are the same
        coordinates = [_unpacked(coordinate) for coordinate in coordinates]
    return {"type": kind, "coordinates": coordinates}


def _unpacked(position: Any) -> Any:
    is_packed = isinstance(position, list) and len(position) == 1 and isinstance(position[0], list)
    return position[0] if is_packed else position


def _listed(position: str) -> str:
    return json.dumps([float(number) for number in position.split()])


def _kml(text: str) -> Any:
    """Parse polygons, lines and points of KML. The first ring of a polygon is the outer one (KML 2.2, 10.8)."""
    shapes: list[dict[str, Any]] = []
    for match in _KML.finditer(text):
        if match[1]:
            shapes.append({"type": match[1], "coordinates": []})
        elif shapes:
            _take(shapes[-1], [_kml_position(position) for position in match[2].split()])
    if not any(shape["coordinates"] for shape in shapes):
        is_cut = text.count("coordinates") % 2  # an opening tag without its closing tag
        reason = "is cut off (spreadsheets end a cell at 32,767 characters)" if is_cut else "has no place"
        raise UnreadableTime(f"the KML {reason}")
    return {"type": "GeometryCollection", "geometries": shapes}


def _take(shape: dict[str, Any], positions: list[list[float]]) -> None:
    match shape["type"]:
        case "Polygon":
            shape["coordinates"].append(positions)
        case "LineString":
            shape["coordinates"].extend(positions)
        case _:
            shape["coordinates"] = positions[0] if positions else []


def _kml_position(text: str) -> list[float]:
    try:
        return [float(number) for number in text.split(",")]
    except ValueError as error:
        raise UnreadableTime(f"{shown(text)!r} is not a position in KML") from error
