"""Routes of single reports and of a person's own reports."""

from typing import Any
from zlib import crc32

from flask import Response, request

from app.accounts import tokens
from app.accounts.auth import Caller, Who, caller, lock, visitor_id
from app.accounts.scopes import Scope
from app.api import exact_places
from app.api.list_query import PageQuery
from app.api.report_schemas import EditReportSchema, NewReportSchema, OwnReportsSchema, ReportSchema, full_form
from app.api.report_versions import required_versions, seen_versions
from app.core import clock
from app.core.errors import Invalid, Mistake, PreconditionRequired
from app.core.translations import SOURCE
from app.http import cursors, headers, languages, paging
from app.http.answers import json_answer
from app.http.schemas import Blueprint, NoQuery
from app.reports import create, edit
from app.reports.entry import NEWER_THAN_ALL
from app.reports.models import POSITION, Report
from app.warnings.search import find_covering_if_readable

blueprint = Blueprint("reports", __name__, description="Reports of flooding by people.")
KEY_LENGTHS = range(8, 129)
# Without an account only the key distinguishes senders: a UUID has 36, 128 random bits in base64 22.
SHORTEST_ANONYMOUS_KEY = 20
ID = "<report_id>"
KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "8 to 128 characters, without an account at least 20, that you make once for each report (a UUID is "
    "good) and send again with each try.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[!-~]+$"},
}
MATCH_PARAMETER = headers.IF_MATCH | {"required": True, "description": "The ETag of the version that you read."}


@blueprint.post("/v1/reports")
@blueprint.doc(parameters=[KEY_PARAMETER])
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(NewReportSchema)
@blueprint.response(201, ReportSchema, description="Stored.")
@blueprint.response(200, schema=ReportSchema, description="Already stored under this key; in its current state.")
@lock(Who.ANYONE, Scope.WRITE)
def create_report(values: dict[str, Any]) -> Response:
    """File a report; send it again with the same Idempotency-Key as often as needed.

    An account is optional. Without one the answer holds an `edit_token`, valid for 24 hours from when it was filed.
    Beyond some reports an hour from one network without an account, each is still stored, but marked
    `many_from_one_network`; far beyond, refused. A visitor (`POST /v1/visitors`) has a number of reports an hour of
    their own, which are not refused then.
    """
    account_id = caller().account_id
    key = _idempotency_key(is_anonymous=account_id is None)
    filed = create.file_limited(values, create.ReportSender(account_id, key, visitor_id=visitor_id()))
    form, body_headers = shown(filed.report, is_exact=True)
    if account_id is None and clock.now_ms() < filed.report.created_at_ms + tokens.LIFE_S[tokens.Use.EDIT] * 1000:
        form["edit_token"] = tokens.edit_token(filed.report.id, since_ms=filed.report.created_at_ms)
    body_headers["Location"] = f"/v1/reports/{filed.report.id}"
    if not filed.is_new:
        body_headers["Idempotency-Replayed"] = "true"
    return json_answer(form, status=201 if filed.is_new else 200, cache=headers.PRIVATE, headers=body_headers)


def _idempotency_key(*, is_anonymous: bool) -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise PreconditionRequired("Send an Idempotency-Key header: 8 to 128 characters, made once for each report.")
    if len(key) not in KEY_LENGTHS or not key.isascii() or not key.isprintable() or " " in key:
        raise Invalid([Mistake("Idempotency-Key", "length", "It must have 8 to 128 visible ASCII characters.")])
    if is_anonymous and len(key) < SHORTEST_ANONYMOUS_KEY:
        sentence = "Without an account it must have at least 20 characters and be unique, such as a UUID."
        raise Invalid([Mistake("Idempotency-Key", "length", sentence)])
    return key


@blueprint.get(f"/v1/reports/{ID}")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, ReportSchema)
@lock(Who.ANYONE, *Scope)
def read_report(report_id: str) -> Response:
    """Read one report. Its reporter and responders of its area see the exact place; for all others it may be coarse."""
    report = edit.read_report(report_id, caller())
    form, body_headers = shown(
        report, is_exact=_sees_exact(report, caller()), is_staff=edit.may_judge(report, caller())
    )
    cache = headers.PUBLIC_LIST if caller().is_anonymous else headers.PRIVATE
    return json_answer(form, cache=cache, headers=body_headers | {"Vary": "Accept-Language, Authorization"})


def shown(report: Report, *, is_exact: bool, is_staff: bool = False) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the whole report with the warnings over it, and headers: an ETag that depends on both, the language."""
    entry, language = report.entry(), languages.accepted()
    (over,) = find_covering_if_readable([entry.spot])
    ids = " ".join(row.id for row in over.certain) if over else ""
    if over and over.possible:  # a warning that only may be over it must change the ETag when it surely is
        ids += f"|{' '.join(row.id for row in over.possible)}"
    tail = f"-w{crc32(ids.encode()):08x}" if ids else ""
    marks = (
        ("-exact" if is_exact else "") + ("-staff" if is_staff else "") + ("-many" if entry.is_one_of_many else "")
    )  # the second ends by itself
    touches = f"-t{report.touches:.0f}" if report.touches else ""
    translated = f"-{language}" if report.confidence_reasons and language != SOURCE else ""
    tag = f'"v{report.public_version}{marks}{touches}{tail}{translated}"'
    form = full_form(report, entry, is_exact=is_exact, is_staff=is_staff, over=over, language=language)
    return form, {"ETag": tag, "Content-Language": language, "Vary": "Accept-Language"}


def _sees_exact(report: Report, reader: Caller) -> bool:
    """Return whether the caller sees the exact place. That of another person is noted first, or not shown."""
    if edit.is_reporter(report, reader):
        return True
    if not edit.may_judge(report, reader):
        return False
    is_hidden = report.exact_place() != {"lat": report.lat, "lon": report.lon}
    return not is_hidden or exact_places.note([report.id])


@blueprint.patch(f"/v1/reports/{ID}")
@blueprint.doc(parameters=[MATCH_PARAMETER])
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(EditReportSchema)
@blueprint.response(200, ReportSchema)
@lock(Who.REPORTER, Scope.WRITE, Scope.IMPORT)
def edit_report(values: dict[str, Any], report_id: str) -> Response:
    """Change one's own report. `If-Match` names the version that was read."""
    report = edit.edit_report(report_id, values, caller=caller(), seen_versions=required_versions())
    form, body_headers = shown(report, is_exact=True)
    return json_answer(form, cache=headers.PRIVATE, headers=body_headers)


@blueprint.delete(f"/v1/reports/{ID}")
@blueprint.doc(parameters=[headers.IF_MATCH])
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(204)
@lock(Who.REPORTER, Scope.WRITE, Scope.IMPORT)
def withdraw_report(report_id: str) -> Response:
    """Withdraw one's own report. It leaves the map and all lists immediately."""
    edit.withdraw_report(report_id, caller=caller(), seen_versions=seen_versions())
    return Response(status=204, headers={"Cache-Control": headers.PRIVATE})


@blueprint.get("/v1/me/reports")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, OwnReportsSchema)
@lock(Who.ACCOUNT)
def list_own_reports(query: dict[str, Any]) -> Response:
    """List one's own reports, whatever their status, newest first, with their exact places."""
    account_id = str(caller().account_id)
    filters = {"list": "own", "account": account_id}
    before = cursors.read_or_refuse(query, filters=filters, position=POSITION) or NEWER_THAN_ALL
    reports, position = Report.page_of_account(account_id, before=before, limit=query["limit"])
    following = cursors.write(position, filters=filters) if position else None
    entries = [report.entry() for report in reports]
    over = find_covering_if_readable([entry.spot for entry in entries]) if reports else []
    rows = zip(reports, entries, over, strict=True)
    language = languages.accepted()
    items = [full_form(report, entry, is_exact=True, over=above, language=language) for report, entry, above in rows]
    return languages.say(paging.page_answer(items, next_cursor=following, cache=headers.PRIVATE), language)
