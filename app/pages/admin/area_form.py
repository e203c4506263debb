"""Areas in a form: lines that one types, or draws on a map; of a name that may be several places one chooses.

The field of lines is what is sent; the script (area_map.js) only writes into it. So all of it works without scripts.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import request

from app.accounts import area_lines
from app.accounts.area_lines import LONGEST_TEXT
from app.accounts.areas import MOST_AREAS, MOST_CORNERS, Area
from app.core.translations import N_
from app.geo.box_circle import Box, Circle
from app.pages.frame import map_words
from app.pages.frame.language import gettext as _
from app.pages.report.location import map_start

NAMED, CHOSEN = (
    "areas-named",
    "areas-chosen",
)  # a name that may be several places, and the line of the one that is meant
SENTENCES = {
    "place": N_("No place is called “%(line)s”."),
    "box": N_("“%(line)s”: give west, south, east and north in degrees, with south below north."),
    "antimeridian": N_("“%(line)s” crosses 180 degrees, which only a box may: cut it there into two areas."),
    "corners": N_("“%(line)s” has too many corners: at most %(most)s."),
    "flat": N_("“%(line)s” has no inside: its corners are on one line."),
    "polygon": N_("“%(line)s” needs three corners or more, each as longitude,latitude."),
    "length": N_("“%(line)s”: a name has 1 to 80 characters."),
    "other": N_("“%(line)s” cannot be taken."),
}
MANY = N_("Name at most %(most)s areas.")
WHICH = N_("“%(line)s” may be several places. Choose one below.")
_SHOWN = 60  # characters of a line in a sentence


class AreaForm(NamedTuple):
    """Content of the field: its text, sentences about mistakes, the choices, and the outlines of its lines."""

    text: str
    mistakes: list[str]
    choices: list[tuple[str, list[tuple[str, str]]]]  # a line, and the lines that may be meant with their words
    outlines: str  # JSON: what the map draws, by line


def shown(areas: Sequence[Area]) -> AreaForm:
    """Return the form of areas as they are stored."""
    lines = area_lines.write(areas)
    return AreaForm("\n".join(line for line, _area in lines), [], [], _outlines(lines))


def read(field: str, known: Sequence[Area] = ()) -> tuple[list[Area], AreaForm]:
    """Return the areas of the sent form, and what the form shows if it is shown again. `known`: those of before."""
    text = _with_choices(request.form.get(field, "")[: LONGEST_TEXT + 1])
    found = area_lines.read(text, known)
    mistakes = [_sentence(wrong.code, wrong.text) for wrong in found.wrong]
    mistakes += [_(WHICH, line=line[:_SHOWN]) for line, _places in found.several]
    if len(found.areas) + len(found.wrong) + len(found.several) > MOST_AREAS:
        mistakes = [_(MANY, most=MOST_AREAS)]
    choices = [
        (line, [(f"{place.name}={place.id}", f"{place.name}, {place.detail}") for place in places])
        for line, places in found.several
    ]
    return [area for _line, area in found.areas], AreaForm(text, mistakes, choices, _outlines(found.areas))


def map_values() -> dict[str, Any]:
    """Return what the template needs for the map."""
    return {"background": map_words.background(), "map_words": map_words.areas(), "map_start": map_start()}


def _with_choices(text: str) -> str:
    """Return the text with each name that may be several places replaced by the one that was chosen."""
    chosen = dict(zip(request.form.getlist(NAMED), request.form.getlist(CHOSEN), strict=False))
    lines = [line.strip() for line in text.splitlines()]
    return "\n".join(chosen.get(line) or line for line in lines if line)


def _sentence(code: str, line: str) -> str:
    text = SENTENCES.get(code, SENTENCES["other"])
    return _(text, line=line[:_SHOWN], most=MOST_CORNERS)


def _outlines(lines: Sequence[tuple[str, Area]]) -> str:
    """Return as JSON what the map draws for each line."""
    drawn = {line: {"name": area.name, "is_place": bool(area.place)} | _extent(area) for line, area in lines}
    return json.dumps(drawn, separators=(",", ":"))


def _extent(area: Area) -> dict[str, Any]:
    if isinstance(area.extent, Box):
        return {"bbox": [*area.extent]}
    if isinstance(area.extent, Circle):
        return {"circle": [*area.extent]}
    from app.geo.polygon_geojson import to_geojson  # imported here because few requests need it

    return {"polygon": to_geojson(area.extent)}
