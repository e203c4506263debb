"""Routes of one's own sessions: list them, end them."""

from typing import Any

from flask import Response

from app.accounts import auth, session_list
from app.accounts.auth import Who, lock
from app.api.list_query import PageQuery
from app.api.session_schemas import SessionPageSchema, session_form
from app.core import clock
from app.core.errors import NotFound
from app.http import cursors, paging
from app.http.headers import PRIVATE, keep_private
from app.http.schemas import Blueprint, NoQuery

NOT_THERE = "You have no session with this id. It may have ended already."

blueprint = Blueprint("sessions", __name__, description="One's own sessions, of the pages and of apps.")


blueprint.after_request(keep_private)


@blueprint.get("/v1/me/sessions")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, SessionPageSchema)
@lock(Who.ACCOUNT)
def list_sessions(query: dict[str, Any]) -> Response:
    """List one's own sessions in force, newest first, of the pages and of apps.

    What has ended is not there. One that began in the last second may not be there yet.
    """
    account, own = auth.account(), auth.own_session()
    filters = {"list": "sessions", "account": account.id}
    before = cursors.read_or_refuse(query, filters=filters, position=session_list.POSITION) or session_list.NEWEST
    page = session_list.find(account, own, before=before, limit=query["limit"])
    next_cursor = cursors.write(page.next_before, filters=filters) if page.next_before else None
    items = [session_form(family, account, own_id=own.id) for family in page.sessions]
    complete_to = clock.rfc3339_or_none(page.complete_to_ms)
    return paging.page_answer(items, next_cursor=next_cursor, cache=PRIVATE, complete_to=complete_to)


@blueprint.delete("/v1/me/sessions")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(204)
@lock(Who.ACCOUNT)
def end_other_sessions() -> Response:
    """End all other sessions, on pages and in apps; this one goes on.

    Their tokens are refused from the next request on, access tokens in hand too. To end this one as well: `DELETE
    /v1/tokens`.
    """
    session_list.end_others(auth.account(), auth.own_session())
    return Response(status=204)


@blueprint.delete("/v1/me/sessions/<session_id>")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(204)
@lock(Who.ACCOUNT)
def end_session(session_id: str) -> Response:
    """End one session, also this one: its tokens are refused from the next request on, access tokens in hand too.

    Answers 404 if it is not one's own, or has ended already: after an answer that was lost, 404 means that it is done.
    """
    if not session_list.end(auth.account(), session_id):
        raise NotFound(NOT_THERE)
    return Response(status=204)
