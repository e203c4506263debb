"""A page of a list as JSON, GeoJSON or CSV: chosen by the address's suffix, else by `Accept`. And reports in lists."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask import Response, request

from app.api import csv_table
from app.api.report_schemas import short_form
from app.core import clock
from app.core.errors import NotAcceptable
from app.geo import geojson
from app.geo.box_circle import Circle, Shape
from app.geo.coordinates import distance_km
from app.http import paging
from app.http.answers import json_answer
from app.reports.entry import DEFAULTS, SHOWN, Entry

JSON = "application/json"
LONGEST_TITLE_BYTES = 120
MEDIA_TYPES = {"": JSON, "geojson": geojson.MEDIA_TYPE, "csv": csv_table.MEDIA_TYPE}
# Columns are for ever where they are: what has come later, and so has a default, follows behind.
_FIRST, _LATER = ([one.name for one in SHOWN if (one.attribute in DEFAULTS) == is_later] for is_later in (False, True))
COLUMNS = ["id", "lat", "lon", "location_precision", *_FIRST, "distance_m", "gone", *_LATER]


def media_type(suffix: str) -> str:
    """The form asked for. Raises NotAcceptable when `Accept` takes none of ours."""
    if suffix:
        return MEDIA_TYPES[suffix]
    chosen = request.accept_mimetypes.best_match(list(MEDIA_TYPES.values())) if request.accept_mimetypes else JSON
    if not chosen:
        raise NotAcceptable(f"Lists are served as {', '.join(MEDIA_TYPES.values())}.")
    return chosen


def list_item(entry: Entry, shape: Shape | None) -> dict[str, Any]:
    """The short form; in a circle with the distance of the place shown, in whole metres."""
    shown = short_form(entry)
    if isinstance(shape, Circle):
        away = distance_km(lat=shape.lat, lon=shape.lon, to_lat=entry.lat, to_lon=entry.lon)
        shown["distance_m"] = round(away * 1000)
    return shown


def tile_row(entry: Entry) -> dict[str, Any]:
    """The short form on a map tile: its title cut at 120 bytes of UTF-8."""
    shown = short_form(entry)
    title = (entry.title or "").encode()
    if len(title) > LONGEST_TITLE_BYTES:
        shown["title"] = title[: LONGEST_TITLE_BYTES - len("…".encode())].decode(errors="ignore") + "…"
    return shown


def tombstone(entry: Entry) -> dict[str, Any]:
    """What the public may know of a report that is gone."""
    return {"id": entry.id, "gone": True, "updated_at": clock.rfc3339(clock.minute_of(int(entry.updated)))}


def feature(item: dict[str, Any]) -> dict[str, Any]:
    """A list's item as a GeoJSON feature."""
    properties = {name: value for name, value in item.items() if name != "location"}
    if "location" not in item:
        return geojson.placeless_feature(item["id"], properties=properties)
    return geojson.point_feature(item["id"], **item["location"], properties=properties)


class ListPage(NamedTuple):
    """A page of a list, before it has a media type. `etag` does not follow `as_of_ms`."""

    items: list[dict[str, Any]]
    next_cursor: str | None
    as_of_ms: int
    etag: str
    cache: str
    members: Mapping[str, Any] | None = None  # what the body of JSON and GeoJSON holds besides


def render(page: ListPage, form: str, *, table: Callable[[], str], features: Callable[[], list[Any]]) -> Response:
    """The page in the form asked for: its items, a table of them (CSV) or features; only what is asked for is made."""
    said = {"ETag": page.etag, **paging.link_header(page.next_cursor, page.as_of_ms)}
    if form == csv_table.MEDIA_TYPE:
        answer = Response(table(), mimetype=form, headers={"Cache-Control": page.cache, **said})
    else:
        is_geojson = form == geojson.MEDIA_TYPE
        name, shown = ("features", features()) if is_geojson else ("items", page.items)
        body = {**paging.page_body(name, shown, page.next_cursor, page.as_of_ms), **(page.members or {})}
        typed = {"type": "FeatureCollection", **body} if is_geojson else body
        answer = json_answer(typed, cache=page.cache, headers=said, media_type=form)
    answer.vary.add("Accept")
    return answer


def page_answer(page: ListPage, form: str) -> Response:
    """A page of reports in the form asked for."""

    def table() -> str:
        return csv_table.write(COLUMNS, [item | item.get("location", {}) for item in page.items])

    answer = render(page, form, table=table, features=lambda: [feature(item) for item in page.items])
    answer.vary.add("Authorization")
    return answer
