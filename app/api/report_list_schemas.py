"""Schemas of queries of lists, and of their pages."""

from marshmallow import fields

from app.api.list_query import ListQuery
from app.api.report_schemas import ShortReportSchema
from app.http.fields import Moment, Word
from app.http.schemas import ListPageSchema, StrictSchema
from app.reports.entry import Status


class ReportsQuery(ListQuery):
    """Filters of a list of reports."""

    status = Word([str(word) for word in Status])
    updated_since = Moment(
        metadata={"description": "Reports made or changed since, latest change first; removed ones are tombstones."}
    )


class ListedReportSchema(ShortReportSchema):
    """A report in a list; with `lat, lon` its distance; with `updated_since` possibly only a tombstone."""

    distance_m = fields.Integer()


class TombstoneSchema(StrictSchema):
    """Remainder, with `updated_since`, of a report that is gone."""

    id = fields.String(required=True)
    gone = fields.Boolean(required=True)
    updated_at = fields.DateTime(required=True)


class PageSchema(ListPageSchema):
    """A page of a list."""

    items = fields.List(fields.Nested(ListedReportSchema), required=True)


class PointSchema(StrictSchema):
    type = Word(["Point"], required=True)
    coordinates = fields.List(fields.Float(), required=True, metadata={"description": "[lon, lat]"})


class FeatureSchema(StrictSchema):
    """A report, or with `updated_since` a tombstone without a place, as a GeoJSON feature."""

    type = Word(["Feature"], required=True)
    id = fields.String(required=True)
    geometry = fields.Nested(PointSchema, required=True, allow_none=True)
    properties = fields.Dict(required=True)


class FeaturePageSchema(ListPageSchema):
    """A page of a list as a FeatureCollection."""

    type = Word(["FeatureCollection"], required=True)
    features = fields.List(fields.Nested(FeatureSchema), required=True)


class TileSchema(StrictSchema):
    """A map tile: its newest active reports, and the number of reports by severity."""

    type = Word(["FeatureCollection"], required=True)
    features = fields.List(fields.Nested(FeatureSchema), required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    counts_are_at_least = fields.Boolean(required=True)
    is_complete = fields.Boolean(required=True, metadata={"description": "Whether these are all its active reports."})
