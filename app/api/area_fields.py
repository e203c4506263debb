"""The schema field of a responder's areas."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from app.accounts import areas
from app.accounts.areas import MOST_AREAS, MOST_CORNERS, Area
from app.http.fields import COMMON_MESSAGES

_BOX = {"name": "Harbour", "bbox": [-2.5, 51.3, -2.2, 51.5]}
_AREA = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "description": "A part of the world: a name, and one of `place`, `bbox`, `polygon`.",
    "properties": {
        "name": {
            "type": "string",
            "minLength": 1,
            "maxLength": 80,
            "description": "With `place`: a name under which GET /v1/places lists it; the gazetteer's own is kept.",
        },
        "place": {
            "type": "string",
            "description": "The id of a place of GET /v1/places. It is stored as its extent at this moment: the box of "
            "a district, county or river, the circle of a settlement.",
        },
        "bbox": {
            "type": "array",
            "minItems": 4,
            "maxItems": 4,
            "items": {"type": "number"},
            "description": "West, south, east, north in degrees; west > east crosses the antimeridian.",
        },
        "polygon": {
            "type": "object",
            "description": f"A Polygon or MultiPolygon of GeoJSON with at most {MOST_CORNERS} corners, kept to "
            "0.000001 degrees. It must not cross the antimeridian.",
        },
    },
}


class Areas(fields.Field[Any]):
    """The areas of a responder, in and out."""

    default_error_messages = COMMON_MESSAGES

    def __init__(self, **rest: Any) -> None:
        described = {"type": "array", "maxItems": MOST_AREAS, "items": _AREA, "example": [_BOX]} | rest.pop(
            "metadata", {}
        )
        super().__init__(metadata=described, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> list[Area]:
        from app.accounts import area_input  # imported here because few requests need polygons and the gazetteer

        try:
            return area_input.read(value)
        except area_input.BadAreas as error:
            raise ValidationError(error.messages) from error

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> list[dict[str, Any]]:
        return areas.form(value)
