"""Words for reports of people, in any language: never those of an authority. Pages and feeds have them from here.

A report comes as the public form of a list (`app.api.report_schemas.short_form`), or as what is left of one that is
gone (`list_format.tombstone`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.core import clock, moments
from app.core.translations import DECIMAL_COMMA, N_, translated
from app.reports.entry import COARSE_M, Condition
from app.warnings.zones import zone_at

# A resident's word must never look like an authority's rank.
SEVERITIES = {
    "extreme": N_("Very bad flooding"),
    "severe": N_("Bad flooding"),
    "moderate": N_("Some flooding"),
    "minor": N_("A little flooding"),
    "unknown": N_("Flooding"),
}
STATUSES = {
    "pending": N_("No one has checked it"),
    "verified": N_("Checked by a responder"),
    "rejected": N_("Not confirmed"),
    "merged": N_("Joined to another report"),
    "withdrawn": N_("Taken back"),
}
# Of a report that is flooded nothing is said: it is what a report says.
CONDITIONS = {
    Condition.MAY_BE_OVER: N_("May be over"),
    Condition.RECEDED: N_("Water has gone down"),
}
# Metres between the public place and the one that the reporter gave, at most: of a grid half the diagonal of its cell.
_OFF_BY_M = {"exact": 0, "grid": 80, "area": COARSE_M}
Form = Mapping[str, Any]


def title_of(form: Form, language: str) -> str:
    """Return the title with whose word it is: the reporter's own words, or some made from the report, and its place."""
    if form.get("gone"):
        return translated(N_("A report that was taken back or removed"), language)
    own = form["title"] or _title_without_words(form, language)
    return translated(N_("Report: %(title)s"), language, title=own)


def _title_without_words(form: Form, language: str) -> str:
    said = translated(SEVERITIES.get(form["severity"], SEVERITIES["unknown"]), language)
    return f"{said} ({position(form)})"


def lines_of(form: Form, language: str) -> list[str]:
    """Return what a report says, a sentence or a pair of words a line, without its title."""
    if form.get("gone"):
        return [translated(N_("It is no longer shown: its reporter or a responder has ended it."), language)]
    lines = [translated(SEVERITIES.get(form["severity"], SEVERITIES["unknown"]), language)]
    if form["depth_cm"] is not None:
        lines.append(translated(N_("Water %(depth)s deep"), language, depth=_depth(float(form["depth_cm"]), language)))
    seen = datetime.fromisoformat(form["observed_at"])
    zone = zone_at(**form["location"])
    moment = moments.moment(clock.to_ms(seen), zone=zone, language=language)
    lines += [
        translated(N_("Seen: %(moment)s."), language, moment=moment),
        translated(N_("Place: %(place)s, within %(metres)s m."), language, place=position(form), metres=reach_m(form)),
        status(form["status"], language),
        condition(form["condition"], language),
        translated(N_("This is what people report, and no official warning."), language),
    ]
    return [line for line in lines if line]


def reach_m(form: Form) -> int:
    """Return within how many metres of its public place a report is meant: its radius, and what the grid hides."""
    return int(form["radius_m"]) + _OFF_BY_M.get(form["location_precision"], COARSE_M)


def position(form: Form) -> str:
    """Return the place that everyone may see: latitude and longitude, no finer than a metre."""
    return ", ".join(f"{form['location'][name]:.5f}".rstrip("0").rstrip(".") for name in ("lat", "lon"))


def severity(word: str, language: str) -> str:
    """Return the severity in words."""
    return translated(SEVERITIES.get(word, SEVERITIES["unknown"]), language)


def status(word: str, language: str) -> str:
    """Return the status in words; "" for one of a later release."""
    return translated(STATUSES[word], language) if word in STATUSES else ""


def condition(word: str, language: str) -> str:
    """Return the condition in words; "" for one that says nothing new."""
    return translated(CONDITIONS[Condition(word)], language) if word in CONDITIONS else ""


def _depth(centimetres: float, language: str) -> str:
    is_short = centimetres < 100
    number = f"{centimetres:.0f}" if is_short else f"{centimetres / 100:.1f}".removesuffix(".0")
    number = number.replace(".", ",") if language in DECIMAL_COMMA else number
    return translated(N_("%(num)s cm") if is_short else N_("%(num)s m"), language, num=number)
