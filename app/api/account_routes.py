"""Routes of accounts, tokens, and one's own account."""

from typing import Any

from flask import Response, request

from app.accounts import auth, erase, registration, signing_in, tokens, visitors
from app.accounts.auth import Who, lock
from app.accounts.models import Account
from app.api import export_views
from app.api.account_schemas import (
    KEEP_TEXTS,
    AccountSchema,
    LeavingSchema,
    MeChangeSchema,
    MeSchema,
    NewAccountSchema,
    PairSchema,
    RefreshSchema,
    SignedInSchema,
    SignInSchema,
    VisitorSchema,
    account_form,
    code_of,
)
from app.api.export_schemas import ExportQuery, ExportSchema
from app.core import clock
from app.core.errors import PreconditionFailed
from app.http import cursors, paging
from app.http.answers import accepted_language, json_answer
from app.http.headers import IF_MATCH, PRIVATE, keep_private
from app.http.schemas import Blueprint, NoQuery
from app.switches import current

DEVICE_TOKEN = "Device-Token"  # noqa: S105 - the name of a header
DEVICE_PARAMETER = {
    "in": "header",
    "name": DEVICE_TOKEN,
    "required": False,
    "description": "The `device_token` of an earlier sign-in on this device. It gives no access; a bad one is ignored.",
    "schema": {"type": "string", "example": "ZGV2aWNl.c2ln"},
}

blueprint = Blueprint("accounts", __name__, description="Registering, signing in, one's own account.")


blueprint.after_request(keep_private)


@blueprint.post("/v1/accounts")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(NewAccountSchema)
@blueprint.response(201, AccountSchema, headers=["Location"])
@lock(Who.ANYONE)
def create_account(values: dict[str, Any]) -> Response:
    """Register with a user name and a password.

    Answers 409 if the name is taken, in any letter case. The number of attempts is limited by network.
    """
    current.require_registrations()
    account = registration.register_resident(**values, language=accepted_language())
    body = AccountSchema().dump(account_form(account))
    return json_answer(body, status=201, cache=PRIVATE, headers={"Location": "/v1/me"})


@blueprint.post("/v1/tokens")
@blueprint.doc(parameters=[DEVICE_PARAMETER])
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(SignInSchema)
@blueprint.response(200, SignedInSchema)
@lock(Who.ANYONE)
def create_tokens(values: dict[str, str]) -> Response:
    """Sign in.

    A wrong password and an unknown name get the same answer. Ten wrong tries within a quarter of an hour close the
    account's sign-in to the network that they came from until the quarter is over. An account with a second factor
    answers 401 `second-factor-needed` until `totp` or `recovery_code` is sent too; each code is good for one sign-in.

    Keep the `device_token` and send it as `Device-Token` at the next sign-in: the device is then known. It has tries of
    its own, and the person's sessions on pages are not told of a new sign-in.
    """
    signed_in = signing_in.sign_in(
        values["username"],
        values["password"],
        code_of(values),
        device=request.headers.get(DEVICE_TOKEN, ""),
        user_agent=request.user_agent.string,
    )
    body = SignedInSchema().dump(signed_in.pair._asdict() | {"device_token": signed_in.device_token})
    return json_answer(body, cache=PRIVATE)


@blueprint.post("/v1/visitors")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(201, VisitorSchema)
@lock(Who.ANYONE)
def create_visitor() -> Response:
    """Get a token for a person without an account.

    Nothing is stored. Sent as `Authorization: Bearer` with each report, it gives some reports an hour that neighbours
    on the same network cannot use up. The number of tokens is limited by network.
    """
    issued = visitors.issue()
    body = {"visitor_token": issued.visitor_token, "expires_at": clock.rfc3339(issued.expires_at_ms)}
    return json_answer(body, status=201, cache=PRIVATE)


@blueprint.post("/v1/tokens/refresh")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(RefreshSchema)
@blueprint.response(200, PairSchema)
@lock(Who.ANYONE)
def refresh_tokens(values: dict[str, str]) -> Response:
    """Exchange a refresh token for the next pair.

    A refresh token is valid once. Sent again within 10 seconds it gives the same pair; later, the session ends. It also
    ends after 12 hours without use and 7 days after the
    sign-in; that of a responder or admin after 30 minutes and 12 hours.
    """
    return json_answer(PairSchema().dump(tokens.refresh(values["refresh_token"])), cache=PRIVATE)


@blueprint.delete("/v1/tokens")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(204)
@lock(Who.SIGNED_IN)
def end_tokens() -> Response:
    """Sign out: the access and refresh tokens of this session are invalid from the next request on."""
    tokens.end_session(auth.session_id())
    return Response(status=204)


@blueprint.get("/v1/me")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, MeSchema)
@lock(Who.ACCOUNT)
def read_me() -> Response:
    """Read one's own account."""
    return _own(auth.account())


@blueprint.get("/v1/me/export")
@blueprint.arguments(ExportQuery, location="query")
@blueprint.response(200, ExportSchema)
@lock(Who.ACCOUNT)
def export_me(query: dict[str, Any]) -> Response:
    """Export all that is stored about oneself: the account, the sign-ins, the reports.

    In pages: each holds the account and the next part of both lists. Withdrawn reports are there until they are
    deleted. Secrets, such as the password's hash, are not.
    """
    account = auth.account()
    filters = export_views.filters_of(account)
    position = cursors.read_or_refuse(query, filters=filters, position=export_views.POSITION) or export_views.START
    page = export_views.read_page(account, position, limit=query["limit"])
    return json_answer(page.body, cache=PRIVATE, headers=paging.link_header(page.next_cursor))


@blueprint.patch("/v1/me")
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(MeChangeSchema)
@blueprint.response(200, MeSchema)
@lock(Who.ACCOUNT)
def change_me(values: dict[str, Any]) -> Response:
    """Change one's e-mail address or password.

    A new password needs the present one and ends all sessions. Another address is asked to confirm itself by a link,
    and the one before gets a message once that has happened. With `If-Match`, only the version named is changed.
    """
    account = auth.account()
    if "If-Match" in request.headers and not request.if_match.contains(_etag(account).strip('"')):
        raise PreconditionFailed("The account has changed since you read it.")
    signed_in_at_ms = auth.own_session().started_at_ms
    registration.change_account(account, values, signed_in_at_ms=signed_in_at_ms, language=accepted_language())
    return _own(account)


@blueprint.delete("/v1/me")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(LeavingSchema)
@blueprint.response(204)
@lock(Who.ACCOUNT)
def delete_me(values: dict[str, str]) -> Response:
    """Delete one's account, by its password.

    The account and its name are deleted at once, its sign-ins end and are deleted within the hour. Its reports stay,
    but within the hour without any link to the person: their place rounded to 0.001 degrees, their texts blank unless
    `reports` is `keep`.
    """
    keeps_texts = values["reports"] == KEEP_TEXTS
    erase.erase(auth.account(), values["password"], keeps_texts=keeps_texts)
    return Response(status=204)


def _own(account: Account) -> Response:
    body = MeSchema().dump(account_form(account))
    return json_answer(body, cache=PRIVATE, headers={"ETag": _etag(account)})


def _etag(account: Account) -> str:
    return f'"v{account.version:.0f}"'
