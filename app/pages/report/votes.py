"""Votes and flags from a report's page: whether it is still flooded, and what is wrong with the report.

Plain forms, answered by a redirect to the page. A script sends votes through the phone's queue and asks for JSON. A
browser becomes a visitor by its first act; that of a key stays one person's, however often it is sent.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request

from app.accounts import persons, tokens, visitors
from app.accounts.persons import Person
from app.api import voting
from app.api.vote_schemas import FlagSchema, VoteSchema
from app.core import clock
from app.core.errors import Conflict, NotFound
from app.core.translations import N_
from app.http.answers import json_answer
from app.http.headers import PRIVATE
from app.pages.frame import trust_words
from app.pages.frame.language import gettext as _
from app.pages.report import form, form_page, location
from app.pages.report import page as report_page
from app.pages.report.form import FieldMistake
from app.review.votes import Outcome, Vote

# What was seen so long ago says nothing about now.
LONGEST_WAIT_S = 6 * 3600
WAITED = N_("Your answer waited on this phone for more than six hours, so it was not counted. Is it still flooded?")
OVER = N_("This report is over, so your answer was not counted. If you see flooding, report it.")
GONE = N_("This report is not there any more, so your answer was not counted. If you see flooding, report it.")
CHOOSE = N_("Choose what is wrong with the report.")
# By the API's pointer and code.
FLAG_SENTENCES = {
    ("/reason", "choice"): CHOOSE,
    ("/note", "length"): N_("Shorten the note to 500 characters."),
    ("/note", "markup"): form.NO_MARKUP,
    ("/note", "control"): form.NO_CONTROL,
    ("/note", "bidi"): form.NO_CONTROL,
}
_LONGEST_TYPED = 6000


def vote(report_id: str) -> Response:
    """Store the answer to "Is it still flooded?": of a form without a script, or of the phone's queue."""
    typed = {name: request.form.get(name, "").strip()[:_LONGEST_TYPED] for name in ("condition", "depth_cm", "water")}
    values, mistakes = form.load(VoteSchema(), {"condition": typed["condition"], "depth_cm": form.depth_in(typed)})
    wrong = form.worded(mistakes)
    if not wrong and _has_waited_too_long():
        wrong = [FieldMistake("", _(WAITED))]
    if wrong:
        return _refuse(report_id, wrong, typed)
    person, token = _person(request.form.get("key", ""))
    try:
        outcome = voting.vote(report_id, Vote(values["condition"], values.get("depth_cm")), person)
    except (Conflict, NotFound) as problem:
        if not form_page.wants_json():
            raise
        text = _(OVER if isinstance(problem, Conflict) else GONE)
        return json_answer({"mistakes": [{"field": "", "text": text}]}, status=409, cache=PRIVATE)
    return _known_by(token, _counted(report_id, values["condition"], outcome))


def flag(report_id: str) -> Response:
    """Store a flag for responders."""
    typed = {name: request.form.get(name, "").strip()[:_LONGEST_TYPED] for name in ("reason", "note")}
    values, mistakes = form.load(FlagSchema(), typed)
    if mistakes:
        first = {mistake.pointer: mistake.code for mistake in reversed(mistakes)}
        told = [
            FieldMistake(name.strip("/"), _(FLAG_SENTENCES.get((name, code), form.OTHERWISE)))
            for name, code in first.items()
        ]
        return _refuse(report_id, told, typed)
    person, token = _person("")
    voting.flag(report_id, values["reason"], values.get("note"), person)
    return _known_by(token, form_page.go_on(form_page.address("show_report", report_id, "", said="flag") + "#flag"))


def _has_waited_too_long() -> bool:
    """Return whether the phone kept the answer too long, as it counts itself: its clock may be wrong."""
    waited = location.number(request.form.get("waited_s", ""))
    return isinstance(waited, float) and waited > LONGEST_WAIT_S


def _person(key: str) -> tuple[Person, str]:
    """Return who sends the form, and the token of a browser that becomes a visitor by it; "" if it is known."""
    if person := persons.person_of(form_page.identify(), is_page=True):
        return person, ""
    token = visitors.issue(visitors.id_for(key) if form.is_key(key) else "").visitor_token
    return persons.of_visitor(tokens.read(token, tokens.Use.VISITOR)), token


def _known_by(token: str, response: Response) -> Response:
    if token:
        visitors.keep_token(response, token)
    return response


def _counted(report_id: str, said: str, outcome: Outcome) -> Response:
    """Answer with the report's page, which thanks; or with its sentences, for the script."""
    page = form_page.address("show_report", report_id, "", said=said) + "#votes"
    if not form_page.wants_json():
        return form_page.go_on(page)
    counts = trust_words.counts(outcome.flooded, outcome.receded)
    is_over = outcome.expires_at_ms <= clock.now_ms()
    sentences = [_(report_page.THANKS), counts, trust_words.condition_sentence(outcome.condition)]
    if is_over:
        sentences.append(_(report_page.ENDED))
    body = {"sent": page, "told": " ".join(filter(None, sentences)), "counts": counts}
    return json_answer(body, cache=PRIVATE)


def _refuse(report_id: str, wrong: Sequence[FieldMistake], typed: Mapping[str, Any]) -> Response:
    """Show the page again with all mistakes and what was typed."""
    if form_page.wants_json():
        return json_answer({"mistakes": [mistake._asdict() for mistake in wrong]}, status=422, cache=PRIVATE)
    return report_page.show_again(report_id, wrong, typed)
