"""The pages of official warnings and areas."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from flask import Response, request

from app.core import clock, dynamodb, missing
from app.core.errors import NotFound
from app.core.missing import NEWEST_REPORTS, REPORTS, WARNINGS
from app.core.severity import EVERY
from app.core.translations import N_
from app.geo.box_circle import Circle, farthest_km
from app.http import cursors
from app.http.headers import PUBLIC_PAGE, PUBLIC_WARNINGS_PAGE
from app.pages.frame import coverage, entries, map_words, picture, preview, wording
from app.pages.frame.language import gettext as _
from app.pages.frame.rendering import page
from app.pages.home import page as now
from app.pages.home import view
from app.situation import area_overview, inside_reading, overview, source_facts
from app.situation.area_overview import NO_REPORTS
from app.situation.overview import MOST_WARNINGS
from app.situation.plain_words import Standing, begins_later, hazard_of
from app.warnings import last_good, source_status
from app.warnings.area_models import Area
from app.warnings.marks import FLOOD, box_of
from app.warnings.models import OfficialWarning
from app.warnings.search import NEWEST_OF_ALL, POSITION, WarningHit, WarningQuery
from app.warnings.zones import zone_at, zone_of

CURSOR = {"page": "warnings"}
# CAP 1.2, 3.2.2: the issuer's urgency and certainty.
URGENCIES = {
    "immediate": N_("Act at once"),
    "expected": N_("Act soon, within the next hour"),
    "future": N_("Act in the near future"),
    "past": N_("No longer needed"),
    "unknown": N_("Not known"),
}
CERTAINTIES = {
    "observed": N_("Observed"),
    "likely": N_("Likely"),
    "possible": N_("Possible"),
    "unlikely": N_("Unlikely"),
    "unknown": N_("Not known"),
}


class NamedArea(NamedTuple):
    """An area that a warning names; `id` is empty if there is no page for it."""

    id: str
    name: str


def show_list() -> Response:
    """List warnings in force around a place or anywhere, the gravest first; then those ended within a day."""
    looked_at = view.read()
    cursor = request.args.get("cursor", "")
    before = cursors.read_or_begin(cursor, filters=CURSOR, position=POSITION, start=NEWEST_OF_ALL)
    source_states, (hits_in_force, next_key) = _in_force(looked_at.circle, before)
    sources = source_facts.describe(source_status.known_sources(source_states), source_states, looked_at.circle)
    if looked_at.circle:
        wording.in_zone(zone_at(lat=looked_at.circle.lat, lon=looked_at.circle.lon))
    over = [] if before != NEWEST_OF_ALL else _over(source_states, looked_at.circle)
    warning_entries = entries.warning_entries(hits_in_force)
    return page(
        "warnings.html",
        cache=PUBLIC_WARNINGS_PAGE,
        place=looked_at.place_query(),
        is_part=before != NEWEST_OF_ALL and not looked_at.circle,
        view=looked_at,
        warnings=[entry for entry in warning_entries if entry.standing is not Standing.OTHER],
        other_alerts=[entry for entry in warning_entries if entry.standing is Standing.OTHER],
        is_whole=not next_key and before == NEWEST_OF_ALL,
        lacks_warnings=WARNINGS in missing.parts(),
        over=entries.warning_entries(over),
        following=cursors.write(next_key, filters=CURSOR) if next_key else None,
        sources=sources,
        known=coverage.of(
            sources,
            looked_at.circle,
            undrawn=source_status.count_without_outline(source_states),
            is_partial=looked_at.is_partial,
        ),
        heard=now.heard,
    )


def _in_force(
    circle: Circle | None, before: str
) -> tuple[dict[str, source_status.SourceState], tuple[Sequence[WarningHit], str | None]]:
    if circle:
        source_states, hits = dynamodb.at_once(last_good.source_states, partial(overview.warnings_around, circle))
        return source_states, (hits, None)
    source_states = last_good.source_states()
    return source_states, overview.warnings_anywhere(source_states, before=before)


def _over(source_states: dict[str, source_status.SourceState], circle: Circle | None) -> list[WarningHit]:
    """Return the newest hundred warnings that ended within the last day."""
    sources = tuple(source_status.known_sources(source_states))
    return list(
        last_good.find_page(
            WarningQuery(sources, EVERY, search_area=circle, in_force=False, limit=MOST_WARNINGS, needs_outlines=False),
            source_states,
        ).hits
    )


def show_warning(warning_id: str) -> Response:
    """Show one warning. Raises NotFound if there is none, or it ended more than a day ago."""
    row = last_good.find(warning_id)
    if row is None or not row.mark().is_shown(clock.now_ms()):
        raise NotFound("There is no such warning, or it ended more than a day ago.")
    wording.in_zone(zone_of(row))
    entry = entries.warning_entries([WarningHit(row, None)])[0]
    outline = row.outline()
    first = entries.words_of(row)
    inside, (areas, source_status_read) = dynamodb.at_once(
        lambda: inside_reading.of_warning(row),
        lambda: dynamodb.at_once(
            lambda: missing.read_or(missing.AREAS, lambda: _areas(row), _unlinked(row)), last_good.source_states
        ),
    )
    return page(
        "one_warning.html",
        cache=PUBLIC_WARNINGS_PAGE,
        preview=preview.of_rank([entry], entry.heading),
        row=row,
        entry=entry,
        first=first,
        others=[text for text in row.words if text != first],
        is_over=entry.is_over,
        areas=areas,
        alerts_at=_alerts_at(row, areas),
        facts=_facts(row),
        inside=inside,
        picture=picture.of_shape(outline, entry.severity) if outline else None,
        source=source_facts.describe([row.source], source_status_read)[0],
        heard=now.heard,
        background=map_words.background(),
        words=map_words.common(),
    )


def _areas(row: OfficialWarning) -> list[NamedArea]:
    """Return the areas, with an id for those that have a page."""
    stored_ids = {area.id for area in Area.find_all(id_ for id_, _ in row.named_areas if id_)}
    return [NamedArea(id_ if id_ and id_ in stored_ids else "", name) for id_, name in row.named_areas]


def _unlinked(row: OfficialWarning) -> list[NamedArea]:
    return [NamedArea("", name) for _id, name in row.named_areas]


def _alerts_at(row: OfficialWarning, areas: Sequence[NamedArea]) -> dict[str, str]:
    """Return the place of a warning as the page of alerts takes it: its area, else around the middle of its outline."""
    if linked := [area.id for area in areas if area.id]:
        return {"area": linked[0]}
    box = box_of(row.box)
    if box is None:
        return {}
    west, east = box.spans()[0]
    lat, lon = (box.south + box.north) / 2, (west + east) / 2
    radius_km = min(farthest_km((box.west, box.south, box.east, box.north), lat=lat, lon=lon), view.RADII_KM[-1])
    return {"lat": f"{lat:.{view.PLACES}f}", "lon": f"{lon:.{view.PLACES}f}", "radius_km": f"{radius_km:.0f}"}


def _facts(row: OfficialWarning) -> list[tuple[str, str]]:
    """Return the issuer's further facts in words, for floods only. The advice already says how urgent it is."""
    if hazard_of(row) != FLOOD:
        return []
    # For a warning that begins later it would read as if it were now.
    urgency = [] if begins_later(row) else [(_("Urgency"), _(URGENCIES.get(row.urgency, URGENCIES["unknown"])))]
    return [
        *urgency,
        (_("Certainty"), _(CERTAINTIES.get(row.certainty, CERTAINTIES["unknown"]))),
        (_("Severity"), wording.severity(row.severity)),
    ]


def show_area(area_id: str) -> Response:
    """Show one area: warnings in force, reports, and the last days. Raises NotFound."""
    area = last_good.read(("area", area_id), lambda: Area.find(area_id), part=missing.AREAS)
    if area is None:
        raise NotFound("There is no such area, or its outline was never needed.")
    outline = area.outline()
    if area.lat is not None and area.lon is not None:
        wording.in_zone(zone_at(lat=float(area.lat), lon=float(area.lon)))
    (hits_in_force, over), (source_states, area_reports) = dynamodb.at_once(
        lambda: missing.read_or(WARNINGS, lambda: area_overview.warnings_of(area), ([], [])),
        lambda: dynamodb.at_once(
            lambda: missing.read_or(WARNINGS, last_good.source_states, {}),
            lambda: missing.read_or(REPORTS, lambda: area_overview.reports_of(outline), NO_REPORTS),
        ),
    )
    warnings = entries.warning_entries(hits_in_force)
    worst = warnings[0].severity if warnings else "unknown"
    source = source_facts.describe([area.source], source_states)[0]
    picture_values: dict[str, Any] = {"picture": picture.of_shape(outline, worst)} if outline else {"picture": None}
    return page(
        "area.html",
        cache=PUBLIC_PAGE,
        preview=preview.of_rank(warnings, area.name),
        area=area,
        warnings=warnings,
        over=entries.warning_entries(over),
        reports=entries.report_entries(area_reports.newest, has_more=area_reports.has_more),
        has_more=area_reports.has_more,
        days=area_reports.days,
        most=max((day.number for day in area_reports.days), default=0),
        background=map_words.background(),
        words=map_words.common(),
        worst=worst,
        source=source,
        heard=now.heard,
        lacks_warnings=WARNINGS in missing.parts(),
        lacks_reports=not {REPORTS, NEWEST_REPORTS}.isdisjoint(missing.parts()),
        **picture_values,
    )
