"""The page that leads from a reference, as read over the telephone, to the public page of its report."""

from flask import Response, request, url_for

from app.accounts import throttle
from app.http.headers import PRIVATE
from app.pages.frame.entries import report_entries
from app.pages.frame.language import gettext as _
from app.pages.frame.redirects import go_to
from app.pages.frame.rendering import page
from app.reports import reference
from app.reports.models import Report

LIMIT = "reference"  # name in the headers
MISSES_PER_HOUR = 30  # of a network; a reference with a slip of the finger is no miss
HOUR_S = 3600
LONGEST = 20  # characters of a typed reference that are read


def show_form() -> Response:
    """Ask for a reference, or lead on from the one that was typed."""
    typed = request.args.get("reference", "").strip()[:LONGEST]
    return follow(typed) if typed else _form("", status=200)


def follow(typed: str) -> Response:
    """Redirect to the public page of the report; list the reports if there are several. Raises TooMany."""
    typed = typed[:LONGEST]
    if not reference.is_reference(typed):
        return _form(typed, _("This is not a reference: a character is wrong or missing. Compare it again."))
    caller = throttle.network()
    is_taken = throttle.take_if_readable(LIMIT, caller, limit=MISSES_PER_HOUR, window_s=HOUR_S)
    reports = reference.find_public(typed)
    if reports and is_taken:
        columns = filter(None, (throttle.WHOLE, caller.part))
        throttle.give_back_if_readable(LIMIT, caller.who, columns, window_s=HOUR_S, shown_limits=[LIMIT])
    if len(reports) == 1:
        return go_to(_public_page(reports[0]))
    if reports:
        return _form(typed, reports=reports, status=200)
    return _form(typed, _("No report that others may see has this reference. It may have been taken back."))


def _public_page(report: Report) -> str:
    return url_for("pages.show_report", report_id=report.id).removeprefix(request.script_root)


def _form(typed: str, mistake: str = "", *, reports: list[Report] | None = None, status: int = 404) -> Response:
    return page(
        "reference.html",
        status=status,
        cache=PRIVATE,
        typed=typed,
        mistake=mistake,
        reports=report_entries([report.entry() for report in reports or []]),
    )
