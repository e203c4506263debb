"""Forms of the page of responders: decide, decide about many, undo, hold.

What is stored answers with a redirect to the page; a form with mistakes comes back with all that was typed.
"""

from urllib.parse import urlencode

from flask import Response, request

from app.accounts import auth
from app.api import bulk_decisions, exact_places, voting
from app.api.review_schemas import MOST_DECISIONS
from app.api.verification_schemas import deciding
from app.core import clock
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, Problem
from app.http.answers import json_answer
from app.http.headers import PRIVATE
from app.pages.frame.language import gettext
from app.pages.frame.redirects import go_to
from app.pages.report.form import FieldMistake
from app.pages.review import forms, page, results
from app.pages.review.forms import FormRead
from app.pages.review.results import Result
from app.reports.entry import Condition
from app.reports.models import Report
from app.review import holds, verification
from app.review.urgency import keys_of
from app.review.verification import VERIFIED
from app.review.votes import Vote

REVIEW = "/review"
_KEPT = ("state", "area")
_FAILURES = {NotFound: "gone", Forbidden: "gone", PreconditionFailed: "changed", Conflict: "over", Invalid: "wrong"}


def decide() -> Response:
    """Store one decision and show the next report of the queue; or show the form again, with why it was not stored."""
    report_id = request.form.get("report_id", "")
    read = forms.read(request.form)
    if read.wrong:
        return _again(report_id, "wrong", Invalid.status, read)
    try:
        report = _decide(report_id, read)
    except Problem as problem:
        return _refuse(report_id, problem, read)
    stored = Result(report.id, int(report.public_version), str(report.status))
    return _back(report=request.form.get("next", ""), results=results.write([stored]))


def _decide(report_id: str, read: FormRead) -> Report:
    decision, who = deciding(read.values), auth.caller()
    decision = decision._replace(photos_seen=frozenset(request.form.get("photos", "").split()))
    return verification.decide(report_id, decision, caller=who, by=exact_places.by(), seen_versions=_seen())


def _refuse(report_id: str, problem: Problem, read: FormRead) -> Response:
    """Show the form again, unless the report can be judged no more: then there is nothing to show."""
    told = _why(problem)
    if isinstance(problem, Invalid):
        return _again(report_id, told, problem.status, read._replace(wrong=forms.worded(problem.mistakes)))
    if told == "gone":
        try:
            verification.find(report_id, auth.caller())
        except (NotFound, Forbidden):
            return _back(report=report_id, told=told)
        # The report may be judged: what lies outside the areas is the place, or the other report, in the form.
        is_place = read.name == forms.CORRECT
        mistake = ("where", forms.OUTSIDE) if is_place else ("into", forms.OUTSIDE_TARGET)
        wrong = [FieldMistake(mistake[0], gettext(mistake[1]))]
        return _again(report_id, "wrong", problem.status, read._replace(wrong=wrong))
    return _again(report_id, told, problem.status, read)


def _again(report_id: str, told: str, status: int, read: FormRead) -> Response:
    return page.show_again(page.Refused(report_id, told, status, read))


def decide_many() -> Response:
    """Verify all ticked reports; those that have changed or are held by others stay in the queue."""
    reason = request.form.get("reason", "")
    decisions = [
        {"report_id": report_id, "version": version, "decision": "verified", "reason": reason}
        for report_id, version in _ticked()
    ]
    if not decisions or reason not in VERIFIED:
        return _back(told="wrong", together="1")
    answers = bulk_decisions.decide_all(decisions)
    return _back(results=results.write(map(results.of_answer, answers)))


def _ticked() -> list[tuple[str, int]]:
    """Return the reports in the form, each once, with the versions that were seen; at most as one call takes."""
    pairs = [one.partition("@") for one in request.form.getlist("report")]
    seen = {report_id: number for report_id, _, version in pairs if (number := results.version_in(version))}
    return list(seen.items())[:MOST_DECISIONS]


def undo() -> Response:
    """Undo the decisions about all reports in the form, each by itself; of a single one the report is shown."""
    ticked = _ticked()
    answers = bulk_decisions.undo_all(ticked)
    outcome = results.write(results.of_answer(one, is_undo=True) for one in answers)
    alone = ticked[0][0] if len(ticked) == 1 else ""
    return _back(report=alone, results=outcome) if ticked else _back(told="wrong")


def end() -> Response:
    """End the report at the responder's word that the water has gone."""
    report_id = request.form.get("report_id", "")
    try:
        report = verification.find(report_id, auth.caller())
        verification.check_open(report, _seen())
        holds.check_free(report.id, str(auth.caller().account_id))
        voting.vote(report_id, Vote(Condition.RECEDED))
    except Problem as problem:
        return _back(report=report_id, told=_why(problem))
    return _back(report=request.form.get("next", ""), told="ended")


def hold() -> Response:
    """Hold the report that is looked at, or let it go, for the page's script. Without it nothing is held."""
    report = verification.find(request.form.get("report_id", ""), auth.caller())
    account_id = str(auth.caller().account_id)
    if "release" in request.form:
        holds.let_go(report.id, account_id, keys=keys_of(report))
        return json_answer({"until": None}, cache=PRIVATE)
    try:
        until_ms = holds.hold(report, account_id)
    except Conflict as problem:
        return json_answer({"until": None, "held_until": problem.members.get("until")}, cache=PRIVATE)
    return json_answer({"until": clock.rfc3339(until_ms)}, cache=PRIVATE)


def _seen() -> set[int]:
    number = results.version_in(request.form.get("version", ""))
    return {number} if number else set()


def _why(problem: Problem) -> str:
    """Return the word of the sentence that the page tells; raises the problem if no sentence is about it."""
    word = next((word for kind, word in _FAILURES.items() if isinstance(problem, kind)), "")
    if not word:
        raise problem
    is_held = isinstance(problem, Conflict) and "until" in problem.members
    return "held" if is_held else word


def _back(**query: str) -> Response:
    kept = {name: request.form[name] for name in _KEPT if request.form.get(name)}
    asked = {name: value for name, value in (kept | query).items() if value}
    return go_to(f"{REVIEW}?{urlencode(asked)}" if asked else REVIEW)
