"""Read reports from GeoJSON (collection, feature, geometry, sequences) and TopoJSON, as a stream."""

from collections.abc import Iterator
from enum import Enum
from itertools import islice
from typing import Any, TextIO

from app.core.unicode_text import shown
from app.reports.importer import esri_json, topojson
from app.reports.importer.json_stream import LONGEST_VALUE, Document, loads
from app.reports.importer.opening import Source
from app.reports.importer.row import RawRecord, RefusedRow, Unreadable
from app.reports.importer.text import opened_text

_DEEPEST = 32
_GEOMETRIES = (
    *("Point", "MultiPoint", "LineString", "MultiLineString"),
    *("Polygon", "MultiPolygon", "GeometryCollection"),
)
_HEAD_LINES = 2
_GOES_ON = ("[", "{", ",", ":")  # a document that begins so goes on in the next line
_RECORD_MARK = "\x1e"  # begins each record of a sequence (RFC 8142)


class Spelling(Enum):
    """Ways in which the features follow each other."""

    DOCUMENT = "one document"
    LINES = "one value a line"
    SEQUENCE = "a sequence by RFC 8142"


def spelling_of(source: Source) -> Spelling:
    """Return how the features of a file follow each other, by its first two lines; raises Unreadable."""
    with opened_text(source) as text:
        lines = list(islice(filter(None, _lines(text)), _HEAD_LINES))
    if lines and lines[0].startswith(_RECORD_MARK):
        return Spelling.SEQUENCE
    if len(lines) < _HEAD_LINES or not all(line.startswith("{") for line in lines):
        return Spelling.DOCUMENT
    is_broken_line = not lines[0].endswith(_GOES_ON) and _is_value(lines[1])
    return Spelling.LINES if _is_value(lines[0]) or is_broken_line else Spelling.DOCUMENT


def records(source: Source, *, takes_objects: bool = False) -> Iterator[RawRecord | RefusedRow]:
    """Yield all features in order; raises Unreadable if it is no GeoJSON.

    `takes_objects`: an object that is no feature is a row, too; its names are the columns.
    """
    spelling = spelling_of(source)
    with opened_text(source) as text:
        if spelling is Spelling.DOCUMENT:
            yield from _of_document(text, source, takes_objects=takes_objects)
            return
        values = _lines(text) if spelling is Spelling.LINES else _marked(text)
        for number, line in enumerate((line for line in values if line), 1):
            yield _found(number, _parsed(line), takes_objects=takes_objects)


def crs_name(crs: Any) -> str:
    """Return the name in a `crs` member of GeoJSON of 2008."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    code = properties.get("code") if isinstance(properties, dict) else None
    if name is None and isinstance(code, int | str):  # {"type": "EPSG", "properties": {"code": 27700}}
        return f"EPSG:{code}"
    return name.strip() if isinstance(name, str) else ""


def _stated_crs(document: Document) -> str:
    return crs_name(document.others.get("crs")) or esri_json.crs_name(document.others.get("spatialReference"))


def _of_document(text: TextIO, source: Source, *, takes_objects: bool) -> Iterator[RawRecord | RefusedRow]:
    document = Document(text)
    for number, feature in enumerate(document.features(), 1):
        source.stated_crs = source.stated_crs or _stated_crs(document)
        yield _found(number, feature, takes_objects=takes_objects)
    source.stated_crs = source.stated_crs or _stated_crs(document)
    if not document.has_features:
        others = document.others
        is_row = takes_objects and "type" not in others and not _lists_in(others) and "value" not in others
        for number, feature in enumerate([others] if is_row else _listed(others), 1):
            yield _found(number, feature, takes_objects=takes_objects)


def _listed(document: dict[str, Any]) -> Iterator[Any]:
    """Yield the features of a document that is no list and has none."""
    match document.get("type"):
        case "FeatureCollection":
            raise Unreadable("The file is not GeoJSON: a FeatureCollection needs a list of features.")
        case "Feature":
            yield document
        case "Topology":
            yield from topojson.features(document)
        case kind if kind in _GEOMETRIES:
            yield {"type": "Feature", "properties": None, "geometry": document}
        case None if listed := _lists_in(document):
            raise Unreadable(
                f"The file is not GeoJSON: it holds {shown(listed[0])}, a list inside an object. Save that list alone, "
                "and import it."
            )
        case None if "value" in document:
            raise Unreadable(f"The file is not GeoJSON: it holds {shown(document['value'])}, no object.")
        case kind:
            raise Unreadable(f"The file is not GeoJSON: its type is {shown(kind)}.")


def _lists_in(document: dict[str, Any]) -> list[str]:
    """Return the names under which an object holds lists of objects."""
    return [
        name for name, value in document.items() if isinstance(value, list) and value and isinstance(value[0], dict)
    ]


def _lines(text: TextIO) -> Iterator[str]:
    """Yield the lines without blanks around them; raises Unreadable for one that no memory is for."""
    while line := text.readline(LONGEST_VALUE):
        if len(line) >= LONGEST_VALUE:
            if line.lstrip("\ufeff \t")[:1] in ("{", "["):  # a document in one line
                yield line[:_DEEPEST]
                return
            raise Unreadable(f"The file has a line of more than {LONGEST_VALUE:,} characters.")
        for part in line.split("\r"):
            yield part.strip("\ufeff \t\n")


def _marked(text: TextIO) -> Iterator[str]:
    """Yield the records of a sequence, each of which begins with a mark and may have several lines."""
    record = ""
    for line in _lines(text):
        if line.startswith(_RECORD_MARK):
            yield record.strip()
            record = ""
        record += line.strip(_RECORD_MARK) + "\n"
        if len(record) > LONGEST_VALUE:
            raise Unreadable(f"The file has a record of more than {LONGEST_VALUE:,} characters.")
    yield record.strip()


def _is_value(line: str) -> bool:
    return not isinstance(_parsed(line), Exception)


def _parsed(text: str) -> Any:
    try:
        return loads(text.strip(_RECORD_MARK + " \t\r\n"))
    except (ValueError, RecursionError) as error:
        return error


def _found(number: int, feature: Any, *, takes_objects: bool) -> RawRecord | RefusedRow:
    where = f"feature {number}"
    if isinstance(feature, Exception):
        return RefusedRow(where, None, f"it is not JSON: {feature}")
    feature = esri_json.as_feature(feature)
    is_feature = isinstance(feature, dict) and feature.get("type") == "Feature"
    if not is_feature and not (takes_objects and isinstance(feature, dict)):
        kind = feature.get("type") if isinstance(feature, dict) else feature
        return RefusedRow(where, None, f"it is not a Feature but {shown(kind)}")
    if _is_deep(feature):
        return RefusedRow(where, None, f"it is nested deeper than {_DEEPEST} levels")
    if not is_feature:
        geometry = feature.get("geometry")
        return RawRecord(where, feature, geometry=geometry if isinstance(geometry, dict) else None)
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
