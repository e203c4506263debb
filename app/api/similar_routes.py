"""The route of reports that may be about the same flood as one that is being filed."""

from typing import Any

from flask import Response
from marshmallow import fields

from app.accounts.auth import Who, lock
from app.api.list_format import list_item
from app.api.location_schemas import PlaceQuery
from app.api.report_list_schemas import ListedReportSchema
from app.core import clock, missing
from app.geo.box_circle import Circle
from app.http import headers
from app.http.answers import json_answer
from app.http.fields import Moment
from app.http.schemas import Blueprint, StrictSchema, missing_parts
from app.reports.entry import Entry
from app.reports.index.similar import find_similar

blueprint = Blueprint("similar", __name__, tag="reports")


class SimilarQuery(PlaceQuery):
    """Place and time at which something was seen."""

    observed_at = Moment(metadata={"description": "When it was seen; now by default."})


class SimilarReportSchema(ListedReportSchema):
    """A report close by, with its distance and its age."""

    age_s = fields.Integer(required=True, metadata={"description": "Seconds since it was seen, by its public time."})


class SimilarSchema(StrictSchema):
    """At most 5 active reports, nearest first."""

    as_of = fields.DateTime(required=True, metadata={"description": "The time at which the answer was true."})
    items = fields.List(
        fields.Nested(SimilarReportSchema), required=True, metadata={"description": "The reports, nearest first."}
    )
    missing = missing_parts()


@blueprint.get("/v1/reports/similar")
@blueprint.arguments(SimilarQuery, location="query")
@blueprint.response(200, SimilarSchema)
@lock(Who.ANYONE)
def list_similar(query: dict[str, Any]) -> Response:
    """List the active reports that may be about the same flood: seen close by, at about the same time.

    Ask before filing: if it is one of these, a vote on it says more than one more report. Within 250 m of their public
    places and 3 hours of when they were seen, unless this deployment has set other bounds. Of several reports
    `many_from_one_network` in one cell of the map, only the nearest.
    """
    now_ms = clock.now_ms()
    entries = find_similar(lat=query["lat"], lon=query["lon"], observed_ms=query.get("observed_at", now_ms))
    circle = Circle(query["lat"], query["lon"], 0)
    body = {
        "as_of": clock.rfc3339(missing.oldest_ms(now_ms)),
        "items": [_item(entry, circle, now_ms) for entry in entries],
        "missing": missing.names(),
    }
    return json_answer(body, cache=headers.PUBLIC_LIST)


def _item(entry: Entry, circle: Circle, now_ms: int) -> dict[str, Any]:
    age_ms = now_ms - clock.minute_of(int(entry.observed_at_ms))
    return list_item(entry, circle) | {"age_s": max(0, age_ms // 1000)}
