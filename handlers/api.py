"""API Gateway -> the Flask app, through serverless-wsgi; declares our text media types.

The library runs the app and writes its body; its mistakes are corrected here and in gateway.py, each with a test that
fails against the library alone. Its own handler is never deployed: it executes code from its event.
"""

import gc

# Nothing imported below becomes garbage, and collecting costs a seventh of a cold start.
gc.disable()

from app.core.config import settings
from handlers.light_imports import import_light

if settings().in_lambda:  # before anything imports them whole; elsewhere the flask commands belong to the app
    import_light()

import hmac
import json
from collections.abc import Iterable
from functools import partial
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import serverless_wsgi

from app.core import telemetry
from app.core.errors import Forbidden, Internal, Unavailable
from app.core.signing_keys import keys
from app.factory import connect, create_app
from app.growing import GrowingApp
from app.http.headers import GATEWAY_REQUEST_ID, REFUSED
from handlers import gateway

Reply = dict[str, Any]
Headers = list[tuple[str, str]]

_OF_BODY = ("content-type", "content-encoding")  # the headers that the library reads
TEXT_TYPES = (
    "application/atom+xml",
    "application/cap+xml",
    "application/geo+json",
    "application/geo+json-seq",
    "application/hal+json",
    "application/jsonl",
    "application/ld+json",
    "application/manifest+json",
    "application/merge-patch+json",
    "application/opensearchdescription+xml",
    "application/problem+json",
    "application/problem+xml",
    "application/rss+xml",
    "application/schema+json",
    "application/vnd.geo+json",
    "application/vnd.google-earth.kml+xml",
    "application/vnd.oai.openapi",
    "application/vnd.oai.openapi+json",
    "application/x-ndjson",
    "application/x-yaml",
    "application/xhtml+xml",
    "application/yaml",
)
# All other types leave as base64, which a REST API without binary media types would pass on unchanged.
serverless_wsgi.TEXT_MIME_TYPES.extend(TEXT_TYPES)

LAMBDA_REPLY_BYTES = 6_291_556  # "maximum allowed payload size" of a synchronous invocation, as its error says
_HEADERS_BYTES = 65_536
_JSON_GROWTH = 12  # the most bytes of one character in JSON: two escapes outside the basic plane
# The event for the library: we build the rest of the environment. Lists make it keep every header of the reply.
_BARE_EVENT: dict[str, Any] = {
    "httpMethod": "GET",
    "path": "/",
    "multiValueHeaders": {"Host": ["lambda"]},
    "requestContext": {},
    "isBase64Encoded": False,
}


def serve(app: WSGIApplication, event: Any, context: Any) -> Reply:
    """Return the app's reply to a request of API Gateway; raises gateway.NotARequest for any other event."""
    environ, body = gateway.read(event, context)
    _note_cdn(environ)
    is_v2 = event.get("version") == "2.0"
    reply = _shaped(*_run(app, environ, body, context), is_v2=is_v2)
    if not _is_too_large(reply):
        return reply
    telemetry.logger().error(
        "reply larger than Lambda takes",
        extra={"gateway_request_id": environ[GATEWAY_REQUEST_ID], "body_characters": len(reply["body"])},
    )
    refused = Internal("The answer is larger than can be sent; ask for less at once. It has been logged.")
    return _shaped(*_run(app, environ | {REFUSED: refused}, b"", context), is_v2=is_v2)


def _note_cdn(environ: dict[str, Any]) -> None:
    """Take the caller's address from the CDN if its key proves that the request came through it.

    If a deployment has a CDN, requests that bypass it are refused, because they would avoid limits and firewall.
    """
    origin_key, viewer = environ.pop("HTTP_X_ORIGIN_KEY", ""), environ.pop("HTTP_X_VIEWER_ADDRESS", "")
    if not origin_key and not settings().is_cdn_only:
        return
    try:
        is_through = hmac.compare_digest(origin_key.encode(), keys().origin_key.encode()) and bool(origin_key)
    except Unavailable as error:
        environ[REFUSED] = error
        return
    if is_through and viewer:
        environ["REMOTE_ADDR"] = viewer
    elif not is_through and settings().is_cdn_only:
        environ[REFUSED] = Forbidden("Ask by the public address of this service, not by the one behind it.")


def _run(app: WSGIApplication, environ: dict[str, Any], body: bytes, context: Any) -> tuple[Reply, Headers]:
    headers: Headers = []
    run = partial(_answer, app, environ, headers)
    return serverless_wsgi.handle_request(run, _BARE_EVENT | {"body": body}, context), headers


def _answer(
    app: WSGIApplication, ours: dict[str, Any], kept: Headers, environ: WSGIEnvironment, start: StartResponse
) -> Iterable[bytes]:
    """Run the app with our environment, then close its answer (PEP 3333), which the library does not.

    All headers are kept for us. The library gets those by which it writes the body: it copies each three times.
    """

    def start_response(status: str, headers: Headers, *failure: Any) -> Any:
        kept[:] = headers
        return start(status, [pair for pair in headers if pair[0].lower() in _OF_BODY], *failure)

    environ.update(ours)
    parts = app(environ, start_response)
    try:
        return [b"".join(parts)]
    finally:
        if close := getattr(parts, "close", None):
            close()


def _shaped(raw: Reply, headers: Headers, *, is_v2: bool) -> Reply:
    """Convert the reply for API Gateway: headers joined, but each cookie separate."""
    # Names may differ in case if an app adds one twice.
    by_name: dict[str, tuple[str, list[str]]] = {}
    for name, value in headers:
        by_name.setdefault(name.lower(), (name, []))[1].append(value)
    _, cookies = by_name.pop("set-cookie", ("", []))
    if raw["statusCode"] in (204, 304):
        by_name.pop("content-type", None)
        by_name.pop("content-length", None)
    reply = {
        "statusCode": raw["statusCode"],
        "headers": {name: ", ".join(values) for name, values in by_name.values()},
        "body": raw.get("body", ""),
        "isBase64Encoded": raw.get("isBase64Encoded", False),
    }
    if cookies:
        reply |= {"cookies": cookies} if is_v2 else {"multiValueHeaders": {"Set-Cookie": cookies}}
    return reply


def _is_too_large(reply: Reply) -> bool:
    if len(reply["body"]) * _JSON_GROWTH + _HEADERS_BYTES <= LAMBDA_REPLY_BYTES:
        return False
    return len(json.dumps(reply)) > LAMBDA_REPLY_BYTES


# At import: if this fails, Lambda starts again instead of serving errors with a broken instance.
application = GrowingApp(create_app(is_whole=False), create_app)
connect()
gc.freeze()  # what is loaded stays; only garbage of requests is collected from now on
gc.enable()


def handler(event: Any, context: Any) -> Reply:
    """Answer one HTTP request. A repeated event is as safe as the request itself (Idempotency-Key, If-Match)."""
    return serve(application, event, context)
