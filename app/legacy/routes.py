"""Routes of the old clients. Every error is one JSON object whose values are text.

The code of a route is loaded at its first call: most processes never get one.
"""

from typing import TYPE_CHECKING, Any

from flask import Response, request

from app.accounts.auth import Who, lock
from app.core.config import settings
from app.core.errors import NotFound, Problem
from app.http import problems
from app.http.answers import json_answer
from app.http.headers import PRIVATE, PUBLIC_LIST, PUBLIC_TILE
from app.http.schemas import Blueprint, Decorator, View
from app.legacy import schemas
from app.legacy.schemas import DoneSchema, FloodAreasSchema, FloodSchema, RefusalSchema

if TYPE_CHECKING:
    from app.legacy.official import OfficialWarnings

DEPRECATED_SINCE = "@1795219200"  # RFC 9745: 2026-11-21
SUCCESSORS = {
    "/register": "/v1/accounts",
    "/authenticate": "/v1/tokens",
    "/report_flood": "/v1/reports",
    "/view_floods": "/v1/reports",
    "/flood_warnings": "/v1/warnings",
    "/simplified_flood_areas": "/v1/warnings.geojson",
}
RETRY_AFTER_S = 60  # sources are asked at most once a minute


def _render(problem: Problem) -> Response:
    """Render an error without `message`, because one old client treats every body with `message` as success."""
    body = {"error": problem.detail}
    return problems.with_headers(json_answer(body, status=problem.status, cache=PRIVATE), problem)


def _say_deprecated(response: Response) -> Response:
    response.headers["Deprecation"] = DEPRECATED_SINCE
    response.headers["Link"] = (
        f'<{SUCCESSORS[str(request.url_rule)]}>; rel="successor-version", </docs>; rel="deprecation"'
    )
    return response


blueprint = Blueprint("legacy", __name__, description="What the first phone clients call. New ones use `/v1`.")
problems.register(blueprint, _render)
blueprint.after_request(_say_deprecated)


def _described(*statuses: int, body: dict[str, Any] | None = None) -> Decorator:
    """Describe a route as deprecated, with its body and its possible errors."""
    description: dict[str, Any] = {"deprecated": True}
    if body:
        schema = {"type": "object", "required": list(body), "properties": body}
        description["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}

    def describe(view: View) -> View:
        for status in statuses:
            view = blueprint.response(status, schema=RefusalSchema, description="Not done; `error` says why.")(view)
        return blueprint.doc(**description)(view)

    return describe


@blueprint.post("/register")
@_described(400, 401, 413, 429, 503, body=schemas.CREDENTIALS)
@blueprint.response(200, DoneSchema)
@lock(Who.ANYONE)
def register() -> Response:
    """Make an account, as `POST /v1/accounts` does. Other members of the body are ignored."""
    from app.legacy import signing

    signing.register(_body())
    return _done(schemas.REGISTERED, status=200)


@blueprint.post("/authenticate")
@_described(400, 401, 413, 429, 503, body=schemas.CREDENTIALS)
@blueprint.response(200, DoneSchema)
@lock(Who.ANYONE)
def authenticate() -> Response:
    """Say whether a password is right, under the limits of `POST /v1/tokens`. No session begins."""
    from app.legacy import signing

    signing.authenticate(_body())
    return _done(schemas.SIGNED_IN, status=200)


@blueprint.post("/report_flood")
@_described(400, 401, 413, 429, 503, body=schemas.FLOOD)
@blueprint.response(201, DoneSchema)
@lock(Who.ANYONE)
def report_flood() -> Response:
    """File a report, as `POST /v1/reports` does. The same one again within ten minutes is not stored twice.

    Others see the place on a grid of 0.001 degrees. `Location` leads to the report. A radius is brought into the bounds
    of reports, a text into their lengths and signs; then `stored` says what was changed.
    """
    from app.legacy import filing

    filed, changes = filing.file_flood(_body())
    return _done(
        schemas.REPORTED, " ".join(changes), status=201, headers={"Location": f"/v1/reports/{filed.report.id}"}
    )


@blueprint.get("/view_floods")
@_described(401, 503)
@blueprint.response(200, FloodSchema(many=True))
@lock(Who.ANYONE)
def view_floods() -> Response:
    """List the newest active reports, at most 500."""
    from app.legacy import listing

    return json_answer(listing.list_floods(), cache=PUBLIC_LIST)


@blueprint.get("/flood_warnings")
@_described(401, 404, 503)
@blueprint.response(200, {"type": "object"})
@lock(Who.ANYONE)
def flood_warnings() -> Response:
    """List the official warnings in force, in the format of the Environment Agency's list; at most 500."""
    from app.legacy import official

    warnings_read = _known_warnings("Failed to fetch data from government API")
    base = settings().public_base_url
    return json_answer(official.flood_warnings(warnings_read, base=base), cache=PUBLIC_TILE)


@blueprint.get("/simplified_flood_areas")
@_described(401, 404, 503)
@blueprint.response(200, FloodAreasSchema)
@lock(Who.ANYONE)
def simplified_flood_areas() -> Response:
    """List the areas of the official warnings in force as circles, radius in kilometres; at most 500."""
    from app.legacy import official

    return json_answer(official.flood_areas(_known_warnings("Error processing flood data")), cache=PUBLIC_TILE)


def _known_warnings(otherwise: str) -> "OfficialWarnings":
    """Read the warnings; raises NotFound if an empty list would wrongly say that there are none."""
    from app.legacy import reading

    official = reading.read_official()
    if official.as_of is None:
        raise NotFound(f"{otherwise}: not all sources have answered yet.", retry_after_s=RETRY_AFTER_S)
    return official


def _body() -> dict[str, Any]:
    from app.legacy import bodies

    return bodies.read(request.get_data() if request.mimetype == "application/json" else b"")


def _done(message: str, stored: str = "", *, status: int, headers: dict[str, str] | None = None) -> Response:
    """Answer in a map of texts, which is all that these clients decode."""
    body = {"message": message} | ({"stored": stored} if stored else {})
    return json_answer(body, status=status, cache=PRIVATE, headers=headers)
