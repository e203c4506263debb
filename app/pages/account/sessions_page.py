"""The page of one's own sessions: where one is signed in, a button to end each, and one for all others.

The answers to the notice of a new sign-in come here too. Each counts for this session and this browser alone.
"""

from typing import NamedTuple

from flask import Response, request

from app.accounts import auth, devices, new_sign_ins, session_limits, session_list, sessions
from app.accounts.models import Account, Role
from app.accounts.session_list import SessionPage
from app.accounts.session_models import PAGES, RefreshFamily
from app.core import missing
from app.core.translations import N_
from app.http import cursors
from app.http.headers import PRIVATE
from app.pages.account.typed import typed
from app.pages.frame.redirects import go_to, local_path
from app.pages.frame.rendering import page

PATH = "/me/sessions"
SHOWN = 20
NOTES = {
    "ended": N_("That sign-in has ended. If it was not you, another person knows your password: change it now."),
    "gone": N_("That sign-in had ended already. If it was not you, another person knows your password: change it now."),
    "others": N_(
        "All other sign-ins have ended. If one was not you, another person knows your password: change it now."
    ),
}


class ShownSession(NamedTuple):
    """A session as the page shows it; `device` is "" if it is not known, `is_page` None."""

    id: str
    began_at_ms: int
    last_used_at_ms: int
    ends_at_ms: int
    device: str
    is_page: bool | None
    is_current: bool
    is_new_device: bool
    has_second_factor: bool


def show() -> Response:
    """Show one's sessions in force, newest first. A bad cursor counts as the beginning."""
    account, own = auth.account(), auth.own_session()
    filters = {"list": "sessions page", "account": account.id}
    cursor, newest = request.args.get("cursor", ""), session_list.NEWEST
    before = cursors.read_or_begin(cursor, filters=filters, position=session_list.POSITION, start=newest)
    # Without their index, this one is shown, and all others can still be ended.
    found = missing.read_or(
        missing.SIGN_INS,
        lambda: session_list.find(account, own, before=before, limit=SHOWN),
        SessionPage([own], "", None),
    )
    return page(
        "sessions.html",
        cache=PRIVATE,
        note=NOTES.get(request.args.get("note", "")),
        sessions=[_shown(family, account, own) for family in found.sessions],
        is_first=before == newest,
        is_staff=account.role != Role.RESIDENT,
        following=cursors.write(found.next_before, filters=filters) if found.next_before else "",
    )


def _shown(family: RefreshFamily, account: Account, own: RefreshFamily) -> ShownSession:
    return ShownSession(
        id=family.id,
        began_at_ms=family.started_at_ms or 0,
        last_used_at_ms=family.last_used_at_ms,
        ends_at_ms=session_limits.last_second_unused(family, account.role) * 1000,
        device=devices.name_of(family.device),
        is_page=None if family.kind is None else family.kind == PAGES,
        is_current=family.id == own.id,
        is_new_device=family.is_known_device is False,
        has_second_factor=bool(family.has_second_factor),
    )


def end() -> Response:
    """End one session; this one too, as by signing out."""
    account, own, session_id = auth.account(), auth.own_session(), typed("session_id")
    is_ended = session_list.end(account, session_id)
    if is_ended and session_id == own.id:
        response = go_to("/sign-in?note=out")
        sessions.forget(response)
        return response
    response = go_to(f"{PATH}?note={'ended' if is_ended else 'gone'}")
    waiting = new_sign_ins.unanswered(account, own)
    if waiting and waiting[0].session_id == session_id:
        _answer(response, waiting[0].at_ms)
    return response


def end_others() -> Response:
    """End all sessions but this one."""
    account, own = auth.account(), auth.own_session()
    waiting = new_sign_ins.unanswered(account, own)
    session_list.end_others(account, own)
    response = go_to(f"{PATH}?note=others")
    if waiting:
        _answer(response, waiting[-1].at_ms)
    return response


def know() -> Response:
    """Take the answer that the sign-in of a notice was one's own, and go back to where the person was."""
    response = go_to(local_path(request.form.get("next", ""), PATH))
    waiting = new_sign_ins.unanswered(auth.account(), auth.own_session())
    if waiting and waiting[0].session_id == typed("session_id"):
        _answer(response, waiting[0].at_ms)
    return response


def _answer(response: Response, until_ms: int) -> None:
    """Store that the person has answered for the sign-ins up to a moment, in this session and this browser."""
    auth.own_session().tell(until_ms)
    sessions.remember_told(response, auth.account(), until_ms)
