"""Render errors of all kinds as application/problem+json (RFC 9457)."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from app.core import dynamodb, telemetry
from app.core.errors import (
    Internal,
    Malformed,
    MethodNotAllowed,
    NotFound,
    Problem,
    ScopeMissing,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)

Shape = Callable[[Problem], Response]
MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
_KIND_BY_STATUS: dict[int, type[Problem]] = {
    400: Malformed,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedMedia,
    500: Internal,
}
_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not accept that method.",
    413: "The body is larger than this address takes.",
}


def document(problem: Problem, *, instance: str, request_id: str) -> dict[str, Any]:
    """Return the members of a problem document; `errors` only if there are mistakes."""
    members: dict[str, Any] = {
        "type": f"/docs/errors/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        "request_id": request_id,
    }
    if problem.mistakes:
        members["errors"] = [mistake.members() for mistake in problem.mistakes]
    return members | problem.members


def render(problem: Problem) -> Response:
    """Render a problem for the current request."""
    body = document(problem, instance=request.path, request_id=g.get("request_id", ""))
    return with_headers(Response(json.dumps(body), status=problem.status, mimetype=MEDIA_TYPE), problem)


def result_of(problem: Problem) -> dict[str, Any]:
    """Return the result of one of many items of this request: of one that failed."""
    told = document(problem, instance=request.path, request_id=g.get("request_id", ""))
    return {"status": problem.status, "problem": told}


def with_headers(response: Response, problem: Problem) -> Response:
    """Add a problem's headers to an answer with any body."""
    if problem.retry_after_s is not None:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    if isinstance(problem, Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(problem, ScopeMissing):  # RFC 6750, section 3.1
        needed = " ".join(problem.members["scopes_needed"])
        response.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{needed}"'
    return response


def _render_http(shape: Shape, error: HTTPException) -> Response:
    kind = _KIND_BY_STATUS.get(error.code or 500, Internal if (error.code or 500) >= 500 else Malformed)
    response = shape(kind(_SENTENCES.get(error.code or 500, "")))
    if allow := error.get_response().headers.get("Allow"):
        response.headers["Allow"] = allow
    return response


def _render_database(shape: Shape, error: Exception) -> Response:
    telemetry.logger().error("database failed", extra={"error": type(error).__name__, "reason": str(error)[:300]})
    return shape(Unavailable("The database did not answer in time. Nothing is lost; try again.", retry_after_s=2))


def _render_no_database(shape: Shape, error: Exception) -> Response:
    telemetry.logger().error(str(error))
    return shape(Unavailable(str(error), retry_after_s=RETRY_AFTER_S))


def _render_bug(shape: Shape, error: Exception) -> Response:
    telemetry.logger().exception("unexpected error")
    return shape(Internal("This is an error on our side; it has been logged under the request id."))


def register(app: Flask | Blueprint, shape: Shape = render) -> None:
    """Register error handlers on an app or a blueprint: `shape` renders every error of it."""
    app.register_error_handler(Problem, shape)
    app.register_error_handler(HTTPException, partial(_render_http, shape))
    for failure in dynamodb.FAILURES:
        app.register_error_handler(failure, partial(_render_database, shape))
    app.register_error_handler(dynamodb.NoDatabase, partial(_render_no_database, shape))
    app.register_error_handler(Exception, partial(_render_bug, shape))
