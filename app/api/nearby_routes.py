"""The route of reports and warnings near a place."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from app.accounts.auth import Who, lock
from app.api import nearby_views, warning_views
from app.api.nearby_schemas import NearbyQuery, NearbySchema
from app.core import clock, missing
from app.http import headers
from app.http.answers import accepted_language, in_language
from app.http.schemas import Blueprint
from app.situation import overview, source_facts

blueprint = Blueprint("nearby", __name__, description="The reports and warnings near a place.")
_PLACE = ("lat", "lon", "radius_km")


@blueprint.get("/v1/nearby")
@blueprint.arguments(NearbyQuery, location="query")
@blueprint.response(200, NearbySchema)
@lock(Who.ANYONE)
def list_nearby(query: dict[str, Any]) -> Response:
    """List the reports and warnings near a place, nearest first.

    At most 50 active reports within the radius: those severe or worse (the newest 25 of them), then the nearest; and
    every official warning in force that covers or touches it. Several reports `many_from_one_network` in one cell of
    the map are one item, and count once. `counts` are of all reports within the radius. A part that cannot be read is
    named in `missing`: its absence from `items` says nothing.
    """
    circle, language = query["circle"], accepted_language()
    found_nearby = overview.read_nearby(circle)
    body = {
        "as_of": clock.rfc3339(missing.oldest_ms(found_nearby.as_of_ms)),
        "items": nearby_views.nearby_items(circle, found_nearby.entries, found_nearby.hits, language),
        "sources": found_nearby.sources,
        "counts": nearby_views.counts(found_nearby.numbers),
        "truncated": found_nearby.has_more,
        "complete_to": found_nearby.complete_to_km,
        "missing": missing.names(found_nearby.missing, source_facts.silent(found_nearby.sources)),
        "links": _links(query),
    }
    return in_language(warning_views.answer_of(body, cache=headers.PUBLIC_LIST), language)


def _links(query: dict[str, Any]) -> list[dict[str, str]]:
    place = urlencode({name: f"{query[name]:g}" if name == "radius_km" else query[name] for name in _PLACE})
    return [
        {"rel": "self", "href": request.full_path.removesuffix("?")},
        {"rel": "reports", "href": f"/v1/reports?{place}"},
        {"rel": "warnings", "href": f"/v1/warnings?{place}"},
    ]
