"""The part of a query that says where: a circle, or a box."""

from typing import Any

from marshmallow import post_load, validates_schema
from marshmallow.exceptions import ValidationError

from app.geo import box_circle, coordinates
from app.http.fields import QueryNumber, Text
from app.http.schemas import StrictSchema

BOX = "box|It must be west,south,east,north in degrees, with south not above north, each within the globe."
CIRCLE = ("lat", "lon", "radius_km")


class CircleQuery(StrictSchema):
    """A circle, or none. Adds `search_area`."""

    lat = QueryNumber(
        low=-90,
        high=90,
        metadata={
            "description": "Latitude of the place in degrees (WGS 84); with `lon` and `radius_km`.",
            "example": 51.38,
        },
    )
    lon = QueryNumber(
        low=-180,
        high=180,
        metadata={
            "description": "Longitude of the place in degrees (WGS 84); with `lat` and `radius_km`.",
            "example": -2.36,
        },
    )
    radius_km = QueryNumber(
        low=0,
        high=100,
        metadata={"description": "The radius around the place, in kilometres; with `lat` and `lon`.", "example": 5},
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_circle(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require all three values of a circle, or none."""
        given_names = [name for name in CIRCLE if name in original]
        if given_names and (missing := [name for name in CIRCLE if name not in given_names]):
            raise ValidationError({name: ["required|lat, lon and radius_km go together."] for name in missing})

    @post_load
    def add_search_area(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `search_area`: the three values as one, or None."""
        circle = box_circle.Circle(data["lat"], data["lon"], data["radius_km"]) if "lat" in data else None
        return data | {"search_area": circle}


class SearchAreaQuery(CircleQuery):
    """A box or a circle, not both; without either, everywhere. Adds `search_area`."""

    bbox = Text(
        shortest=1,
        longest=200,
        metadata={"description": "west,south,east,north; west > east crosses 180.", "example": "-2.5,51.3,-2.2,51.5"},
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_box(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require a box within the globe, and no circle beside it."""
        mistakes = []
        if "bbox" in original and any(name in original for name in CIRCLE):
            mistakes.append("conflict|Give a box or a circle, not both.")
        if "bbox" in data and read_box(data["bbox"]) is None:
            mistakes.append(BOX)
        if mistakes:
            raise ValidationError({"bbox": mistakes})

    @post_load
    def add_search_area(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `search_area`: the box or circle, or None."""
        return data | {"search_area": read_box(data["bbox"])} if "bbox" in data else super().add_search_area(data)


def read_box(text: str) -> box_circle.Box | None:
    """Return the box in west,south,east,north; None for any other text."""
    parts = text.split(",")
    if len(parts) != 4 or not all(QueryNumber.reads(part) for part in parts):
        return None
    west, south, east, north = map(float, parts)
    is_on_globe = coordinates.is_on_globe(lat=south, lon=west) and coordinates.is_on_globe(lat=north, lon=east)
    return box_circle.Box(west, south, east, north) if is_on_globe and south <= north else None
