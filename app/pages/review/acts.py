"""Forms of the page of responders: decide, decide about many, undo, hold. Each answers with a redirect to the page."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from marshmallow import ValidationError

from app.accounts import auth
from app.api import bulk_decisions, exact_places, voting
from app.api.review_schemas import MOST_DECISIONS
from app.api.verification_schemas import DecisionSchema, deciding
from app.core import clock
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, Problem
from app.http.answers import json_answer
from app.http.headers import PRIVATE
from app.pages.frame.redirects import go_to
from app.reports.entry import Condition
from app.review import holds, verification
from app.review.urgency import keys_of
from app.review.verification import VERIFIED
from app.review.votes import Vote

REVIEW = "/review"
MOST_DIGITS = 9
_KEPT = ("state", "area")
_CORRECTED = ("title", "description", "depth_cm", "severity")
_FAILURES = {NotFound: "gone", Forbidden: "gone", PreconditionFailed: "changed", Conflict: "over", Invalid: "wrong"}


def decide() -> Response:
    """Store one decision; then the next report of the queue is shown, or the same one if nothing was stored."""
    report_id = request.form.get("report_id", "")
    try:
        values = DecisionSchema().load(_typed())
    except ValidationError:
        return _back(report=report_id, told="wrong")
    try:
        report = verification.decide(
            report_id, deciding(values), caller=auth.caller(), by=exact_places.by(), seen_versions=_seen()
        )
    except Problem as problem:
        return _back(report=report_id, told=_why(problem))
    following = request.form.get("next", "")
    return _back(report=following, told="done", done=report.id, version=str(report.public_version))


def _typed() -> dict[str, Any]:
    """Return the decision in the form; empty fields count as absent, unchanged corrections too."""
    typed: dict[str, Any] = {
        name: request.form[name].strip()
        for name in ("decision", "reason", "into", "note")
        if request.form.get(name, "").strip()
    }
    if other := request.form.get("other", "").strip():
        typed["into"] = other
    if typed.get("decision") != "merged":
        typed.pop("into", None)
    corrections: dict[str, Any] = {}
    for name in _CORRECTED:
        value, before = request.form.get(name), request.form.get(f"{name}_before")
        if value is not None and _same_lines(value.strip()) != _same_lines(before or ""):
            corrections[name] = _number(value) if name == "depth_cm" else _same_lines(value.strip()) or None
    return typed | ({"corrections": corrections} if corrections else {})


def _same_lines(text: str) -> str:
    """Return a text with the line ends that the API stores: browsers send others."""
    return text.replace("\r\n", "\n")


def _number(text: str) -> Any:
    """Return the number in a field, the text itself if it is none (which the schema refuses), None if it is empty."""
    try:
        return float(text) if text.strip() else None
    except ValueError:
        return text


def decide_many() -> Response:
    """Verify all ticked reports; those that have changed or are held by others stay in the queue."""
    reason = request.form.get("reason", "")
    ticked = [one.partition("@") for one in request.form.getlist("report")][:MOST_DECISIONS]
    decisions = [
        {"report_id": report_id, "version": number, "decision": "verified", "reason": reason}
        for report_id, _, version in ticked
        if (number := _version(version))
    ]
    if not decisions or reason not in VERIFIED:
        return _back(told="wrong", together="1")
    results = bulk_decisions.decide_all(decisions)
    is_whole = all(result["status"] == 200 for result in results)
    return _back(told="done" if is_whole else "some")


def undo() -> Response:
    """Undo the decision about a report, and show the report."""
    report_id = request.form.get("report_id", "")
    try:
        verification.undo(report_id, caller=auth.caller(), by=exact_places.by(), seen_versions=_seen())
    except Problem as problem:
        return _back(report=report_id, told=_why(problem))
    return _back(report=report_id, told="undone")


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
    number = _version(request.form.get("version", ""))
    return {number} if number else set()


def _version(text: str) -> int:
    """Return the version in a field; 0 if it is none."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= MOST_DIGITS else 0


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
