"""Read the areas of a responder from a request or a command, with every mistake told."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from marshmallow import ValidationError, missing

from app.accounts.areas import MOST_AREAS, MOST_CORNERS, Area
from app.gazetteer import search
from app.gazetteer.place import Match, Place
from app.geo.box_circle import Box, Circle
from app.geo.coordinates import is_on_globe
from app.geo.polygon import MultiPolygon, NotAPolygon
from app.geo.polygon_geojson import read_geojson, signed_area
from app.http.fields import Number, Text

_NAME = Text(shortest=1, longest=80, required=True)
_NUMBER = r"[+-]?[0-9.]+"
_BOX_TYPED = rf"\s*{_NUMBER}(\s*,\s*{_NUMBER}){{3}}\s*"
_CORNERS_TYPED = rf"\s*{_NUMBER},{_NUMBER}(\s+{_NUMBER},{_NUMBER})*\s*"
_PLACE_ID = r"plc_[0-9a-f]+"
_SHOWN_PLACES = 5
MOST_NAMESAKES = 50  # places of one name among which an id is looked for
EXTENTS = ("place", "bbox", "polygon")
_DEGREES = Number(low=-180, high=180)
_HALF_TURN = 180
_NEEDS = f"extent|Give one of {', '.join(EXTENTS)}."
_CONFLICT = f"conflict|Give only one of {', '.join(EXTENTS)}."
_BOX = "box|It must be [west, south, east, north] in degrees, with south below north and west other than east."
# Messages as marshmallow nests them: by number and member, each `code|sentence`.
Messages = dict[int | str, Any]


class NotAnExtent(Exception):
    """Error: no part of the globe; the message is `code|sentence`."""


class SeveralPlaces(NotAnExtent):
    """Error: a name may be several places, the likeliest of which are `places`."""

    def __init__(self, text: str, places: Sequence[Place]) -> None:
        several = ", ".join(f"{place.name} ({place.detail})" for place in places)
        super().__init__(f"place|{text!r} may be several places: {several}.")
        self.text, self.places = text, places


class BadAreas(Exception):
    """Error: some areas cannot be taken; `messages` names each mistake at its place."""

    def __init__(self, messages: Messages | list[str]) -> None:
        super().__init__("Some areas cannot be taken.")
        self.messages = messages


def read(value: Any) -> list[Area]:
    """Read a list of areas; null is none. Raises BadAreas with all mistakes. A place costs a search by its name.

    Those that a form or a command has read already are taken as they are.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadAreas(["type|It must be a list of areas."])
    if len(value) > MOST_AREAS:
        raise BadAreas([f"many|There must be at most {MOST_AREAS} areas; there are {len(value)}."])
    areas, messages = list[Area](), Messages()
    for number, one in enumerate(value):
        try:
            areas.append(one if isinstance(one, Area) else _area(one))
        except BadAreas as error:
            messages[number] = error.messages
    if messages:
        raise BadAreas(messages)
    return areas


def _area(value: Any) -> Area:
    if not isinstance(value, dict):
        raise BadAreas(["type|It must be a JSON object."])
    messages: Messages = {
        key: ["unknown|There is no such field here."] for key in value if key not in ("name", *EXTENTS)
    }
    name = _name(value.get("name", missing), messages)
    given = [kind for kind in EXTENTS if kind in value]
    if len(given) != 1:
        messages |= {kind: [_CONFLICT] for kind in given} or {"_schema": [_NEEDS]}
    if messages:
        raise BadAreas(messages)
    return _with_extent(name, given[0], value[given[0]])


def _name(value: Any, messages: Messages) -> str:
    """Return the name as text fields are read everywhere; add its mistakes to the messages."""
    try:
        return str(_NAME.deserialize(value))
    except ValidationError as error:
        messages["name"] = error.messages
        return ""


def _with_extent(name: str, kind: str, value: Any) -> Area:
    try:
        if kind == "place":
            return of_place(_place(name, value))
        return Area(name, read_box(value) if kind == "bbox" else read_polygon(value))
    except NotAnExtent as error:
        raise BadAreas({kind: [str(error)]}) from error


def of_place(place: Place) -> Area:
    """Return the area of a place of the gazetteer: its box, or the circle around a settlement."""
    return Area(place.name, place.box or Circle(place.lat, place.lon, place.radius_km), place.id)


def typed(text: str) -> Area:
    """Read an area as people type it. Raises NotAnExtent with the first mistake.

    The name of one place; NAME=ID with the id of /v1/places; west,south,east,north; or the corners of a polygon, as
    `lon,lat lon,lat lon,lat`. Before either of the last two `NAME=` may stand.
    """
    name, is_named, extent = (part.strip() for part in text.rpartition("="))
    if is_named and re.fullmatch(_PLACE_ID, extent):
        return _checked({"name": name, "place": extent})
    if re.fullmatch(_BOX_TYPED, extent):
        return _checked({"name": name or extent, "bbox": _numbers(extent.split(","))})
    if re.fullmatch(_CORNERS_TYPED, extent):
        corners = [_numbers(corner.split(",")) for corner in extent.split()]
        shape = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
        return _checked({"name": name or f"{extent.split()[0]} +{len(corners) - 1}", "polygon": shape})
    return _named(text)


def _checked(value: dict[str, Any]) -> Area:
    """Return the area that a request would name so. Raises NotAnExtent."""
    try:
        return read([value])[0]
    except BadAreas as error:
        message: Any = error.messages
        while not isinstance(message, str):
            message = next(iter(message.values() if isinstance(message, dict) else message))
        raise NotAnExtent(message) from error


def _numbers(texts: Sequence[str]) -> list[float]:
    try:
        return [float(text) for text in texts]
    except ValueError as error:  # such as 1.2.3
        raise NotAnExtent(_BOX) from error


def _named(text: str) -> Area:
    """Return the area of the one place that a name means. Raises NotAnExtent."""
    places = search.search(text).places
    exact = [place for place in places if place.match == Match.EXACT]
    if exact and (len(exact) == 1 or search.is_clear(places)):
        return of_place(exact[0])
    if not places:
        raise NotAnExtent(f"place|No place is called {text!r}.")
    raise SeveralPlaces(text, places[:_SHOWN_PLACES])


def _place(name: str, place_id: Any) -> Place:
    """Find a place by its id among those of its name: the gazetteer has no way from an id alone."""
    if not isinstance(place_id, str):
        raise NotAnExtent("type|It must be text.")
    found = search.search(name, limit=MOST_NAMESAKES)
    if place := next((place for place in found.places if place.id == place_id), None):
        return place
    small = "" if found.is_whole else " Just now only the small list of places can be searched."
    raise NotAnExtent(f"place|No place of this name has this id. Take both from GET /v1/places.{small}")


def read_box(value: Any) -> Box:
    """Read [west, south, east, north]; west > east crosses the antimeridian. Raises NotAnExtent."""
    try:
        numbers: list[Any] = [_DEGREES.deserialize(one) for one in value] if isinstance(value, list) else []
    except ValidationError as error:
        raise NotAnExtent(_BOX) from error
    if len(numbers) != 4:
        raise NotAnExtent(_BOX)
    box = Box(*numbers)
    is_whole = is_on_globe(lat=box.south, lon=box.west) and is_on_globe(lat=box.north, lon=box.east)
    is_line = box.west == box.east or (box.west, box.east) == (_HALF_TURN, -_HALF_TURN)  # these are one meridian
    if not is_whole or box.south >= box.north or is_line:
        raise NotAnExtent(_BOX)
    return box


def read_polygon(value: Any) -> MultiPolygon:
    """Read a GeoJSON geometry, feature or collection with polygons. Raises NotAnExtent."""
    try:
        shape = read_geojson(value)
    except NotAPolygon as error:
        raise NotAnExtent(f"polygon|It must be a polygon in GeoJSON: {error}.") from error
    rings = [ring for polygon in shape.polygons for ring in polygon]
    corners = sum(len(ring) - 1 for ring in rings)
    if corners > MOST_CORNERS:
        raise NotAnExtent(f"corners|It must have at most {MOST_CORNERS} corners; it has {corners}.")
    if any(abs(east - west) > _HALF_TURN for ring in rings for (west, _), (east, _) in pairwise(ring)):
        raise NotAnExtent("antimeridian|It must not cross 180 degrees: cut it there into two polygons (RFC 7946).")
    if not all(signed_area(ring) for ring in rings):
        raise NotAnExtent("flat|It must have an area: the corners of a ring are on one line.")
    return shape
