"""Routes of single reports and of a person's own reports."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from flask import Response, request

from app.accounts import tokens
from app.accounts.auth import Caller, Who, caller, lock, visitor_id
from app.accounts.scopes import Scope
from app.api import exact_places, photo_views
from app.api.described_headers import IDEMPOTENCY_REPLAYED
from app.api.list_query import PageQuery
from app.api.report_list_schemas import OwnReportsSchema
from app.api.report_schemas import EditReportSchema, NewReportSchema, ReportSchema, full_form
from app.api.report_versions import required_versions, seen_versions
from app.core import clock
from app.core.errors import Invalid, PreconditionRequired, mistake_in_parameter
from app.core.translations import SOURCE
from app.http import cursors, headers, idempotency_keys, paging
from app.http.answers import accepted_language, in_language, json_answer
from app.http.schemas import Blueprint, NoQuery
from app.photos.standing import OF_REPORTER, PhotoRights
from app.reports import create, edit
from app.reports.entry import NEWER_THAN_ALL
from app.reports.models import POSITION, Report
from app.warnings.covering import find_covering_if_readable

blueprint = Blueprint("reports", __name__, description="Reports of flooding by people.")
ID = "<report_id>"
KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "8 to 128 characters, without an account at least 20, that you make once for each report (a UUID is "
    "good) and send again with each try.",
    "schema": idempotency_keys.SCHEMA,
}
MATCH_PARAMETER = headers.IF_MATCH | {"required": True, "description": "The ETag of the version that you read."}


@blueprint.post("/v1/reports")
@blueprint.doc(parameters=[KEY_PARAMETER])
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(NewReportSchema)
@blueprint.response(201, ReportSchema, description="Stored.", headers=["Location", "ETag"])
@blueprint.response(
    200,
    schema=ReportSchema,
    description="Already stored under this key; in its current state.",
    headers=["Location", IDEMPOTENCY_REPLAYED, "ETag"],
)
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
    form, body_headers = shown(filed.report, is_exact=True, rights=OF_REPORTER)
    if account_id is None and clock.now_ms() < filed.report.created_at_ms + tokens.LIFE_S[tokens.Use.EDIT] * 1000:
        form["edit_token"] = tokens.edit_token(filed.report.id, since_ms=filed.report.created_at_ms)
    body_headers["Location"] = f"/v1/reports/{filed.report.id}"
    if not filed.is_new:
        body_headers[IDEMPOTENCY_REPLAYED] = "true"
    return json_answer(form, status=201 if filed.is_new else 200, cache=headers.PRIVATE, headers=body_headers)


def _idempotency_key(*, is_anonymous: bool) -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise PreconditionRequired("Send an Idempotency-Key header: 8 to 128 characters, made once for each report.")
    if fault := idempotency_keys.fault(key, is_anonymous=is_anonymous):
        code, _, sentence = fault.partition("|")
        raise Invalid([mistake_in_parameter("Idempotency-Key", code, sentence)])
    return key


@blueprint.get(f"/v1/reports/{ID}")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, ReportSchema)
@lock(Who.ANYONE, *Scope)
def read_report(report_id: str) -> Response:
    """Read one report. Its reporter and responders of its area see the exact place; for all others it may be coarse."""
    report = edit.read_report(report_id, caller())
    rights = photo_views.rights_here(report)
    form, body_headers = shown(report, is_exact=_sees_exact(report, caller()), rights=rights)
    is_public = caller().is_anonymous and not rights.sees_all
    cache = headers.PUBLIC_LIST if is_public else headers.PRIVATE
    return json_answer(form, cache=cache, headers=body_headers | {"Vary": "Accept-Language, Authorization"})


def shown(report: Report, *, is_exact: bool, rights: PhotoRights) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the whole report with warnings and photos, and headers: an ETag that depends on all, the language."""
    entry, language = report.entry(), accepted_language()
    (over,) = find_covering_if_readable([entry.spot])
    ids = " ".join(row.id for row in over.certain) if over else ""
    if over and over.possible:  # a warning that only may be over it must change the ETag when it surely is
        ids += f"|{' '.join(row.id for row in over.possible)}"
    tail = f"-w{crc32(ids.encode()):08x}" if ids else ""
    marks = ("-exact" if is_exact else "") + ("-staff" if rights.is_staff else "")
    marks += "-many" if entry.is_one_of_many else ""  # which ends by itself
    touches = f"-t{report.touches:.0f}" if report.touches else ""
    translated = f"-{language}" if report.confidence_reasons and language != SOURCE else ""
    photos = photo_views.photo_forms(report, rights, language=language)
    pictures = photo_mark(photos)
    tag = f'"v{report.public_version}{marks}{touches}{tail}{pictures}{translated}"'
    form = full_form(report, is_exact=is_exact, photos=photos, is_staff=rights.is_staff, over=over, language=language)
    return form, {"ETag": tag, "Content-Language": language, "Vary": "Accept-Language"}


def photo_mark(photos: Sequence[dict[str, Any]]) -> str:
    """Return the part of an ETag that changes with the photos of a form; "" for none."""
    return f"-p{crc32(repr(photos).encode()):08x}" if photos else ""


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
    form, body_headers = shown(report, is_exact=True, rights=OF_REPORTER)
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
    language = accepted_language()
    photos = photo_views.own_photo_forms(reports, language)
    items = [
        full_form(report, is_exact=True, photos=photos[report.id], over=above, language=language)
        for report, above in zip(reports, over, strict=True)
    ]
    return in_language(paging.page_answer(items, next_cursor=following, cache=headers.PRIVATE), language)
