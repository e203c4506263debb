"""Schemas of queries of lists, and of their pages."""

from typing import Any

from marshmallow import fields, validates_schema
from marshmallow.exceptions import ValidationError

from app.api.list_query import WITH_MARK, ListQuery, many
from app.api.report_schemas import ReportSchema, ShortReportSchema
from app.core.severity import Severity
from app.http.fields import Moment, Word
from app.http.schemas import ListPageSchema, StrictSchema
from app.http.schemas import PageSchema as OwnPageSchema
from app.reports.entry import Status

NEWEST, DISTANCE, SEVERITY = "newest", "distance", "severity"
PERIOD = ("since", "until", "updated_since", "status")  # parameters that reach history


class ReportsQuery(ListQuery):
    """Filters and order of a list of reports."""

    status = Word([str(word) for word in Status], metadata={"description": "Reports of one status, in history too."})
    updated_since = Moment(
        metadata={"description": "Reports made or changed since, latest change first; removed ones are tombstones."}
    )
    sort = Word(
        [NEWEST, DISTANCE, SEVERITY],
        metadata={
            "description": "The order: newest first, which is the default; with `lat` and `lon`, nearest first; or "
            "gravest first, then newest. History and deltas have their own order."
        },
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_sort(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require a circle for the order by distance, and no period beside another order than the newest first."""
        sort = data.get("sort", NEWEST)
        if sort == DISTANCE and not {"lat", "lon"} <= original.keys():
            raise ValidationError("required|Nearest first needs lat, lon and radius_km.", field_name="sort")
        if sort != NEWEST and any(name in original for name in PERIOD):
            raise ValidationError(
                "conflict|It cannot be combined with a period, a delta or a status.", field_name="sort"
            )


class ReportFeaturesQuery(ReportsQuery):
    """Query of the list for maps: longer pages, as far as the costs of one page allow."""

    limit = many()


class ReportTableQuery(ReportsQuery):
    """Query of the list as a table."""

    bom = WITH_MARK


class ListedReportSchema(ShortReportSchema):
    """A report in a list; with `lat, lon` its distance; with `updated_since` possibly only a tombstone."""

    distance_m = fields.Integer(
        metadata={"description": "With `lat, lon`: metres from there to the place that is shown."}
    )


class TombstoneSchema(StrictSchema):
    """Remainder, with `updated_since`, of a report that is gone."""

    id = fields.String(
        required=True,
        metadata={"description": "The id of the report that is gone.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"},
    )
    gone = fields.Boolean(
        required=True, metadata={"description": "Always true: forget what you have of it.", "example": True}
    )
    updated_at = fields.DateTime(required=True, metadata={"description": "When it was withdrawn, erased or hidden."})


class ReportPageSchema(ListPageSchema):
    """Page of a list of reports: everything beside its items."""

    complete_to = fields.Raw(
        required=True,
        allow_none=True,
        metadata={
            "type": ["string", "number"],
            "description": "Null if the page is full or the last. Otherwise reading on would have cost too much, and "
            "this says how far the list is whole: every report created at this time or later (with `updated_since`: "
            "changed), or with `sort=distance` every report within this radius in km, is on this page or an earlier "
            "one. `next_cursor` goes on from there.",
        },
    )
    complete_to_severity = Word(
        Severity,
        metadata={
            "description": "With `sort=severity`, beside `complete_to`: the severity that it is about. Graver reports "
            "are all there, and of this severity those since that time."
        },
    )


class PageSchema(ReportPageSchema):
    """A page of a list."""

    items = fields.List(
        fields.Nested(ListedReportSchema),
        required=True,
        metadata={"description": "The reports of this page, in the order asked for."},
    )


class PointSchema(StrictSchema):
    """A point of GeoJSON."""

    type = Word(["Point"], required=True, metadata={"description": "The kind of geometry."})
    coordinates = fields.List(
        fields.Float(), required=True, metadata={"description": "[lon, lat]", "example": [-2.36, 51.38]}
    )


class FeatureSchema(StrictSchema):
    """A report, or with `updated_since` a tombstone without a place, as a GeoJSON feature."""

    type = Word(["Feature"], required=True, metadata={"description": "The kind of GeoJSON object."})
    id = fields.String(
        required=True, metadata={"description": "The id of the report.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"}
    )
    geometry = fields.Nested(
        PointSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The place that is shown; null of a tombstone."},
    )
    properties = fields.Dict(
        required=True,
        metadata={
            "description": "The other fields of the report, as lists have them; in lists with a photo also "
            "`photo_urls`, the addresses of its `large` and `small` JPEG.",
            "example": {"severity": "moderate", "title": "Water over the kerb"},
        },
    )


class FeaturePageSchema(ReportPageSchema):
    """A page of a list as a FeatureCollection."""

    type = Word(["FeatureCollection"], required=True, metadata={"description": "The kind of GeoJSON object."})
    features = fields.List(
        fields.Nested(FeatureSchema),
        required=True,
        metadata={"description": "The reports of this page, in the order asked for."},
    )


class TileSchema(StrictSchema):
    """A map tile: its newest active reports, and the number of reports by severity."""

    type = Word(["FeatureCollection"], required=True, metadata={"description": "The kind of GeoJSON object."})
    features = fields.List(
        fields.Nested(FeatureSchema), required=True, metadata={"description": "Its newest active reports, at most 50."}
    )
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "How many active reports of each severity it holds.", "example": {"moderate": 3}},
    )
    counts_are_at_least = fields.Boolean(
        required=True, metadata={"description": "Whether there may be more than were counted.", "example": False}
    )
    is_complete = fields.Boolean(required=True, metadata={"description": "Whether these are all its active reports."})


class OwnReportsSchema(OwnPageSchema):
    """A page of one's own reports."""

    items = fields.List(
        fields.Nested(ReportSchema), required=True, metadata={"description": "One's own reports, newest first."}
    )
