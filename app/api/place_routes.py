"""Routes of places."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from app.accounts.auth import Who, lock
from app.api.place_schemas import GazetteerPlacesSchema, PlacesQuery, place_form
from app.gazetteer.place import Place
from app.http.answers import json_answer
from app.http.schemas import Blueprint

blueprint = Blueprint("places", __name__, description="Places by name, postcode or position.")
# The position of a name changes with a new build of the table, a few times a year.
CACHE = "public, max-age=300"
CACHE_SMALL_LIST = "public, max-age=5"


@blueprint.get("/v1/places")
@blueprint.arguments(PlacesQuery, location="query")
@blueprint.response(200, GazetteerPlacesSchema)
@lock(Who.ANYONE)
def find_places(query: dict[str, Any]) -> Response:
    """Find places by what people type, or the settlement at a position.

    The text may be the beginning of a name, for suggestions while typing. If several places have the name, all are
    given, the likeliest first; if none has, the list is empty.
    """
    from app.gazetteer import search  # imported here because most requests name no place

    if at := query.get("at"):
        return _answer(**_around(lat=at[0], lon=at[1]))
    result = search.search(query["query"], limit=query["limit"], near=query.get("near"), is_begun=True)
    return _answer(result.places, is_whole=result.is_whole)


def _around(*, lat: float, lon: float) -> dict[str, Any]:
    """Describe a position: its settlement, country and emergency numbers."""
    from app.gazetteer import countries, positions  # as above

    place, country = positions.nearest(lat=lat, lon=lon), countries.country_at(lat=lat, lon=lon)
    numbers = list(countries.emergency_numbers(country))
    return {
        "places": [place] if place else [],
        "is_whole": positions.is_whole(),
        "country": country or None,
        "emergency_numbers": numbers,
    }


def _answer(places: Sequence[Place], *, is_whole: bool, **more: Any) -> Response:
    body = {"items": [place_form(place) for place in places], "is_complete": is_whole, **more}
    return json_answer(body, cache=CACHE if is_whole else CACHE_SMALL_LIST)
