"""Read reports from GeoJSON (collection, feature, geometry or one feature a line) and TopoJSON. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.core.unicode_text import shown
from app.reports.importer import topojson
from app.reports.importer.columns import chosen, guess_layout, require_columns, value_at
from app.reports.importer.interpret import interpret
from app.reports.importer.row import ImportOptions, RawRecord, ReadResult, RefusedRow, Unreadable
from app.reports.importer.text import decode

_DEEPEST = 32
_MOST_DIGITS = 30  # of an integer; a longer one is read as the nearest float
_GEOMETRIES = (
    *("Point", "MultiPoint", "LineString", "MultiLineString"),
    *("Polygon", "MultiPolygon", "GeometryCollection"),
)
_DEGREES = re.compile(r"(?:CRS:?84h?|(?:EPSG|epsg):.*?\b(?:4326|4979|4269|4258|4283|4167))$")


def read(data: bytes, options: ImportOptions) -> ReadResult:
    """Read all features; raises Unreadable."""
    records = features_of(parse(data))
    rows = [record for record in records if isinstance(record, RawRecord)]
    layout: dict[str, Sequence[str]] = dict(guess_layout(_names(rows), {}))
    layout |= {"lat": [], "lon": [], "geometry": []}  # GeoJSON defines where the geometry is
    require_mapped(options.columns, rows)
    if "id" in options.columns:
        records = [replace(record, own_id=None) if isinstance(record, RawRecord) else record for record in records]
    return interpret(records, layout | chosen(options.columns), options)


def require_mapped(given_columns: Mapping[str, str], rows: Sequence[RawRecord]) -> None:
    """Raise Unreadable for a mapped property that no feature has."""
    is_there = {path: any(value_at(row.columns, path) is not None for row in rows) for path in given_columns.values()}
    if rows:
        require_columns(given_columns, is_there, _names(rows))


def _names(rows: Iterable[RawRecord]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row.columns))


def parse(data: bytes) -> Any:
    """Parse a JSON file, or a file with one JSON value a line; raises Unreadable.

    One bad feature must not cost the whole file: duplicate names and NaN are accepted here and refused with that
    feature.
    """
    text = decode(data).lstrip("\ufeff")
    try:
        return _loads(text)
    except RecursionError as error:
        raise Unreadable("The file is nested too deep.") from error
    except ValueError as error:
        lines = [line.strip("\x1e \t\r") for line in text.split("\n")]  # RFC 8142 begins each record with U+001E
        lines = [line for line in lines if line]
        if len(lines) > 1 and all(line.startswith("{") for line in lines):
            return {"type": "FeatureCollection", "features": [_line(line) for line in lines]}
        raise Unreadable(f"The file is not JSON: {error}.") from error


def _line(text: str) -> Any:
    try:
        return _loads(text)
    except (ValueError, RecursionError) as error:
        return error


def _loads(text: str) -> Any:
    return json.loads(text, parse_int=_whole)


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def features_of(document: Any) -> list[RawRecord | RefusedRow]:
    """Return the features of a document in order; raises Unreadable if it is not GeoJSON or has no feature."""
    records = [_found(number, feature) for number, feature in enumerate(_listed(document), 1)]
    if not records:
        raise Unreadable("The file holds no row: it has no features.")
    return records


def _listed(document: Any) -> list[Any]:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        raise Unreadable(f"The file is not GeoJSON: it holds {shown(document)} where an object is expected.")
    if "type" not in document and isinstance(document.get("result"), dict):  # {"statusCode": 200, "result": ...}
        document = document["result"]
    _require_degrees(document.get("crs"))
    match document.get("type"):
        case "FeatureCollection":
            return _features(document.get("features"))
        case "Feature":
            return [document]
        case "Topology":
            return list(topojson.features(document))
        case kind if kind in _GEOMETRIES:
            return [{"type": "Feature", "properties": None, "geometry": document}]
        case kind:
            raise Unreadable(f"The file is not GeoJSON: its type is {shown(kind)}.")


def _features(listed: Any) -> list[Any]:
    if not isinstance(listed, list):
        raise Unreadable("The file is not GeoJSON: a FeatureCollection needs a list of features.")
    return listed


def _require_degrees(crs: Any) -> None:
    """Refuse coordinates other than degrees: GeoJSON of 2008 may name another reference system."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str) and not _DEGREES.search(name.strip()):
        raise Unreadable(f"The places are in {shown(name)}; project the file to WGS 84 (EPSG:4326) first.")


def _found(number: int, feature: Any) -> RawRecord | RefusedRow:
    where = f"feature {number}"
    if isinstance(feature, Exception):
        return RefusedRow(where, None, f"it is not JSON: {feature}")
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        kind = feature.get("type") if isinstance(feature, dict) else feature
        return RefusedRow(where, None, f"it is not a Feature but {shown(kind)}")
    if _is_deep(feature):
        return RefusedRow(where, None, f"it is nested deeper than {_DEEPEST} levels")
    columns = feature.get("properties")
    columns = columns if isinstance(columns, dict) else {}
    return RawRecord(where, columns, geometry=feature.get("geometry"), own_id=feature.get("id"))


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for value in level for inner in _inner(value)]
        if not level:
            return False
    return True


def _inner(value: Any) -> list[Any]:
    inner_values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [inner_value for inner_value in inner_values if isinstance(inner_value, dict | list)]
