"""Schemas of official areas."""

from typing import Any

from marshmallow import fields

from app.api.box_circle_query import CircleQuery
from app.api.list_query import PageQuery
from app.core import clock
from app.http.fields import Text, Word
from app.http.schemas import OldAnswerSchema, PageSchema, StrictSchema
from app.warnings.area_models import Area


class AreasQuery(PageQuery, CircleQuery):
    """Query of areas: those whose centre is near a place, or those of a source, sorted by id."""

    source = Text(shortest=1, longest=40, metadata={"description": "One source, such as ea or nws."})


class CentreSchema(StrictSchema):
    lat = fields.Float(required=True)
    lon = fields.Float(required=True)


class AreaLinksSchema(StrictSchema):
    self = fields.String(required=True)
    geojson = fields.String(required=True)


class AreaSchema(OldAnswerSchema):
    """An official flood area or zone, with the issuer's outline."""

    id = fields.String(required=True)
    source = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "The issuer's code."})
    name = fields.String(required=True)
    centre = fields.Nested(CentreSchema, required=True, allow_none=True)
    geometry_reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why there is no outline; null if there is one."}
    )
    updated_at = fields.DateTime(required=True)
    distance_m = fields.Integer(metadata={"description": "With lat, lon: distance from there to the centre."})
    links = fields.Nested(AreaLinksSchema, required=True)


class AreaPageSchema(PageSchema):
    """A page of areas."""

    items = fields.List(fields.Nested(AreaSchema), required=True)


class AreaOutlineSchema(OldAnswerSchema):
    """An area as a GeoJSON feature."""

    type = Word(["Feature"], required=True)
    id = fields.String(required=True)
    geometry = fields.Dict(required=True, allow_none=True)
    properties = fields.Dict(required=True)


def area_form(area: Area) -> dict[str, Any]:
    """Return the fields of an area in answers."""
    own = f"/v1/areas/{area.id}"
    return {
        "id": area.id,
        "source": area.source,
        "code": area.code,
        "name": area.name,
        "centre": None if area.lat is None else {"lat": float(area.lat), "lon": float(area.lon)},
        "geometry_reason": area.reason,
        "updated_at": clock.rfc3339(int(area.updated_at_ms)),
        "links": {"self": own, "geojson": f"{own}.geojson"},
    }
