"""Redirects to paths on our own host."""

from flask import Response, redirect, request

from app.http.headers import PRIVATE

_LONGEST = 2000


def local_path(text: str, otherwise: str) -> str:
    """Return the text if it is a path on our host, else `otherwise`; without the stage's prefix, as `wording.here()`.

    Browsers read `//host` as another host and a backslash as a slash, and remove control characters first.
    """
    is_path = text.startswith("/") and not text.startswith("//") and len(text) <= _LONGEST
    return text if is_path and "\\" not in text and text.isprintable() else otherwise


def go_to(path: str) -> Response:
    """Redirect to a path on our host, which the browser requests with GET; never cached."""
    response = redirect(request.script_root + path, code=303, Response=Response)
    assert isinstance(response, Response)
    response.headers["Cache-Control"] = PRIVATE
    return response
