"""A poster of a place, to print on A4: a QR code of its canonical address, and the emergency number."""

import segno
from flask import Response

from app.core.config import settings
from app.gazetteer.place import POSITION
from app.http.headers import PUBLIC_PAGE
from app.pages.frame import canonical, language
from app.pages.frame.rendering import base_url, page, whole
from app.pages.home import view
from app.pages.home.help import number_at
from app.pages.home.view import View

QUIET_ZONE = 4  # modules of white around the code (ISO/IEC 18004)
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
        code=_code_of(whole(path)) if looked_at.circle else None,
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


def _code_of(address: str) -> "_Code | None":
    """Return the code of an address; None if it is too long, as one with an invented host may be."""
    try:
        return _Code(address)
    except segno.DataOverflowError:
        return None


class _Code:
    """A QR code, as the path of an SVG whose unit is a module."""

    def __init__(self, text: str) -> None:
        """Create with level M, which survives a torn or wet tenth of the code; a larger level where it fits as well."""
        self._rows = segno.make_qr(text, error="m").matrix
        self.size = len(self._rows) + 2 * QUIET_ZONE

    @property
    def path(self) -> str:
        """One rectangle for each run of black modules in a row."""
        return "".join(
            f"M{start + QUIET_ZONE} {row_number + QUIET_ZONE}h{length}v1h-{length}z"
            for row_number, row in enumerate(self._rows)
            for start, length in _runs(row)
        )


def _runs(row: bytearray) -> list[tuple[int, int]]:
    """Return where the runs of black modules begin, and their lengths."""
    found, at = [], 0
    while (start := row.find(1, at)) >= 0:
        end = row.find(0, start)
        at = len(row) if end < 0 else end
        found.append((start, at - start))
    return found
