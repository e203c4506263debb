"""The page of an invited person: accept an invitation with a new account, or with the one that is signed in.

The token stands after `#` in the link, so that no request has it; a script puts it into the form. Without scripts one
pastes the link. Nothing is changed by a GET.
"""

import re

from flask import Response, g, request

from app.accounts import auth, passwords
from app.accounts.models import Account
from app.accounts.usernames import NAME_LENGTHS
from app.api.invitation_schemas import AcceptanceSchema
from app.core.errors import (
    Conflict,
    Invalid,
    InvitationOver,
    Mistake,
    NotFound,
    Problem,
    TooMany,
    Unavailable,
    WrongPassword,
)
from app.core.translations import N_
from app.http import problems
from app.http.headers import PRIVATE
from app.http.schemas import load
from app.pages.account import form_mistakes, sign_in_step
from app.pages.account.form_mistakes import NEW_NAME, NEW_PASSWORD, ShownMistake
from app.pages.account.typed import require, typed
from app.pages.frame import wording
from app.pages.frame.language import gettext
from app.pages.frame.rendering import page
from app.review import accepting
from app.review.inviting import State

ADDRESS = "/invitation"
AFTERWARDS = "/review"
TOKEN = "token"  # noqa: S105 - the name of a field
LONGEST_LINK = 2000
OVER = {
    State.USED: N_("This invitation was used. If that was you, sign in. If not, tell the admin who invited you."),
    State.ENDED: N_("This invitation was ended. Ask for a new one."),
    State.EXPIRED: N_("This invitation has expired: it was good for seven days. Ask for a new one."),
}
UNKNOWN = N_("There is no such invitation. Look whether the whole link was copied.")
NO_LINK = N_("Paste the link that you were sent.")
STAFF = N_("You are staff already. Ask an admin to change your areas. The invitation was not used.")
NOT_OWN = N_("This is not your password.")
TOO_SHORT = N_("Responders need a password of %(shortest)s characters or more. Change yours first, then come back.")
AWAY = N_("It could not be stored just now. Try again.")


def show() -> Response:
    """Show the form. Who opens the page changes nothing."""
    return _page(_account())


def accept() -> Response:
    """Accept the invitation, begin a session with the new rights, and go to the reports; or show the form again."""
    account, token = _account(), _token()
    try:
        accepted = _accept(account, token)
    except (Invalid, NotFound, Conflict, WrongPassword, TooMany, Unavailable) as problem:
        return _page(account, problem=problem)
    return sign_in_step.enter(accepted, AFTERWARDS)


def _account() -> Account | None:
    return auth.account() if auth.recognise().account_id else None


def _token() -> str:
    """Return the token of what was pasted: the token itself, or the link that ends with it."""
    return re.sub(r"\s+", "", request.form.get(TOKEN, "")[:LONGEST_LINK]).rpartition("#")[2]


def _accept(account: Account | None, token: str) -> Account:
    name, password = typed(NEW_NAME).strip(), typed(NEW_PASSWORD)
    body = {TOKEN: token, NEW_PASSWORD: password} | ({} if account else {NEW_NAME: name})
    require(**body)
    values = load(AcceptanceSchema(), body)
    request_id = g.get("request_id", "")
    if account:
        return accepting.as_known(values[TOKEN], account, values[NEW_PASSWORD], request_id=request_id)
    return accepting.as_new(values[TOKEN], values[NEW_NAME], values[NEW_PASSWORD], request_id=request_id)


def _page(account: Account | None, *, problem: Problem | None = None) -> Response:
    response = page(
        "invitation.html",
        status=problem.status if problem else 200,
        cache=PRIVATE,
        account=account,
        mistakes=_shown(problem, is_known=account is not None) if problem else [],
        token=_token() if problem else "",
        username=typed("username")[: NAME_LENGTHS.stop - 1],
        shortest=passwords.SHORTEST_OF_STAFF,
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return problems.with_headers(response, problem) if problem else response


def _shown(problem: Problem, *, is_known: bool) -> list[ShownMistake]:
    """Return a sentence for each mistake, beside its field where it has one."""
    if isinstance(problem, InvitationOver):
        return [ShownMistake("", gettext(OVER[State(problem.members["state"])]))]
    if isinstance(problem, NotFound):
        return [ShownMistake(TOKEN, gettext(UNKNOWN))]
    if isinstance(problem, Unavailable):
        return [ShownMistake("", gettext(AWAY))]
    if isinstance(problem, WrongPassword):
        return [ShownMistake(NEW_PASSWORD, gettext(NOT_OWN))]
    if isinstance(problem, Conflict) and is_known:
        return [ShownMistake("", gettext(STAFF))]
    return [_of_token(one) or _of_own(one, is_known) or one_shown for one, one_shown in _pairs(problem)]


def _pairs(problem: Problem) -> list[tuple[Mistake, ShownMistake]]:
    """Return each mistake with its usual sentence."""
    shown = form_mistakes.shown(problem, shortest=passwords.SHORTEST_OF_STAFF)
    mistakes = problem.mistakes or (Mistake("", problem.code, ""),)
    return list(zip(mistakes, shown, strict=True))


def _of_token(mistake: Mistake) -> ShownMistake | None:
    if mistake.pointer != f"/{TOKEN}":
        return None
    text = NO_LINK if mistake.code == "required" else UNKNOWN
    return ShownMistake(TOKEN, gettext(text))


def _of_own(mistake: Mistake, is_known: bool) -> ShownMistake | None:
    """Return what to do about a password that is right, but not one that staff may have."""
    if not is_known or mistake.pointer != f"/{NEW_PASSWORD}" or mistake.code == "required":
        return None
    return ShownMistake(NEW_PASSWORD, gettext(TOO_SHORT, shortest=wording.number(passwords.SHORTEST_OF_STAFF)))
