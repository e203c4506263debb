"""Schemas of places."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.gazetteer.place import KINDS, SOURCES, Match, Place
from app.geo.coordinates import is_on_globe
from app.http.fields import QueryNumber, QueryWhole, Text, Word
from app.http.schemas import StrictSchema

LONGEST_QUERY = 200
MOST_PLACES = 20


class Position(fields.Field[tuple[float, float]]):
    """`lat,lon` in degrees, in a query string."""

    default_error_messages = {  # noqa: RUF012 - marshmallow declares it so
        "invalid": "position|It must be latitude,longitude in degrees, such as 51.38,-2.36."
    }

    def __init__(self, **rest: Any) -> None:
        super().__init__(metadata={"type": "string", "example": "51.38,-2.36"} | rest.pop("metadata", {}), **rest)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any
    ) -> tuple[float, float]:
        lat, comma, lon = str(value).partition(",")
        if not comma or not (QueryNumber.reads(lat) and QueryNumber.reads(lon)):
            raise self.make_error("invalid")
        if not is_on_globe(lat=float(lat), lon=float(lon)):
            raise self.make_error("invalid")
        return float(lat), float(lon)


class PlacesQuery(StrictSchema):
    """A text (`query`), or a position (`at`)."""

    query = Text(
        shortest=1,
        longest=LONGEST_QUERY,
        metadata={
            "description": "A name or its beginning, a postcode or ZIP code, an address, a grid reference, a position.",
            "example": "Bathampton, Somerset",
        },
    )
    at = Position(metadata={"description": "Instead of a text: the settlement at this place, as latitude,longitude."})
    near = Position(metadata={"description": "Places of one name are sorted by distance from it: latitude,longitude."})
    limit = QueryWhole(
        low=1,
        high=MOST_PLACES,
        load_default=8,
        metadata={"description": "The most places listed.", "example": 5},
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_one_question(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require either a text or a position."""
        if "query" not in original and "at" not in original:
            raise ValidationError({"query": ["required|Give query, or at."]})
        if "query" in original and "at" in original:
            raise ValidationError({"at": ["exclusive|Give query or at, not both."]})


class ExtentSchema(StrictSchema):
    """Extent of the place. A search at the place should cover all of it."""

    radius_km = fields.Float(required=True, metadata={"description": "From its position.", "example": 1.5})
    bbox = fields.List(
        fields.Float(), metadata={"description": "west, south, east, north, of counties, rivers and other areas."}
    )


class GazetteerPlaceSchema(StrictSchema):
    """A place of the gazetteer."""

    id = fields.String(
        required=True,
        metadata={"description": "Constant while name, kind and position are.", "example": "gb-bathampton"},
    )
    name = fields.String(required=True, metadata={"example": "Bathampton", "description": "Its name."})
    kind = Word(KINDS, required=True, metadata={"description": "What it is."})
    match = Word(
        list(Match),
        required=True,
        metadata={
            "description": "exact: the whole text names it. coarse: the text contains it, as an address does a town. "
            "similar: its name is almost the text, or begins with it."
        },
    )
    within = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The areas that contain it, the smallest first.", "example": ["Somerset", "England"]},
    )
    lat = fields.Float(
        required=True, metadata={"description": "Latitude of its middle in degrees (WGS 84).", "example": 51.39}
    )
    lon = fields.Float(
        required=True, metadata={"description": "Longitude of its middle in degrees (WGS 84).", "example": -2.32}
    )
    extent = fields.Nested(ExtentSchema, required=True, metadata={"description": "How far it reaches."})
    source = Word(SOURCES, required=True, metadata={"description": "Source of the data; /privacy names the licences."})


class GazetteerPlacesSchema(StrictSchema):
    """Places, the likeliest first."""

    items = fields.List(
        fields.Nested(GazetteerPlaceSchema), required=True, metadata={"description": "The places, the likeliest first."}
    )
    is_complete = fields.Boolean(
        required=True, metadata={"description": "False if only a small list of towns was available."}
    )
    country = fields.String(
        allow_none=True,
        metadata={"description": "With at: the country there, by its ISO 3166-1 code; null on the open sea."},
    )
    emergency_numbers = fields.List(
        fields.String(),
        metadata={"description": "With at: the emergency numbers there, in no particular order."},
    )


def place_form(place: Place) -> dict[str, Any]:
    """Return the fields of a place in answers."""
    extent: dict[str, Any] = {"radius_km": place.radius_km}
    if place.box:
        extent["bbox"] = list(place.box)
    return {
        "id": place.id,
        "name": place.name,
        "kind": place.kind,
        "match": str(place.match),
        "within": list(place.within),
        "lat": place.lat,
        "lon": place.lon,
        "extent": extent,
        "source": place.source,
    }
