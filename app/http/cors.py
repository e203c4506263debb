"""Let pages of other origins use the API (CORS), without cookies, and none with more than it may have.

Any origin may read what is public: these answers are the same for all, so that shared caches need not know the origin
(Fetch standard, "CORS protocol and HTTP caches"). The origins in FLOOD_ORIGINS may also write and send a bearer token.
"""

from flask import Response, request

from app.core.config import settings

READING = ("GET", "HEAD", "OPTIONS")
PATHS = ("/v1/", "/tiles/", "/feeds/", "/photos/", "/ogc")
EXPOSED = (
    "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Missing, X-Request-ID, "
    "X-Sources"
)
_READ_METHODS, _ALL_METHODS = ", ".join(READING), ", ".join((*READING, "POST", "PUT", "PATCH", "DELETE"))
_READ_HEADERS = "Accept, Accept-Language, If-None-Match, X-Request-ID"
_ALL_HEADERS = f"{_READ_HEADERS}, Authorization, Content-Type, Device-Token, Idempotency-Key, If-Match"
PREFLIGHT_KEPT_S = 600  # so long a browser may believe that an origin is listed


def open_to_others(response: Response) -> None:
    """Add what lets a page of another origin read this answer, or send the request that its browser asks about."""
    if not request.path.startswith(PATHS):
        return
    headers, origin, listed = response.headers, request.headers.get("Origin"), settings().origins
    is_public = request.method in READING and "private" not in headers.get("Cache-Control", "")
    is_same_for_all = is_public and request.method != "OPTIONS"
    if listed and not is_same_for_all:
        response.vary.add("Origin")
    is_trusted = origin in listed and not is_same_for_all
    if not is_trusted and not is_public:
        return
    headers["Access-Control-Allow-Origin"] = str(origin) if is_trusted else "*"
    headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        headers["Access-Control-Allow-Methods"] = _ALL_METHODS if is_trusted else _READ_METHODS
        headers["Access-Control-Allow-Headers"] = _ALL_HEADERS if is_trusted else _READ_HEADERS
        headers["Access-Control-Max-Age"] = str(PREFLIGHT_KEPT_S)
