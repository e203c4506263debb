"""Addresses below our own host: where somebody came from, and goes back to."""

from flask import Response, redirect, request

from app.http.headers import PRIVATE

_LONGEST = 2000


def local_path(text: str, otherwise: str) -> str:
    """The text where it is a path of ours, else the other one; without the stage's prefix, as `wording.here()` is.

    A browser takes `//host` for another host and a backslash for a slash, and drops control characters before it looks.
    """
    is_path = text.startswith("/") and not text.startswith("//") and len(text) <= _LONGEST
    return text if is_path and "\\" not in text and text.isprintable() else otherwise


def go_to(path: str) -> Response:
    """Send the browser on to a path of ours, which it then asks for with GET; kept by nobody."""
    response = redirect(request.script_root + path, code=303, Response=Response)
    assert isinstance(response, Response)
    response.headers["Cache-Control"] = PRIVATE
    return response
