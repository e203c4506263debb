"""A page of reports as JSON, GeoJSON or CSV: chosen by the address's suffix, else by `Accept`."""

from typing import Any

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
    return {"id": entry.id, "gone": True, "updated_at": clock.rfc3339(int(entry.updated))}


def feature(item: dict[str, Any]) -> dict[str, Any]:
    """A list's item as a GeoJSON feature."""
    properties = {name: value for name, value in item.items() if name != "location"}
    if "location" not in item:
        return geojson.placeless_feature(item["id"], properties=properties)
    return geojson.point_feature(item["id"], **item["location"], properties=properties)


def page_answer(
    items: list[dict[str, Any]], *, form: str, next_cursor: str | None, cache: str, as_of_ms: int, etag: str
) -> Response:
    """The page in the form asked for; `etag` does not follow `as_of`."""
    said = {"ETag": etag, **paging.link_header(next_cursor, as_of_ms)}
    if form == csv_table.MEDIA_TYPE:
        table = csv_table.write(COLUMNS, [item | item.get("location", {}) for item in items])
        answer = Response(table, mimetype=form, headers={"Cache-Control": cache, **said})
    else:
        is_geojson = form == geojson.MEDIA_TYPE
        name, shown = ("features", [feature(item) for item in items]) if is_geojson else ("items", items)
        body = dict(paging.page_body(name, shown, next_cursor, as_of_ms))
        typed = {"type": "FeatureCollection", **body} if is_geojson else body
        answer = json_answer(typed, cache=cache, headers=said, media_type=form)
    answer.vary.update(["Accept", "Authorization"])
    return answer
