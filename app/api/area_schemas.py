"""Schemas of official areas."""

from typing import Any

from marshmallow import fields

from app.api.box_circle_query import CircleQuery
from app.api.list_query import PageQuery
from app.api.location_schemas import OutlinedFeatureSchema
from app.core import clock
from app.http.fields import Text
from app.http.schemas import OldAnswerSchema, PageSchema, StrictSchema
from app.warnings.area_models import Area


class AreasQuery(PageQuery, CircleQuery):
    """Query of areas: those whose centre is near a place, or those of a source, sorted by id."""

    source = Text(shortest=1, longest=40, metadata={"description": "One source, such as ea or nws.", "example": "ea"})


class CentreSchema(StrictSchema):
    """The middle of an outline, in degrees (WGS 84)."""

    lat = fields.Float(required=True, metadata={"description": "Latitude in degrees.", "example": 51.38})
    lon = fields.Float(required=True, metadata={"description": "Longitude in degrees.", "example": -2.36})


class AreaLinksSchema(StrictSchema):
    """Paths of the area."""

    self = fields.String(
        required=True, metadata={"description": "The area itself.", "example": "/v1/areas/ea-112WAFTUBA"}
    )
    geojson = fields.String(
        required=True,
        metadata={
            "description": "The area with its outline, as GeoJSON.",
            "example": "/v1/areas/ea-112WAFTUBA.geojson",
        },
    )


class AreaSchema(OldAnswerSchema):
    """An official flood area or zone, with the issuer's outline."""

    id = fields.String(
        required=True,
        metadata={"description": "The area's id: the source, and the issuer's code.", "example": "ea-112WAFTUBA"},
    )
    source = fields.String(required=True, metadata={"description": "The source whose area it is.", "example": "ea"})
    code = fields.String(required=True, metadata={"description": "The issuer's code.", "example": "112WAFTUBA"})
    name = fields.String(
        required=True, metadata={"description": "The issuer's name of it.", "example": "Upper Bristol Avon area"}
    )
    centre = fields.Nested(
        CentreSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The middle of its outline; null without one."},
    )
    geometry_reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why there is no outline; null if there is one."}
    )
    updated_at = fields.DateTime(required=True, metadata={"description": "When its outline or its name changed last."})
    distance_m = fields.Integer(metadata={"description": "With lat, lon: distance from there to the centre."})
    links = fields.Nested(AreaLinksSchema, required=True, metadata={"description": "Paths of the area."})


class AreaPageSchema(PageSchema):
    """A page of areas."""

    items = fields.List(fields.Nested(AreaSchema), required=True, metadata={"description": "The areas, sorted by id."})


class AreaOutlineSchema(OutlinedFeatureSchema):
    """An area as a GeoJSON feature."""

    id = fields.String(required=True, metadata={"description": "The area's id.", "example": "ea-112WAFTUBA"})
    properties = fields.Dict(
        required=True,
        metadata={
            "description": "The fields of the area, as `/v1/areas/{area_id}` has them.",
            "example": {"name": "Upper Bristol Avon area", "source": "ea"},
        },
    )


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
