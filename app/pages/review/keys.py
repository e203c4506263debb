"""Switch of the keys that act on the queue: kept by a responder's browser in a cookie, changed under My reports."""

from flask import Response, request

from app.core.config import settings
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
        secure = not settings().is_local
        response.set_cookie(COOKIE, OFF, max_age=YEAR_S, path="/", secure=secure, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(COOKIE, path="/")
    return response
