"""Join the polygons and circles of a CAP area into one outline. Pure, but loads the repair of outlines.

CAP writes `latitude,longitude` in degrees and radii in kilometres (CAP 1.2 section 3.2.4). Coordinates out of range are
refused; swapped ones are not guessed, since most swapped pairs are valid places elsewhere.
"""

import re

from app.geo.polygon import MultiPolygon, NotAPolygon, Position
from app.geo.polygon_geojson import from_rings
from app.geo.repair import circle, make_valid, union
from app.warnings.sources.cap.reader import CapArea

# Some senders write radius 0 for a point without extent: drawn with the precision of our places.
POINT_RADIUS_KM = 0.01
OFF_THE_GLOBE = "not on the globe"
_FEWEST = 3  # positions of a ring
_SIGNS = str.maketrans({",": " ", ";": " ", "|": " ", "\u2212": "-"})  # the last one is the typographic minus
_PARTING = re.compile(r"[\s;|()\[\]{}]+")
_COMMAS = re.compile(r"(?<=[^,]),(?=[^,])")
_BRACKETS = re.compile(r"[()\[\]{}]+")
_NUMBER = re.compile(r"[+-]?(?:\d{1,12}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,2})?", re.ASCII)


def outline_of(area: CapArea) -> tuple[MultiPolygon | None, tuple[str, ...]]:
    """Return the outline (None if there is none), and the reason for each polygon or circle left out."""
    shapes: list[MultiPolygon] = []
    reasons: list[str] = []
    readers = [(_polygon, text) for text in area.polygons if text] + [(_circle, text) for text in area.circles if text]
    for read, text in readers:
        try:
            shapes.append(read(text))
        except NotAPolygon as reason:
            reasons.append(_told(reason, of_many=len(readers) > 1))
    try:
        return (union(shapes) if len(shapes) > 1 else next(iter(shapes), None)), tuple(reasons)
    except NotAPolygon as reason:
        return None, (*reasons, f"its outlines cannot be joined: {reason}")


def _told(reason: NotAPolygon, *, of_many: bool) -> str:
    message = str(reason)
    which = "one of its outlines" if of_many else "its outline"
    return f"{which} is {message}" if message.startswith(OFF_THE_GLOBE) else f"{which} cannot be used: {message}"


def _polygon(text: str) -> MultiPolygon:
    """Parse positions with commas or blanks between numbers (`51, 0 51, 1`). Brackets separate rings (GDACS)."""
    if len(words := _PARTING.split(text.strip())) > 1 and any(len(_COMMAS.findall(word)) > 1 for word in words):
        raise NotAPolygon(
            "it is not made of pairs"
        )  # perhaps heights, or decimal commas: their pairs would be elsewhere
    parts = [part for part in _BRACKETS.split(text) if part.strip(",;| \t\r\n")]
    rings = [_places(_numbers(part), number, len(parts)) for number, part in enumerate(parts)]
    if any(len(ring) < _FEWEST for ring in rings):  # brackets around pairs, not around rings
        rings = [[place for ring in rings for place in ring]]
    return make_valid(from_rings(rings))


def _places(numbers: list[float], part: int, count: int) -> list[Position]:
    """Return the pairs between brackets; half a pair that a bracket has cut off is dropped."""
    if len(numbers) % 2 and count == 1:
        raise NotAPolygon("it is not made of pairs")
    if len(numbers) % 2:
        numbers = numbers[1:] if part else numbers[:-1]
    return [(lon, lat) for lat, lon in zip(numbers[::2], numbers[1::2], strict=True)]


def _circle(text: str) -> MultiPolygon:
    numbers = _numbers(text)
    if len(numbers) != 3:
        raise NotAPolygon("it is not latitude,longitude and a radius")
    lat, lon, radius_km = numbers
    if 180 < lon <= 360:  # some senders count longitudes to 360
        lon -= 360
    if abs(lat) > 90 or abs(lon) > 180:
        raise NotAPolygon(f"{OFF_THE_GLOBE}: longitude {lon:g}, latitude {lat:g}")
    if radius_km < 0:
        raise NotAPolygon(f"a circle of {radius_km:g} km has no outline")
    return circle(lat=lat, lon=lon, radius_km=max(radius_km, POINT_RADIUS_KM))


def _numbers(text: str) -> list[float]:
    words = text.translate(_SIGNS).split()
    if not all(_NUMBER.fullmatch(word) for word in words):
        raise NotAPolygon("it is not made of numbers")
    return [float(word) for word in words]
