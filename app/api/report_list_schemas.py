"""Schemas of queries of lists, and of their pages."""

from typing import Any

from marshmallow import fields, post_load, validates_schema
from marshmallow.exceptions import ValidationError

from app.api.report_schemas import SEVERITIES, ShortReportSchema
from app.core.severity import Severity
from app.geo import box_circle, coordinates
from app.http import cursors
from app.http.fields import Moment, QueryNumber, QueryWhole, Text, Word
from app.http.schemas import LinkSchema, StrictSchema
from app.reports.entry import Status

BOX = "box|It must be west,south,east,north in degrees, with south not above north, each within the globe."
CIRCLE = ("lat", "lon", "radius_km")


class ShapeQuery(StrictSchema):
    """Search area: a box or a circle, not both; without either, everywhere."""

    bbox = Text(shortest=1, longest=200, metadata={"description": "west,south,east,north; west > east crosses 180."})
    lat = QueryNumber(low=-90, high=90)
    lon = QueryNumber(low=-180, high=180)
    radius_km = QueryNumber(low=0, high=100)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_shape(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require a whole circle or none, and not together with a box."""
        given_names = [name for name in CIRCLE if name in original]
        mistakes: dict[str, list[str]] = {}
        if given_names:
            mistakes = {
                name: ["required|lat, lon and radius_km go together."] for name in CIRCLE if name not in given_names
            }
        if given_names and "bbox" in original:
            mistakes["bbox"] = ["conflict|Give a box or a circle, not both."]
        if "bbox" in data and _box(data["bbox"]) is None:
            mistakes.setdefault("bbox", []).append(BOX)
        if mistakes:
            raise ValidationError(mistakes)

    @validates_schema(skip_on_field_errors=False)
    def check_period(self, data: dict[str, Any], **_: Any) -> None:
        """Require `since` before `until`."""
        if data.get("since") is not None and data.get("until") is not None and data["since"] > data["until"]:
            raise ValidationError("range|It must not be before since.", field_name="until")

    @post_load
    def add_shape(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `shape`: the box or circle, or None."""
        data["shape"] = None
        if "bbox" in data:
            data["shape"] = _box(data["bbox"])
        elif "lat" in data:
            data["shape"] = box_circle.Circle(data["lat"], data["lon"], data["radius_km"])
        return data


class ListQuery(ShapeQuery):
    """Filters of a list of reports."""

    severity_min = Word(SEVERITIES, metadata={"description": "At least this severity."})
    status = Word([str(word) for word in Status])
    since = Moment()
    until = Moment()
    updated_since = Moment(
        metadata={"description": "Reports made or changed since, latest change first; removed ones are tombstones."}
    )
    limit = QueryWhole(low=1, high=100, load_default=50)
    cursor = cursors.field()

    @validates_schema(skip_on_field_errors=False)
    def check_delta(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a period together with updated_since."""
        if data.get("updated_since") is not None and ({"since", "until"} & data.keys()):
            raise ValidationError("conflict|It cannot be combined with since or until.", field_name="updated_since")


def _box(text: str) -> box_circle.Box | None:
    parts = text.split(",")
    if len(parts) != 4 or not all(QueryNumber.reads(part) for part in parts):
        return None
    west, south, east, north = map(float, parts)
    is_on_globe = coordinates.is_on_globe(lat=south, lon=west) and coordinates.is_on_globe(lat=north, lon=east)
    return box_circle.Box(west, south, east, north) if is_on_globe and south <= north else None


def severities_of(query: dict[str, Any]) -> frozenset[str]:
    """Return the severities that a query accepts."""
    return Severity(query.get("severity_min", Severity.UNKNOWN)).at_least()


class ListedReportSchema(ShortReportSchema):
    """A report in a list; with `lat, lon` its distance; with `updated_since` possibly only a tombstone."""

    distance_m = fields.Integer()


class TombstoneSchema(StrictSchema):
    """Remainder, with `updated_since`, of a report that is gone."""

    id = fields.String(required=True)
    gone = fields.Boolean(required=True)
    updated_at = fields.DateTime(required=True)


class PageSchema(StrictSchema):
    """A page of a list."""

    items = fields.List(fields.Nested(ListedReportSchema), required=True)
    as_of = fields.DateTime(
        required=True,
        metadata={"description": "All changes before this time are included; the link `next-delta` goes on from it."},
    )
    next_cursor = fields.String(required=True, allow_none=True)
    links = fields.List(fields.Nested(LinkSchema), required=True)


class PointSchema(StrictSchema):
    type = Word(["Point"], required=True)
    coordinates = fields.List(fields.Float(), required=True, metadata={"description": "[lon, lat]"})


class FeatureSchema(StrictSchema):
    """A report, or with `updated_since` a tombstone without a place, as a GeoJSON feature."""

    type = Word(["Feature"], required=True)
    id = fields.String(required=True)
    geometry = fields.Nested(PointSchema, required=True, allow_none=True)
    properties = fields.Dict(required=True)


class FeaturePageSchema(StrictSchema):
    """A page of a list as a FeatureCollection."""

    type = Word(["FeatureCollection"], required=True)
    features = fields.List(fields.Nested(FeatureSchema), required=True)
    as_of = fields.DateTime(
        required=True,
        metadata={"description": "All changes before this time are included; the link `next-delta` goes on from it."},
    )
    next_cursor = fields.String(required=True, allow_none=True)
    links = fields.List(fields.Nested(LinkSchema), required=True)


class TileSchema(StrictSchema):
    """A map tile: its newest active reports, and the number of reports by severity."""

    type = Word(["FeatureCollection"], required=True)
    features = fields.List(fields.Nested(FeatureSchema), required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    counts_are_at_least = fields.Boolean(required=True)
    is_complete = fields.Boolean(required=True, metadata={"description": "Whether these are all its active reports."})
