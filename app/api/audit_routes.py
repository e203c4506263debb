"""Routes of the audit: what members of staff did, for admins, as JSON and CSV."""

from typing import Any

from flask import Response, request

from app.accounts.auth import Who, lock
from app.api import csv_table
from app.api.audit_schemas import COLUMNS, AuditPageSchema, AuditQuerySchema, act_form, table_row
from app.core import clock
from app.core.errors import NotAcceptable
from app.http import cursors, paging
from app.http.headers import PRIVATE, keep_private
from app.http.schemas import JSON, Blueprint
from app.review import audit_search
from app.review.audit_search import AuditPage, AuditQuery

blueprint = Blueprint("audit", __name__, description="The record of what staff did, for admins.")


blueprint.after_request(keep_private)


@blueprint.get("/v1/admin/audit")
@blueprint.arguments(AuditQuerySchema, location="query")
@blueprint.response(200, AuditPageSchema)
@lock(Who.ADMIN)
def list_acts(query: dict[str, Any]) -> Response:
    """List what members of staff did, newest first: all, or by subject, actor, action and time.

    Rows are kept for a year and hold ids and codes only. A row appears within a second or two of its act. The format
    is JSON or CSV, by `Accept` or by the suffix of the URL.
    """
    types = request.accept_mimetypes
    chosen = types.best_match([JSON, csv_table.MEDIA_TYPE]) if types else JSON
    if not chosen:
        raise NotAcceptable(f"The audit is served as {JSON} and {csv_table.MEDIA_TYPE}.")
    response = _list(query, is_table=chosen == csv_table.MEDIA_TYPE)
    response.vary.add("Accept")
    return response


@blueprint.get("/v1/admin/audit.csv")
@blueprint.arguments(AuditQuerySchema, location="query")
@blueprint.response(200, csv_table.described(COLUMNS), content_type=csv_table.MEDIA_TYPE)
@lock(Who.ADMIN)
def list_acts_csv(query: dict[str, Any]) -> Response:
    """List what members of staff did as CSV; `Link` leads to the next page."""
    return _list(query, is_table=True)


def _list(query: dict[str, Any], *, is_table: bool) -> Response:
    filters = cursors.filters_of(query) | {"list": "audit"}
    before = cursors.read_or_refuse(query, filters=filters, position=audit_search.POSITION)
    page = find_page(query, before)
    next_cursor = cursors.write(page.next_before, filters=filters) if page.next_before else None
    acts = [act_form(row) for row in page.rows]
    if is_table:
        table = csv_table.write(COLUMNS, map(table_row, acts))
        return Response(table, mimetype=csv_table.MEDIA_TYPE, headers=paging.link_header(next_cursor))
    complete_to = clock.rfc3339_or_none(page.complete_to_ms)
    return paging.page_answer(acts, next_cursor=next_cursor, cache=PRIVATE, complete_to=complete_to)


def find_page(query: dict[str, Any], before: str | None) -> AuditPage:
    """Return the page of a query's filters at a position."""
    return audit_search.find(
        AuditQuery(
            subject=query.get("subject"),
            actor=query.get("actor"),
            action=query.get("action"),
            since_ms=query.get("since"),
            until_ms=query.get("until"),
            before=before,
            limit=query["limit"],
        )
    )
