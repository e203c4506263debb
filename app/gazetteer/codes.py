"""Look up postcodes and ZIP codes: the point of a complete one, the extent of a partial one."""

from collections.abc import Iterable, Sequence
from math import hypot
from typing import Any

from app.gazetteer import blocks, small_list
from app.gazetteer.models import STORE
from app.gazetteer.national_grid import to_degrees
from app.gazetteer.place import Match, Place
from app.gazetteer.postcodes import Postcode

SOURCE = "code_point_open"
_POSTCODE_KM, _ZIP_KM = 0.3, 8.0
_LEAST_KM = 0.5
_PLACES = 5


def find_postcode(readings: Sequence[Postcode]) -> Place | None:
    """Find the first reading that is a postcode, else the sector or district that it would be in.

    A reading with confusable characters replaced is `similar`; an unlisted postcode gives its sector, `coarse`.
    """
    for is_as_typed in (True, False):
        some = [reading for reading in readings if reading.is_as_typed == is_as_typed]
        if place := _find_any(some):
            return place if is_as_typed else place._replace(match=Match.SIMILAR)
    return find_small(readings)


def _find_any(readings: Sequence[Postcode]) -> Place | None:
    bodies = STORE.read(key for reading in readings for key in _keys(reading)) if readings else {}
    for reading in readings:
        if place := _find(reading, bodies):
            return place
    places_begun = (_find_begun(reading, bodies) for reading in readings if reading.letters and reading.is_as_typed)
    return next(filter(None, places_begun), None)


def find_small(readings: Iterable[Postcode]) -> Place | None:
    """Find a district in the shipped list: without the table, and for Northern Ireland and the islands.

    Coarse even for a district, because its extent is not known.
    """
    for reading in readings:
        if place := small_list.find_district(reading.district):
            return place if reading.is_as_typed else place._replace(match=Match.SIMILAR)
    return None


def _keys(postcode: Postcode) -> list[str]:
    area = blocks.area_key(postcode.district)
    return [blocks.sector_key(postcode.sector), area] if postcode.letters else [area]


def _find(postcode: Postcode, bodies: Any) -> Place | None:
    """Find exactly the code typed, and nothing coarser."""
    if not postcode.letters:
        return _find_begun(postcode, bodies, is_whole=True)
    body = bodies.get(blocks.sector_key(postcode.sector))
    if not body:
        return None
    units, labels = blocks.read_units(body)
    unit = next((unit for unit in units if unit.letters == postcode.letters), None)
    if unit is None:
        return None
    return _place(postcode.name, "postcode", (unit.east, unit.north), _POSTCODE_KM, labels[unit.label])


def _find_begun(postcode: Postcode, bodies: Any, *, is_whole: bool = False) -> Place | None:
    """Find the sector or district of a postcode; `is_whole`: it is what was typed."""
    body = bodies.get(blocks.area_key(postcode.district))
    rows = blocks.read_rows(body) if body else []
    match = Match.EXACT if is_whole else Match.COARSE
    if postcode.digit:
        row = next((row for row in rows if row[0] == postcode.sector), None)
        if row:
            sector = Postcode(postcode.district, postcode.digit)
            _, east, north, reach, label, *_ = row
            place = _place(sector.name, "postcode_sector", (east, north), reach / 1000, label)
            return place._replace(match=match)
        if is_whole:
            return None
    district = _district(postcode.district, [row for row in rows if row[0][:-1] == postcode.district])
    return district._replace(match=match) if district else None


def _district(code: str, rows: Sequence[Any]) -> Place | None:
    """Build a district from its sectors: the centre of the most central one, with a radius to the farthest edge."""
    if not rows:
        return None
    count = sum(row[5] for row in rows)
    mean_east, mean_north = (sum(row[axis] * row[5] for row in rows) / count for axis in (1, 2))
    _, east, north, _, label, *_ = min(rows, key=lambda row: hypot(row[1] - mean_east, row[2] - mean_north))
    reach = max(hypot(row[1] - east, row[2] - north) + row[3] for row in rows)
    return _place(code, "postcode_district", (east, north), reach / 1000, label)


def _place(name: str, kind: str, grid: tuple[int, int], radius_km: float, label: Sequence[str]) -> Place:
    lat, lon = (round(value, _PLACES) for value in to_degrees(*grid))
    least = _POSTCODE_KM if kind == "postcode" else _LEAST_KM
    return Place(name, kind, tuple(label), lat, lon, round(max(least, radius_km), 1), source=SOURCE)


def find_zip(code: str) -> Place | None:
    """Find a ZIP code: the centre of a town, because a code is a delivery route."""
    body = STORE.read([key := blocks.zip_key(code)]).get(key)
    row = next((row for row in blocks.read_rows(body) if row[0] == code), None) if body else None
    if row is None:
        return None
    _, town, state, lat, lon, *_ = row
    within = (town, state, "United States")
    return Place(code, "zip_code", within, lat / 10_000, lon / 10_000, _ZIP_KM, source="geonames")
