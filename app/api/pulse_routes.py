"""The route that tells cheaply whether the reports of a place have changed."""

from typing import Any

from flask import Response
from marshmallow import fields, validates_schema
from marshmallow.exceptions import ValidationError

from app.accounts.auth import Who, lock
from app.api.box_circle_query import CIRCLE, SearchAreaQuery
from app.http import headers
from app.http.answers import json_answer
from app.http.fields import QueryNumber
from app.http.schemas import Blueprint, StrictSchema
from app.reports.index import pulse

blueprint = Blueprint("pulse", __name__, description="Whether anything has changed at a place.")
SMALLEST_RADIUS_KM = 1


class PulseQuery(SearchAreaQuery):
    """A circle or a box."""

    radius_km = QueryNumber(
        low=SMALLEST_RADIUS_KM,
        high=100,
        metadata={"description": "The radius around the place, in kilometres; with `lat` and `lon`.", "example": 5},
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_place(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require a place."""
        if not any(name in original for name in (*CIRCLE, "bbox")):
            raise ValidationError({"bbox": ["required|Give lat, lon and radius_km, or bbox."]})


class PulseSchema(StrictSchema):
    """A token that changes with the reports of a place."""

    token = fields.String(
        required=True,
        metadata={
            "description": "Opaque. Another one than before: ask `/v1/reports` or `/v1/nearby` again.",
            "example": "5f2a-9c01",
        },
    )


@blueprint.get("/v1/pulse")
@blueprint.arguments(PulseQuery, location="query")
@blueprint.response(200, PulseSchema)
@lock(Who.ANYONE)
def read_pulse(query: dict[str, Any]) -> Response:
    """Tell whether the reports of a place have changed, in at most 200 bytes.

    Ask every 5 s, with `If-None-Match`. The token changes a few seconds after a report of the place, or near it, was
    filed, edited, withdrawn or has ended, and with nothing that lists do not show.
    """
    return json_answer({"token": pulse.token(query["search_area"])}, cache=headers.PUBLIC_LIST)
