"""Stop alerts by the link of a message: a page with one button, and the same by one click in a mail program.

The link holds its token in its query, for mail programs send it as it is (RFC 8058): it stops, and does nothing else.
"""

from flask import Response, request

from app.alerts import subscribing, tokens
from app.core.errors import Conflict, Invalid, LinkNotValid, Problem
from app.pages.account.form_mistakes import TOKEN
from app.pages.account.typed import require
from app.pages.alerts.frame import alerts_page
from app.pages.frame.redirects import go_to

DONE = "/alerts/stop?note=done"
ONE_CLICK = ("List-Unsubscribe", "One-Click")


def show() -> Response:
    """Show the button, or that the alerts are stopped. It changes nothing."""
    return _page(request.args.get(TOKEN, ""), is_done=request.args.get("note") == "done")


def send() -> Response:
    """Stop the alerts of the link, which stands in the form, or in the URL if a mail program sends it. Repeatable."""
    token = request.form.get(TOKEN, request.args.get(TOKEN, ""))
    try:
        require(**{TOKEN: token})
        subscribing.stop(token[: tokens.LONGEST_TYPED])
    except (Invalid, LinkNotValid, Conflict) as problem:
        return _page(token, problem)
    name, value = ONE_CLICK
    return _page("", is_done=True) if request.form.get(name) == value else go_to(DONE)


def _page(token: str, problem: Problem | None = None, *, is_done: bool = False) -> Response:
    return alerts_page("alert_stop.html", problem, token=token[: tokens.LONGEST_TYPED].strip(), is_done=is_done)
