"""Render a page of a list as JSON, GeoJSON or CSV, by the suffix of the URL or by `Accept`; and reports in lists.

The fourth form, Atom, has its own URL and room (app/feeds), where `Accept` leads to.
"""

from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any, NamedTuple

from flask import Response, request

from app.api import csv_table
from app.api.report_schemas import short_form
from app.core import clock, missing
from app.core.config import settings
from app.core.errors import NotAcceptable
from app.geo import geojson
from app.geo.box_circle import Circle, SearchArea
from app.geo.coordinates import distance_km
from app.http import paging
from app.http.answers import json_answer
from app.photos.keys import SIZES
from app.photos.shown import public_path
from app.reports.entry import DEFAULTS, PUBLIC_FIELDS, Entry

JSON = "application/json"
LONGEST_TITLE_BYTES = 120
ATOM = "application/atom+xml"
AS_ATOM = "`Accept` asks for Atom, which has a URL of its own: the same with `.atom`."
MEDIA_TYPES = {"": JSON, "geojson": geojson.MEDIA_TYPE, "csv": csv_table.MEDIA_TYPE}
OFFERED = (*MEDIA_TYPES.values(), ATOM)
# Columns never change their position: later columns, from the first one with a default on, are appended.
_NAMES = [one.name for one in PUBLIC_FIELDS]
_FIRST = sum(1 for _ in takewhile(lambda one: one.attribute not in DEFAULTS, PUBLIC_FIELDS))
COLUMNS = ["id", "lat", "lon", "location_precision", *_NAMES[:_FIRST], "distance_m", "gone", *_NAMES[_FIRST:]]


def media_type(suffix: str) -> str:
    """Return the media type asked for. Raises NotAcceptable if `Accept` allows none of those offered."""
    if suffix:
        return MEDIA_TYPES[suffix]
    chosen = request.accept_mimetypes.best_match(OFFERED) if request.accept_mimetypes else JSON
    if not chosen:
        raise NotAcceptable(f"Lists are served as {', '.join(OFFERED)}.")
    return chosen


def to_feed() -> Response:
    """Lead to the same list as Atom, which has a URL of its own."""
    query = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
    headers = {"Location": f"{request.script_root}{request.path}.atom{query}", "Vary": "Accept"}
    return Response(status=307, headers=headers, mimetype=ATOM)


def list_item(entry: Entry, shape: SearchArea | None) -> dict[str, Any]:
    """Return the short form; for a circle with the distance of the shown place in whole metres."""
    form = short_form(entry)
    if isinstance(shape, Circle):
        away = distance_km(lat=shape.lat, lon=shape.lon, to_lat=entry.lat, to_lon=entry.lon)
        form["distance_m"] = round(away * 1000)
    return form


def tile_row(entry: Entry) -> dict[str, Any]:
    """Return the short form for a map tile: its title cut at 120 bytes of UTF-8."""
    form = short_form(entry)
    title = (entry.title or "").encode()
    if len(title) > LONGEST_TITLE_BYTES:
        form["title"] = title[: LONGEST_TITLE_BYTES - len("…".encode())].decode(errors="ignore") + "…"
    return form


def tombstone(entry: Entry) -> dict[str, Any]:
    """Return the public remainder of a report that is gone."""
    return {"id": entry.id, "gone": True, "updated_at": clock.rfc3339(clock.minute_of(int(entry.updated_at_ms)))}


def feature(item: dict[str, Any]) -> dict[str, Any]:
    """Return a list's item as a GeoJSON feature."""
    properties = {name: value for name, value in item.items() if name != "location"}
    if "location" not in item:
        return geojson.placeless_feature(item["id"], properties=properties)
    return geojson.point_feature(item["id"], **item["location"], properties=properties)


def feature_with_photo(item: dict[str, Any]) -> dict[str, Any]:
    """Return a list's item as a GeoJSON feature, with the addresses of its photo if it has one."""
    if not (name := item.get("photo")):
        return feature(item)
    base = settings().public_base_url
    return feature(item | {"photo_urls": {size: f"{base}{public_path(name, size)}" for size in SIZES}})


class ListPage(NamedTuple):
    """A page of a list before rendering. `etag` does not depend on `as_of_ms`."""

    items: list[dict[str, Any]]
    next_cursor: str | None
    as_of_ms: int
    etag: str
    cache: str
    members: Mapping[str, Any] | None = None  # further members of the JSON and GeoJSON body


def render(page: ListPage, form: str, *, table: Callable[[], str], features: Callable[[], list[Any]]) -> Response:
    """Render a page in the media type asked for: its items, a CSV table or features. Only that one is computed."""
    response_headers = {"ETag": page.etag, **paging.link_header(page.next_cursor, page.as_of_ms)}
    if form == csv_table.MEDIA_TYPE:
        if lacking := (page.members or {}).get("missing") or missing.names():
            response_headers["X-Missing"] = ", ".join(lacking)
        mark = csv_table.BYTE_ORDER_MARK if "bom" in request.args else ""
        answer = Response(mark + table(), mimetype=form, headers={"Cache-Control": page.cache, **response_headers})
    else:
        is_geojson = form == geojson.MEDIA_TYPE
        name, shown_items = ("features", features()) if is_geojson else ("items", page.items)
        body = {**paging.page_body(name, shown_items, page.next_cursor, page.as_of_ms), **(page.members or {})}
        typed = {"type": "FeatureCollection", **body} if is_geojson else body
        answer = json_answer(typed, cache=page.cache, headers=response_headers, media_type=form)
    answer.vary.add("Accept")
    return answer


def page_answer(page: ListPage, form: str) -> Response:
    """Render a page of reports in the media type asked for."""

    def table() -> str:
        return csv_table.write(COLUMNS, [item | item.get("location", {}) for item in page.items])

    answer = render(page, form, table=table, features=lambda: [feature_with_photo(item) for item in page.items])
    answer.vary.add("Authorization")
    return answer
