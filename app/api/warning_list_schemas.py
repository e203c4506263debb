"""Schemas of the query for the list of warnings, and of its answers."""

from marshmallow import fields

from app.api.list_query import WITH_MARK, ListQuery, many
from app.api.location_schemas import OutlinedFeatureSchema
from app.api.warning_schemas import WarningSchema
from app.http.fields import Moment, Text, Word
from app.http.schemas import ListPageSchema, OldAnswerSchema, StrictSchema
from app.warnings.source_status import DOWN, OK, UNKNOWN
from app.warnings.sources.coverage import Reach


class WarningsQuery(ListQuery):
    """Filters of the list of warnings; `since` and `until` compare the message's time."""

    source = Text(shortest=1, longest=40, metadata={"description": "One source, such as ea or nws.", "example": "ea"})
    in_force = Word(["true", "false"], metadata={"description": "Only what is in force, or only what is over."})
    updated_since = Moment(
        metadata={"description": "Changes since this time, latest first; removed warnings are tombstones."}
    )


class WarningFeaturesQuery(WarningsQuery):
    """Query of the list for maps: longer pages, as far as the costs of one page allow."""

    limit = many()


class WarningTableQuery(WarningsQuery):
    """Query of the list as a table."""

    bom = WITH_MARK


class SourceSchema(StrictSchema):
    """Status of a source. If it is `unknown` or `stale`, an empty list does not mean that there is no warning."""

    name = fields.String(
        required=True, metadata={"description": "The source's name, as in `source` of its warnings.", "example": "ea"}
    )
    state = Word(
        [OK, DOWN, UNKNOWN],
        required=True,
        metadata={"description": "Whether it answers; `unknown`: it was never asked."},
    )
    fetched_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "Its last good answer."})
    age_s = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Seconds since its last good answer; null: none.", "example": 60},
    )
    stale = fields.Boolean(
        required=True, metadata={"description": "Whether that is too long ago to rely on.", "example": False}
    )
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


class OneWarningSchema(WarningSchema, OldAnswerSchema):
    """A warning, and the status of its source."""

    sources = fields.List(
        fields.Nested(SourceSchema), required=True, metadata={"description": "The source that it is of."}
    )


class WarningPageSchema(ListPageSchema):
    """A page of the list of warnings."""

    items = fields.List(
        fields.Nested(WarningSchema),
        required=True,
        metadata={"description": "The warnings of this page, newest first."},
    )
    sources = fields.List(
        fields.Nested(SourceSchema),
        required=True,
        metadata={"description": "The sources asked, with the age of their last answers."},
    )


class OutlineSchema(OutlinedFeatureSchema):
    """An outline as a GeoJSON feature."""

    id = fields.String(
        required=True, metadata={"description": "The id of the warning.", "example": "ea-53021-112wafTUBA"}
    )
    properties = fields.Dict(
        required=True,
        metadata={
            "description": "The other fields of the warning.",
            "example": {"severity": "moderate", "in_force": True},
        },
    )
    sources = fields.List(fields.Nested(SourceSchema), metadata={"description": "Only for a single warning."})


class OutlinePageSchema(ListPageSchema):
    """A page of warnings as a FeatureCollection."""

    type = Word(["FeatureCollection"], required=True, metadata={"description": "The kind of GeoJSON object."})
    features = fields.List(
        fields.Nested(OutlineSchema),
        required=True,
        metadata={"description": "The warnings of this page, newest first."},
    )
    sources = fields.List(
        fields.Nested(SourceSchema),
        required=True,
        metadata={"description": "The sources asked, with the age of their last answers."},
    )
