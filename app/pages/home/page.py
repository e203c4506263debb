"""The start page: advice, one sentence, the figures, the list, and the data of the map."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import Response

from app.core import clock
from app.core.config import settings
from app.core.missing import REPORTS, WARNINGS
from app.gazetteer.place import SETTLEMENTS, Match
from app.http.headers import PUBLIC_LIST
from app.pages.frame import coverage, entries, map_words, preview, wording
from app.pages.frame.coverage import Knowledge
from app.pages.frame.entries import WarningEntry
from app.pages.frame.language import chosen, ngettext
from app.pages.frame.language import gettext as _
from app.pages.frame.rendering import page
from app.pages.home import own_place, reports, summary, view
from app.pages.home.help import help_at
from app.pages.home.view import View
from app.reports.index.clusters import Cluster
from app.situation import overview, source_facts
from app.situation.overview import Overview
from app.situation.plain_words import GRAVE, NOW, RANKS, Standing, beginning, standing_of
from app.warnings.models import OfficialWarning
from app.warnings.zones import zone_at

# The files of the map, which now.js asks for when the map is nearly in view; the scripts run in this order.
MAP_STYLES = ("vendor/leaflet-1.9.4/leaflet.css", "map.css")
MAP_SCRIPTS = ("vendor/leaflet-1.9.4/leaflet.js", "map.js", "coast.js", "markers.js", "map_beyond.js", "map_now.js")
# The ranks of grave warnings come first; all others are one figure, named by the next rank if all have it.
_REST = Standing.MODERATE


class Count(NamedTuple):
    """One figure with its meaning; `severity` sets its colour."""

    figure: str
    words: str
    severity: str


def show() -> Response:
    """Show the start page. Filters choose the listed entries; the statements about a place leave nothing out."""
    looked_at = view.read()
    if looked_at.circle:
        wording.in_zone(zone_at(lat=looked_at.circle.lat, lon=looked_at.circle.lon))
    everything = look(looked_at)
    clusters = reports.clusters_of(looked_at, everything)
    warnings = entries.warning_entries(everything.hits)
    lists = _lists(looked_at, everything)
    knowledge = coverage.of(
        everything.sources, looked_at.circle, undrawn=everything.without_outline, is_partial=looked_at.is_partial
    )
    own = own_place.describe(looked_at, _covers(everything))
    question = own.question if own else ""
    headline = question or headline_of(looked_at, everything, warnings)
    return page(
        "now.html",
        cache=PUBLIC_LIST,
        place=looked_at.place_query(),
        view=looked_at,
        own=own,
        seen=everything,
        **lists,
        headline=headline,
        title=_title(looked_at, headline),
        preview=preview.of_rank(warnings, "" if question else looked_at.label),
        sentence=sentence_of(looked_at, everything, knowledge, clusters),
        where=_where(looked_at),
        help=help_at(looked_at, everything.sources, warnings),
        summary=None if looked_at.circle else summary.of(hit.warning for hit in everything.hits),
        no_reports=_no_reports(looked_at, everything),
        no_warnings=_no_warnings(everything, knowledge, has_others=bool(lists["other_alerts"])),
        counts=_counts(looked_at, everything, clusters),
        **_map_values(),
        **reports.values(looked_at, everything, lists["listed"], clusters),
        known=knowledge,
        heard=heard,
        operator=settings().operator,
        radii=view.RADII_KM,
    )


def _covers(everything: Overview) -> list[str]:
    """Return the areas that the sources of an answer cover."""
    sources = source_facts.sources_with_coverage(everything.sources)
    return [cover for source, _fact in sources for cover in source.covers]


def _map_values() -> dict[str, Any]:
    """Return what the map needs of the page."""
    return {
        "words": map_words.now(),
        "background": map_words.background(),
        "map_styles": MAP_STYLES,
        "map_scripts": MAP_SCRIPTS,
    }


def _lists(looked_at: View, everything: Overview) -> dict[str, Any]:
    """Return the page's lists, without what the view hides."""
    listed = everything
    if looked_at.is_filtered:
        listed = overview.narrowed(everything, looked_at.circle, looked_at.severities, since_ms=looked_at.since_ms)
    warnings = entries.warning_entries(listed.hits) if looked_at.show != "reports" else []
    report_entries = entries.report_entries(listed.entries, looked_at.circle, has_more=listed.has_more)
    return {
        "listed": listed,
        "warnings": [warning for warning in warnings if warning.standing is not Standing.OTHER],
        "other_alerts": [warning for warning in warnings if warning.standing is Standing.OTHER],
        "reports": report_entries if looked_at.show != "warnings" else [],
    }


def look(looked_at: View) -> Overview:
    """Read everything in a view, whatever its filters list."""
    return overview.read_around(looked_at.circle) if looked_at.circle else overview.read_everywhere()


def _where(looked_at: View) -> str:
    """Return `within 5 km of Langport`; "" for everywhere."""
    if not looked_at.circle:
        return ""
    radius = wording.number(looked_at.circle.radius_km)
    return _("within %(km)s km of %(place)s", km=radius, place=wording.isolated(looked_at.label))


def _title(looked_at: View, headline: str) -> str:
    """Return the title for tabs and previews, without a name from the URL if it was not found."""
    if looked_at.has_several:
        return _("Which place do you mean?")
    return _("We could not find that place") if looked_at.is_unknown_place else headline


def headline_of(looked_at: View, everything: Overview, warnings: Sequence[WarningEntry]) -> str:
    """Return the headline: the gravest rank in force first, with its place, for readers of one line only."""
    if looked_at.asked and not looked_at.circle:
        # The URL's author chose this name: a rank in it would look like ours.
        if wording.holds_rank(looked_at.asked):
            return _title(looked_at, "")
        name = wording.isolated(looked_at.asked)
        which = _("Which “%(place)s” do you mean?", place=name)
        return which if looked_at.has_several else _("We could not find “%(place)s”", place=name)
    if not looked_at.circle:
        return _("Where are you?")
    name = wording.isolated(looked_at.label)
    first = next((warning.rank for warning in warnings if warning.standing in GRAVE), "")
    if first:
        return _("%(rank)s: flooding near %(place)s", rank=first, place=name)
    if everything.entries or any(standing_of(hit.warning) in NOW for hit in everything.hits):
        return _("Flooding near %(place)s", place=name)
    # Nothing is known of a flood there, and a link's preview shows this line alone.
    return _("Floods and warnings near %(place)s", place=name)


def sentence_of(looked_at: View, everything: Overview, knowledge: Knowledge, clusters: Sequence[Cluster]) -> str:
    """Return one sentence: extent of the search, warnings, and reports, with the gaps in our knowledge."""
    about_reports = (
        reports.sentences(everything, clusters) if everything.entries else _no_reports(looked_at, everything)
    )
    return " ".join(filter(None, [_extent(looked_at), _about_warnings(everything, knowledge), about_reports]))


def _extent(looked_at: View) -> str:
    """Return `Within 5 km of Langport:`; for a place that is not searched completely, or is only similar, say so."""
    where = _where(looked_at)
    if not looked_at.circle or not looked_at.is_partial:
        return f"{where[:1].upper()}{where[1:]}:" if where else ""
    km, name = wording.number(looked_at.circle.radius_km), wording.isolated(looked_at.label)
    place = looked_at.place
    if place and place.kind == "river":
        return _("Only %(place)s in England is known here. Within %(km)s km of its middle there:", place=name, km=km)
    if place and place.match == Match.COARSE and place.kind in {"postcode", "zip_code", *SETTLEMENTS}:
        return _("This is around %(place)s, not the house itself. Within %(km)s km:", place=name, km=km)
    extent = _("%(place)s is a large area. Within %(km)s km of its middle:", place=name, km=km)
    if not looked_at.asked or looked_at.asked.casefold() == looked_at.name.casefold():
        return extent
    return " ".join([_("“%(place)s” itself is not known here.", place=wording.isolated(looked_at.asked)), extent])


def _about_warnings(everything: Overview, knowledge: Knowledge) -> str:
    """Return sentences on warnings in force (or none), later ones, and other hazards."""
    parts = [_about_now(everything, knowledge)]
    if later := _of_standing(everything, Standing.LATER):
        first = min(later, key=lambda row: row.onset_at_ms or 0)
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
    if others := _of_standing(everything, Standing.OTHER):
        parts.append(
            ngettext(
                "%(count)s other official alert, not about flooding.",
                "%(count)s other official alerts, not about flooding.",
                len(others),
                count=wording.number(len(others)),
            )
        )
    return " ".join(parts)


def _of_standing(everything: Overview, standing: Standing) -> list[OfficialWarning]:
    return [hit.warning for hit in everything.hits if standing_of(hit.warning) is standing]


def _about_now(everything: Overview, knowledge: Knowledge) -> str:
    number = sum(standing_of(hit.warning) in NOW for hit in everything.hits)
    if number:
        return ngettext(
            "%(count)s area with an official warning.",
            "%(count)s areas with an official warning.",
            number,
            count=_figure(number, everything),
        )
    return _no_warnings(everything, knowledge, has_others=bool(everything.hits))


def _no_warnings(everything: Overview, knowledge: Knowledge, *, has_others: bool) -> str:
    """Return the sentence for no warning found: "none" only if all were searched."""
    if WARNINGS in everything.missing:
        return _("Official warnings cannot be read at the moment.")
    if everything.has_more_warnings:
        return _("Not all official warnings could be looked through.")
    return knowledge.words(has_others=has_others)


def _no_reports(looked_at: View, everything: Overview) -> str:
    is_read = REPORTS not in everything.missing
    return reports.none_found(is_read=is_read, has_more=everything.has_more, is_partial=looked_at.is_partial)


def _counts(looked_at: View, everything: Overview, clusters: Sequence[Cluster]) -> list[Count]:
    """Return figures for a place: areas with a warning by rank, and reports. No figure for zero or unknown numbers."""
    if not looked_at.circle:
        return []
    counts = _ranks([standing for hit in everything.hits if (standing := standing_of(hit.warning)) in NOW])
    if later := _of_standing(everything, Standing.LATER):
        counts.append(Count(wording.number(len(later)), _("Begins later"), "later"))
    return [*counts, Count(reports.figure(everything, clusters), _("Reports"), "")] if everything.entries else counts


def _ranks(standings: Sequence[Standing]) -> list[Count]:
    """Return the figure of each rank; the less grave ones are named by a rank only if all have it."""
    leading = [standings.count(severity) for severity in GRAVE]
    is_mixed = not {_REST, *GRAVE}.issuperset(standings)
    figures = zip((*GRAVE, _REST), (*leading, len(standings) - sum(leading)), strict=True)
    return [
        Count(
            wording.number(number),
            _("Other flood warnings") if severity is _REST and is_mixed else wording.rank(_(RANKS[severity])),
            severity,
        )
        for severity, number in figures
        if number
    ]


def _figure(number: int, everything: Overview) -> str:
    return f"{wording.number(number)}{'+' if everything.has_more_warnings else ''}"


def heard(source: dict[str, Any]) -> str:
    """Return the age of a source's last answer in words."""
    name = wording.source(source["name"])
    if source["fetched_at"] is None:
        return _("%(name)s: not heard yet", name=name)
    return _("%(name)s: heard %(ago)s", name=name, ago=wording.ago(clock.now_ms() - source["age_s"] * 1000))
