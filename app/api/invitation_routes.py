"""Routes of invitations: admins make, list and end them, invited people accept one."""

from typing import Any

from flask import Response

from app.accounts import auth
from app.accounts.auth import Who, lock
from app.accounts.models import Account
from app.api import exact_places
from app.api.account_schemas import MeSchema, account_form
from app.api.invitation_schemas import (
    AcceptanceSchema,
    InvitationListSchema,
    InvitationSchema,
    MadeInvitationSchema,
    NewInvitationSchema,
    invitation_form,
    link_of,
)
from app.api.list_query import PageQuery
from app.core.errors import Invalid, Mistake
from app.http import cursors, paging
from app.http.answers import json_answer
from app.http.headers import PRIVATE, keep_private
from app.http.schemas import Blueprint, NoQuery
from app.http.urls import base_url
from app.review import accepting, inviting
from app.review.inviting import Listed, State

blueprint = Blueprint("invitations", __name__, description="Invitations to become a responder.")
ADDRESS = "/v1/admin/invitations"
ID = "<invitation_id>"


blueprint.after_request(keep_private)


@blueprint.get(ADDRESS)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, InvitationListSchema)
@lock(Who.ADMIN)
def list_invitations(query: dict[str, Any]) -> Response:
    """List the invitations of the last 30 days, newest first, with their state and never with their token.

    One that was made within the last second may not be there yet.
    """
    filters = cursors.filters_of(query) | {"list": "invitations"}
    before = cursors.read_or_refuse(query, filters=filters, position=inviting.POSITION)
    found, following = inviting.page(before=before or inviting.NEWER_THAN_ALL, limit=query["limit"])
    next_cursor = cursors.write(following, filters=filters) if following else None
    return paging.page_answer([invitation_form(one) for one in found], next_cursor=next_cursor, cache=PRIVATE)


@blueprint.post(ADDRESS)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(NewInvitationSchema)
@blueprint.response(201, MadeInvitationSchema, headers=["Location"])
@lock(Who.ADMIN)
def create_invitation(values: dict[str, Any]) -> Response:
    """Invite a person to become a responder: the answer has a link that works once, for seven days.

    Only this answer shows the link. It ends early if the admin who made it ceases to be one, if only for a moment.
    """
    made = inviting.make(values["role"], values["areas"], values["note"], by=exact_places.by())
    form = invitation_form(Listed(made.invitation, State.WAITING))
    headers = {"Location": f"{ADDRESS}/{made.invitation.id}"}
    return json_answer(form | {"link": link_of(made.token, base_url())}, status=201, cache=PRIVATE, headers=headers)


@blueprint.get(f"{ADDRESS}/{ID}")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, InvitationSchema)
@lock(Who.ADMIN)
def read_invitation(invitation_id: str) -> Response:
    """Read one invitation, without its token."""
    return json_answer(invitation_form(inviting.find(invitation_id)), cache=PRIVATE)


@blueprint.delete(f"{ADDRESS}/{ID}")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(204)
@lock(Who.ADMIN)
def end_invitation(invitation_id: str) -> Response:
    """End an invitation, so that it cannot be used any more. One that was used answers 409: change the account."""
    inviting.end(invitation_id, by=exact_places.by())
    return Response(status=204)


@blueprint.post("/v1/invitations/accept")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(AcceptanceSchema)
@blueprint.response(201, MeSchema, headers=["Location"])
@blueprint.response(200, MeSchema)
@blueprint.doc(security=auth.WITH_OR_WITHOUT)
@lock(Who.ANYONE)
def accept_invitation(values: dict[str, str]) -> Response:
    """Accept an invitation: make a responder's account with it, or become a responder with one's own account.

    Without a sign-in `username` and `password` make the account (201); then sign in. With the access token of a
    resident their own password confirms it (200). An invitation that was used, was ended or has expired answers 409
    `invitation-over`, a token that does not exist 404. Wrong tries are limited by network. The switch for new accounts
    does not stop it.
    """
    is_known = auth.caller().account_id is not None
    account = _accept_as_known(values) if is_known else _accept_as_new(values)
    body, told = MeSchema().dump(account_form(account)), {} if is_known else {"Location": "/v1/me"}
    return json_answer(body, status=200 if is_known else 201, cache=PRIVATE, headers=told)


def _accept_as_known(values: dict[str, str]) -> Account:
    if "username" in values:
        sentence = "You are signed in: leave it out to accept with this account, or sign out to make another one."
        raise Invalid([Mistake("/username", "conflict", sentence)])
    return accepting.as_known(
        values["token"], auth.account(), values["password"], request_id=exact_places.by().request_id
    )


def _accept_as_new(values: dict[str, str]) -> Account:
    if "username" not in values:
        raise Invalid([Mistake("/username", "required", "It is required without a sign-in.")])
    return accepting.as_new(
        values["token"], values["username"], values["password"], request_id=exact_places.by().request_id
    )
