"""The combined entries of reports and warnings near a place."""

from collections.abc import Sequence
from typing import Any

from app.api.list_format import list_item
from app.api.warning_schemas import areas_of, warning_form
from app.core.severity import Severity
from app.geo.box_circle import Circle
from app.reports.connections import fold
from app.reports.entry import Entry
from app.reports.index.estimate import Estimate
from app.situation import inside_reading
from app.situation.grouping import group_warnings
from app.situation.inside import Inside
from app.situation.plain_words import begins_later
from app.warnings.search import WarningHit


def nearby_items(
    circle: Circle, entries: Sequence[Entry], hits: Sequence[WarningHit], language: str
) -> list[dict[str, Any]]:
    """Merge reports and warnings, nearest first, later ones last; warnings with the same text are one entry."""
    groups = group_warnings(hits)
    numbers = inside_reading.of_groups([[hit.warning for hit in group] for group in groups])
    group_entries = [
        (group, _warning_entry(group, inside, language)) for group, inside in zip(groups, numbers, strict=True)
    ]
    later = [entry for group, entry in group_entries if begins_later(group[0].warning)]
    items = [entry for _, entry in group_entries if entry not in later]
    items += [_report_entry(group, circle) for group in fold(entries)]
    ahead = sorted(later, key=lambda item: (item["warning"]["onset_at"], item["distance_m"]))
    return sorted(items, key=lambda item: item["distance_m"]) + ahead


def counts(numbers: Estimate | None) -> dict[str, Any] | None:
    """Return the number of reports in the circle; None if they could not be read."""
    if numbers is None:
        return None
    by_severity = {str(word): numbers.by_severity.get(word, 0) for word in Severity}
    return {"reports": sum(by_severity.values()), "by_severity": by_severity, "is_exact": numbers.is_exact}


def _report_entry(group: Sequence[Entry], circle: Circle) -> dict[str, Any]:
    """Build the entry of a report, or of several from one connection in one cell, by the newest of the gravest."""
    form = list_item(max(group, key=lambda entry: (Severity(entry.severity).gravity, entry.sort)), circle)
    several = {"count": len(group), "ids": [entry.id for entry in group]} if len(group) > 1 else {}
    return {"kind": "report", "distance_m": form["distance_m"], "report": form} | several


def _warning_entry(group: list[WarningHit], inside: Inside, language: str) -> dict[str, Any]:
    """Build the entry of a group from its nearest warning, with all areas and the reports in any of them."""
    first = group[0]
    form = warning_form(first.warning, inside=inside, away_km=first.distance_km, language=language)
    areas = list({tuple(area.values()): area for hit in group for area in areas_of(hit.warning)}.values())
    entry = form | {"areas": areas}
    ids = [hit.warning.id for hit in group]
    away = {"distance_m": form["distance_m"]}
    return {"kind": "warning", **away, "warning": entry, "areas": areas, "count": len(group), "ids": ids}
