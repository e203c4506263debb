"""A small page for other sites' pages, in a frame: one place, what is in force there, and as of when.

It sets no cookie, reads none, and has no form; its links lead to the product in a window of its own.
"""

from typing import Any

from flask import Response

from app.core import clock, missing
from app.core.config import settings
from app.core.errors import Unavailable
from app.http import headers
from app.pages.frame import coverage, entries, wording
from app.pages.frame.language import gettext as _
from app.pages.frame.rendering import page
from app.pages.home import reports, view
from app.pages.home.help import number_at
from app.pages.home.page import headline_of, look, sentence_of
from app.pages.home.view import View
from app.situation import missing_words
from app.situation.plain_words import Standing
from app.warnings.zones import zone_at

MOST = 3  # warnings with their titles; the sentence counts all
_FRAME = "frame-ancestors"


def show() -> Response:
    """Show what is known of a place; without one that was found, what is asked for."""
    looked_at = view.read()
    response = _place_page(looked_at) if looked_at.circle else _page(headline=_unknown(looked_at), view=looked_at)
    policy = response.headers["Content-Security-Policy"].split("; ")
    response.headers["Content-Security-Policy"] = "; ".join(
        f"{_FRAME} *" if part.startswith(_FRAME) else part for part in policy
    )
    return response


def _unknown(looked_at: View) -> str:
    """Return what to ask. The name asked for stays out of it: the frame of another site must not speak for us."""
    if looked_at.has_several:
        return _("Which place do you mean?")
    return _("We could not find that place") if looked_at.asked else _("Where are you?")


def _place_page(looked_at: View) -> Response:
    circle = looked_at.circle
    assert circle is not None
    wording.in_zone(zone_at(lat=circle.lat, lon=circle.lon))
    try:
        everything = look(looked_at)
    except Unavailable:
        return _nothing_read(looked_at)
    clusters = reports.clusters_of(looked_at, everything)
    knowledge = coverage.of(
        everything.sources, circle, undrawn=everything.without_outline, is_partial=looked_at.is_partial
    )
    warnings = entries.warning_entries(everything.hits)
    floods = [warning for warning in warnings if warning.standing is not Standing.OTHER]
    return _page(
        headline=headline_of(looked_at, everything, warnings),
        sentence=sentence_of(looked_at, everything, knowledge, clusters),
        warnings=floods[:MOST],
        as_of_ms=missing.oldest_ms(clock.now_ms()),
        number=number_at(looked_at),
        view=looked_at,
    )


def _nothing_read(looked_at: View) -> Response:
    """Say so in the frame itself: an error page may not stand in one."""
    return _page(
        status=503,
        cache="no-store",
        headline=_("Floods and warnings near %(place)s", place=wording.isolated(looked_at.label)),
        sentence=" ".join(_(missing_words.MISSING[part]) for part in (missing.REPORTS, missing.WARNINGS)),
        warnings=[],
        as_of_ms=clock.now_ms(),
        number=number_at(looked_at),
        view=looked_at,
    )


def _page(*, status: int = 200, cache: str = headers.PUBLIC_LIST, **values: Any) -> Response:
    return page("embed.html", status=status, cache=cache, is_part=True, operator=settings().operator, **values)
