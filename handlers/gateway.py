"""Convert an event of API Gateway to a WSGI environment and a body. One rule for each difference between gateways.

Accepted: payload 2.0 (HTTP API, function URL) and 1.0 (REST API, HTTP API). Everything else is refused with an error
and never run: queues, streams, schedules, authorizers, load balancers, and the code or commands that serverless-wsgi
would execute.

Path: decoded exactly once. An HTTP API passes it decoded, so it is used unchanged; a REST API and a function URL pass
it as sent, so it is decoded here. `%252F` therefore never becomes a separator.

Host: the gateway's own domain name; the caller's counts only if the gateway names none.
"""

import binascii
import os
from collections.abc import Iterable
from string import ascii_letters, digits
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlencode

from app.core import telemetry
from app.core.errors import Malformed
from app.http.headers import GATEWAY_REQUEST_ID, REFUSED

BASE_PATH = "API_GATEWAY_BASE_PATH"
_WSGI = "latin-1"  # PEP 3333: text in the environment is bytes, one character each
# Members that no request of API Gateway has, but events of other senders do.
_FOREIGN = frozenset({"_serverless-wsgi", "Records", "source", "detail-type", "type", "methodArn", "routeArn"})
_ONCE = frozenset(
    f"HTTP_{name}"
    for name in ("AUTHORIZATION", "CONTENT_LENGTH", "CONTENT_TYPE", "HOST", "IDEMPOTENCY_KEY", "IF_MATCH")
)
# An HTTP API joins repeated headers with a comma. Values of these contain none, so a comma means: sent twice.
_ONCE_WITHOUT_COMMA = _ONCE - {"HTTP_IF_MATCH"}
_HOST_CHARACTERS = frozenset(ascii_letters + digits + ".-:[]_")


class NotARequest(Exception):
    """The event is not an HTTP request from API Gateway; its sender is connected to the wrong function."""


class _Line(NamedTuple):
    method: str
    path: str
    query: str
    address: str


def read(event: Any, context: Any) -> tuple[dict[str, Any], bytes]:
    """Return the WSGI environment and the body; logs and raises NotARequest for any other event.

    A mistake of the caller is put into the environment as a Malformed, which the app renders.
    """
    if not _is_request(event):
        raise _refusal(event)
    try:
        environ = _environ(event, context)
        try:
            return environ | _headers(event, environ), _body(event)
        except Malformed as malformed:
            return environ | {REFUSED: malformed}, b""
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # A gateway always sends its own members with the right types.
        raise _refusal(event) from error


def _is_request(event: Any) -> bool:
    if not isinstance(event, dict) or not _FOREIGN.isdisjoint(event):
        return False
    request_context = event.get("requestContext")
    if not isinstance(request_context, dict) or "elb" in request_context:
        return False
    if event.get("version") == "2.0":
        line = request_context.get("http")
        method_and_path = (line.get("method") if isinstance(line, dict) else None, event.get("rawPath"))
    else:
        method_and_path = (event.get("httpMethod"), event.get("path"))
    return event.get("version") in (None, "1.0", "2.0") and all(
        isinstance(part, str) and part for part in method_and_path
    )


def _refusal(event: Any) -> NotARequest:
    """Name the event's members, never their values: they may be personal."""
    members = sorted(str(name)[:40] for name in event)[:20] if isinstance(event, dict) else type(event).__name__
    telemetry.logger().error("refused an event that is no HTTP request", extra={"members": members})
    return NotARequest(f"Not an HTTP request from API Gateway: {members}. One function serves one kind of event.")


def _environ(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Build the environment without the headers."""
    request_context = event["requestContext"]
    domain = request_context.get("domainName") or ""
    line = _line_v2(event) if event.get("version") == "2.0" else _line_v1(event)
    script, path = _without_prefix(event, line.path)
    is_decoded = "version" in event and ".lambda-url." not in domain
    path_bytes = path.encode("utf-8", "replace")
    environ = {
        "REQUEST_METHOD": _wsgi(line.method),
        "SCRIPT_NAME": _wsgi(script),
        "PATH_INFO": (path_bytes if is_decoded else unquote_to_bytes(path_bytes)).decode(_WSGI),
        "QUERY_STRING": _wsgi(line.query),
        "REMOTE_ADDR": _wsgi(line.address),
        "SERVER_NAME": "lambda",
        "serverless.authorizer": request_context.get("authorizer"),
        "serverless.event": event,
        GATEWAY_REQUEST_ID: request_context.get("requestId") or getattr(context, "aws_request_id", None),
    }
    if domain and _HOST_CHARACTERS.issuperset(domain):
        environ["SERVER_NAME"] = environ["HTTP_HOST"] = domain
    return environ


def _line_v2(event: dict[str, Any]) -> _Line:
    line = event["requestContext"]["http"]
    return _Line(line["method"], event["rawPath"], event.get("rawQueryString") or "", line.get("sourceIp") or "")


def _line_v1(event: dict[str, Any]) -> _Line:
    identity = event["requestContext"].get("identity") or {}
    query = event.get("multiValueQueryStringParameters") or event.get("queryStringParameters") or {}
    pairs = [(name, "" if value is None else value) for name, value in query.items()]
    text = urlencode(pairs, doseq=True, errors="replace")
    return _Line(event["httpMethod"], event["path"], text, identity.get("sourceIp") or "")


def _without_prefix(event: dict[str, Any], path: str) -> tuple[str, str]:
    """Return the app's mount point, and the path below it. A prefix ends at a slash: /v1 is not a prefix of /v10."""
    path = path if path.startswith("/") else f"/{path}"
    request_context = event["requestContext"]
    stage, is_rest = request_context.get("stage"), "version" not in event
    for segment in (os.environ.get(BASE_PATH, "").strip("/"), "" if is_rest else stage):
        mount = f"/{segment}"
        if segment and (path == mount or path.startswith(f"{mount}/")):
            return mount, path[len(mount) :] or "/"
    # A REST API's path leaves out its stage; the context shows whether the caller's path had it.
    whole = (request_context.get("path") or "").rstrip("/")
    is_mounted = is_rest and whole == f"/{stage}{path}".rstrip("/")
    return (f"/{stage}" if is_mounted else ""), path


def _headers(event: dict[str, Any], environ: dict[str, Any]) -> dict[str, Any]:
    """Return CONTENT_TYPE and HTTP_* with valid values; raises Malformed."""
    lists = event.get("multiValueHeaders")
    if lists:
        headers = _joined((name, value) for name, values in lists.items() for value in values)
    else:
        headers = _joined((event.get("headers") or {}).items())
    if cookies := event.get("cookies"):
        headers["HTTP_COOKIE"] = "; ".join(cookies)
    text = "".join(headers.values())
    if "\n" in text or "\r" in text or "\0" in text:
        raise Malformed("A header holds a line break or a NUL.")
    if not text.isascii():
        headers = {key: _wsgi(value) for key, value in headers.items()}
    # The library counts the body itself, which is complete.
    headers.pop("HTTP_CONTENT_LENGTH", None)
    headers.pop("HTTP_TRANSFER_ENCODING", None)
    if "version" not in event:
        # A REST API hands base64 on as such, unless it has binary media types; and it can compress by itself.
        headers.pop("HTTP_ACCEPT_ENCODING", None)
    host = headers.pop("HTTP_HOST", "")
    if not _HOST_CHARACTERS.issuperset(host):
        raise Malformed("The Host header is no host name.")
    if host and "HTTP_HOST" not in environ:
        headers["HTTP_HOST"] = host
    headers["CONTENT_TYPE"] = headers.pop("HTTP_CONTENT_TYPE", "")
    headers["wsgi.url_scheme"] = "http" if headers.get("HTTP_X_FORWARDED_PROTO") == "http" else "https"
    return headers


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Join repeated headers (RFC 9110 §5.3); raises Malformed for those that must be unique."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        # In the environment X_User_Id would look like X-User-Id.
        if value is None or "_" in name or not name.isascii():
            continue
        key = "HTTP_" + name.upper().replace("-", "_")
        if key not in headers:
            headers[key] = value
        elif key in _ONCE:
            raise _sent_twice(key)
        else:
            headers[key] += ("; " if key == "HTTP_COOKIE" else ", ") + value
    for key in _ONCE_WITHOUT_COMMA:
        if "," in headers.get(key, ""):
            raise _sent_twice(key)
    return headers


def _sent_twice(key: str) -> Malformed:
    return Malformed(f"The header {key[5:].replace('_', '-').title()} was sent twice, or holds a comma.")


def _body(event: dict[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        # Half a surrogate pair becomes invalid UTF-8, which the app refuses when it reads text.
        return bytes(body.encode("utf-8", "surrogatepass"))
    try:
        return binascii.a2b_base64(body, strict_mode=True)
    except ValueError as error:
        raise Malformed("The body is said to be base64, but is not.") from error


def _wsgi(text: str) -> str:
    return text.encode("utf-8", "replace").decode(_WSGI)
