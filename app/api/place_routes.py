"""Routes of places."""

from typing import Any

from flask import Response

from app.accounts.auth import Who, lock
from app.api.place_schemas import PlacesQuery, GazetteerPlacesSchema, place_form
from app.http.answers import json_answer
from app.http.schemas import Blueprint

blueprint = Blueprint("places", __name__, description="Where somebody means: places by name, postcode or position.")
# A name's place changes with a new build of the table, some times a year.
CACHE = "public, max-age=300"
CACHE_SMALL_LIST = "public, max-age=5"


@blueprint.get("/v1/places")
@blueprint.arguments(PlacesQuery, location="query")
@blueprint.response(200, GazetteerPlacesSchema)
@lock(Who.ANYONE)
def find_places(query: dict[str, Any]) -> Response:
    """Find places by what people type, or the settlement at a position.

    Names may be begun: suggestions while somebody types. Several places of one name are all given, the likeliest first;
    nothing known is an empty list.
    """
    from app.gazetteer import positions, search  # here, because most requests name no place

    if at := query.get("at"):
        place = positions.nearest(lat=at[0], lon=at[1])
        places, is_whole = [place] if place else [], positions.is_whole()
    else:
        found = search.search(query["query"], limit=query["limit"], near=query.get("near"), is_begun=True)
        places, is_whole = found.places, found.is_whole
    body = {"items": [place_form(one) for one in places], "is_complete": is_whole}
    return json_answer(body, cache=CACHE if is_whole else CACHE_SMALL_LIST)
