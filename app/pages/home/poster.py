"""A poster of a place, to print on A4: a QR code of its canonical address, and the emergency number."""

from urllib.parse import urlsplit

import segno
from flask import Response

from app.core.config import settings
from app.http.headers import PUBLIC_DOCUMENT
from app.pages.frame import canonical, language
from app.pages.frame.rendering import base_url, page, whole
from app.pages.home import view
from app.pages.home.help import number_at

QUIET_ZONE = 4  # modules of white around the code (ISO/IEC 18004)


def show() -> Response:
    """Show the poster of a place that was found; else ask for one."""
    looked_at = view.read()
    path = canonical.address("show_now", looked_at.place_query(), language.chosen())
    return page(
        "poster.html",
        cache=PUBLIC_DOCUMENT,
        view=looked_at,
        code=_Code(whole(path)) if looked_at.circle else None,
        host=urlsplit(base_url()).netloc,
        number=number_at(looked_at),
        operator=settings().operator,
    )


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
