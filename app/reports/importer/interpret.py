"""Interpret the raw rows of a file by a layout; shared by all readers. Pure."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import isfinite
from typing import Any

from app.core.parse_time import TIME_OF_DAY, DateOrder, UnreadableTime, date_order, parse_time
from app.core.unicode_text import shown
from app.reports.importer import columns
from app.reports.importer.columns import Layout, first_value, value_at, word_meant
from app.reports.importer.geometry import Position, checked_position, point_of
from app.reports.importer.geometry_text import parse_geometry
from app.reports.importer.row import DEPTH_UNITS_CM, ImportOptions, RawRecord, ReadResult, RefusedRow, Row
from app.reports.importer.text import clean_line, clean_lines
from app.reports.importer.words import CHOICES

TITLE_LONGEST, DESCRIPTION_LONGEST = 120, 4000
_DEGREES = re.compile(r"([+-]?\d{1,20}(?:[.,]\d{0,40})?(?:[eE][+-]?\d{1,3})?)\s*°?\s*([NSEWnsew])?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,20}(?:[.,]\d{0,40})?", re.ASCII)
_ORDERS = {True: DateOrder.DAY_FIRST, False: DateOrder.MONTH_FIRST}


@dataclass(frozen=True)
class _Interpretation:
    """Rules for interpreting the values of this file."""

    layout: Layout
    utc_offset: timedelta
    orders: dict[str, DateOrder | None]  # by time column
    used: set[str] = field(default_factory=set)  # time columns that at least one row's time came from


def interpret(records: Sequence[RawRecord | RefusedRow], layout: Layout, options: ImportOptions) -> ReadResult:
    """Interpret rows; the result keeps the file's order, refused rows included."""
    rows = [record for record in records if isinstance(record, RawRecord)]
    orders = {path: _order(rows, path, options) for path in layout["observed_at"]}
    sense = _Interpretation(layout, options.utc_offset or timedelta(), orders)
    reading = ReadResult()
    for record in records:
        reading.rows.append(record if isinstance(record, RefusedRow) else _row(record, sense, reading))
    reading.remarks[:0] = _remarks(rows, sense)
    return reading


def _order(rows: Iterable[RawRecord], path: str, options: ImportOptions) -> DateOrder | None:
    if options.day_first is not None:
        return _ORDERS[options.day_first]
    return date_order(value_at(row.columns, path) for row in rows)


def _remarks(rows: Sequence[RawRecord], sense: _Interpretation) -> list[str]:
    """List notes for the user on how the file was read; columns that no row uses are left out."""
    remarks = []
    for path, order in sense.orders.items():
        if order is DateOrder.UNKNOWN and path in sense.used:
            remarks.append(f"Dates in {shown(path)} are read as month/day/year; if they are not, say --date-order dmy.")
        if order is DateOrder.MIXED and path == sense.layout["observed_at"][0]:
            remarks.append(f"{shown(path)} mixes day/month and month/day; say --date-order to settle it.")
    return remarks + _unknown_columns(rows, sense.layout)


def _unknown_columns(rows: Sequence[RawRecord], layout: Layout) -> list[str]:
    """Explain how to name the required columns (time, place) that were not recognised."""
    unknown = []
    if not layout["observed_at"]:
        unknown.append(("time", "--map observed_at=COLUMN"))
    if not (layout["lat"] or layout["geometry"]) and all(row.geometry is None for row in rows):
        unknown.append(("place", "--map lat=COLUMN --map lon=COLUMN"))
    if not rows or not unknown:
        return []
    there = columns.listed(dict.fromkeys(name for row in rows for name in row.columns)) or "none"
    return [f"No column is known as the {what}; there are: {there}. To name it, say {how}." for what, how in unknown]


def _row(record: RawRecord, sense: _Interpretation, reading: ReadResult) -> Row | RefusedRow:
    own_id = _own_id(record, sense.layout)
    reasons: list[str] = []
    place = observed = None
    try:
        place = _place(record, sense.layout)
    except UnreadableTime as error:
        reasons.append(f"no usable place: {error}")
    try:
        observed = _observed(record, sense)
    except UnreadableTime as error:
        reasons.append(f"no usable time: {error}")
    if place is None or observed is None:
        return RefusedRow(record.where, own_id, "; ".join(reasons))
    if record.remark:
        reading.remarks.append(f"{record.where}: kept, but {record.remark}")
    return _made(record, sense.layout, own_id=own_id, place=place, observed=observed)


def _made(record: RawRecord, layout: Layout, *, own_id: str | None, place: Position, observed: int) -> Row:
    given_words = {name: first_value(record.columns, layout[name]) for name in CHOICES}
    words = {name: word for name in CHOICES if (word := word_meant(name, given_words[name]))}
    depth, is_depth_bad = _measure(record, layout, DEPTH_UNITS_CM)
    radius, is_radius_bad = _measure(record, layout, {"radius_m": 1.0})
    left_out = {name: given_words[name] is not None and name not in words for name in CHOICES}
    left_out |= {"depth": is_depth_bad, "radius": is_radius_bad}
    return Row(
        where=record.where,
        own_id=own_id,
        content=_content(record),
        columns=tuple(sorted(record.columns)),
        lat=place[1],
        lon=place[0],
        observed_at_ms=observed,
        title=clean_line(_text(record, layout["title"]), longest=TITLE_LONGEST),
        description=clean_lines(_text(record, layout["description"]), longest=DESCRIPTION_LONGEST),
        words=words,
        depth_cm=depth,
        radius_m=radius,
        left_out=tuple(name for name, is_left_out in left_out.items() if is_left_out),
    )


def _own_id(record: RawRecord, layout: Layout) -> str | None:
    """Return the row's own id as text: 7, 7.0 and "7" are equal. Objects, lists and true are not ids."""
    candidates = (record.own_id, *(value_at(record.columns, path) for path in layout["id"]))
    for candidate in candidates:
        value = _normal(candidate)
        if isinstance(value, int | float | str) and not isinstance(value, bool) and str(value):
            return str(value)
    return None


def _place(record: RawRecord, layout: Layout) -> Position:
    if layout["lat"] and layout["lon"]:
        lat, lon = (first_value(record.columns, layout[name]) for name in ("lat", "lon"))
        if lat is not None or lon is not None:
            return checked_position(lon=_degrees(lon), lat=_degrees(lat))
    if record.geometry is not None:
        return point_of(record.geometry)
    return _place_in_cell(record, layout)


def _place_in_cell(record: RawRecord, layout: Layout) -> Position:
    """Return the position of the first geometry column that holds one; a `location` may be an address."""
    reasons = []
    for path in layout["geometry"]:
        value = value_at(record.columns, path)
        try:
            if isinstance(value, dict):
                return point_of(value)
            if isinstance(value, str) and value.strip():
                return point_of(parse_geometry(value))
        except UnreadableTime as error:
            reasons.append(error)
    # If degrees have columns of their own, a `location` is an address more often than a geometry.
    raise reasons[0] if reasons and not layout["lat"] else UnreadableTime("there is none")


def _degrees(value: Any) -> Any:
    """Parse degrees from text, with decimal commas and N, S, E, W. Any other value is returned unchanged."""
    if not isinstance(value, str) or not (match := _DEGREES.fullmatch(value.strip())):
        return value
    degrees = float(match[1].replace(",", "."))
    return -degrees if (match[2] or "").upper() in ("S", "W") else degrees


def _observed(record: RawRecord, sense: _Interpretation) -> int:
    reasons = []
    for path in sense.layout["observed_at"]:
        value = value_at(record.columns, path)
        if value is None or isinstance(value, str) and not value.strip():
            continue
        try:
            spelled = _with_clock(value, path, record, sense.layout)
            moment = parse_time(spelled, utc_offset=sense.utc_offset, order=sense.orders[path])
            sense.used.add(path)
            return moment
        except UnreadableTime as error:
            reasons.append(error)
    raise reasons[0] if reasons else UnreadableTime("there is none")


def _with_clock(value: Any, path: str, record: RawRecord, layout: Layout) -> Any:
    """Join a date with the time of day that stands in a separate column."""
    if columns.plain(path).endswith("date") and isinstance(value, str) and ":" not in value:
        for other in layout["observed_at"]:
            clock = value_at(record.columns, other)
            if isinstance(clock, str) and TIME_OF_DAY.fullmatch(clock.strip()):
                return f"{value.strip()} {clock.strip()}"
    return value


def _measure(record: RawRecord, layout: Layout, units: dict[str, float]) -> tuple[float | None, bool]:
    """Return the first measure present, in our unit, and whether it is present but unusable."""
    for name, factor in units.items():
        value = first_value(record.columns, layout[name])
        if value is None:
            continue
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = float(value.strip().replace(",", "."))
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300 or not isfinite(value):
            return None, True
        return round(float(value) * factor, 1), False
    return None, False


def _text(record: RawRecord, paths: Sequence[str]) -> str:
    for path in paths:
        value = value_at(record.columns, path)
        if isinstance(value, str) and clean_line(value, longest=DESCRIPTION_LONGEST):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def _content(record: RawRecord) -> str:
    """Serialise the whole row in one spelling: sorted names, stripped blanks, NFC, 1.0 as 1."""
    content = {"columns": _normal(record.columns), "geometry": _normal(record.geometry)}
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def _normal(value: Any) -> Any:
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", name): _normal(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_normal(inner) for inner in value]
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
