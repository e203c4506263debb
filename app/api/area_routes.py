"""Routes of official flood areas and zones."""

from functools import partial
from typing import Any

from flask import Response

from app.accounts.auth import Who, lock
from app.api.area_schemas import AreaOutlineSchema, AreaPageSchema, AreaSchema, AreasQuery, area_form
from app.core import dynamodb, missing
from app.core.config import settings
from app.core.errors import NotFound
from app.geo import geojson
from app.geo.box_circle import Circle
from app.geo.coordinates import distance_km
from app.http import cursors, headers, paging
from app.http.answers import json_answer
from app.http.schemas import Blueprint, NoQuery
from app.warnings import last_good
from app.warnings.area_models import CENTRE_ZOOM, Area
from app.warnings.sources.default_sources import READABLE
from app.warnings.sources.registry import read_sources

blueprint = Blueprint("areas", __name__, description="Official flood areas and zones, with their outlines.")
ID = "<area_id>"
CACHE = headers.PUBLIC_DOCUMENT
UNREADABLE = "the stored outline cannot be read, and is being fetched again"
# Position at which the list continues: an id, which is a source and a code.
POSITION = r"[A-Za-z0-9_]+-[A-Za-z0-9_-]+"


@blueprint.get("/v1/areas")
@blueprint.arguments(AreasQuery, location="query")
@blueprint.response(200, AreaPageSchema)
@lock(Who.ANYONE)
def list_areas(query: dict[str, Any]) -> Response:
    """List official areas, sorted by id: those whose centre is near a place, those of one source, or all.

    An area is known once a warning has named it or a file with it was loaded.
    """
    filters = cursors.filters_of(query)
    after = cursors.read_or_refuse(query, filters=filters, position=POSITION) or ""
    circle, limit = query["search_area"], query["limit"]
    source = query.get("source")
    areas = last_good.read(
        ("areas", circle, source, after, limit),
        lambda: _around(circle, source) if circle else _of_sources(source, after, limit + 1),
        part=missing.AREAS,
    )
    rest = sorted((area for area in areas if area.id > after), key=lambda area: area.id)
    page = rest[:limit]
    cursor = cursors.write(page[-1].id, filters=filters) if len(rest) > limit else None
    return paging.page_answer([_item(area, circle) for area in page], next_cursor=cursor, cache=CACHE)


def _around(circle: Circle, source: str | None) -> list[Area]:
    """Query each tile of centres; a circle of 100 km touches a dozen."""
    tiles = {tile.stored_key: tile for tile in circle.tiles(CENTRE_ZOOM)}.values()
    areas_by_tile = dynamodb.in_one_round([partial(Area.around, tile) for tile in tiles])
    near = [area for areas in areas_by_tile for area in areas if _away_km(area, circle) <= circle.radius_km]
    return [area for area in near if source in (None, area.source)]


def _of_sources(source: str | None, after: str, limit: int) -> list[Area]:
    # A file may have loaded areas of a source that is not asked live.
    names = [source] if source else list(dict.fromkeys([*read_sources(settings().sources), *READABLE]))
    areas_by_source = dynamodb.in_one_round([partial(Area.of_source, name, after=after, limit=limit) for name in names])
    return [area for areas in areas_by_source for area in areas]


def _item(area: Area, circle: Circle | None) -> dict[str, Any]:
    form = area_form(area)
    return form | {"distance_m": round(_away_km(area, circle) * 1000)} if circle else form


def _away_km(area: Area, circle: Circle) -> float:
    return distance_km(lat=circle.lat, lon=circle.lon, to_lat=float(area.lat), to_lon=float(area.lon))


@blueprint.get(f"/v1/areas/{ID}")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, AreaSchema)
@lock(Who.ANYONE)
def read_area(area_id: str) -> Response:
    """Read one official area."""
    return json_answer(area_form(_find(area_id)) | missing.members(), cache=CACHE)


@blueprint.get(f"/v1/areas/{ID}.geojson")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, AreaOutlineSchema, content_type=geojson.MEDIA_TYPE)
@lock(Who.ANYONE)
def read_area_geojson(area_id: str) -> Response:
    """Read one official area as a GeoJSON feature with its outline, or with the reason why it has none."""
    area = _find(area_id)
    from app.geo.polygon_geojson import to_geojson  # imported here because most requests need no outline

    outline = area.outline()
    properties = {name: value for name, value in area_form(area).items() if name != "id"} | {"title": area.name}
    if outline is None:
        properties["geometry_reason"] = area.reason or UNREADABLE
    geometry = to_geojson(outline) if outline else None
    feature = {"type": "Feature", "id": area.id, "geometry": geometry, "properties": properties}
    feature |= missing.members()
    return json_answer(feature, cache=CACHE, media_type=geojson.MEDIA_TYPE)


def _find(area_id: str) -> Area:
    area = last_good.read(("area", area_id), lambda: Area.find(area_id), part=missing.AREAS)
    if area is None:
        raise NotFound("There is no such area, or its outline was never needed.")
    return area
