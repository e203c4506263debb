"""One's own e-mail address: the forms on `/me`, and the page with one button that confirms it."""

from flask import Response, request

from app.accounts import auth, own_address, registration
from app.accounts.one_time_links import LONGEST_TYPED
from app.api.account_schemas import MeChangeSchema
from app.api.mail_schemas import LinkTokenSchema
from app.core.errors import Conflict, Invalid, LinkNotValid, Problem, TooMany
from app.http import problems
from app.http.headers import PRIVATE
from app.http.schemas import load
from app.pages.account import form_mistakes
from app.pages.account import page as own_page
from app.pages.account.form_mistakes import ADDRESS, ADDRESS_PASSWORD, OWN_PASSWORD, TOKEN
from app.pages.account.typed import beside, require, typed
from app.pages.frame import language
from app.pages.frame.redirects import go_to
from app.pages.frame.rendering import page

HOME = "/me?note={}#address"


def send() -> Response:
    """Store another address, or none, after the password was entered; the new one gets a message to confirm it."""
    address, password = typed(ADDRESS).strip(), typed(ADDRESS_PASSWORD)
    try:
        require(**{ADDRESS_PASSWORD: password})
        stated = {ADDRESS: address} if address else {}
        values = load(MeChangeSchema(), {"current_password": password} | stated)
        registration.change_account(auth.account(), {ADDRESS: None} | values, language=language.chosen())
    except Invalid as problem:
        return own_page.show_again(beside(problem, **{OWN_PASSWORD: ADDRESS_PASSWORD}), address=address)
    except TooMany as problem:
        return own_page.show_again(problem, address=address)
    return go_to(HOME.format("address" if address else "removed"))


def send_again() -> Response:
    """Send the message for confirming the address once more."""
    try:
        own_address.send_again(auth.account(), language=language.chosen())
    except Conflict:
        return go_to(HOME.format("nothing"))
    return go_to(HOME.format("again"))


def show_confirmation() -> Response:
    """Show the page with the button. It changes nothing: programs that open links must not confirm anything."""
    return _page(is_done=request.args.get("note") == "done")


def confirm() -> Response:
    """Confirm the address of the link, or show why not."""
    token = request.form.get(TOKEN, "")[: LONGEST_TYPED + 1].strip()
    try:
        require(**{TOKEN: token})
        values = load(LinkTokenSchema(), {"token": token})
        signed_in = auth.account() if auth.recognise().account_id else None
        own_address.confirm(values["token"], signed_in=signed_in, language=language.chosen())
    except (Invalid, LinkNotValid) as problem:
        return _page(problem, token=token)
    except Conflict as problem:
        return _page(Invalid([form_mistakes.TAKEN_ADDRESS], problem.detail), token=token)
    return go_to("/confirm-email?note=done")


def _page(problem: Problem | None = None, *, is_done: bool = False, token: str = "") -> Response:
    response = page(
        "confirm_email.html",
        status=problem.status if problem else 200,
        cache=PRIVATE,
        is_done=is_done,
        token=token,
        mistakes=form_mistakes.shown(problem) if problem else [],
    )
    return problems.with_headers(response, problem) if problem else response
