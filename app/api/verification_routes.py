"""Routes of decisions about reports by responders."""

from collections.abc import Callable, Container
from functools import wraps
from typing import Any, TypeVar

from flask import Response, g

from app.accounts.auth import Who, caller, lock
from app.accounts.scopes import Scope
from app.api import exact_places, photo_views, report_routes
from app.api.report_routes import MATCH_PARAMETER
from app.api.report_schemas import ReportSchema
from app.api.report_versions import photo_marks, required_versions
from app.api.verification_schemas import DecisionSchema, deciding
from app.http.answers import accepted_language, json_answer
from app.http.headers import PRIVATE
from app.http.schemas import Blueprint, NoQuery
from app.photos.standing import OF_STAFF
from app.reports.models import Report
from app.review import holds, verification

blueprint = Blueprint("verification", __name__, description="Decisions about reports by responders.")
VERIFICATION = "/v1/reports/<report_id>/verification"
View = TypeVar("View", bound=Callable[..., Any])


def _checked_first(view: View) -> View:
    """Tell who may not decide, and who has not seen the newest version, before mistakes in the body."""

    @wraps(view)
    def check(report_id: str, **named: Any) -> Any:
        report = verification.find(report_id, caller())
        verification.check_open(report, required_versions())
        holds.check_free(report.id, str(caller().account_id))
        g.photos_seen = _photos_seen(report)
        return view(report_id=report_id, **named)

    return check  # type: ignore[return-value]  # the wrapper of the same view


@blueprint.put(VERIFICATION)
@blueprint.doc(parameters=[MATCH_PARAMETER])
@_checked_first
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(DecisionSchema)
@blueprint.response(200, ReportSchema)
@lock(Who.RESPONDER, Scope.REVIEW)
def put_verification(values: dict[str, Any], report_id: str) -> Response:
    """Decide about a report: verified, rejected, or merged into another one; with corrections if need be.

    `If-Match` names the version that was read: of several responders one wins, the others get 412. Refused in the
    order 401, 403 or 404, 428, 412, 409, 422. A verified report shows its photos, except those that came after a
    responder's own reading that `If-Match` names: these wait for their own decision.
    """
    decided = deciding(values)._replace(photos_seen=g.photos_seen)
    report = verification.decide(
        report_id, decided, caller=caller(), by=exact_places.by(), seen_versions=required_versions()
    )
    return _answer(report)


def _photos_seen(report: Report) -> Container[str] | None:
    """Return the names of the photos that the caller has read, as far as If-Match tells; None if it does not."""
    marks = photo_marks() if report.photos_kept else None
    if marks is None:
        return None
    photos = photo_views.photo_forms(report, photo_views.rights_here(report), language=accepted_language())
    return {photo.name for photo in report.photos} if report_routes.photo_mark(photos) in marks else frozenset()


@blueprint.delete(VERIFICATION)
@blueprint.doc(parameters=[MATCH_PARAMETER])
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, ReportSchema)
@lock(Who.RESPONDER, Scope.REVIEW)
def delete_verification(report_id: str) -> Response:
    """Undo the decision in force, within 7 days. Corrections are taken back too."""
    verification.find(report_id, caller())
    report = verification.undo(report_id, caller=caller(), by=exact_places.by(), seen_versions=required_versions())
    return _answer(report)


def _answer(report: Report) -> Response:
    form, headers = report_routes.shown(report, is_exact=False, rights=OF_STAFF)
    return json_answer(form, cache=PRIVATE, headers=headers)
