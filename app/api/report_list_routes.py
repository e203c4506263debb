"""Routes of the lists of reports and of the map's tiles."""

from typing import Any, NamedTuple

from flask import Response, request

from app.accounts.auth import Who, caller, lock
from app.accounts.scopes import Scope
from app.api import csv_table, list_format
from app.api.report_list_schemas import (
    DISTANCE,
    NEWEST,
    PERIOD,
    SEVERITY,
    FeaturePageSchema,
    PageSchema,
    ReportFeaturesQuery,
    ReportsQuery,
    ReportTableQuery,
    TileSchema,
)
from app.core import clock, missing
from app.core.errors import Forbidden, NotFound
from app.geo import geojson
from app.geo.tiles import Tile
from app.http import cursors, headers, paging
from app.http.answers import json_answer
from app.http.schemas import Blueprint, NoQuery
from app.reports.entry import NEWER_THAN_ALL, PUBLIC, Entry, Status, created_of
from app.reports.index import gravest, history, nearest
from app.reports.index.history import PeriodQuery
from app.reports.index.models import SHOWN_ROWS, ZOOMS
from app.reports.index.search import ReportPage, ReportQuery, find_active
from app.reports.models import POSITION

blueprint = Blueprint("lists", __name__, tag="reports")
tiles = Blueprint("tiles", __name__, description="Map tiles: the newest reports of a square, and counts.")
_POSITIONS = {NEWEST: POSITION, DISTANCE: nearest.POSITION, SEVERITY: gravest.POSITION}


@blueprint.get("/v1/reports")
@blueprint.arguments(ReportsQuery, location="query")
@blueprint.response(200, PageSchema)
@blueprint.response(307, description=list_format.AS_ATOM, headers=["Location"])
@lock(Who.ANYONE, Scope.REVIEW)
def list_reports(query: dict[str, Any]) -> Response:
    """List reports in a box, around a point, or anywhere; newest, nearest or gravest first.

    Without `since`, `until`, `updated_since` or `status`: the active ones. With any of them: history. The
    format is JSON, GeoJSON, CSV or Atom, by `Accept` or by the suffix of the URL.
    """
    return _list(query, suffix="")


@blueprint.get("/v1/reports.geojson")
@blueprint.arguments(ReportFeaturesQuery, location="query")
@blueprint.response(200, FeaturePageSchema, content_type=geojson.MEDIA_TYPE)
@lock(Who.ANYONE, Scope.REVIEW)
def list_reports_geojson(query: dict[str, Any]) -> Response:
    """List reports as GeoJSON."""
    return _list(query, suffix="geojson")


@blueprint.get("/v1/reports.csv")
@blueprint.arguments(ReportTableQuery, location="query")
@blueprint.response(200, csv_table.described(list_format.COLUMNS), content_type=csv_table.MEDIA_TYPE)
@lock(Who.ANYONE, Scope.REVIEW)
def list_reports_csv(query: dict[str, Any]) -> Response:
    """List reports as CSV; `Link` leads to the next page."""
    return _list(query, suffix="csv")


def _list(query: dict[str, Any], *, suffix: str) -> Response:
    form = list_format.media_type(suffix)
    if form == list_format.ATOM:
        return list_format.to_feed()
    return list_format.page_answer(read_page(query, form), form)


def read_page(query: dict[str, Any], form: str) -> list_format.ListPage:
    """Read a page of the list of reports: of the active ones, or of history. `form`: its media type, for the ETag."""
    filters = cursors.filters_of(query)
    before, first_page = cursors.read_with_moment(query, filters=filters, position=_POSITIONS[_sort(query)])
    as_of_ms = paging.settled_ms(history.SETTLED_MS, first_page=first_page)
    statuses = _statuses(query)
    found = _find_history(query, statuses, before) if _is_history(query) else _find_active(query, before)
    as_of_ms = missing.oldest_ms(as_of_ms)
    next_cursor = cursors.write(found.next_key, filters=filters, settled_ms=as_of_ms) if found.next_key else None
    items = [_item(entry, query) for entry in found.entries]
    cache = headers.PUBLIC_LIST if caller().is_anonymous else headers.PRIVATE
    etag = paging.etag(form, items, found.next_key)
    return list_format.ListPage(items, next_cursor, as_of_ms, etag, cache, found.complete_to)


def _is_history(query: dict[str, Any]) -> bool:
    return any(name in query for name in PERIOD)


def _sort(query: dict[str, Any]) -> str:
    return str(query.get("sort", NEWEST))


class _Found(NamedTuple):
    """A page, the position of the next, and the members of the answer that say how far it is complete."""

    entries: list[Entry]
    next_key: str | None
    complete_to: dict[str, Any]


def _find_active(query: dict[str, Any], before: str | None) -> _Found:
    report_query = ReportQuery(query["search_area"], query["severities"], query["limit"], before)
    if _sort(query) == DISTANCE:
        near = nearest.find_nearest(report_query)
        return _Found(near.entries, near.next_key, {"complete_to": near.complete_to_km})
    if _sort(query) == SEVERITY:
        grave = gravest.find_gravest(report_query)
        word, key = grave.complete_to or ("", None)
        severity = {"complete_to_severity": word} if word else {}
        return _Found(grave.entries, grave.next_key, {"complete_to": _moment(key)} | severity)
    return _found(find_active(report_query))


def _found(page: ReportPage) -> _Found:
    return _Found(page.entries, page.next_key, {"complete_to": _moment(page.complete_to)})


def _moment(key: str | None) -> str | None:
    """Return the time down to which a short page is complete, in whole minutes as all public times, rounded up."""
    if key is None:
        return None
    at_ms = clock.now_ms() if key == NEWER_THAN_ALL else created_of(key)
    return clock.rfc3339(clock.minute_of(at_ms + clock.MINUTE_MS - 1))


def _statuses(query: dict[str, Any]) -> frozenset[str]:
    """Return the statuses that the caller may see. Raises Forbidden if the public asks for others."""
    statuses = frozenset({query["status"]} if "status" in query else PUBLIC)
    if not statuses <= PUBLIC and not caller().has_areas:
        raise Forbidden("Only responders see reports that are rejected, merged or withdrawn.")
    if "updated_since" in query and "status" not in query:
        return frozenset(Status)
    return statuses


def _find_history(query: dict[str, Any], statuses: frozenset[str], before: str | None) -> _Found:
    period = PeriodQuery(
        search_area=query["search_area"],
        severities=query["severities"],
        statuses=statuses,
        since_ms=query.get("since"),
        until_ms=query.get("until"),
        limit=query["limit"],
        before_key=before,
        # A delta has tombstones of what is gone; a list of hidden ones has those of the caller's areas.
        may_see_hidden=caller().may_judge if "status" in query else None,
    )
    if "updated_since" in query:
        return _found(history.find_changed(period, updated_since_ms=query["updated_since"]))
    return _found(history.find_period(period))


def _item(entry: Entry, query: dict[str, Any]) -> dict[str, Any]:
    if history.is_gone(entry) and not caller().may_judge(lat=entry.lat, lon=entry.lon):
        return list_format.tombstone(entry)
    return list_format.list_item(entry, query["search_area"])


@tiles.get("/tiles/<int:z>/<int:x>/<int:y>")
@tiles.path(
    z=("The zoom: 4, 6, 8, 10 or 13.", 10),
    x=("The column, from 0 in the west to 2^z - 1.", 503),
    y=("The row, from 0 in the north to 2^z - 1.", 341),
)
@tiles.arguments(NoQuery, location="query", as_kwargs=True)
@tiles.response(200, TileSchema, content_type=geojson.MEDIA_TYPE)
@lock(Who.ANYONE)
def read_tile(z: int, x: int, y: int) -> Response:
    """Read one map tile: its newest active reports (at most 50), and counts by severity. May be a minute behind."""
    has_one_address = request.path.isascii() and request.path.endswith(f"/{z}/{x}/{y}")
    if z not in ZOOMS[1:] or x >= 1 << z or y >= 1 << z or not has_one_address:
        raise NotFound("There are tiles at zoom 4, 6, 8, 10 and 13, with x and y from 0 to 2^z - 1.")
    now_ms = clock.now_ms()
    from app.reports.index import tile_documents  # imported here because it can build them, which few requests need

    document = tile_documents.read_or_build(Tile(z, x, y))
    active = [row for row in document.rows if row.is_active(now_ms)]
    features = [list_format.feature(list_format.tile_row(row)) for row in active[:SHOWN_ROWS]]
    body = geojson.collection(
        features,
        counts=document.counts,
        counts_are_at_least=document.is_at_least,
        is_complete=not document.low_watermark_at(now_ms) and len(active) <= SHOWN_ROWS,
    )
    return json_answer(body, cache=headers.PUBLIC_TILE, media_type=geojson.MEDIA_TYPE)
