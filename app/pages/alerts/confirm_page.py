"""Confirm alerts by the link of a message: it leads to all that waits for the address, each with a button.

Opening the link changes nothing, because programs that look through mail open links too.
"""

from flask import Response, request

from app.alerts import subscribing, tokens
from app.alerts.subscription_models import Subscription
from app.core.errors import Conflict, Invalid, LinkNotValid, Problem
from app.pages.account.form_mistakes import TOKEN
from app.pages.account.typed import require
from app.pages.alerts import shown
from app.pages.alerts.frame import alerts_page
from app.pages.alerts.manage_page import ID


def show() -> Response:
    """Show the form for the link, whose token a script puts into it."""
    return _page("")


def send() -> Response:
    """Show what waits for the address of the link, after the one whose button was pressed is confirmed."""
    token, subscription_id = request.form.get(TOKEN, "")[: tokens.LONGEST_TYPED].strip(), request.form.get(ID, "")
    try:
        require(**{TOKEN: token})
        confirmed = subscribing.confirm(token, subscription_id) if subscription_id else None
    except Conflict as problem:
        return _page(token, problem, waiting=subscribing.waiting_for(token))
    except (Invalid, LinkNotValid) as problem:
        return _page(token, problem)
    return _page(token, waiting=subscribing.waiting_for(token), confirmed=confirmed)


def _page(
    token: str,
    problem: Problem | None = None,
    *,
    waiting: list[Subscription] | None = None,
    confirmed: Subscription | None = None,
) -> Response:
    return alerts_page(
        "alert_confirm.html",
        problem,
        token=token,
        is_opened=waiting is not None,
        waiting=[shown.of(row) for row in waiting or ()],
        confirmed=shown.of(confirmed) if confirmed else None,
    )
