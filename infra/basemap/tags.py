"""Meanings of OpenStreetMap's tags on the map: the layer, the kind, and from which zoom. Pure.

Layers and kinds are those of the Protomaps basemap, as far as app/pages/static/streets.js draws them. Tags:
https://wiki.openstreetmap.org/wiki/Map_features
"""

from collections.abc import Mapping
from typing import NamedTuple

ROADS, WATER, LANDUSE, BUILDINGS, PLACES = "roads", "water", "landuse", "buildings", "places"
DEEPEST = 14

_LINK = "_link"
_HIGHWAYS = {
    "motorway": ("highway", 6),
    "trunk": ("major_road", 7),
    "primary": ("major_road", 8),
    "secondary": ("major_road", 9),
    "tertiary": ("medium_road", 11),
    "unclassified": ("minor_road", 12),
    "residential": ("minor_road", 12),
    "living_street": ("minor_road", 12),
    "road": ("minor_road", 12),
    "service": ("minor_road", 13),
    "pedestrian": ("path", 13),
    "track": ("path", 13),
    "path": ("path", 14),
    "footway": ("path", 14),
    "cycleway": ("path", 14),
    "bridleway": ("path", 14),
    "steps": ("path", 14),
}
_RAILWAYS = frozenset(("rail", "light_rail", "narrow_gauge", "tram"))
_RIVERS = {"river": 7, "canal": 10, "stream": 12, "drain": 13, "ditch": 14}
_RUNNING = frozenset(("river", "canal", "stream", "ditch", "drain", "oxbow"))
_GREEN = {
    "leisure": {"park": "park", "garden": "park", "golf_course": "grass", "nature_reserve": "nature_reserve"},
    "landuse": {
        "forest": "forest", "grass": "grass", "meadow": "meadow", "cemetery": "cemetery", "village_green": "park",
        "recreation_ground": "park",
    },
    "natural": {"wood": "wood"},
}  # fmt: skip
_SETTLEMENTS = {"city": 6, "town": 8, "village": 10, "suburb": 12, "hamlet": 12, "neighbourhood": 13, "locality": 13}


class Meaning(NamedTuple):
    """Layer, kind and zoom of an object. `detail` is the tag's own word."""

    layer: str
    kind: str
    least_zoom: int
    detail: str = ""


def line_meaning(tags: Mapping[str, str]) -> Meaning | None:
    """Return what a line is: a road, a railway or a watercourse; None if it is not drawn. Nothing in a tunnel is."""
    if tags.get("tunnel", "no") != "no" and "highway" not in tags or tags.get("area") == "yes":
        return None
    highway = tags.get("highway", "")
    if road := _HIGHWAYS.get(highway.removesuffix(_LINK)):
        return Meaning(ROADS, *road, highway)
    if tags.get("railway") in _RAILWAYS and "service" not in tags:
        return Meaning(ROADS, "rail", 10, tags["railway"])
    if tags.get("waterway") in _RIVERS:
        return Meaning(WATER, tags["waterway"], _RIVERS[tags["waterway"]])
    return None


def area_meaning(tags: Mapping[str, str]) -> Meaning | None:
    """Return what a closed area is: water, green land or a building; None if it is not drawn."""
    if (
        tags.get("natural") == "water"
        or tags.get("waterway") == "riverbank"
        or tags.get("landuse") in ("reservoir", "basin")
    ):
        return Meaning(WATER, "water", 6)
    for key, kinds in _GREEN.items():
        if kind := kinds.get(tags.get(key, "")):
            return Meaning(LANDUSE, kind, 11)
    return Meaning(BUILDINGS, "building", 14) if tags.get("building", "no") != "no" else None


def place_meaning(tags: Mapping[str, str]) -> Meaning | None:
    """Return what a named point is: a settlement; None for other points."""
    place = tags.get("place", "")
    return Meaning(PLACES, "locality", _SETTLEMENTS[place], place) if place in _SETTLEMENTS and "name" in tags else None


def is_water_area(tags: Mapping[str, str]) -> bool:
    meaning = area_meaning(tags)
    return meaning is not None and meaning.layer == WATER


def is_lake(tags: Mapping[str, str]) -> bool:
    """Return whether it is standing water, which has its name on its area; a river has it along its line."""
    return is_water_area(tags) and tags.get("waterway") != "riverbank" and tags.get("water") not in _RUNNING
