"""Headers on every answer, errors too: request id, caching, validators, protection. And the request's log line."""

import time
from string import ascii_letters, digits

from flask import Flask, Response, g, request
from ulid import ULID

from app.core import telemetry
from app.core.errors import NotFound, PreconditionFailed
from app.http import problems

MAX_BODY_BYTES = 256 * 1024
READING = ("GET", "HEAD", "OPTIONS")
GATEWAY_REQUEST_ID = "floodmanager.gateway_request_id"
REFUSED = "floodmanager.refused"  # the Problem that the gateway's handler found before the app was asked
PUBLIC_LIST = "public, max-age=0, s-maxage=1"
PUBLIC_TILE = "public, max-age=15, stale-while-revalidate=60"
PUBLIC_WARNINGS = PUBLIC_TILE
PUBLIC_DOCUMENT = "public, max-age=60"
PRIVATE = "private, no-store"
# The page shows addresses made from the Host header where none is configured: a cache must ask before reuse.
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
# Any origin may read what is public; none is ever trusted with credentials. The same for all origins, so that shared
# caches need not tell them apart (Fetch standard, "CORS protocol and HTTP caches").
_OPEN_PATHS = ("/v1/", "/tiles/", "/feeds/", "/ogc")
_OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, X-Request-ID",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(READING),
    "Access-Control-Allow-Headers": "Accept, If-None-Match, X-Request-ID",
}
# How the description tells of them.
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "The ETag of the version that you read. Without it any version is taken.",
    "schema": {"type": "string"},
}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "The ETag of the answer that you have: 304 says that it still holds.",
    "schema": {"type": "string"},
}
_ID_CHARACTERS = frozenset(ascii_letters + digits + "._-")
_LONGEST_ID = 128


def register(app: Flask) -> None:
    """Number each request, finish each answer, log one line for it."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.began = time.perf_counter()
    asked = request.headers.get("X-Request-ID", "")
    is_sane = 1 <= len(asked) <= _LONGEST_ID and _ID_CHARACTERS.issuperset(asked)
    g.request_id = asked if is_sane else f"req_{ULID()}".lower()
    if refused := request.environ.get(REFUSED):
        raise refused
    # Werkzeug takes further slashes at the start for one, and we take one at the end. The gateway does not: what writes
    # would pass by the routes that have a function, rights and a throttle of their own.
    path = request.environ["PATH_INFO"]
    if path.startswith("//") or (request.method not in READING and path.endswith("/") and path != "/"):
        raise NotFound("There is nothing here: a path has one slash at its start, and none at its end.")


def _finish(response: Response) -> Response:
    headers = response.headers
    if response.status_code == 204 or request.method == "OPTIONS" and response.status_code == 200:  # no body, no type
        headers.pop("Content-Type", None)
    headers["X-Request-ID"] = g.get("request_id", "")
    for name, value in _PROTECTION.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", PAGE_POLICY if response.mimetype == "text/html" else _DATA_POLICY)
    headers.setdefault("Cache-Control", "no-store")
    _open_to_other_origins(response)
    _validate(response)
    _log(response)
    return response


def _open_to_other_origins(response: Response) -> None:
    """Let pages of other origins read what is public, and nothing else."""
    is_public = request.method in READING and "private" not in response.headers.get("Cache-Control", "")
    if not is_public or not request.path.startswith(_OPEN_PATHS):
        return
    response.headers.update(_OPEN)
    if request.method == "OPTIONS" and request.headers.get("Access-Control-Request-Method") in READING:
        response.headers.update(_PREFLIGHT)


def _validate(response: Response) -> None:
    """An ETag on every GET that succeeded, and 304 to those who have it already."""
    if request.method in ("GET", "HEAD") and response.status_code == 200:
        if not response.direct_passthrough:
            response.add_etag()
        response.make_conditional(request)
        response.headers.pop("Date", None)  # it sets one; so does every server, and one is enough
        if response.status_code == 412:
            refused = problems.render(PreconditionFailed("It is at another version than If-Match names."))
            response.data, response.content_type = refused.data, refused.content_type
            response.headers["Cache-Control"] = "no-store"


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
