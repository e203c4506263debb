"""The old clients' routes. Whatever goes wrong here is told as they read it: one JSON object whose values are text."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, request
from marshmallow import fields

from app.accounts.auth import Who, lock
from app.errors import Problem
from app.http import headers, problems
from app.http.answers import json_answer
from app.http.fields import Word
from app.http.schemas import Blueprint, StrictSchema
from app.legacy import bodies, filing, listing, signing

View = TypeVar("View", bound=Callable[..., Any])

blueprint = Blueprint("legacy", __name__, description="What the first phone clients call. New ones use `/v1`.")
DEPRECATED_SINCE = "@1795219200"  # RFC 9745: 2026-11-21
SUCCESSOR = '</docs>; rel="successor-version"'
DONE_REGISTER = "User registered successfully"
DONE_SIGN_IN = "Login successful"
DONE_REPORT = "Flood reported successfully"
_CREDENTIALS: dict[str, Any] = {
    "username": {"type": "string", "minLength": 1},
    "password": {"type": "string", "minLength": 1, "format": "password"},
}
_REPORT: dict[str, Any] = {
    "gps_latitude": {"type": "number", "minimum": -90, "maximum": 90},
    "gps_longitude": {"type": "number", "minimum": -180, "maximum": 180},
    "radius": {"type": "number", "minimum": 1, "maximum": 5000, "description": "Metres."},
    "severity": {"type": "integer", "minimum": 1, "maximum": 5, "description": "1 unknown to 5 extreme."},
    "title": {"type": "string", "maxLength": 120},
    "description": {"type": "string", "maxLength": 4000},
}


class RefusalSchema(StrictSchema):
    """What went wrong, as one sentence."""

    error = fields.String(required=True)


class DoneSchema(StrictSchema):
    message = Word([DONE_REGISTER, DONE_SIGN_IN, DONE_REPORT], required=True)


class FloodSchema(StrictSchema):
    """An active report in the old words."""

    flood_id = fields.Integer(required=True, metadata={"description": "Made of the report's id, up to 53 bits."})
    user_id = fields.Integer(required=True, metadata={"description": "Always 0."})
    gps_longitude = fields.Float(required=True)
    gps_latitude = fields.Float(required=True)
    radius = fields.Float(required=True, metadata={"description": "Metres."})
    severity = fields.Integer(required=True, metadata={"minimum": 1, "maximum": 5})
    time_reported = fields.String(required=True, metadata={"description": "UTC, `YYYY-MM-DD HH:MM:SS`."})
    username = Word(["resident"], required=True)
    title = fields.String(required=True)
    description = fields.String(required=True, metadata={"description": "Of the newest 100; empty for all others."})


def _render(problem: Problem) -> Response:
    """Never a `message`: one client takes any for a success."""
    body = {"error": problem.detail}
    return problems.with_headers(json_answer(body, status=problem.status, cache=headers.PRIVATE), problem)


problems.register(blueprint, _render)


@blueprint.after_request
def _say_deprecated(response: Response) -> Response:
    response.headers["Deprecation"] = DEPRECATED_SINCE
    response.headers["Link"] = SUCCESSOR
    return response


def _described(*statuses: int, body: dict[str, Any] | None = None) -> Callable[[View], View]:
    """Describe a route as deprecated, with what it takes and the errors that it can tell."""

    def describe(view: View) -> View:
        for status in statuses:
            view = blueprint.alt_response(status, schema=RefusalSchema, description="Not done; `error` says why.")(view)
        if body is None:
            return blueprint.doc(deprecated=True)(view)  # type: ignore[no-any-return]  # decorators without types
        schema = {"type": "object", "required": list(body), "properties": body}
        content = {"content": {"application/json": {"schema": schema}}, "required": True}
        return blueprint.doc(deprecated=True, requestBody=content)(view)  # type: ignore[no-any-return]

    return describe


@blueprint.post("/register")
@_described(400, 401, 413, 429, 503, body=_CREDENTIALS)
@blueprint.response(200, DoneSchema)
@lock(Who.ANYONE)
def register() -> Response:
    """Make an account, as `POST /v1/accounts` does. Other members of the body are ignored."""
    signing.register(_body())
    return _done(DONE_REGISTER, status=200)


@blueprint.post("/authenticate")
@_described(400, 401, 413, 429, 503, body=_CREDENTIALS)
@blueprint.response(200, DoneSchema)
@lock(Who.ANYONE)
def authenticate() -> Response:
    """Say whether a password is right, under the limits of `POST /v1/tokens`. No sign-in is begun."""
    signing.authenticate(_body())
    return _done(DONE_SIGN_IN, status=200)


@blueprint.post("/report_flood")
@_described(400, 401, 413, 429, 503, body=_CREDENTIALS | _REPORT)
@blueprint.response(201, DoneSchema)
@lock(Who.ANYONE)
def report_flood() -> Response:
    """File a report, as `POST /v1/reports` does. The same one again within ten minutes is not stored twice.

    Others see the place on a grid of 0.001 degrees. `Location` leads to the report.
    """
    filed = filing.file_flood(_body())
    return _done(DONE_REPORT, status=201, Location=f"/v1/reports/{filed.report.id}")


@blueprint.get("/view_floods")
@_described(401, 503)
@blueprint.response(200, FloodSchema(many=True))
@lock(Who.ANYONE)
def view_floods() -> Response:
    """List the newest active reports, at most 500."""
    return json_answer(listing.list_floods(), cache=headers.PUBLIC_LIST)


def _body() -> dict[str, Any]:
    return bodies.read(request.get_data() if request.mimetype == "application/json" else b"")


def _done(message: str, *, status: int, **said: str) -> Response:
    return json_answer({"message": message}, status=status, cache=headers.PRIVATE, headers=said)
