"""Read reports from KML (OGC 12-007r2): placemarks with their data, time stamps and geometry, as a stream."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from app.core.unicode_text import shown
from app.reports.importer.opening import Source
from app.reports.importer.row import RawRecord, RefusedRow, Unreadable

EMPTY = (
    "The file holds no row: it has no Placemark. (KML of another kind, such as an overlay or a link, has no reports.)"
)
_DEEPEST = 64
_MOST_PARTS = 400_000  # elements of one placemark
_SHAPES = {"Point": 0, "LineString": 1, "Polygon": 2}


def records(source: Source) -> Iterator[RawRecord | RefusedRow]:
    """Yield all placemarks in order; raises Unreadable."""
    with source.opened() as stream:
        try:
            for number, placemark in enumerate(_placemarks(stream), 1):
                yield _found(number, placemark)
        except ParseError as error:
            raise Unreadable(f"The file is not XML: {error}.") from error
        except DefusedXmlException as error:
            raise Unreadable("The file defines entities or refers to others, as no honest KML does.") from error


def _placemarks(stream: Any) -> Iterator[Element]:
    """Yield each placemark when it is complete; what lies outside of them is not kept."""
    above: list[Element] = []
    inside = parts = 0
    for event, element in iterparse(stream, events=("start", "end")):
        name = _name(element)
        if event == "start":
            if not above and name != "kml":
                raise Unreadable(f"The file is XML, but not KML: it begins with {shown(name)}.")
            above.append(element)
            inside += name == "Placemark"
            parts = parts + 1 if inside else 0
            if len(above) > _DEEPEST or parts > _MOST_PARTS:
                raise Unreadable("The file is nested too deep, or a placemark has too many parts.")
            continue
        above.pop()
        if name == "Placemark":
            inside -= 1
            yield element
        if not inside:
            element.clear()
            if above:
                above[-1].remove(element)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _found(number: int, placemark: Element) -> RawRecord | RefusedRow:
    where, columns = f"placemark {number}", _columns(placemark)
    try:
        shapes = [shape for each in placemark.iter() if (shape := _shape(each))]
    except ValueError:
        return RefusedRow(where, None, "no usable place: its coordinates are not numbers", columns)
    geometry = {"type": "GeometryCollection", "geometries": shapes} if shapes else None
    return RawRecord(where, columns, geometry=geometry, own_id=placemark.get("id"))


def _columns(placemark: Element) -> dict[str, Any]:
    """Return name, description, times and extended data; a second value of a name does not count."""
    columns: dict[str, Any] = {}
    for element in placemark.iter():
        name, text = _name(element), (element.text or "").strip()
        if name == "Data":
            text = "".join((value.text or "") for value in element if _name(value) == "value").strip()
        if name in ("Data", "SimpleData"):
            columns.setdefault(element.get("name") or "", text)
        elif name in ("name", "description", "address", "when", "begin") and text:
            columns.setdefault({"when": "time", "begin": "begin time"}.get(name, name), text)
    columns.pop("", None)
    return columns


def _shape(element: Element) -> dict[str, Any] | None:
    kind = _name(element)
    if kind not in _SHAPES:
        return None
    lines = [_positions(inner.text or "") for inner in element.iter() if _name(inner) == "coordinates"]
    if not lines or not lines[0]:
        return None
    coordinates: list[Any] = lines[0][0] if kind == "Point" else lines[0] if kind == "LineString" else lines
    return {"type": kind, "coordinates": coordinates}


def _positions(text: str) -> list[list[float]]:
    return [[float(number) for number in position.split(",")[:2]] for position in text.split()]
