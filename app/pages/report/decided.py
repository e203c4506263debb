"""Page of a report that others do not see any more: its reporter reads the decision about it and the reason.

The reporter is the account that filed it, the holder of its private link, or the visitor that this browser was when it
filed it. Responders of its area are led to it on their own page.
"""

from contextlib import suppress

from flask import Response, redirect, url_for

from app.accounts import persons
from app.core import dynamodb
from app.http.headers import PRIVATE
from app.pages.report import form_page, sent_page
from app.photos.standing import is_filer
from app.reports import edit
from app.reports.entry import Status
from app.reports.models import Report


def show(report: Report) -> Response | None:
    """Return the page of a hidden report for its reporter, the way to it for responders; None for all others."""
    caller = form_page.identify()
    if edit.is_reporter(report, caller):
        return sent_page.show_own(report)
    if _is_visitor_of(report):
        return sent_page.show_own(report)
    if report.status == Status.REJECTED and edit.may_judge(report, caller):
        way = redirect(url_for("pages.show_review", report=report.id, _external=False), code=302, Response=Response)
        assert isinstance(way, Response)
        way.headers["Cache-Control"] = PRIVATE
        return way
    return None


def _is_visitor_of(report: Report) -> bool:
    """Return whether this browser is the visitor who filed the report, as long as that is kept."""
    claims = persons.visitor_claims(is_page=True)
    with suppress(*dynamodb.FAILURES):
        return claims is not None and is_filer(report, persons.of_visitor(claims))
    return False
