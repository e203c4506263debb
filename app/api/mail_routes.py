"""Routes of lost passwords, and of confirming one's address by a link in a message."""

from flask import Response

from app.accounts import auth, own_address, password_reset, sessions
from app.accounts.auth import Who, lock
from app.accounts.one_time_links import LIFE_MS, Right
from app.accounts.password_reset import ResetRequest
from app.api.mail_schemas import (
    ConfirmedSchema,
    LinkTokenSchema,
    ResetAnswerSchema,
    ResetAskedSchema,
    ResetUseSchema,
)
from app.http.answers import accepted_language, json_answer
from app.http.headers import PRIVATE, keep_private
from app.http.schemas import Blueprint, NoQuery

SENT = "If there is such an account with a confirmed address, a message is on its way to it."
blueprint = Blueprint("mail", __name__, description="Lost passwords, and confirming one's e-mail address.")
blueprint.after_request(keep_private)


@blueprint.post("/v1/password-resets")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(ResetAskedSchema)
@blueprint.response(202, ResetAnswerSchema)
@lock(Who.ANYONE)
def ask_for_reset(values: dict[str, str]) -> Response:
    """Ask for a link by which a lost password is replaced.

    It goes to the confirmed address of the account, and is good for 30 minutes and one use; a newer one takes its
    place. The answer is the same whether there is such an account or not. Where no mail is set up: 409
    `mail-not-set-up`.
    """
    password_reset.ask(ResetRequest(**values, device=sessions.any_device()), language=accepted_language())
    body = {"detail": SENT, "expires_in": LIFE_MS[Right.RESET] // 1000}
    return json_answer(body, status=202, cache=PRIVATE)


@blueprint.post("/v1/password-resets/use")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(ResetUseSchema)
@blueprint.response(204)
@lock(Who.ANYONE)
def use_reset(values: dict[str, str]) -> Response:
    """Set a new password by the token of such a link.

    All sign-ins end. A second factor stays, and is asked for at the next sign-in. A token that was used, is too old, or
    was replaced: 403 `link-not-valid`.
    """
    password_reset.use(values["token"], values["password"])
    return Response(status=204)


@blueprint.post("/v1/me/email/confirmation")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(202)
@lock(Who.ACCOUNT)
def ask_to_confirm() -> Response:
    """Get the message for confirming one's address once more.

    At most three a day from one network, and ten to one address; beyond, the answer is the same and none is sent. Any
    link of the last 48 hours to this address confirms it for who is signed in.
    """
    own_address.send_again(auth.account(), language=accepted_language())
    return Response(status=202)


@blueprint.post("/v1/email-confirmations")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(LinkTokenSchema)
@blueprint.response(200, ConfirmedSchema)
@lock(Who.ANYONE)
def confirm(values: dict[str, str]) -> Response:
    """Confirm an address by the token of the link in the message to it.

    It is confirmed for the account that the message names; or for the caller's, if that states this very address too.
    The address that was confirmed before gets a message. 403 `link-not-valid` as for lost passwords; 409 if another
    account has confirmed the address.
    """
    signed_in = auth.account() if auth.caller().account_id else None
    account = own_address.confirm(values["token"], signed_in=signed_in, language=accepted_language())
    body = {"username": account.username, "email": account.confirmed_email}
    return json_answer(body, cache=PRIVATE)
