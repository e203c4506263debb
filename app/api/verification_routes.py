"""Routes of decisions about reports by responders."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, g

from app.accounts.auth import Who, caller, lock
from app.accounts.scopes import Scope
from app.api import report_routes
from app.api.report_routes import MATCH_PARAMETER
from app.api.report_schemas import ReportSchema
from app.api.report_versions import required_versions
from app.api.verification_schemas import DecisionSchema, deciding
from app.http.answers import json_answer
from app.http.headers import PRIVATE
from app.http.schemas import Blueprint, NoQuery
from app.reports.models import Report
from app.review import holds, verification
from app.review.audit import By

blueprint = Blueprint("verification", __name__, description="Decisions about reports by responders.")
VERIFICATION = "/v1/reports/<report_id>/verification"
View = TypeVar("View", bound=Callable[..., Any])


def by_caller() -> By:
    """Return who acts in this request, for audit rows."""
    return By(str(caller().account_id), g.get("request_id", ""))


def _checked_first(view: View) -> View:
    """Tell who may not decide, and who has not seen the newest version, before mistakes in the body."""

    @wraps(view)
    def check(report_id: str, **named: Any) -> Any:
        report = verification.find(report_id, caller())
        verification.check_open(report, required_versions())
        holds.check_free(report.id, str(caller().account_id))
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
    order 401, 403 or 404, 428, 412, 409, 422.
    """
    report = verification.decide(
        report_id, deciding(values), caller=caller(), by=by_caller(), seen_versions=required_versions()
    )
    return _answer(report)


@blueprint.delete(VERIFICATION)
@blueprint.doc(parameters=[MATCH_PARAMETER])
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, ReportSchema)
@lock(Who.RESPONDER, Scope.REVIEW)
def delete_verification(report_id: str) -> Response:
    """Undo the decision in force, within 7 days. Corrections are taken back too."""
    verification.find(report_id, caller())
    report = verification.undo(report_id, caller=caller(), by=by_caller(), seen_versions=required_versions())
    return _answer(report)


def _answer(report: Report) -> Response:
    form, headers = report_routes.shown(report, is_exact=False, is_staff=True)
    return json_answer(form, cache=PRIVATE, headers=headers)
