"""What is happening now: one sentence, four counts, the list, and what the map needs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import Response

from app.core import clock
from app.http.headers import PUBLIC_LIST
from app.pages.frame import coverage, entries, map_words, wording
from app.pages.frame.coverage import Knowledge
from app.pages.frame.entries import WarningEntry
from app.pages.frame.language import chosen, ngettext
from app.pages.frame.language import gettext as _
from app.pages.frame.rendering import page
from app.pages.home import view
from app.pages.home.view import View
from app.reports.index.models import ROOT, TileDocument
from app.situation import overview
from app.situation.overview import EVERY, Seen
from app.situation.plain_words import GRAVE, NOW, RANKS, Standing, beginning, standing_of
from app.warnings.models import OfficialWarning
from app.warnings.zones import zone_at

# The ranks of grave warnings lead the page; all others are counted together, under the rank of the next.
_REST = Standing.MODERATE


class Count(NamedTuple):
    """One figure with what it counts; `severity` colours it."""

    figure: str
    words: str
    severity: str


def show() -> Response:
    """The page of what is happening. Filters choose what is listed; what is said of a place leaves nothing out."""
    looked_at = view.read()
    if looked_at.circle:
        wording.in_zone(zone_at(lat=looked_at.circle.lat, lon=looked_at.circle.lon))
    seen = look(looked_at)
    listed = seen if looked_at.severities == EVERY else look(looked_at, looked_at.severities)
    warnings = entries.warning_entries(seen.met)
    listed_warnings = entries.warning_entries(listed.met) if looked_at.show != "reports" else []
    known = coverage.of(seen.sources, looked_at.circle, undrawn=seen.undrawn)
    return page(
        "now.html",
        cache=PUBLIC_LIST,
        view=looked_at,
        seen=seen,
        listed=listed,
        warnings=[one for one in listed_warnings if one.standing is not Standing.OTHER],
        other_alerts=[one for one in listed_warnings if one.standing is Standing.OTHER],
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
        return overview.look_around(looked_at.circle, severities)
    return overview.look_everywhere(severities)


def _where(looked_at: View) -> str:
    """`within 5 km of Langport`, or nothing for everywhere."""
    if not looked_at.circle:
        return ""
    radius = wording.number(looked_at.circle.radius_km)
    if looked_at.name:
        return _("within %(km)s km of %(place)s", km=radius, place=looked_at.name)
    return _("within %(km)s km of the place you chose", km=radius)


def _headline(looked_at: View, warnings: Sequence[WarningEntry]) -> str:
    """The gravest word of what holds now first: whoever reads one line only must have read it."""
    name = wording.isolated(looked_at.name)
    first = next((one.rank for one in warnings if one.standing in GRAVE), "")
    if first:
        return _("%(rank)s: flooding near %(place)s", rank=first, place=name) if name else first
    return _("Flooding near %(place)s", place=name) if name else _("What is flooded now")


def _sentence(looked_at: View, seen: Seen, known: Knowledge) -> str:
    """Warnings, reports, and where; with what is not known said as such."""
    where = _where(looked_at)
    parts = [_about_warnings(seen, known), _about_reports(looked_at, seen)]
    return " ".join([f"{where[:1].upper()}{where[1:]}:", *parts] if where else parts)


def _about_warnings(seen: Seen, known: Knowledge) -> str:
    """What holds now or that nothing does, what begins later, and what is about no flood."""
    parts = [_about_now(seen, known)]
    if later := _of_standing(seen, Standing.LATER):
        first = min(later, key=lambda row: row.onset or 0)
        when = beginning(first, chosen())
        parts.append(
            ngettext(
                "%(count)s official warning begins later: %(when)s.",
                "%(count)s official warnings begin later, the first %(when)s.",
                len(later),
                count=wording.number(len(later)),
                when=when,
            )
        )
    if others := _of_standing(seen, Standing.OTHER):
        parts.append(
            ngettext(
                "%(count)s other official alert, not about flooding.",
                "%(count)s other official alerts, not about flooding.",
                len(others),
                count=wording.number(len(others)),
            )
        )
    return " ".join(parts)


def _of_standing(seen: Seen, standing: Standing) -> list[OfficialWarning]:
    return [found.warning for found in seen.met if standing_of(found.warning) is standing]


def _about_now(seen: Seen, known: Knowledge) -> str:
    number = sum(standing_of(found.warning) in NOW for found in seen.met)
    if number:
        more = "+" if seen.has_more_warnings else ""
        return ngettext(
            "%(count)s area with an official warning.",
            "%(count)s areas with an official warning.",
            number,
            count=f"{wording.number(number)}{more}",
        )
    if seen.has_more_warnings:
        return _("Not all official warnings could be looked through.")
    return known.words(has_others=bool(seen.met))


def _about_reports(looked_at: View, seen: Seen) -> str:
    if not seen.entries and seen.has_more:
        return _("Not all reports of flooding could be looked through.")
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
    standings: list[Standing] = [standing for found in seen.met if (standing := standing_of(found.warning)) in NOW]
    none = wording.number(0) if known.is_whole and not seen.has_more_warnings else "?"
    leading = [standings.count(severity) for severity in GRAVE]
    counts = []
    for severity, number in zip((*GRAVE, _REST), (*leading, len(standings) - sum(leading)), strict=True):
        figure = wording.number(number) if number else none
        counts.append(Count(figure, wording.rank(_(RANKS[severity])), severity if number else ""))
    if later := _of_standing(seen, Standing.LATER):
        counts.append(Count(wording.number(len(later)), _("Begins later"), "later"))
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
