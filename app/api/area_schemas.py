"""Schemas of official areas."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from app.core import clock
from app.geo.box_circle import Circle
from app.http import cursors
from app.http.fields import QueryNumber, QueryWhole, Text, Word
from app.http.schemas import LinkSchema, StrictSchema
from app.warnings.area_models import Area

CIRCLE = ("lat", "lon", "radius_km")


class AreasQuery(StrictSchema):
    """Query of areas: those whose centre is near a place, or those of a source, sorted by id."""

    lat = QueryNumber(low=-90, high=90)
    lon = QueryNumber(low=-180, high=180)
    radius_km = QueryNumber(low=0, high=100)
    source = Text(shortest=1, longest=40, metadata={"description": "One source, such as ea or nws."})
    limit = QueryWhole(low=1, high=100, load_default=50)
    cursor = cursors.field()

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_circle(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require all three values of a circle, or none."""
        given_names = [name for name in CIRCLE if name in original]
        if given_names and (missing := [name for name in CIRCLE if name not in given_names]):
            raise ValidationError({name: ["required|lat, lon and radius_km go together."] for name in missing})

    @post_load
    def add_circle(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `circle`: the three values as one, or None."""
        return data | {"circle": Circle(data["lat"], data["lon"], data["radius_km"]) if "lat" in data else None}


class CentreSchema(StrictSchema):
    lat = fields.Float(required=True)
    lon = fields.Float(required=True)


class AreaLinksSchema(StrictSchema):
    self = fields.String(required=True)
    geojson = fields.String(required=True)


class AreaSchema(StrictSchema):
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


class AreaPageSchema(StrictSchema):
    """A page of areas."""

    items = fields.List(fields.Nested(AreaSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    links = fields.List(fields.Nested(LinkSchema), required=True)


class AreaOutlineSchema(StrictSchema):
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
        "updated_at": clock.rfc3339(int(area.updated)),
        "links": {"self": own, "geojson": f"{own}.geojson"},
    }
