"""Headers of every answer, errors included: request id, caching, validators, protection. And the request's log line."""

import time
from string import ascii_letters, digits

from flask import Flask, Response, g, request
from ulid import ULID

from app.core import missing, telemetry
from app.core.errors import NotFound, PreconditionFailed
from app.http import answers, cors, problems

MAX_BODY_BYTES = 256 * 1024
READING = cors.READING
GATEWAY_REQUEST_ID = "floodmanager.gateway_request_id"
REFUSED = "floodmanager.refused"  # the Problem that the gateway's handler found before it called the app
PUBLIC_LIST = "public, max-age=0, s-maxage=1"
PUBLIC_TILE = "public, max-age=15, stale-while-revalidate=60"
PUBLIC_FEED = "public, max-age=15, stale-while-revalidate=15"
# Only for answers without words of residents, which may be withdrawn or erased meanwhile.
PUBLIC_WARNINGS = f"{PUBLIC_TILE}, stale-if-error=300"
# Pages: the notice of staff is on each within half a minute, of which functions may use ten seconds.
PUBLIC_PAGE = "public, max-age=15"
PUBLIC_WARNINGS_PAGE = f"{PUBLIC_PAGE}, stale-if-error=300"
PUBLIC_DOCUMENT = "public, max-age=60"
PRIVATE = "private, no-store"
# A page shows URLs made from the Host header unless one is configured: a cache must revalidate before reuse.
ASK_FIRST = "no-cache"
PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
_PROTECTION = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# On every answer, where the view has not set it.
_DATA_CONSTANTS = (*_PROTECTION.items(), ("Content-Security-Policy", _DATA_POLICY), ("Cache-Control", "no-store"))
_PAGE_CONSTANTS = (*_PROTECTION.items(), ("Content-Security-Policy", PAGE_POLICY), ("Cache-Control", "no-store"))
# Parameters for the OpenAPI description.
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "The ETag of the version that you read. Without it, any version is changed.",
    "schema": {"type": "string", "example": '"v3"'},
}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "The ETag of the answer that you have; 304 means that it is still valid.",
    "schema": {"type": "string", "example": '"v3"'},
}
_ID_CHARACTERS = frozenset(ascii_letters + digits + "._-")
_LONGEST_ID = 128


def register(app: Flask) -> None:
    """Register functions that number each request, finish each answer, and log one line for it."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.began = time.perf_counter()
    request_id = request.headers.get("X-Request-ID", "")
    is_sane = 1 <= len(request_id) <= _LONGEST_ID and _ID_CHARACTERS.issuperset(request_id)
    g.request_id = request_id if is_sane else f"req_{ULID()}".lower()
    if refused := request.environ.get(REFUSED):
        raise refused
    # Werkzeug merges several slashes at the start, and our rules accept one at the end; the gateway does neither. A
    # write to such a path would bypass the functions that have rights and a throttle of their own.
    path = request.environ["PATH_INFO"]
    if path.startswith("//") or (request.method not in READING and path.endswith("/") and path != "/"):
        raise NotFound("There is nothing at this address: a path begins with one slash and does not end with one.")


def _finish(response: Response) -> Response:
    headers = response.headers
    if response.status_code == 204 or request.method == "OPTIONS" and response.status_code == 200:  # no body, no type
        headers.pop("Content-Type", None)
    headers["X-Request-ID"] = g.get("request_id", "")
    if missing.parts() and headers.get("Cache-Control", "").startswith("public"):
        headers["Cache-Control"] = PUBLIC_LIST  # a whole answer replaces it soon
    header_names = {name.lower() for name in headers.keys()}  # noqa: SIM118 - headers are pairs, and no mapping
    for name, value in _PAGE_CONSTANTS if response.mimetype == "text/html" else _DATA_CONSTANTS:
        if name.lower() not in header_names:
            headers.add(name, value)
    cors.open_to_others(response)
    answers.compress(response)
    _validate(response)
    _log(response)
    return response


def keep_private(response: Response) -> Response:
    """Keep an answer out of every cache, also a refusal: for blueprints whose answers are all one person's own."""
    response.headers["Cache-Control"] = PRIVATE
    return response


def _validate(response: Response) -> None:
    """Add an ETag to every successful GET, and answer 304 if the client has it."""
    if request.method in ("GET", "HEAD") and response.status_code == 200:
        if not response.direct_passthrough:
            response.add_etag()
        response.make_conditional(request)
        response.headers.pop("Date", None)  # remove the Date that it adds; every server sets one
        if response.status_code == 412:
            refused = problems.render(PreconditionFailed("Its current version is not the one in If-Match."))
            response.data, response.content_type = refused.data, refused.content_type
            response.headers["Cache-Control"] = "no-store"
            response.headers.pop("Content-Encoding", None)


def _log(response: Response) -> None:
    telemetry.logger().info(
        "request",
        extra={
            "request_id": g.get("request_id", ""),
            "gateway_request_id": request.environ.get(GATEWAY_REQUEST_ID),
            "method": request.method,
            "route": request.url_rule.rule if request.url_rule else None,
            "status": response.status_code,
            "duration_ms": round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        },
    )
