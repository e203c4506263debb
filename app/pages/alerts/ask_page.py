"""The page that asks for alerts at a place, and lists those that an account has asked for.

What follows is the same whether the address is known, stopped, over its limit or new.
"""

from typing import Any

from flask import Response, request

from app.accounts import auth
from app.accounts.models import Account
from app.alerts import managing, subscribing
from app.alerts.wishes import LONGEST_LABEL
from app.core.errors import Invalid, MailNotSetUp, Problem
from app.core.retention import UNCONFIRMED_SUBSCRIPTION
from app.core.translations import N_
from app.pages.alerts import form, place, shown
from app.pages.alerts.frame import alerts_page
from app.pages.alerts.place import NamedPlace
from app.pages.alerts.shown import ShownAlerts
from app.pages.frame import language
from app.pages.frame.redirects import go_to
from app.pages.home.view import View

HOME, ASKED = "/alerts", "/alerts?note=asked"
# What was done with alerts of one's account; the URL holds one of these words.
NOTES = {
    "stopped": N_("The alerts are stopped. No more messages are sent for them."),
    "gone": N_("There are no such alerts any more."),
}
_HOUR_S = 3600
_NAMES_A_PLACE = ("place", "lat", place.AREA)


def show() -> Response:
    """Show the form, with the place of the URL; or that a message is on its way, if alerts may go to the address."""
    if request.args.get("note") == "asked":
        return _page(form.EMPTY, NamedPlace({}, View()), is_asked=True)
    named, account = place.read(), _account()
    typed = form.EMPTY | named.fields | {"label": named.fields.get("name", "")[:LONGEST_LABEL]}
    if account:
        typed |= {"email": account.confirmed_email or account.email or ""}
    return _page(typed, named, own=_own(account))


def send() -> Response:
    """Ask for alerts; or show the form again."""
    typed, account = form.typed_in(), _account()
    try:
        subscribing.subscribe(form.new_wish(typed), account=account, language=language.chosen())
    except (Invalid, MailNotSetUp) as problem:
        return _page(typed, NamedPlace({}, View()), problem)
    return go_to(ASKED)


def _account() -> Account | None:
    """Return the account that is signed in; None without one."""
    return auth.account() if auth.recognise().account_id else None


def _own(account: Account | None) -> list[ShownAlerts]:
    """Return the alerts that an account has asked for, the newest first, without those that are stopped."""
    return [shown.of(row) for row in managing.of_account(account.id)] if account else []


def _page(
    typed: dict[str, Any],
    named: NamedPlace,
    problem: Problem | None = None,
    *,
    own: list[ShownAlerts] | None = None,
    is_asked: bool = False,
) -> Response:
    return alerts_page(
        "alerts.html",
        problem,
        typed=typed,
        view=named.view,
        own_place=named.own,
        own=own or [],
        form=form,
        radii=place.radii(typed["radius_km"]),
        is_asked=is_asked,
        is_named=any(name in request.args for name in _NAMES_A_PLACE),
        is_unfolded=problem is not None and form.is_about_choices(problem),
        confirm_hours=UNCONFIRMED_SUBSCRIPTION.seconds // _HOUR_S,
        note=NOTES.get(request.args.get("note", "")),
    )
