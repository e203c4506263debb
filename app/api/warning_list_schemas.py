"""Schemas of queries for warnings and nearby reports, and of their answers."""

from typing import Any

from marshmallow import fields, post_load, validates_schema
from marshmallow.exceptions import ValidationError

from app.api.report_list_schemas import ListedReportSchema, ShapeQuery
from app.api.warning_schemas import SEVERITIES, NamedAreaSchema, WarningSchema
from app.geo import box_circle
from app.http import cursors
from app.http.fields import Moment, QueryNumber, QueryWhole, Text, Word
from app.http.schemas import LinkSchema, StrictSchema
from app.situation.overview import REPORTS, WARNINGS
from app.warnings.source_status import DOWN, OK, UNKNOWN
from app.warnings.sources.coverage import Reach

LARGEST_RADIUS_KM = 50
USUAL_RADIUS_KM = 5


class WarningsQuery(ShapeQuery):
    """Filters of the list of warnings; `since` and `until` compare the message's time."""

    severity_min = Word(SEVERITIES, metadata={"description": "At least this severity."})
    source = Text(shortest=1, longest=40, metadata={"description": "One source, such as ea or nws."})
    in_force = Word(["true", "false"], metadata={"description": "Only what is in force, or only what is over."})
    since = Moment()
    until = Moment()
    updated_since = Moment(
        metadata={"description": "Changes since this time, latest first; removed warnings are tombstones."}
    )
    limit = QueryWhole(low=1, high=100, load_default=50)
    cursor = cursors.field()

    @validates_schema(skip_on_field_errors=False)
    def check_delta(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a period together with updated_since."""
        if data.get("updated_since") is not None and ({"since", "until"} & data.keys()):
            raise ValidationError("conflict|It cannot be combined with since or until.", field_name="updated_since")


class NearbyQuery(StrictSchema):
    """A place and a radius around it."""

    lat = QueryNumber(low=-90, high=90, required=True)
    lon = QueryNumber(low=-180, high=180, required=True)
    radius_km = QueryNumber(low=0, high=LARGEST_RADIUS_KM, load_default=float(USUAL_RADIUS_KM))

    @post_load
    def add_circle(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `circle`: the three values as one."""
        return data | {"circle": box_circle.Circle(data["lat"], data["lon"], data["radius_km"])}


class SourceSchema(StrictSchema):
    """Status of a source. If it is `unknown` or `stale`, an empty list does not mean that there is no warning."""

    name = fields.String(required=True)
    state = Word([OK, DOWN, UNKNOWN], required=True)
    fetched_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "Its last good answer."})
    age_s = fields.Integer(required=True, allow_none=True)
    stale = fields.Boolean(required=True)
    website = fields.String(
        required=True, allow_none=True, metadata={"description": "The issuer's own page for people."}
    )
    covers_place = Word(
        [str(word) for word in Reach],
        metadata={
            "description": "How much of the place asked for it covers. An empty list means that there is no warning "
            "only if the sources that are not stale cover all of it."
        },
    )


class OneWarningSchema(WarningSchema):
    """A warning, and the status of its source."""

    sources = fields.List(fields.Nested(SourceSchema), required=True)


class WarningPageSchema(StrictSchema):
    """A page of the list of warnings."""

    items = fields.List(fields.Nested(WarningSchema), required=True)
    as_of = fields.DateTime(
        required=True,
        metadata={"description": "All changes before this time are included; the link `next-delta` goes on from it."},
    )
    next_cursor = fields.String(required=True, allow_none=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)
    links = fields.List(fields.Nested(LinkSchema), required=True)


class NearbyItemSchema(StrictSchema):
    """A report, or a warning with all the areas that have the same text."""

    kind = Word(["report", "warning"], required=True)
    distance_m = fields.Integer(required=True, metadata={"description": "0 if a warning covers the place."})
    report = fields.Nested(ListedReportSchema)
    warning = fields.Nested(WarningSchema)
    areas = fields.List(fields.Nested(NamedAreaSchema))
    count = fields.Integer(metadata={"description": "Number of warnings with the same text in this entry."})
    ids = fields.List(fields.String(), metadata={"description": "Ids of all warnings in this entry."})


class NearbySchema(StrictSchema):
    """The newest 50 active reports in the circle, and every warning in force that covers or touches it."""

    as_of = fields.DateTime(required=True)
    items = fields.List(fields.Nested(NearbyItemSchema), required=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)
    truncated = fields.Boolean(required=True, metadata={"description": "Whether there are more active reports."})
    missing = fields.List(
        Word([REPORTS, WARNINGS]),
        required=True,
        metadata={"description": "Parts that could not be read now; none of their items are in `items`."},
    )
    links = fields.List(fields.Nested(LinkSchema), required=True)


class OutlineSchema(StrictSchema):
    """An outline as a GeoJSON feature."""

    type = Word(["Feature"], required=True)
    id = fields.String(required=True)
    geometry = fields.Dict(required=True, allow_none=True)
    properties = fields.Dict(required=True)
    sources = fields.List(fields.Nested(SourceSchema), metadata={"description": "Only for a single warning."})


class OutlinePageSchema(StrictSchema):
    """A page of warnings as a FeatureCollection."""

    type = Word(["FeatureCollection"], required=True)
    features = fields.List(fields.Nested(OutlineSchema), required=True)
    as_of = fields.DateTime(
        required=True,
        metadata={"description": "All changes before this time are included; the link `next-delta` goes on from it."},
    )
    next_cursor = fields.String(required=True, allow_none=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)
    links = fields.List(fields.Nested(LinkSchema), required=True)
