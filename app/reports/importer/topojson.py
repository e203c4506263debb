"""Convert the shapes of a TopoJSON topology, the default answer of some services, to GeoJSON features. Pure.

By the TopoJSON format specification: arcs are shared, may be quantised and then delta-encoded, and ~i is arc i
reversed.
"""

from collections.abc import Iterator
from typing import Any

from app.reports.importer.row import Unreadable

_DEPTHS = {"LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


def features(topology: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every geometry of every object as a feature. A shape that cannot be built has a null geometry."""
    objects, arcs = topology.get("objects"), topology.get("arcs", [])
    if not isinstance(objects, dict) or not isinstance(arcs, list):
        raise Unreadable("The TopoJSON has no objects or no arcs.")
    try:
        lines = [_line(arc, topology.get("transform")) for arc in arcs]
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise Unreadable("The arcs of the TopoJSON cannot be read.") from error
    for shape in objects.values():
        yield from _features(shape, lines, topology.get("transform"))


def _features(shape: Any, lines: list[list[Any]], transform: Any) -> Iterator[dict[str, Any]]:
    is_many = isinstance(shape, dict) and shape.get("type") == "GeometryCollection"
    shapes = shape.get("geometries") if is_many else [shape]
    for member in shapes if isinstance(shapes, list) else []:
        own = member if isinstance(member, dict) else {}
        feature = {"type": "Feature", "properties": own.get("properties"), "geometry": _geometry(own, lines, transform)}
        yield feature | ({"id": own["id"]} if "id" in own else {})


def _geometry(shape: dict[str, Any], lines: list[list[Any]], transform: Any) -> dict[str, Any] | None:
    kind = shape.get("type")
    try:
        if kind == "Point":
            return {"type": kind, "coordinates": _placed(shape["coordinates"], transform)}
        if kind == "MultiPoint":
            return {"type": kind, "coordinates": [_placed(part, transform) for part in shape["coordinates"]]}
        return {"type": kind, "coordinates": _joined(shape["arcs"], lines, _DEPTHS[kind])} if kind in _DEPTHS else None
    except (TypeError, ValueError, KeyError, IndexError):
        return None


def _placed(position: list[Any], transform: Any) -> list[Any]:
    if not transform:
        return position
    (x_scale, y_scale), (x_move, y_move) = transform["scale"], transform["translate"]
    return [position[0] * x_scale + x_move, position[1] * y_scale + y_move]


def _line(arc: list[Any], transform: Any) -> list[Any]:
    if not transform:
        return list(arc)
    x = y = 0
    out = []
    for step in arc:
        x, y = x + step[0], y + step[1]
        out.append(_placed([x, y], transform))
    return out


def _joined(arcs: list[Any], lines: list[list[Any]], depth: int) -> list[Any]:
    if depth > 1:
        return [_joined(arc, lines, depth - 1) for arc in arcs]
    out: list[Any] = []
    for number in arcs:
        line = lines[number] if number >= 0 else lines[~number][::-1]
        out += line[1:] if out else line  # neighbouring arcs share an end point
    return out
