"""The list of all active reports around a place, in a part of the map, or anywhere, in three orders."""

from typing import Any

from flask import Response, request

from app.core import clock, missing
from app.core.missing import REPORTS
from app.geo.box_circle import Circle, SearchArea
from app.geo.coordinates import distance_km
from app.http import cursors
from app.http.headers import PUBLIC_LIST
from app.pages.frame import entries, wording
from app.pages.frame.language import gettext as _
from app.pages.frame.rendering import page
from app.pages.home import reports, view
from app.pages.home.reports import GRAVEST, NEAREST, NEWEST, cursor_filters
from app.pages.home.view import View
from app.reports.entry import Entry
from app.reports.index import gravest, nearest
from app.reports.index.search import ReportQuery, find_active
from app.reports.models import POSITION
from app.warnings.zones import zone_at

LIMIT = 50
MOST_PAGES = 4  # that are read for one that is not empty
_POSITIONS = {NEWEST: POSITION, NEAREST: nearest.POSITION, GRAVEST: gravest.POSITION}


def show() -> Response:
    """Show a page of the list. What is unreadable in the URL counts as absent, a bad cursor as the list's beginning."""
    looked_at = view.read()
    box = view.read_box()
    area: SearchArea | None = box or looked_at.circle
    circle = None if box else looked_at.circle
    if circle:
        wording.in_zone(zone_at(lat=circle.lat, lon=circle.lon))
    sort = _sort(circle)
    filters = cursor_filters(sort, area)
    cursor = request.args.get("cursor", "")
    before = cursors.read_or_begin(cursor, filters=filters, position=_POSITIONS[sort], start="") or None
    query = ReportQuery(area, looked_at.severities, LIMIT, before, folds=sort != GRAVEST, since_ms=looked_at.since_ms)
    found = missing.read_or(REPORTS, lambda: _find(sort, query), None)
    listed, next_key, is_by_time = found or ([], None, False)
    if is_by_time and circle:
        listed = sorted(listed, key=lambda entry: _km_from(circle, entry))
    return page(
        "reports.html",
        cache=PUBLIC_LIST,
        place=looked_at.place_query(),
        is_part=bool(box or before),
        view=looked_at,
        box=box,
        bbox=request.args.get("bbox", "") if box else "",
        sort=sort,
        sorts=_sorts(circle),
        heading=_heading(looked_at, box),
        reports=entries.report_entries(listed, circle, has_more=next_key is not None),
        is_read=found is not None,
        no_reports=reports.none_found(
            is_read=found is not None, has_more=next_key is not None, is_partial=looked_at.is_partial and not box
        ),
        is_first=before is None,
        is_by_time=is_by_time,
        following=cursors.write(next_key, filters=filters) if next_key else "",
        as_of_ms=missing.oldest_ms(clock.now_ms()),
    )


def _km_from(circle: Circle, entry: Entry) -> float:
    return distance_km(lat=circle.lat, lon=circle.lon, to_lat=entry.lat, to_lon=entry.lon)


def _sorts(circle: Circle | None) -> dict[str, str]:
    words = {NEWEST: _("Newest first"), NEAREST: _("Nearest first"), GRAVEST: _("Worst first")}
    return words if circle else {sort: word for sort, word in words.items() if sort != NEAREST}


def _sort(circle: Circle | None) -> str:
    sort = request.args.get("sort", NEWEST)
    return sort if sort in _sorts(circle) else NEWEST


def _heading(looked_at: View, box: Any) -> str:
    if box:
        return _("Reports from people in this part of the map")
    if looked_at.circle:
        km, name = wording.number(looked_at.circle.radius_km), wording.isolated(looked_at.label)
        if looked_at.is_partial:
            return _("Reports from people within %(km)s km of the middle of %(place)s", km=km, place=name)
        return _("Reports from people within %(km)s km of %(place)s", km=km, place=name)
    return _("Reports from people")


def _find(sort: str, query: ReportQuery) -> tuple[list[Entry], str | None, bool]:
    """Return a page of the list, the position of the next, and whether its order by distance is not known.

    Pages that have found nothing yet are passed over, a few of them: a reader would have to press for each.
    """
    found = _find_page(sort, query)
    for _times in range(MOST_PAGES - 1):
        if found[0] or found[1] is None:
            break
        found = _find_page(sort, query._replace(before_key=found[1]))
    return found


def _find_page(sort: str, query: ReportQuery) -> tuple[list[Entry], str | None, bool]:
    if sort == NEAREST:
        near = nearest.find_nearest(query)
        return near.entries, near.next_key, near.is_by_time
    if sort == GRAVEST:
        grave = gravest.find_gravest(query)
        return grave.entries, grave.next_key, False
    newest = find_active(query)
    return newest.entries, newest.next_key, False
