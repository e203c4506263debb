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
    "username": {"type": "string", "minLength": 1, "description": "The user name.", "example": "river-watcher"},
    "password": {"type": "string", "minLength": 1, "format": "password", "description": "The password."},
}
FLOOD: dict[str, Any] = CREDENTIALS | {
    "gps_latitude": {
        "type": "number",
        "minimum": -90,
        "maximum": 90,
        "description": "Latitude in degrees.",
        "example": 51.3813,
    },
    "gps_longitude": {
        "type": "number",
        "minimum": -180,
        "maximum": 180,
        "description": "Longitude in degrees.",
        "example": -2.359,
    },
    "radius": {"type": "number", "minimum": 0, "description": "Metres, kept as 1 to 5000.", "example": 50},
    "severity": {"type": "integer", "minimum": 1, "maximum": 5, "description": "1 unknown to 5 extreme.", "example": 3},
    "title": {
        "type": "string",
        "description": "In a few words. Cut after 120 characters, then whole in the description.",
        "example": "Water over the kerb",
    },
    "description": {"type": "string", "description": "Cut after 4000 characters.", "example": "By the bridge."},
}


class RefusalSchema(StrictSchema):
    """The error, as one text."""

    error = fields.String(
        required=True, metadata={"description": "What is wrong, in words.", "example": "Send username and password."}
    )


class DoneSchema(StrictSchema):
    """The word that it is done."""

    message = Word([REGISTERED, SIGNED_IN, REPORTED], required=True, metadata={"description": "What is done."})
    stored = fields.String(metadata={"description": "Only where a report was fitted to the bounds: what was changed."})


class FloodSchema(StrictSchema):
    """An active report in the old format."""

    flood_id = fields.Integer(required=True, metadata={"description": "Made of the report's id, up to 53 bits."})
    user_id = fields.Integer(required=True, metadata={"description": "Always 0."})
    gps_longitude = fields.Float(required=True, metadata={"description": "Longitude in degrees.", "example": -2.359})
    gps_latitude = fields.Float(required=True, metadata={"description": "Latitude in degrees.", "example": 51.381})
    radius = fields.Float(required=True, metadata={"description": "Metres."})
    severity = fields.Integer(
        required=True, metadata={"minimum": 1, "maximum": 5, "description": "1 unknown to 5 extreme.", "example": 3}
    )
    time_reported = fields.String(
        required=True, metadata={"description": "UTC, `YYYY-MM-DD HH:MM:SS`.", "example": "2026-01-05 10:15:00"}
    )
    username = Word(["resident"], required=True, metadata={"description": "Always `resident`."})
    title = fields.String(
        required=True, metadata={"description": "What is seen, in a few words.", "example": "Water over the kerb"}
    )
    description = fields.String(
        required=True, metadata={"description": "Of the newest 100; empty for all others.", "example": ""}
    )


class CentroidSchema(StrictSchema):
    """A circle."""

    type = Word(["Circle"], required=True, metadata={"description": "The kind of shape."})
    coordinates = fields.List(
        fields.Float(), required=True, metadata={"description": "Longitude, latitude.", "example": [-2.36, 51.38]}
    )
    radius = fields.Float(required=True, metadata={"description": "Kilometres."})


class FloodAreaSchema(StrictSchema):
    """An official warning as a circle on the map."""

    description = fields.String(
        required=True,
        metadata={"description": "The warning in one line.", "example": "Flood alert for the Upper Bristol Avon area"},
    )
    centroid = fields.Nested(
        CentroidSchema, required=True, metadata={"description": "The middle of its area, and how far that reaches."}
    )
    severity = fields.String(
        required=True, metadata={"description": "The issuer's name for the level.", "example": "Flood alert"}
    )
    severityLevel = fields.Integer(  # noqa: N815 - the old name
        required=True,
        metadata={"minimum": 1, "maximum": 3, "description": "1 severe, 2 warning, 3 alert.", "example": 3},
    )


class FloodAreasSchema(StrictSchema):
    """The warnings in force, as circles."""

    items = fields.List(fields.Nested(FloodAreaSchema), required=True, metadata={"description": "The warnings."})
    meta = fields.Dict(required=True, metadata={"description": "About the data.", "example": {}})
