"""Routes of alerts as CAP 1.2. What writes them is loaded at the first request for one."""

from hashlib import sha256
from typing import Any

from flask import Response

from app.accounts.auth import Who, lock
from app.api.warning_routes import find_shown
from app.core.errors import NotFound
from app.feeds import examples
from app.feeds.cap_schemas import AlertsQuery
from app.feeds.items import ATOM_TYPE
from app.http import headers
from app.http.schemas import Blueprint, NoQuery
from app.reports.models import Report

CAP_TYPE = "application/cap+xml"

blueprint = Blueprint("alerts_as_cap", __name__, description="Alerts as CAP 1.2, for sirens, signs and aggregators.")


@blueprint.get("/feeds/warnings/<warning_id>.cap.xml")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, examples.CAP, content_type=CAP_TYPE)
@lock(Who.ANYONE)
def read_warning_cap(warning_id: str) -> Response:
    """Read the latest alert about an official warning as CAP 1.2.

    In the issuer's words, but never in its name: the sender is this service, `source` and `note` name the issuer, and
    `incidents` has its identifier. Each change of the warning is an Update, its end a Cancel, and `references` names
    all earlier alerts about it.
    """
    from app.feeds import cap_warnings  # few requests are for alerts

    return _answer(cap_warnings.document_of(find_shown(warning_id)), cache=headers.PUBLIC_FEED)


@blueprint.get("/feeds/reports/<report_id>.cap.xml")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, examples.CAP, content_type=CAP_TYPE)
@lock(Who.ANYONE)
def read_report_cap(report_id: str) -> Response:
    """Read the latest alert about a report that a responder has verified as CAP 1.2.

    Headline and note say that it is a citizen's report and no official warning. The end of one is a Cancel, which can
    be read for a day. For all other reports: 404.
    """
    from app.feeds import cap_reports  # few requests are for alerts

    report = Report.find(report_id)
    document = cap_reports.document_of(report) if report else None
    if document is None:
        raise NotFound("There is no alert about such a report: only what a responder has verified is one.")
    return _answer(document, cache=headers.PUBLIC_FEED)


@blueprint.get("/feeds/cap.atom")
@blueprint.arguments(AlertsQuery, location="query")
@blueprint.response(200, examples.ATOM, content_type=ATOM_TYPE)
@lock(Who.ANYONE)
def list_alerts_atom(query: dict[str, Any]) -> Response:
    """List all alerts as Atom for aggregators, paged by RFC 5005: each entry links to its alert as CAP 1.2.

    Warnings first, newest first; then verified reports, the newest alert first. What ended within a day is listed too,
    with the category `ended`: its alert is a Cancel.
    """
    from app.feeds import cap_index  # few requests are for alerts

    return cap_index.answer(query)


def _answer(document: Any, *, cache: str) -> Response:
    from app.feeds import cap_document

    body = cap_document.write(document)
    etag = f'W/"{sha256(body).hexdigest()[:24]}"'
    return Response(body, mimetype=CAP_TYPE, headers={"Cache-Control": cache, "ETag": etag})
