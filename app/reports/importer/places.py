"""Find the place of a row: degrees in two columns, the geometry of a feature, or a geometry in a cell. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from app.core.parse_time import UnreadableTime
from app.core.unicode_text import shown
from app.reports.importer.columns import Layout, first_value, plain, value_at
from app.reports.importer.degree_parts import DegreeParts
from app.reports.importer.geometry import Position, checked_position, point_of
from app.reports.importer.geometry_text import parse_geometry
from app.reports.importer.projection import Converter, converted, converter_of, likely_system
from app.reports.importer.row import RawRecord, Unreadable

_SIGNED = re.compile(
    r"(?:([NSEWOnsewo])\s*)?([+-]?(?:\d{1,20}(?:[.,]\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?)"
    r"\s*(?:[°º˚]|deg)?\s*([NSEWOnsewo])?",
    re.ASCII,
)
# 51°02'15.5"N, 51 2 15.5 N, 51d02m15s, N 51° 02.25', -0° 7' 39"
_PART = r"(\d{1,3}(?:[.,]\d{1,20})?)"
_SEXAGESIMAL = re.compile(
    rf"([NSEWOnsewo])?\s*([+-])?\s*{_PART}(?:\s*[°ºdD:]\s*|\s+){_PART}(?:\s*['′’mM:]\s*|\s+|$)"
    rf"(?:{_PART}\s*(?:[\"″”sS]|''|′′)?)?\s*([NSEWOnsewo])?"
)
_WORDS = re.compile(
    r"(?P<degree>degrees?\b|deg\b\.?)|(?P<minute>minutes?\b|min\b\.?)|(?P<second>seconds?\b|sec\b\.?)"
    r"|(?P<N>north\b|nord\b|norte\b)|(?P<S>south\b|süd\b|sud\b|sur\b|sul\b)"
    r"|(?P<E>east\b|est\b|este\b|leste\b)|(?P<W>west\b|ouest\b|oeste\b|ovest\b)",
    re.I,
)
_SIGNS = {"degree": "°", "minute": "'", "second": '"'} | {letter: letter for letter in "NSEW"}
_AXES = {"lat": "NS", "lon": "EWO"}
# O is east in German (Ost) and west in Spanish, French, Italian and Portuguese (oeste, ouest, ovest). A column's name
# proves which, if it is a word of one side only; "longitude" is none.
_O_IS_EAST, _O_IS_WEST = ("länge", "laenge", "breite"), ("longitud", "longitudine", "latitud", "latitudine")
# Names of columns whose numbers count to the west or the south: `longitude_west`, `Lon (W)`.
_TURNED = {
    "lat": re.compile(r"south|süd|(?:^|[\W_])(?:sud|sur|sul|s)(?:$|[\W_])", re.I),
    "lon": re.compile(r"west|ouest|oeste|ovest|(?:^|[\W_])w(?:$|[\W_])", re.I),
}
_DEEPEST_POSITION = 4  # lists around a position: of a MultiPolygon
_NAMED_DEGREES = (("latitude", "longitude"), ("lat", "lon"), ("lat", "lng"), ("lat", "long"))
# Two of them in one cell, parted by the letter of the first: 51°30'26"N 0°7'39"W
_PAIR = re.compile(r"(.{3,40}?[NS])[\s,;/]+(\S.{1,40}[EW])", re.I | re.S)
NULL_ISLAND = "0,0 stands for no place"


@dataclass(frozen=True)
class PlaceRules:
    """The system of the file's places, None for degrees; and the further columns of its degrees."""

    convert: Converter | None = None
    lat: DegreeParts = field(default_factory=DegreeParts)
    lon: DegreeParts = field(default_factory=DegreeParts)


def place_of(record: RawRecord, layout: Layout, rules: PlaceRules) -> Position:
    """Return longitude and latitude of a row in degrees; raises UnreadableTime with the reason."""
    lon, lat = _place_of(record, layout, rules)
    if lon == 0 and lat == 0:
        raise UnreadableTime(NULL_ISLAND)
    return lon, lat


def mirror_of(record: RawRecord, layout: Layout, rules: PlaceRules) -> tuple[float, float] | None:
    """Return latitude and longitude of a projected place whose two numbers are swapped; None if that is no place."""
    if (convert := rules.convert) is None:
        return None
    try:
        lon, lat = place_of(record, layout, PlaceRules(lambda x, y: convert(y, x)))
    except UnreadableTime:
        return None
    return lat, lon


def _place_of(record: RawRecord, layout: Layout, rules: PlaceRules) -> Position:
    if layout["lat"] and layout["lon"] or rules.lat.numbers and rules.lon.numbers:
        lat, lon = (
            parts.read(record.columns, first_value(record.columns, layout[name]))
            for name, parts in (("lat", rules.lat), ("lon", rules.lon))
        )
        if lat is not None or lon is not None:
            west = _letters_of_west((*layout["lat"], *layout["lon"]))
            numbers = degrees(lat, "lat"), degrees(lon, "lon", west=west)
            for axis, number in zip(("lat", "lon"), numbers, strict=True):
                _require_sign(number, axis, layout[axis])
            return _of_numbers(*numbers, rules)
    if record.geometry is not None:
        return _of_geometry(record.geometry, rules)
    return _in_cell(record, layout, rules)


def _require_sign(number: Any, axis: str, names: Iterable[str]) -> None:
    """Refuse a number without a minus in a column of the west or the south: it may mean either side."""
    is_positive = isinstance(number, int | float) and not isinstance(number, bool) and number > 0
    if is_positive and (told := next((name for name in names if _TURNED[axis].search(name)), "")):
        letter = "S" if axis == "lat" else "W"
        raise UnreadableTime(
            f"the column {shown(told, 40)} says which side it counts to, and {number} has no minus: "
            f"write -{number}, or {number} {letter}"
        )


def _of_numbers(lat: Any, lon: Any, rules: PlaceRules) -> Position:
    if rules.convert:
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in (lat, lon)):
            raise UnreadableTime(f"{shown(lat)}, {shown(lon)} are not two numbers")
        lon, lat = rules.convert(float(lon), float(lat))
    try:
        return checked_position(lon=lon, lat=lat)
    except UnreadableTime as error:
        raise _with_hint(error, lon, lat) from error


def _of_geometry(geometry: Any, rules: PlaceRules) -> Position:
    convert = rules.convert
    if isinstance(geometry, dict) and "type" not in geometry and (named := _named_degrees(geometry)):
        return _of_numbers(*named, rules)
    if isinstance(geometry, dict) and "srid" in geometry:
        try:
            convert = converter_of(f"EPSG:{geometry['srid']}")
        except Unreadable as error:
            raise UnreadableTime(f"it is in EPSG:{shown(geometry['srid'])}, which is not read here") from error
    try:
        return point_of(converted(geometry, convert) if convert else geometry)
    except UnreadableTime as error:
        raise _with_hint(error, *_first_position(geometry)) from error


def _named_degrees(geometry: dict[str, Any]) -> tuple[Any, Any] | None:
    """Return the latitude and longitude of an object such as {"latitude": "51.5", "longitude": "-0.1"}."""
    by_plain = {plain(name): value for name, value in geometry.items()}
    for lat, lon in _NAMED_DEGREES:
        if lat in by_plain and lon in by_plain:
            return degrees(by_plain[lat], "lat"), degrees(by_plain[lon], "lon")
    return None


def _first_position(geometry: Any) -> tuple[Any, Any]:
    """Return the first two numbers of a geometry, or nothing twice."""
    value = geometry.get("coordinates") if isinstance(geometry, dict) else None
    for _ in range(_DEEPEST_POSITION):
        if isinstance(value, list) and len(value) > 1 and not isinstance(value[0], list):
            return value[0], value[1]
        value = value[0] if isinstance(value, list) and value else None
    return None, None


def _in_cell(record: RawRecord, layout: Layout, rules: PlaceRules) -> Position:
    """Return the position of the first geometry column that holds one; a `location` may be an address."""
    reasons = []
    for path in layout["geometry"]:
        value = value_at(record.columns, path)
        try:
            if isinstance(value, dict):
                return _of_geometry(value, rules)
            if isinstance(value, str) and (pair := _PAIR.fullmatch(value.strip())) and pair[1][0] != "<":
                return _of_numbers(degrees(pair[1], "lat"), degrees(pair[2], "lon"), rules)
            if isinstance(value, str) and value.strip():
                return _of_geometry(parse_geometry(value), rules)
        except UnreadableTime as error:
            reasons.append(error)
    # If degrees have columns of their own, a `location` is an address more often than a geometry.
    raise reasons[0] if reasons and not layout["lat"] else UnreadableTime("there is none")


def _with_hint(error: UnreadableTime, lon: Any, lat: Any) -> UnreadableTime:
    """Name the system that a pair of columns may be in, if their numbers are no degrees."""
    are_numbers = all(
        isinstance(one, int | float) and not isinstance(one, bool) and isfinite(one) for one in (lon, lat)
    )
    if are_numbers and lat == lon and abs(lat) > 90:  # -999, 9999 and the like
        return UnreadableTime(f"{lat:g}, {lon:g} stands for no place")
    if are_numbers and (abs(lat) > 360 or abs(lon) > 360):
        return UnreadableTime(f"{error}: {likely_system(lon, lat)}")
    return error


def _letters_of_west(names: Iterable[str]) -> str:
    """Return the letters that stand for west under these columns; O is missing where no name proves its side."""
    keys = [plain(name) for name in names]
    is_east = any(word in key for key in keys for word in _O_IS_EAST)
    is_west = any(key.endswith(_O_IS_WEST) for key in keys)
    return "W?" if is_east == is_west else "WO" if is_west else "W"


def degrees(value: Any, axis: str, *, west: str = "W?") -> Any:
    """Parse degrees from text: decimal with point or comma, or with minutes and seconds, and N, S, E, W.

    `west` are the letters of the west: WO if O is among them, W if O is east, W? if that is not known.
    Any other value is returned unchanged, to be refused with its own words.
    """
    if not isinstance(value, str):
        return value
    text = _WORDS.sub(lambda match: _SIGNS[match.lastgroup or ""], value.strip().replace("−", "-"))
    if match := _SIGNED.fullmatch(text):
        number = float(match[2].replace(",", "."))
        return _signed(number, match[1] or match[3] or "", axis, value, west)
    if match := _SEXAGESIMAL.fullmatch(text):
        whole, minutes, seconds = (float((part or "0").replace(",", ".")) for part in match.group(3, 4, 5))
        if minutes < 60 and seconds < 60:
            number = (whole + minutes / 60 + seconds / 3600) * (-1 if match[2] == "-" else 1)
            return _signed(number, match[1] or match[6] or "", axis, value, west)
    return value


def _signed(number: float, letter: str, axis: str, value: Any, west: str) -> Any:
    letter = letter.upper()
    if letter and letter not in _AXES[axis]:
        name = "latitude" if axis == "lat" else "longitude"
        raise UnreadableTime(f"the {name} {shown(value)} ends in {letter}: latitude and longitude look swapped")
    if letter == "O" and "?" in west:
        raise UnreadableTime(
            f"O in the longitude {shown(value)} is east in German and west in Spanish, French, Italian and Portuguese: "
            "write E or W for it, or name the column Länge or longitud"
        )
    return -number if letter in ("S", *west) and number > 0 else number
