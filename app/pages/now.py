"""What is happening now: one sentence, four counts, the list, and what the map needs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import Response

from app import clock
from app.http.headers import PUBLIC_LIST
from app.nearby import looking
from app.nearby.looking import Seen
from app.pages import entries, map_words, view
from app.pages.entries import ReportEntry, WarningEntry
from app.pages.view import View
from app.tiles.models import ROOT, TileDocument
from app.web import wording
from app.web.language import gettext as _
from app.web.language import ngettext
from app.web.rendering import page
from app.words import N_

GRAVE = frozenset(("severe", "extreme"))


class Count(NamedTuple):
    """One figure with what it counts; `severity` colours it."""

    figure: str
    words: str
    severity: str


def show() -> Response:
    """The page of what is happening."""
    looked_at = view.read()
    seen = look(looked_at)
    warnings = entries.warning_entries(seen.met) if looked_at.show != "reports" else []
    reports = entries.report_entries(seen.entries, looked_at.circle) if looked_at.show != "warnings" else []
    return page(
        "now.html",
        cache=PUBLIC_LIST,
        view=looked_at,
        seen=seen,
        warnings=warnings,
        reports=reports,
        headline=_headline(looked_at, warnings),
        sentence=_sentence(looked_at, seen, reports),
        counts=_counts(looked_at, seen, warnings),
        stale=[source for source in seen.sources if source["stale"]],
        heard=heard,
        radii=view.RADII_KM,
        words=map_words.now(),
        background=map_words.background(),
    )


def look(looked_at: View) -> Seen:
    """What there is in a view."""
    if looked_at.circle:
        return looking.look_around(looked_at.circle, looked_at.severities)
    return looking.look_everywhere(looked_at.severities)


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
    if warnings and warnings[0].severity in GRAVE:
        first = warnings[0].rank
        return _("%(rank)s: flooding near %(place)s", rank=first, place=looked_at.name) if looked_at.name else first
    if looked_at.name:
        return _("Flooding near %(place)s", place=looked_at.name)
    return _("What is flooded now")


def _sentence(looked_at: View, seen: Seen, reports: Sequence[ReportEntry]) -> str:
    """Warnings, reports, and where; with what is not known said as such."""
    parts = []
    if looked_at.show != "reports":
        parts.append(_about_warnings(seen))
    if looked_at.show != "warnings":
        parts.append(_about_reports(seen, reports))
    where = _where(looked_at)
    return " ".join([f"{where[:1].upper()}{where[1:]}:", *parts] if where else parts)


def _about_warnings(seen: Seen) -> str:
    number = len(seen.met)
    if number:
        more = "+" if seen.has_more_warnings else ""
        return ngettext(
            "%(count)s area with an official warning.",
            "%(count)s areas with an official warning.",
            number,
            count=f"{wording.number(number)}{more}",
        )
    if any(source["stale"] for source in seen.sources):
        return _("Whether there are official warnings is not known at the moment.")
    return _("No official warnings.")


def _about_reports(seen: Seen, reports: Sequence[ReportEntry]) -> str:
    if not reports:
        return _("No reports of flooding at the moment.")
    newest = wording.ago(max(report.observed for report in reports))
    count = f"{wording.number(len(reports))}{'+' if seen.has_more else ''}"
    return ngettext(
        "%(count)s report of flooding, seen %(ago)s.",
        "%(count)s reports of flooding, the newest %(ago)s.",
        len(reports),
        count=count,
        ago=newest,
    )


_RANKS = (
    ("extreme", ("extreme",), N_("Danger to life")),
    ("severe", ("severe",), N_("Act now")),
    ("moderate", ("moderate", "minor", "unknown"), N_("Be prepared")),
)


def _counts(looked_at: View, seen: Seen, warnings: Sequence[WarningEntry]) -> list[Count]:
    """Areas with a warning of each rank, and reports. None that is known is no nought while an issuer is not heard."""
    severities = [found.warning.severity for found in seen.met] if warnings else []
    none = "?" if any(source["stale"] for source in seen.sources) else wording.number(0)
    counts = []
    for colour, words, told in _RANKS:
        number = sum(severity in words for severity in severities)
        counts.append(Count(wording.number(number) if number else none, _(told), colour if number else ""))
    if looked_at.show != "warnings":
        counts.append(Count(_reports(looked_at, seen), _("Reports"), ""))
    return counts


def _reports(looked_at: View, seen: Seen) -> str:
    """As many as there are: those listed, or where there are more and no place is chosen all that are active."""
    if seen.has_more and looked_at.circle is None:
        document = TileDocument.read([ROOT]).get(ROOT)
        if document and (number := sum(document.counts.get(word, 0) for word in looked_at.severities)):
            return wording.number(number)
    return f"{wording.number(len(seen.entries))}{'+' if seen.has_more else ''}"


def heard(source: dict[str, Any]) -> str:
    """How old a source's word is, in words."""
    name = wording.source(source["name"])
    if source["fetched_at"] is None:
        return _("%(name)s: not heard yet", name=name)
    return _("%(name)s: heard %(ago)s", name=name, ago=wording.ago(clock.now_ms() - source["age_s"] * 1000))
