"""The page of blocks: those in force and recently ended, and the form that makes one from a report."""

from typing import Any

from flask import Response, request

from app.api import block_routes, exact_places
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound, Problem
from app.core.translations import N_
from app.http import cursors
from app.pages.admin.frame import admin_page
from app.pages.admin.switches_page import REASON_WORDS
from app.pages.frame.language import gettext
from app.pages.frame.redirects import go_to
from app.reports.models import Report
from app.review import blocking
from app.review.block_models import ID, Block
from app.review.blocking import REASONS

ADDRESS = "/admin/blocks"
LIMIT = 50
HOURS = (1, 3, 6, 12, 24, 48, 72)
REASONS_IN_WORDS = {code: REASON_WORDS.get(code, N_("Spam")) for code in REASONS}
NOTES = {
    "made": N_("It is blocked. Everybody follows within half a minute."),
    "ended": N_("The block is ended."),
    "gone": N_("There is no such block any more."),
}
SENTENCES = {
    "who": N_("Choose whom to block: the network, or the account."),
    "hours": N_("Choose for how long, 72 hours at most."),
    "reason": N_("Choose a reason."),
    "report": N_("There is no such report."),
    "cannot": N_(
        "This cannot be blocked: where the report came from is not known, or no longer, or its account belongs to "
        "staff."
    ),
    "many": N_("Very many blocks are in force. End one, or turn reports without an account off in an area."),
}


def show() -> Response:
    """Show the blocks, the newest first, and of a report in the address the form."""
    told = NOTES.get(request.args.get("told", ""), "")
    return _page(request.args.get("report", ""), note=told)


def send() -> Response:
    """Block the account or the network of a report."""
    report_id = request.form.get("report_id", "")
    wrong = _wrong()
    if wrong:
        return _page(report_id, mistakes=wrong, status=Invalid.status)
    try:
        subject_of = blocking.account_of if request.form["who"] == "account" else blocking.network_of
        ends_at_ms = clock.now_ms() + int(request.form["hours"]) * clock.HOUR_MS
        blocking.make(subject_of(report_id), ends_at_ms, request.form["reason"], by=exact_places.by())
    except (Conflict, Invalid) as problem:
        return _page(report_id, mistakes=[_word_of(problem)], status=problem.status)
    return go_to(f"{ADDRESS}?told=made")


def end() -> Response:
    """End a block now."""
    block_id, told = request.form.get("id", ""), "ended"
    try:
        blocking.end(block_id, by=exact_places.by())
    except NotFound:
        told = "gone"
    return go_to(f"{ADDRESS}?told={told}")


def choices_for(report: Report) -> dict[str, Any]:
    """Return what the form to block a report's account or network offers."""
    return {"has_account": bool(report.account_id), "hours": HOURS, "reasons": REASONS_IN_WORDS}


def _wrong() -> list[str]:
    """Return the words of what is missing or wrong in the form."""
    allowed = {"who": ("account", "network"), "hours": [str(hours) for hours in HOURS], "reason": REASONS}
    return [name for name, words in allowed.items() if request.form.get(name, "") not in words]


def _word_of(problem: Problem) -> str:
    """Return the word of the sentence about why nothing was blocked."""
    if isinstance(problem, Invalid):
        return "report"
    return "many" if isinstance(problem, blocking.TooManyBlocks) else "cannot"


def _page(report_id: str, *, note: str = "", mistakes: list[str] | None = None, status: int = 200) -> Response:
    filters, cursor = block_routes.FILTERS, request.args.get("cursor", "")
    before = cursors.read_or_begin(cursor, filters=filters, position=ID, start="") or None
    rows, following = block_routes.page_of(before, LIMIT)
    report = Report.find(report_id) if report_id else None
    return admin_page(
        "admin_blocks.html",
        status=status,
        told=note,
        mistakes=[gettext(SENTENCES[word]) for word in mistakes or ()],
        report=report,
        block_choices=choices_for(report) if report else {},
        typed=request.form if mistakes else {},
        groups=_groups(rows),
        reasons=REASONS_IN_WORDS,
        is_first=before is None,
        following=following,
    )


def _groups(rows: list[Block]) -> list[tuple[str, list[Block]]]:
    """Return the blocks of the page under headings: those in force, then those that have ended."""
    parts = ((gettext("In force"), True), (gettext("Ended within the last week"), False))
    return [(heading, [row for row in rows if row.is_in_force == is_in_force]) for heading, is_in_force in parts]
