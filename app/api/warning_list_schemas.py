"""Schemas of the query for the list of warnings, and of its answers."""

from typing import Any

from marshmallow import fields, validates_schema
from marshmallow.exceptions import ValidationError

from app.api.report_list_schemas import ShapeQuery
from app.api.warning_schemas import SEVERITIES, WarningSchema
from app.http import cursors
from app.http.fields import Moment, QueryWhole, Text, Word
from app.http.schemas import LinkSchema, StrictSchema
from app.warnings.source_status import DOWN, OK, UNKNOWN
from app.warnings.sources.coverage import Reach


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
