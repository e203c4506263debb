"""The questions about warnings and nearness, and the shapes of their answers."""

from typing import Any

from marshmallow import fields, post_load, validates_schema
from marshmallow.exceptions import ValidationError

from app.api.report_list_schemas import ListedReportSchema, ShapeQuery
from app.api.warning_schemas import SEVERITIES, NamedAreaSchema, WarningSchema
from app.geo import box_circle
from app.http import cursors
from app.http.fields import Moment, QueryNumber, QueryWhole, Text, Word
from app.http.schemas import LinkSchema, StrictSchema
from app.warnings.source_status import DOWN, OK, UNKNOWN
from app.warnings.sources.coverage import Reach

LARGEST_RADIUS_KM = 50
USUAL_RADIUS_KM = 5


class WarningsQuery(ShapeQuery):
    """Filters of the list of warnings; `since` and `until` are by the message's time."""

    severity_min = Word(SEVERITIES, metadata={"description": "At least this severity."})
    source = Text(shortest=1, longest=40, metadata={"description": "One source, such as ea or nws."})
    in_force = Word(["true", "false"], metadata={"description": "Only what is in force, or only what is over."})
    since = Moment()
    until = Moment()
    updated_since = Moment(
        metadata={"description": "What has changed since, latest change first; gone ones come as tombstones."}
    )
    limit = QueryWhole(low=1, high=100, load_default=50)
    cursor = cursors.field()

    @validates_schema(skip_on_field_errors=False)
    def check_delta(self, data: dict[str, Any], **_: Any) -> None:
        """A delta has no period."""
        if data.get("updated_since") is not None and ({"since", "until"} & data.keys()):
            raise ValidationError("conflict|It cannot stand beside since or until.", field_name="updated_since")


class NearbyQuery(StrictSchema):
    """A place and how far around it."""

    lat = QueryNumber(low=-90, high=90, required=True)
    lon = QueryNumber(low=-180, high=180, required=True)
    radius_km = QueryNumber(low=0, high=LARGEST_RADIUS_KM, load_default=float(USUAL_RADIUS_KM))

    @post_load
    def add_circle(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """`circle`: the three as one."""
        return data | {"circle": box_circle.Circle(data["lat"], data["lon"], data["radius_km"])}


class SourceSchema(StrictSchema):
    """How a source does. While it is `unknown` or `stale`, no warning listed does not mean that none is out."""

    name = fields.String(required=True)
    state = Word([OK, DOWN, UNKNOWN], required=True)
    fetched_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "Its last good answer."})
    age_s = fields.Integer(required=True, allow_none=True)
    stale = fields.Boolean(required=True)
    website = fields.String(
        required=True, allow_none=True, metadata={"description": "Where people read the issuer's own word."}
    )
    covers_place = Word(
        [str(word) for word in Reach],
        metadata={
            "description": "How much of the place asked for it speaks of. No warning listed means that none is out "
            "only where the sources that are not stale cover all of it."
        },
    )


class OneWarningSchema(WarningSchema):
    """A warning, and how old the word of its source is."""

    sources = fields.List(fields.Nested(SourceSchema), required=True)


class WarningPageSchema(StrictSchema):
    """A page of the list of warnings."""

    items = fields.List(fields.Nested(WarningSchema), required=True)
    as_of = fields.DateTime(
        required=True,
        metadata={"description": "All that changed before is in it; `next-delta` of the links goes on from here."},
    )
    next_cursor = fields.String(required=True, allow_none=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)
    links = fields.List(fields.Nested(LinkSchema), required=True)


class NearbyItemSchema(StrictSchema):
    """A report, or a warning with all the areas that have the same text."""

    kind = Word(["report", "warning"], required=True)
    distance_m = fields.Integer(required=True, metadata={"description": "0 where a warning covers the place."})
    report = fields.Nested(ListedReportSchema)
    warning = fields.Nested(WarningSchema)
    areas = fields.List(fields.Nested(NamedAreaSchema))
    count = fields.Integer(metadata={"description": "How many warnings of one text this entry stands for."})
    ids = fields.List(fields.String(), metadata={"description": "Of all the warnings that it stands for."})


class NearbySchema(StrictSchema):
    """The newest 50 active reports in the circle, and every warning in force that covers or touches it."""

    as_of = fields.DateTime(required=True)
    items = fields.List(fields.Nested(NearbyItemSchema), required=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)
    truncated = fields.Boolean(required=True, metadata={"description": "Are there more active reports?"})
    links = fields.List(fields.Nested(LinkSchema), required=True)


class OutlineSchema(StrictSchema):
    """An outline as a GeoJSON feature."""

    type = Word(["Feature"], required=True)
    id = fields.String(required=True)
    geometry = fields.Dict(required=True, allow_none=True)
    properties = fields.Dict(required=True)
    sources = fields.List(fields.Nested(SourceSchema), metadata={"description": "Beside a warning alone."})


class OutlinePageSchema(StrictSchema):
    """A page of warnings as a FeatureCollection."""

    type = Word(["FeatureCollection"], required=True)
    features = fields.List(fields.Nested(OutlineSchema), required=True)
    as_of = fields.DateTime(
        required=True,
        metadata={"description": "All that changed before is in it; `next-delta` of the links goes on from here."},
    )
    next_cursor = fields.String(required=True, allow_none=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)
    links = fields.List(fields.Nested(LinkSchema), required=True)
