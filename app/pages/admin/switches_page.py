"""The page of the switches: how they stand, a form to change them, and "try on me first"."""

from typing import Any

from flask import Response, request

from app.accounts.areas import Area
from app.api import exact_places
from app.api.switch_schemas import SwitchesChangeSchema, changes_of
from app.core import clock
from app.core.config import settings
from app.core.errors import Invalid, Mistake, PreconditionFailed, Problem
from app.core.translations import LANGUAGES, N_
from app.http.schemas import load
from app.pages.admin import area_form, trial
from app.pages.admin.area_form import AreaForm
from app.pages.admin.frame import admin_page
from app.pages.frame.language import gettext
from app.pages.frame.redirects import go_to
from app.review import switching
from app.review.switching import REASONS
from app.switches import current
from app.switches.current import Anonymous, Level, Notice, Switches
from app.warnings.sources.registry import read_sources

ADDRESS = "/admin/switches"
LONGEST_TYPED = 4000
ANONYMOUS = {
    Anonymous.ON: N_("Taken everywhere"),
    Anonymous.OFF_WITHIN: N_("Not taken in these areas"),
    Anonymous.OFF: N_("Taken nowhere"),
}
LEVELS = {Level.INFO: N_("For information"), Level.IMPORTANT: N_("Important"), Level.EMERGENCY: N_("Emergency")}
REASON_WORDS = {
    "false_reports": N_("Many invented reports"),
    "abuse": N_("Abuse"),
    "flood": N_("A flood"),
    "maintenance": N_("Work on the service"),
    "source_wrong": N_("A source is wrong"),
    "resolved": N_("It is over"),
    "mistake": N_("A mistake is put right"),
    "exercise": N_("An exercise"),
    "other": N_("Another reason"),
}
HOURS = (1, 3, 6, 12, 24, 72)
NOTES = {
    "stored": N_("The switches are changed. Everybody sees it within half a minute."),
    "tried": N_("You are trying this alone, in this browser, for a quarter of an hour. Nothing is stored yet."),
    "ended": N_("You see again what is stored."),
}
SENTENCES = {
    "large": N_("This is too long for a trial. Shorten the notice or the areas, or store it."),
    "within": N_("Name the areas in which reports without an account are not taken."),
    "conflict": N_("You have named areas: choose that reports are not taken in these."),
    "text": N_("Write the notice as plain text of at most 500 characters."),
    "reason": N_("Choose a reason."),
    "changed": N_("Another admin has changed the switches meanwhile. Look at how they stand now, then change them."),
    "other": N_("Something here cannot be taken. Look over what you entered."),
}


def show() -> Response:
    """Show how the switches stand, and the form; of a trial what is tried."""
    stored = switching.read_for_change()
    shown = current.current() if trial.is_on() else stored
    return _page(shown._replace(version=stored.version), note=NOTES.get(request.args.get("told", ""), ""))


def send() -> Response:
    """Store the switches of the form, try them in this browser, or end the trial."""
    act = request.form.get("act", "")
    if act == "end":
        response = go_to(f"{ADDRESS}?told=ended")
        trial.end(response)
        return response
    stored = switching.read_for_change()
    off_areas, form = area_form.read("off_within", stored.off_areas)
    try:
        values = _values(stored, off_areas, form, is_trial=act == "try")
        changed = stored._replace(**changes_of(values, stored))
        if act == "try":
            response = go_to(f"{ADDRESS}?told=tried")
            if not trial.begin(response, changed):
                raise Invalid([Mistake("", "large", "")])
            return response
        switching.change(
            lambda before: changes_of(values, before), values["reason"], by=exact_places.by(), is_seen=_is_seen
        )
    except Problem as problem:
        return _page(stored, form=form, problem=problem)
    response = go_to(f"{ADDRESS}?told=stored")
    trial.end(response)
    return response


def _is_seen(switches: Switches) -> bool:
    return request.form.get("version", "") == str(switches.version)


def _values(stored: Switches, off_areas: list[Area], form: AreaForm, *, is_trial: bool) -> dict[str, Any]:
    """Read the form with the API's schema. Raises Invalid with all mistakes."""
    typed = {name: text.strip()[:LONGEST_TYPED] for name, text in request.form.items()}
    body: dict[str, Any] = {
        "anonymous_reports": typed.get("anonymous_reports", ""),
        "off_within": off_areas,
        "registrations": typed.get("registrations", ""),
        "sources": {name: typed.get(f"source.{name}", "on") for name in read_sources(settings().sources)},
        "notice": _notice(typed, stored.notice),
        "reason": typed.get("reason", "") or ("other" if is_trial else ""),
    }
    mistakes: list[Mistake] = []
    if form.mistakes:  # of what is left of them nothing can be said
        mistakes.append(Mistake("/off_within", "line", ""))
        del body["anonymous_reports"], body["off_within"]
    try:
        values = load(SwitchesChangeSchema(), body)
    except Invalid as problem:
        raise Invalid([*mistakes, *problem.mistakes]) from problem
    if mistakes:
        raise Invalid(mistakes)
    return values


def _notice(typed: dict[str, str], standing: Notice | None) -> dict[str, Any] | None:
    """Return the notice of the form as the API takes it; None if no text is given."""
    text = {code: typed[f"text.{code}"] for code in LANGUAGES if typed.get(f"text.{code}")}
    if not text:
        return None
    hours = typed.get("hours", "")
    until_ms = clock.now_ms() + int(hours) * clock.HOUR_MS if hours in map(str, HOURS) else 0
    if not until_ms and standing:
        until_ms = standing.until_ms
    return {"level": typed.get("level", ""), "text": text, "until": clock.rfc3339(until_ms)}


def _page(
    switches: Switches, *, note: str = "", form: AreaForm | None = None, problem: Problem | None = None
) -> Response:
    typed = request.form if problem else None
    return admin_page(
        "admin_switches.html",
        status=problem.status if problem else 200,
        switches=switches,
        form=form or area_form.shown(switches.off_areas),
        typed=typed,
        told=note,
        mistakes=_sentences(problem, form) if problem else [],
        is_trial=trial.is_on(),
        sources=list(read_sources(settings().sources)),
        words={"anonymous": ANONYMOUS, "levels": LEVELS, "reasons": REASON_WORDS},
        reasons=REASONS,
        hours=HOURS,
        standing=switches.notice_at(clock.now_ms()),
        all_languages=LANGUAGES,
        **area_form.map_values(),
    )


def _sentences(problem: Problem, form: AreaForm | None) -> list[str]:
    """Return a sentence for each mistake."""
    if isinstance(problem, PreconditionFailed):
        return [_sentence("changed")]
    told = list[str]()
    for mistake in problem.mistakes:
        if mistake.code == "line" and form:
            told += form.mistakes
            continue
        told.append(_sentence(mistake.code if mistake.code in SENTENCES else _key(mistake.pointer)))
    return list(dict.fromkeys(told)) or [_sentence("other")]


def _sentence(key: str) -> str:
    return gettext(SENTENCES[key])


def _key(pointer: str) -> str:
    """Return the key of a sentence about a member of the API's body."""
    return {"notice": "text", "reason": "reason", "off_within": "within"}.get(pointer.split("/")[1], "other")
