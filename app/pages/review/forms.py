"""Forms of decisions: convert what a responder typed for the API's schema, and its mistakes to sentences.

A correction's fields come with the values that they had, so that only what the responder has changed is a correction.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from app.api.verification_schemas import DecisionSchema
from app.core.errors import Invalid, Mistake
from app.core.translations import N_
from app.http.schemas import load
from app.pages.frame.language import gettext
from app.pages.report import form, location
from app.pages.report.form import FieldMistake
from app.reports.models import Report

if TYPE_CHECKING:
    from app.gazetteer.place import Place

CORRECT = "correct"
FORMS = {"verified": "verify", "rejected": "reject", "merged": "merge"}
TEXTS = ("title", "description", "depth_cm", "severity")
PLACE = ("where", "lat", "lon")
_PLACE_FIELDS = (*PLACE, "radius_m", "settled", "pick")
_SIMPLE = ("decision", "reason", "into", "note")
_LONGEST_TYPED = 6000
_CORRECTIONS = "/corrections"
_WHY = N_("Choose why.")
_TARGET = N_("Choose an active report of the same flood: seen within 2 km and 24 hours of this one.")
OUTSIDE = N_("That place lies outside your areas.")
OUTSIDE_TARGET = N_("That report lies outside your areas.")
SENTENCES = {
    ("/reason", "required"): ("reason", _WHY),
    ("/reason", "choice"): ("reason", _WHY),
    ("/reason", "word"): ("reason", _WHY),
    ("/into", "required"): ("into", N_("Choose the report that it is to be joined to.")),
    ("/into", "gone"): ("into", _TARGET),
    ("/into", "self"): ("into", _TARGET),
    ("/into", "far"): ("into", _TARGET),
    ("/into", "time"): ("into", _TARGET),
    ("/note", "length"): ("note", N_("Shorten the note to 1,000 characters.")),
    ("/note", "markup"): ("note", form.NO_MARKUP),
    ("/note", "control"): ("note", form.NO_CONTROL),
    ("/note", "bidi"): ("note", form.NO_CONTROL),
    ("/corrections/severity", "choice"): ("severity", form.OTHERWISE),
}


class FormRead(NamedTuple):
    """A form as it was read: its name, what was typed, the decision for the API, possible places, all mistakes."""

    name: str
    typed: Mapping[str, str]
    values: dict[str, Any]
    matches: "Sequence[Place]" = ()
    wrong: Sequence[FieldMistake] = ()


def read(fields: Mapping[str, str]) -> FormRead:
    """Read the form of one decision, with all its mistakes."""
    typed = {name: _same_lines(text)[:_LONGEST_TYPED] for name, text in fields.items()}
    is_correction = "title_before" in typed
    name = CORRECT if is_correction else FORMS.get(typed.get("decision", ""), "verify")
    said = _said(typed)
    corrections, result = _corrections(typed) if is_correction else ({}, location.LocationResult())
    own = [FieldMistake(result.field, gettext(result.wrong))] if result.wrong else []
    try:
        values = load(DecisionSchema(), said | ({"corrections": corrections} if corrections else {}))
    except Invalid as problem:
        own += worded(problem.mistakes)
        return FormRead(name, typed, {}, result.matches, _first_of_each(own))
    return FormRead(name, typed, values, result.matches, _first_of_each(own))


def _said(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return what was said besides corrections; empty fields count as absent."""
    said = {name: typed[name].strip() for name in _SIMPLE if typed.get(name, "").strip()}
    if other := typed.get("other", "").strip():
        said["into"] = other
    if said.get("decision") != "merged":
        said.pop("into", None)
    return said


def _corrections(typed: Mapping[str, str]) -> tuple[dict[str, Any], location.LocationResult]:
    """Return the corrected fields, and how the place was found; one that was not changed is not looked for."""
    corrections: dict[str, Any] = {}
    for name in TEXTS:
        if _is_changed(typed, name):
            text = typed[name].strip()
            corrections[name] = (form.depth_number(text) if name == "depth_cm" else text) if text else None
    if not any(_is_changed(typed, name) for name in PLACE):
        return corrections, location.LocationResult()
    result = location.find_spot({name: typed.get(name, "") for name in _PLACE_FIELDS})
    if spot := result.spot:
        corrections |= {"location": {"lat": spot.lat, "lon": spot.lon}, "radius_m": _whole(spot.radius_m)}
    elif not result.wrong:
        result = result._replace(wrong=form.SENTENCES[("/location", "required")][1])
    return corrections, result


def _is_changed(typed: Mapping[str, str], name: str) -> bool:
    return name in typed and typed[name].strip() != typed.get(f"{name}_before", "").strip()


def _whole(number: float | str) -> int | str:
    return number if isinstance(number, str) else round(number)


def _same_lines(text: str) -> str:
    """Return a text with the line ends that the API stores: browsers send others."""
    return text.replace("\r\n", "\n")


def worded(mistakes: Sequence[Mistake]) -> list[FieldMistake]:
    """Return a sentence for each mistake, with the field beside which it stands."""
    return [FieldMistake(field, gettext(text)) for field, text in map(_sentence, mistakes)]


def _sentence(mistake: Mistake) -> tuple[str, str]:
    known = SENTENCES.get((mistake.pointer, mistake.code))
    shared = form.SENTENCES.get((mistake.pointer.removeprefix(_CORRECTIONS), mistake.code))
    return known or shared or (mistake.pointer.rpartition("/")[2], form.OTHERWISE)


def _first_of_each(wrong: Sequence[FieldMistake]) -> list[FieldMistake]:
    first: dict[str, FieldMistake] = {}
    for mistake in wrong:
        first.setdefault("where" if mistake.field == location.MATCH else mistake.field, mistake)
    return list(first.values())


def current(report: Report, place: Mapping[str, float]) -> dict[str, str]:
    """Return the values of the form that corrects a report. `place`: the exact one, or the public one."""
    lat, lon = (f"{place[axis]:.5f}".rstrip("0").rstrip(".") for axis in ("lat", "lon"))
    where = f"{lat}, {lon}"
    depth = "" if report.depth_cm is None else f"{report.depth_cm:g}"
    words = {"title": report.title or "", "description": report.description or "", "severity": str(report.severity)}
    spot = {"where": where, "settled": where, "lat": lat, "lon": lon, "radius_m": f"{report.radius_m:.0f}", "pick": ""}
    return words | spot | {"depth_cm": depth}


def typed_over(values: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """Return current values with what a responder has changed in the form; what they left shows how it now stands."""
    kept = {name: typed[name] for name in TEXTS if _is_changed(typed, name)}
    if any(_is_changed(typed, name) for name in PLACE):
        kept |= {name: typed[name] for name in _PLACE_FIELDS if name in typed}
    return dict(values) | kept
