"""A poster of a place, to print on A4: a QR code of its canonical address, and the emergency number."""

from flask import Response

from app.core.config import settings
from app.core.qr_code import QrCode
from app.gazetteer.place import POSITION
from app.http.headers import PUBLIC_PAGE
from app.http.urls import base_url
from app.pages.frame import canonical, language
from app.pages.frame.rendering import page, whole
from app.pages.home import view
from app.pages.home.help import number_at
from app.pages.home.view import View

# Kinds of places whose name no other has.
_UNIQUE = ("postcode", "postcode_sector", "postcode_district", "zip_code", "grid_square")


def show() -> Response:
    """Show the poster of a place that was found; else ask for one."""
    looked_at = view.read()
    path = canonical.address("show_now", looked_at.place_query(), language.chosen())
    return page(
        "poster.html",
        cache=PUBLIC_PAGE,
        view=looked_at,
        code=QrCode.of(whole(path)) if looked_at.circle else None,
        host=base_url().partition("://")[2],
        look_for=_look_for(looked_at),
        number=number_at(looked_at),
        operator=settings().operator,
    )


def _look_for(looked_at: View) -> str:
    """Return the name to type for this place, with its area, as other places may have that name; "" for a position."""
    place = looked_at.place or looked_at.near
    if not looked_at.name or (place and place.kind == POSITION):
        return ""
    if place is None or not place.within or place.kind in _UNIQUE:
        return looked_at.name
    return f"{place.name}, {place.within[0]}"
