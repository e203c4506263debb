"""The reports of a view in figures: how many there are, how many close by are deep, and the map's clusters of them."""

import json
from collections.abc import Sequence
from typing import Any

from flask import Response

from app.core.missing import REPORTS
from app.geo.box_circle import Circle, SearchArea
from app.geo.coordinates import distance_km
from app.http import cursors
from app.http.answers import json_answer
from app.http.headers import PUBLIC_TILE
from app.pages.frame import wording
from app.pages.frame.language import gettext as _
from app.pages.frame.language import ngettext
from app.pages.home import summary, view
from app.pages.home.view import View
from app.reports.entry import Entry
from app.reports.index.clusters import Cluster, find_clusters, narrowed
from app.situation.overview import Overview

NEARBY_KM = 1
KNEE_CM = 45
NEWEST, NEAREST, GRAVEST = "newest", "nearest", "gravest"
_PLACES = 4


def clusters_of(looked_at: View, everything: Overview) -> list[Cluster]:
    """Return the clusters of all reports in a view; none if its list has them all, or they are not known."""
    if not everything.has_more or REPORTS in everything.missing:
        return []
    return find_clusters(looked_at.circle, everything.entries) or []


def none_found(*, is_read: bool, has_more: bool, is_partial: bool) -> str:
    """Return the sentence of a page that lists no report: "none" only of a place that was searched completely.

    `has_more`: some reports were left out; `is_partial`: the place goes beyond the circle.
    """
    if not is_read:
        return _("Reports of flooding cannot be read at the moment.")
    if has_more:
        return _("Not all reports of flooding could be looked through.")
    if is_partial:
        return _("No report of flooding is known there, but your own place may lie farther out.")
    return _("No reports of flooding at the moment.")


def figure(everything: Overview, clusters: Sequence[Cluster]) -> str:
    """Return the number of reports: `12`, `about 1000` as many as the clusters, or `50+` for at least that many."""
    if clusters:
        number = wording.number(sum(cluster.number for cluster in clusters))
        return f"{number}+" if _is_at_least(clusters) else _("about %(number)s", number=number)
    return f"{wording.number(len(everything.entries))}{'+' if everything.has_more else ''}"


def _is_at_least(clusters: Sequence[Cluster]) -> bool:
    """Return whether so many reports lie in one tile that not all were counted."""
    return any(cluster.is_at_least for cluster in clusters)


def sentences(everything: Overview, clusters: Sequence[Cluster]) -> str:
    """Return the sentences on the reports of a view that has some."""
    newest = wording.ago(max(int(entry.observed_at_ms) for entry in everything.entries))
    if clusters:
        number = wording.number(sum(cluster.number for cluster in clusters))
        reports = (
            _("At least %(count)s reports of flooding, the newest %(ago)s.", count=number, ago=newest)
            if _is_at_least(clusters)
            else _("About %(count)s reports of flooding, the newest %(ago)s.", count=number, ago=newest)
        )
    else:
        reports = ngettext(
            "%(count)s report of flooding, seen %(ago)s.",
            "%(count)s reports of flooding, the newest %(ago)s.",
            len(everything.entries),
            count=figure(everything, clusters),
            ago=newest,
        )
    return f"{reports} {summary.about_connections(everything.entries, has_more=everything.has_more)}".rstrip()


def _about_deep_water(looked_at: View, everything: Overview) -> str:
    """Say how many reports near the place tell of deep water. Reports, not people: one may file several."""
    is_rough = looked_at.is_partial or looked_at.accuracy_m > NEARBY_KM * 500
    circle = None if is_rough else looked_at.circle
    number = sum(_is_deep(entry) and _is_near(entry, circle) for entry in everything.entries) if circle else 0
    if not number:
        return ""
    if everything.has_more:
        return ngettext(
            "At least %(count)s report of water above the knee within 1 km.",
            "At least %(count)s reports of water above the knee within 1 km.",
            number,
            count=wording.number(number),
        )
    return ngettext(
        "%(count)s report of water above the knee within 1 km.",
        "%(count)s reports of water above the knee within 1 km.",
        number,
        count=wording.number(number),
    )


def _is_deep(entry: Entry) -> bool:
    return entry.depth_cm is not None and entry.depth_cm > KNEE_CM and entry.condition != "receded"


def _is_near(entry: Entry, circle: Circle | None) -> bool:
    """Return whether a report's place is surely within a kilometre: that of an area is not."""
    if circle is None or entry.is_coarse:
        return False
    away_km = distance_km(lat=circle.lat, lon=circle.lon, to_lat=entry.lat, to_lon=entry.lon)
    return away_km + entry.reach_m / 1000 <= NEARBY_KM


def values(looked_at: View, everything: Overview, listed: Overview, clusters: Sequence[Cluster]) -> dict[str, Any]:
    """Return what the page's template shows of the reports beyond their list. "" stands for nothing."""
    return {
        "deep_water": _about_deep_water(looked_at, everything),
        "clusters": _on_map(looked_at, listed, clusters),
        "following": _following(looked_at, listed),
    }


def _on_map(looked_at: View, listed: Overview, clusters: Sequence[Cluster]) -> str:
    """Return the clusters as JSON for the map of a list that leaves reports out; "" if it needs none.

    Reports of some hours are not counted in documents: then the list is empty, and the map loads those in view.
    """
    if not listed.has_more or looked_at.show == "warnings":
        return ""
    return json.dumps([] if looked_at.hours else _members(narrowed(clusters, looked_at.severities)))


def _members(clusters: Sequence[Cluster]) -> list[dict[str, Any]]:
    return [
        {
            "lat": round(cluster.lat, _PLACES),
            "lon": round(cluster.lon, _PLACES),
            "count": cluster.number,
            "severity": cluster.gravest,
            "bbox": list(cluster.box),
        }
        for cluster in clusters
    ]


def _following(looked_at: View, listed: Overview) -> str:
    """Return the cursor of the list's next page, "" for none."""
    if listed.next_key is None:
        return ""
    return cursors.write(listed.next_key, filters=cursor_filters(NEWEST, looked_at.circle))


def cursor_filters(sort: str, area: SearchArea | None) -> dict[str, Any]:
    """Return what a cursor of the pages' list of reports is bound to."""
    return {"page": "reports", "sort": sort, "area": list(area or ())}


def send_clusters() -> Response:
    """Send the clusters of all active reports in a box (`bbox`) or anywhere; null if they are not known."""
    found = find_clusters(view.read_box())
    severities = view.read_severity_min().at_least()
    members = None if found is None else _members(narrowed(found, severities))
    return json_answer({"clusters": members}, cache=PUBLIC_TILE, media_type="application/json")
