"""Schemas of places and of a report's paths, in requests and in answers."""

from typing import Any

from marshmallow import fields, validates_schema
from marshmallow.exceptions import ValidationError

from app.http.fields import Number, QueryNumber, Word
from app.http.schemas import OldAnswerSchema, StrictSchema


class LocationSchema(StrictSchema):
    """A place on the globe, in degrees (WGS 84)."""

    lat = Number(low=-90, high=90, required=True, metadata={"description": "Latitude in degrees.", "example": 51.3813})
    lon = Number(
        low=-180, high=180, required=True, metadata={"description": "Longitude in degrees.", "example": -2.359}
    )

    @validates_schema(skip_on_field_errors=True)
    def check_place(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse 0, 0: programs send it for a place that they do not know."""
        if data["lat"] == data["lon"] == 0:
            raise ValidationError("nowhere|0, 0 is not a place. Give the latitude and the longitude of the water.")


class PlaceQuery(StrictSchema):
    """A place, as two parameters."""

    lat = QueryNumber(
        low=-90,
        high=90,
        required=True,
        metadata={"description": "Latitude of the place in degrees (WGS 84).", "example": 51.38},
    )
    lon = QueryNumber(
        low=-180,
        high=180,
        required=True,
        metadata={"description": "Longitude of the place in degrees (WGS 84).", "example": -2.36},
    )


class PlaceSchema(StrictSchema):
    """A place in degrees (WGS 84), as exactly as the reader may see it."""

    lat = fields.Float(required=True, metadata={"description": "Latitude in degrees.", "example": 51.381})
    lon = fields.Float(required=True, metadata={"description": "Longitude in degrees.", "example": -2.359})


class OutlinedFeatureSchema(OldAnswerSchema):
    """A GeoJSON feature with an outline."""

    type = Word(["Feature"], required=True, metadata={"description": "The kind of GeoJSON object."})
    geometry = fields.Dict(
        required=True,
        allow_none=True,
        metadata={
            "description": "Its outline, a Polygon or MultiPolygon; null without one.",
            "example": {"type": "Polygon", "coordinates": [[[-2.4, 51.3], [-2.3, 51.3], [-2.3, 51.4], [-2.4, 51.3]]]},
        },
    )


class LinksSchema(StrictSchema):
    """Paths of the report."""

    self = fields.String(
        required=True,
        metadata={"description": "The whole report.", "example": "/v1/reports/01kb9v3q8d5w7x2ya4zc6e0fgh"},
    )
