"""Switch of the keys that act on the queue: kept by a responder's browser in a cookie, changed under My reports."""

from flask import Response, request

from app.http import cookies
from app.pages.frame.redirects import go_to

COOKIE, OFF = "keys", "off"
YEAR_S = 365 * 24 * 3600


def are_on() -> bool:
    """Return whether keys act on the queue of this browser; they do until they are switched off."""
    return request.cookies.get(COOKIE) != OFF


def switch() -> Response:
    """Store the choice in the form, and go back to it."""
    response = go_to("/me#keys")
    if request.form.get("keys") == OFF:
        cookies.keep(response, COOKIE, OFF, life_s=YEAR_S)
    else:
        cookies.forget(response, COOKIE)
    return response
