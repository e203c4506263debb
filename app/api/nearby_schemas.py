"""Schemas of the query for what is near a place, and of its answer."""

from typing import Any

from marshmallow import fields, post_load

from app.api.location_schemas import PlaceQuery
from app.api.report_list_schemas import ListedReportSchema
from app.api.warning_list_schemas import SourceSchema
from app.api.warning_schemas import NamedAreaSchema, WarningSchema
from app.geo import box_circle
from app.http.fields import QueryNumber, Word
from app.http.schemas import LinkSchema, StrictSchema, missing_parts

LARGEST_RADIUS_KM = 50
USUAL_RADIUS_KM = 5


class NearbyQuery(PlaceQuery):
    """A place and a radius around it."""

    radius_km = QueryNumber(
        low=0,
        high=LARGEST_RADIUS_KM,
        load_default=float(USUAL_RADIUS_KM),
        metadata={"description": "The radius around the place, in kilometres.", "example": 5},
    )

    @post_load
    def add_circle(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `circle`: the three values as one."""
        return data | {"circle": box_circle.Circle(data["lat"], data["lon"], data["radius_km"])}


class NearbyItemSchema(StrictSchema):
    """A report, or a warning with all the areas that have the same text.

    Several reports `many_from_one_network` in one cell of the map are one item: the newest of the gravest, with `count`
    and `ids` of all that were read.
    """

    kind = Word(
        ["report", "warning"], required=True, metadata={"description": "Which of `report` and `warning` the item has."}
    )
    distance_m = fields.Integer(
        required=True, metadata={"description": "0 if a warning covers the place.", "example": 250}
    )
    report = fields.Nested(ListedReportSchema, metadata={"description": "The report, of items of that kind."})
    warning = fields.Nested(WarningSchema, metadata={"description": "The warning, of items of that kind."})
    areas = fields.List(
        fields.Nested(NamedAreaSchema), metadata={"description": "The areas that the warning is for, all of them."}
    )
    count = fields.Integer(
        metadata={
            "description": "Number of warnings with the same text, or of reports from one connection, if several: then "
            "at least that number."
        }
    )
    ids = fields.List(
        fields.String(), metadata={"description": "Ids of all warnings, or of several reports, in this entry."}
    )


class NearbyCountsSchema(StrictSchema):
    """The number of active reports in the circle."""

    reports = fields.Integer(required=True, metadata={"description": "How many there are.", "example": 12})
    by_severity = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={
            "description": "How many of each severity, zeros too.",
            "example": {"unknown": 0, "minor": 7, "moderate": 4, "severe": 1, "extreme": 0},
        },
    )
    is_exact = fields.Boolean(
        required=True,
        metadata={"description": 'False: an estimate from the map tiles\' counts, to be shown as "about".'},
    )


class NearbySchema(StrictSchema):
    """At most 50 active reports, the grave and the nearest, and every warning in force in the circle."""

    as_of = fields.DateTime(required=True, metadata={"description": "The time at which the answer was true."})
    items = fields.List(
        fields.Nested(NearbyItemSchema),
        required=True,
        metadata={"description": "Reports and warnings, the nearest first."},
    )
    sources = fields.List(
        fields.Nested(SourceSchema),
        required=True,
        metadata={"description": "The sources of warnings, with the age of what they told."},
    )
    counts = fields.Nested(
        NearbyCountsSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Null if reports could not be read."},
    )
    complete_to = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Null, unless the circle holds more reports than an answer may read: then the radius in km "
            "up to which the nearest are surely those given. `/v1/reports` has them all."
        },
    )
    truncated = fields.Boolean(
        required=True, metadata={"description": "Whether there are, or may be, more active reports.", "example": False}
    )
    missing = missing_parts()
    links = fields.List(
        fields.Nested(LinkSchema),
        required=True,
        metadata={"description": "This answer, and the list with all reports."},
    )
