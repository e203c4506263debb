"""Schemas of the old routes, in and out."""

from typing import Any

from marshmallow import fields

from app.http.fields import Word
from app.http.schemas import StrictSchema

REGISTERED = "User registered successfully"
SIGNED_IN = "Login successful"
REPORTED = "Flood reported successfully"
# Bodies are parsed by app/legacy/bodies.py, because only their first mistake is shown; this describes them.
CREDENTIALS: dict[str, Any] = {
    "username": {"type": "string", "minLength": 1},
    "password": {"type": "string", "minLength": 1, "format": "password"},
}
FLOOD: dict[str, Any] = CREDENTIALS | {
    "gps_latitude": {"type": "number", "minimum": -90, "maximum": 90},
    "gps_longitude": {"type": "number", "minimum": -180, "maximum": 180},
    "radius": {"type": "number", "minimum": 1, "maximum": 5000, "description": "Metres."},
    "severity": {"type": "integer", "minimum": 1, "maximum": 5, "description": "1 unknown to 5 extreme."},
    "title": {"type": "string", "maxLength": 120},
    "description": {"type": "string", "maxLength": 4000},
}


class RefusalSchema(StrictSchema):
    """The error, as one text."""

    error = fields.String(required=True)


class DoneSchema(StrictSchema):
    message = Word([REGISTERED, SIGNED_IN, REPORTED], required=True)


class FloodSchema(StrictSchema):
    """An active report in the old format."""

    flood_id = fields.Integer(required=True, metadata={"description": "Made of the report's id, up to 53 bits."})
    user_id = fields.Integer(required=True, metadata={"description": "Always 0."})
    gps_longitude = fields.Float(required=True)
    gps_latitude = fields.Float(required=True)
    radius = fields.Float(required=True, metadata={"description": "Metres."})
    severity = fields.Integer(required=True, metadata={"minimum": 1, "maximum": 5})
    time_reported = fields.String(required=True, metadata={"description": "UTC, `YYYY-MM-DD HH:MM:SS`."})
    username = Word(["resident"], required=True)
    title = fields.String(required=True)
    description = fields.String(required=True, metadata={"description": "Of the newest 100; empty for all others."})


class CentroidSchema(StrictSchema):
    type = Word(["Circle"], required=True)
    coordinates = fields.List(fields.Float(), required=True, metadata={"description": "Longitude, latitude."})
    radius = fields.Float(required=True, metadata={"description": "Kilometres."})


class FloodAreaSchema(StrictSchema):
    """An official warning as a circle on the map."""

    description = fields.String(required=True)
    centroid = fields.Nested(CentroidSchema, required=True)
    severity = fields.String(required=True)
    severityLevel = fields.Integer(required=True, metadata={"minimum": 1, "maximum": 3})  # noqa: N815 - the old name


class FloodAreasSchema(StrictSchema):
    items = fields.List(fields.Nested(FloodAreaSchema), required=True)
    meta = fields.Dict(required=True)
