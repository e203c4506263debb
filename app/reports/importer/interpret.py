"""Interpret the records of a file by what its first pass has learned; shared by all readers. Pure."""

import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.parse_time import UnreadableTime
from app.core.unicode_text import shown
from app.reports.importer.columns import Layout, first_value, value_at, word_meant
from app.reports.importer.geometry import Position
from app.reports.importer.geometry_text import is_position
from app.reports.importer.kinds import takes_any
from app.reports.importer.measures import Marks, depth_cm, radius_m
from app.reports.importer.places import PlaceRules, mirror_of, place_of
from app.reports.importer.row import RawRecord, RefusedRow, Row
from app.reports.importer.text import clean_line, clean_lines
from app.reports.importer.times import TimeRules, observed_ms
from app.reports.importer.words import CHOICES

TITLE_LONGEST, DESCRIPTION_LONGEST = 120, 4000
LONGEST = {"title": TITLE_LONGEST, "description": DESCRIPTION_LONGEST}


@dataclass(frozen=True)
class Interpretation:
    """Rules for interpreting the values of one file."""

    layout: Layout
    times: TimeRules
    places: PlaceRules
    marks: Marks = field(default_factory=Marks)
    is_id_mapped: bool = False  # then a feature's own id is none
    swapped: Callable[..., str] = field(default=lambda *_: "")  # lat, lon, and mirror of a projected place
    no_flood: Callable[[Mapping[str, Any], str], str] = takes_any  # why a row with these columns reports no flood


def interpret(record: RawRecord | RefusedRow, sense: Interpretation) -> Row | RefusedRow:
    """Return the row that a record stands for, or why it is refused."""
    if isinstance(record, RefusedRow):
        return record
    own_id = own_id_of(record, sense)
    if reason := sense.no_flood(record.columns, record.refused_before):
        return RefusedRow(record.where, own_id, reason, record.columns, record.geometry)
    reasons: list[str] = []
    place = observed = None
    try:
        place = place_of(record, sense.layout, sense.places)
        here = f"at {place[1]:.8g}, {place[0]:.8g} "
        if swapped := _swapped(record, place, sense):
            raise UnreadableTime(here + swapped)
        if here in record.refused_before:  # alone in the file of refused rows, it has no others to be told by
            raise UnreadableTime(here + record.refused_before.partition(here)[2].partition(";")[0])
    except UnreadableTime as error:
        reasons.append(f"no usable place: {error}")
    try:
        observed = observed_ms(record.columns, sense.times)
    except UnreadableTime as error:
        reasons.append(f"no usable time: {error}")
    if reasons or place is None or observed is None:
        return RefusedRow(record.where, own_id, "; ".join(reasons), record.columns, record.geometry)
    return _made(record, sense, own_id=own_id, place=place, observed=observed)


def _swapped(record: RawRecord, place: Position, sense: Interpretation) -> str:
    """Return why a place counts as swapped: degrees as they are, projected numbers before they are converted."""
    if not sense.places.convert:
        return sense.swapped(place[1], place[0])
    mirror = mirror_of(record, sense.layout, sense.places)
    return sense.swapped(place[1], place[0], mirror) if mirror else ""


def _made(record: RawRecord, sense: Interpretation, *, own_id: str | None, place: Position, observed: int) -> Row:
    layout = sense.layout
    given_words = {name: first_value(record.columns, layout[name]) for name in CHOICES}
    words = {name: word for name in CHOICES if (word := word_meant(name, given_words[name]))}
    depth, what_is_wrong = depth_cm(record.columns, layout, sense.marks)
    radius, is_radius_bad = radius_m(record.columns, layout["radius_m"], sense.marks)
    left_out = {name: given_words[name] is not None and name not in words for name in CHOICES}
    left_out |= {"depth": bool(what_is_wrong), "radius": is_radius_bad}
    said = {name: _text(record, layout[name]) for name in LONGEST}
    title, description = _cleaned(said["title"], is_line=True), _cleaned(said["description"], is_line=False)
    texts = {"title": title, "description": description}
    return Row(
        where=record.where,
        own_id=own_id,
        content=_content(record),
        columns=tuple(sorted(record.columns)),
        lat=place[1],
        lon=place[0],
        observed_at_ms=observed,
        title=_cut(title, TITLE_LONGEST),
        description=_cut(description, DESCRIPTION_LONGEST),
        words=words,
        depth_cm=depth,
        radius_m=radius,
        left_out=(*(name for name, is_it in left_out.items() if is_it), *_unused_texts(record, layout, said)),
        cut=tuple(name for name, text in texts.items() if text and len(text) > LONGEST[name]),
    )


def own_id_of(record: RawRecord, sense: Interpretation) -> str | None:
    """Return the row's own id as text: 7, 7.0 and "7" are equal. Objects, lists and true are not ids."""
    own_id = None if sense.is_id_mapped else record.own_id
    candidates = (own_id, *(value_at(record.columns, path) for path in sense.layout["id"]))
    for candidate in candidates:
        value = _normal(candidate)
        if isinstance(value, int | float | str) and not isinstance(value, bool) and str(value):
            return str(value)
    return None


def _text(record: RawRecord, paths: Sequence[str]) -> str:
    for path in paths:
        value = value_at(record.columns, path)
        if isinstance(value, str) and clean_line(value, longest=DESCRIPTION_LONGEST) and not is_position(value):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def _unused_texts(record: RawRecord, layout: Layout, said: Mapping[str, str]) -> Iterator[str]:
    """Yield the columns whose text is neither the title nor the description, though they could have been."""
    all_said = "\n".join(said.values())
    for field_name in LONGEST:
        for path in layout[field_name][1:]:
            value = value_at(record.columns, path)
            if isinstance(value, str) and value.strip() not in all_said and not is_position(value):
                yield f"{shown(path, 40)} (a report has one {field_name})"


def _cleaned(text: str, *, is_line: bool) -> str | None:
    return (clean_line if is_line else clean_lines)(text, longest=DESCRIPTION_LONGEST * 10)


def _cut(text: str | None, longest: int) -> str | None:
    return text if text is None or len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _content(record: RawRecord) -> str:
    """Serialise the whole row in one spelling: sorted names, stripped blanks, NFC, 1.0 as 1."""
    content = {"columns": _normal(record.columns), "geometry": _normal(record.geometry)}
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def _normal(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {unicodedata.normalize("NFC", name): _normal(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_normal(inner) for inner in value]
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
