"""See, change, pause and stop alerts: by the link of a message, or with the account that has asked for them.

The token of a link stands after `#`; a script puts it into the form, else a person copies the link into a field. From
then on it goes from form to form, and into no address and no cookie. So each answer to a form is the page itself.
"""

from typing import Any

from flask import Response, request

from app.accounts import auth
from app.alerts import managing, stopping, subscribing, tokens
from app.alerts.subscription_models import State, Subscription
from app.alerts.tokens import Right
from app.core import clock
from app.core.errors import Conflict, Invalid, LinkNotValid, Mistake, NotFound, Problem
from app.core.translations import N_
from app.pages.account.form_mistakes import TOKEN
from app.pages.account.typed import require
from app.pages.alerts import ask_page, form, place, shown, stop_page
from app.pages.alerts.frame import alerts_page
from app.pages.frame.redirects import go_to

ID = "subscription_id"  # name of a field
PAUSES = (1, 3, 7, 14, 28)  # days
_DONE = {
    "pause": N_("The alerts are paused."),
    "resume": N_("The alerts go on."),
    "change": N_("The change is saved."),
}


def show() -> Response:
    """Show the form for the link of a message."""
    return alerts_page("alert_link.html", token="")


def send() -> Response:
    """Show the alerts of the form, after what its button says was done with them."""
    token, act = request.form.get(TOKEN, "")[: tokens.LONGEST_TYPED].strip(), request.form.get("act", "")
    try:
        found = _of_account() if ID in request.form else _of_link(token)
    except (Invalid, LinkNotValid) as problem:
        return alerts_page("alert_link.html", problem, token=token)
    if found is None or found.state == State.STOPPED:
        return go_to(f"{ask_page.HOME}?note=gone")
    try:
        return _acted(found, token, act)
    except (Invalid, Conflict) as problem:
        return _page(found, token, problem)


def _of_link(token: str) -> Subscription:
    """Return the alerts of a link. Raises Invalid without one, and LinkNotValid."""
    require(**{TOKEN: token})
    return tokens.find(token, Right.MANAGE)


def _of_account() -> Subscription | None:
    """Return the alerts that the form names; None if they are not of the account that is signed in."""
    try:
        return managing.find(request.form.get(ID, ""), account_id=auth.recognise().account_id)
    except NotFound:
        return None


def _acted(found: Subscription, token: str, act: str) -> Response:
    """Do what a button says, and show the alerts as they are then. Raises Invalid and Conflict."""
    if act == "stop":
        stopping.end(found)
        return go_to(stop_page.DONE if token else f"{ask_page.HOME}?note=stopped")
    if act == "pause":
        found = subscribing.change(found, {"paused_until_ms": clock.now_ms() + _days() * clock.DAY_MS})
    elif act == "resume":
        found = subscribing.change(found, {"paused_until_ms": None})
    elif act == "change":
        found = subscribing.change(found, form.changed_wish(form.typed_in(), found.place))
    return _page(found, token, note=_DONE.get(act))


def _days() -> int:
    """Return the length of the pause in days; raises Invalid."""
    text = request.form.get("days", "")
    if text not in map(str, PAUSES):
        raise Invalid([Mistake("/days", "choice", "Choose one of the numbers of days.")])
    return int(text)


def _page(found: Subscription, token: str, problem: Problem | None = None, *, note: str | None = None) -> Response:
    typed: dict[str, Any] = form.typed_in() if problem else shown.typed_of(found)
    return alerts_page(
        "alert.html",
        problem,
        alerts=shown.of(found),
        typed=typed,
        token=token,
        form=form,
        radii=place.radii(typed["radius_km"]),
        pauses=PAUSES,
        note=note,
    )
