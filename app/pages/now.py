"""What is happening now: one sentence, four counts, the list, and what the map needs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import Response

from app import clock
from app.http.headers import PUBLIC_LIST
from app.nearby import looking
from app.nearby.looking import EVERY, Seen
from app.pages import entries, knowledge, map_words, view
from app.pages.entries import WarningEntry
from app.pages.knowledge import Knowledge
from app.pages.view import View
from app.tiles.models import ROOT, TileDocument
from app.warnings.plain import GRAVE, RANKS, plain
from app.web import wording
from app.web.language import gettext as _
from app.web.language import ngettext
from app.web.rendering import page

# The ranks of grave warnings lead the page; all others are counted together, under the rank of the next.
_REST = "moderate"


class Count(NamedTuple):
    """One figure with what it counts; `severity` colours it."""

    figure: str
    words: str
    severity: str


def show() -> Response:
    """The page of what is happening. Filters choose what is listed; what is said of a place leaves nothing out."""
    looked_at = view.read()
    seen = look(looked_at)
    listed = seen if looked_at.severities == EVERY else look(looked_at, looked_at.severities)
    warnings = entries.warning_entries(seen.met)
    known = knowledge.of(seen.sources, looked_at.circle, undrawn=seen.undrawn)
    return page(
        "now.html",
        cache=PUBLIC_LIST,
        view=looked_at,
        seen=seen,
        listed=listed,
        warnings=entries.warning_entries(listed.met) if looked_at.show != "reports" else [],
        reports=entries.report_entries(listed.entries, looked_at.circle) if looked_at.show != "warnings" else [],
        headline=_headline(looked_at, warnings),
        sentence=_sentence(looked_at, seen, known),
        counts=_counts(looked_at, seen, known),
        known=known,
        heard=heard,
        radii=view.RADII_KM,
        words=map_words.now(),
        background=map_words.background(),
    )


def look(looked_at: View, severities: frozenset[str] = EVERY) -> Seen:
    """What there is in a view."""
    if looked_at.circle:
        return looking.look_around(looked_at.circle, severities)
    return looking.look_everywhere(severities)


def _where(looked_at: View) -> str:
    """`within 5 km of Langport`, or nothing for everywhere."""
    if not looked_at.circle:
        return ""
    radius = wording.number(looked_at.circle.radius_km)
    if looked_at.name:
        return _("within %(km)s km of %(place)s", km=radius, place=looked_at.name)
    return _("within %(km)s km of the place you chose", km=radius)


def _headline(looked_at: View, warnings: Sequence[WarningEntry]) -> str:
    """The gravest word first: whoever reads one line only must have read it."""
    first = warnings[0].rank if warnings else ""
    if first in [wording.rank(RANKS[severity]) for severity in GRAVE]:
        return _("%(rank)s: flooding near %(place)s", rank=first, place=looked_at.name) if looked_at.name else first
    if looked_at.name:
        return _("Flooding near %(place)s", place=looked_at.name)
    return _("What is flooded now")


def _sentence(looked_at: View, seen: Seen, known: Knowledge) -> str:
    """Warnings, reports, and where; with what is not known said as such."""
    where = _where(looked_at)
    parts = [_about_warnings(seen, known), _about_reports(looked_at, seen)]
    return " ".join([f"{where[:1].upper()}{where[1:]}:", *parts] if where else parts)


def _about_warnings(seen: Seen, known: Knowledge) -> str:
    if number := len(seen.met):
        more = "+" if seen.has_more_warnings else ""
        return ngettext(
            "%(count)s area with an official warning.",
            "%(count)s areas with an official warning.",
            number,
            count=f"{wording.number(number)}{more}",
        )
    if not known.is_covered:
        return _("No source of official warnings for this place is connected here: ask your own authority.")
    if known.silent:
        return _("Whether there are official warnings is not known at the moment.")
    return _("No official warnings.")


def _about_reports(looked_at: View, seen: Seen) -> str:
    if not seen.entries:
        return _("No reports of flooding at the moment.")
    return ngettext(
        "%(count)s report of flooding, seen %(ago)s.",
        "%(count)s reports of flooding, the newest %(ago)s.",
        len(seen.entries),
        count=_reports(looked_at, seen),
        ago=wording.ago(max(int(entry.observed) for entry in seen.entries)),
    )


def _counts(looked_at: View, seen: Seen, known: Knowledge) -> list[Count]:
    """Areas with a warning of each rank, and reports. None that is known is no nought where somebody may be silent."""
    ranks = [plain(found.warning)["rank"] for found in seen.met]
    none = wording.number(0) if known.is_whole else "?"
    leading = [ranks.count(RANKS[severity]) for severity in GRAVE]
    counts = []
    for severity, number in zip((*GRAVE, _REST), (*leading, len(ranks) - sum(leading)), strict=True):
        figure = wording.number(number) if number else none
        counts.append(Count(figure, wording.rank(RANKS[severity]), severity if number else ""))
    return [*counts, Count(_reports(looked_at, seen), _("Reports"), "")]


def _reports(looked_at: View, seen: Seen) -> str:
    """As many as there are: those listed, or where there are more and no place is chosen all that are active."""
    if seen.has_more and looked_at.circle is None:
        document = TileDocument.read([ROOT]).get(ROOT)
        if document and (number := sum(document.counts.values())):
            return wording.number(number)
    return f"{wording.number(len(seen.entries))}{'+' if seen.has_more else ''}"


def heard(source: dict[str, Any]) -> str:
    """How old a source's word is, in words."""
    name = wording.source(source["name"])
    if source["fetched_at"] is None:
        return _("%(name)s: not heard yet", name=name)
    return _("%(name)s: heard %(ago)s", name=name, ago=wording.ago(clock.now_ms() - source["age_s"] * 1000))
