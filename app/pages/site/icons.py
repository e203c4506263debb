"""The icons that browsers and phones ask for at a fixed path, whatever the pages name."""

from flask import Response

from app.pages.frame import assets

CACHE = "public, max-age=86400"


def send_favicon() -> Response:
    """Send the icon of tabs and bookmarks."""
    return _send("favicon.ico")


def send_touch_icon() -> Response:
    """Send the icon of a phone's home screen."""
    return _send("apple-touch-icon.png")


def _send(name: str) -> Response:
    icon = assets.find(name)
    assert icon is not None
    response = Response(icon.content, content_type=icon.media_type)
    response.headers["Cache-Control"] = CACHE
    return response
