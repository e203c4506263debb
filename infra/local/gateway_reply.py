"""Convert a function's answer or failure to API Gateway's HTTP reply.

From AWS's documentation and from threads that show AWS's replies (noted beside each); not compared with AWS by us.
"""

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from infra.local.gateway_menu import Cors
from infra.local.gateway_request import HOP_BY_HOP, Request, is_binary_type
from infra.local.runtime_api import FunctionFailed, TimedOut

HTTP, REST = "http", "rest"
# "Maximum integration timeout": 30 seconds of an HTTP API, 29 of a REST API unless it was raised.
INTEGRATION_TIMEOUT_S = {HTTP: 30.0, REST: 29.0}
# A REST API renames these headers of a function ("Amazon API Gateway important notes").
_REMAPPED = frozenset(("date", "server", "www-authenticate"))
_TEXT = "text/plain;charset=UTF-8"
_CONTROL = re.compile(r"[\x00-\x08\n-\x1f\x7f]")

Headers = list[tuple[str, str]]


@dataclass
class Reply:
    status: int
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    error: str = ""  # the gateway's own message, for the access log

    def header(self, name: str) -> str | None:
        return next((value for given, value in self.headers if given.lower() == name), None)


class BadAnswer(Exception):
    """The function's answer is not an HTTP reply."""


def message(status: int, text: str) -> Reply:
    """Build a reply of the gateway itself."""
    return Reply(status, [("content-type", "application/json")], json.dumps({"message": text}).encode(), text)


def not_found(kind: str) -> Reply:
    return message(404, "Not Found") if kind == HTTP else message(403, "Missing Authentication Token")


def of_failure(failure: FunctionFailed, kind: str, *, was_gateways_time: bool) -> Reply:
    """Build the reply for a function that gave no answer.

    The gateway's own timeout: {"message":"Service Unavailable"} (cortex issue 1225), for a REST API the gateway
    response INTEGRATION_TIMEOUT. A function that Lambda ended for its own, shorter timeout gives an error like any
    other (deno_registry2 issue 87).
    """
    if isinstance(failure, TimedOut) and was_gateways_time:
        return message(503, "Service Unavailable") if kind == HTTP else message(504, "Endpoint request timed out")
    if failure.kind == "TooManyRequestsException":
        return message(503, "Service Unavailable") if kind == HTTP else message(500, "Internal server error")
    if failure.kind == "RequestTooLargeException":  # undocumented; Lambda itself answers 413
        return message(413, "Request Entity Too Large" if kind == HTTP else "Request Too Long")
    return bad_answer(kind)


def bad_answer(kind: str) -> Reply:
    return message(500, "Internal Server Error") if kind == HTTP else message(502, "Internal server error")


def of_answer_v2(answer: Any) -> Reply:
    """Convert payload 2.0: without a statusCode, the whole answer is the JSON body of a 200. Raises BadAnswer."""
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return Reply(200, [("content-type", "application/json")], json.dumps(answer).encode())
    headers = [(name.lower(), _text(value)) for name, value in _members(answer, "headers")]
    headers += [("set-cookie", _text(cookie)) for cookie in answer.get("cookies") or ()]
    return _reply(answer, headers, _body(answer, is_decoded=bool(answer.get("isBase64Encoded"))), _TEXT)


def of_answer_v1(answer: Any, request: Request, binary_types: tuple[str, ...]) -> Reply:
    """Convert payload 1.0: lists of values override single ones. Raises BadAnswer.

    Base64 is decoded only for the API's binary media types, which are compared with the first type of the caller's
    Accept.
    """
    if not isinstance(answer, dict):
        raise BadAnswer
    lists = [(name, _text(value)) for name, values in _members(answer, "multiValueHeaders") for value in values]
    listed = {name.lower() for name, _ in lists}
    single = [(name, _text(value)) for name, value in _members(answer, "headers") if name.lower() not in listed]
    headers = [
        (f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name, value) for name, value in single + lists
    ]
    wanted = request.header("accept").partition(",")[0].partition(";")[0].strip().lower()
    is_decoded = bool(answer.get("isBase64Encoded")) and is_binary_type(wanted, binary_types)
    return _reply(answer, headers, _body(answer, is_decoded=is_decoded), "application/json")


def _members(answer: dict[str, Any], name: str) -> Iterable[tuple[str, Any]]:
    members = answer.get(name) or {}
    if not isinstance(members, dict):
        raise BadAnswer
    return members.items()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise BadAnswer
    text = str(value)
    if _CONTROL.search(text):
        raise BadAnswer
    return text


def _body(answer: dict[str, Any], *, is_decoded: bool) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise BadAnswer
    if not is_decoded:
        return body.encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise BadAnswer from error


def _reply(answer: dict[str, Any], headers: Headers, body: bytes, default_type: str) -> Reply:
    try:
        status = int(answer["statusCode"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer from error
    if not 200 <= status <= 599:
        raise BadAnswer
    headers = [(name, value) for name, value in headers if name.lower() not in HOP_BY_HOP]
    if body and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", default_type))
    return Reply(status, headers, body)


def preflight(cors: Cors, request: Request) -> Reply | None:
    """Return the gateway's own answer to a preflight; None for other requests ("Configure CORS for HTTP APIs")."""
    wanted = request.header("access-control-request-method")
    if request.method != "OPTIONS" or not wanted or not request.header("origin"):
        return None
    allowed = _origin(cors, request)
    if not allowed:
        return Reply(204)
    headers = [*allowed, ("access-control-allow-methods", ",".join(cors.methods))]
    headers.append(("access-control-allow-headers", ",".join(cors.headers)))
    if cors.max_age_s is not None:
        headers.append(("access-control-max-age", str(cors.max_age_s)))
    return Reply(204, headers)


def with_cors(cors: Cors, request: Request, reply: Reply) -> Reply:
    """Replace the function's headers by the configured ones: an API with CORS "ignores CORS headers returned"."""
    kept = [(name, value) for name, value in reply.headers if not name.lower().startswith("access-control-")]
    allowed = _origin(cors, request)
    if allowed and cors.exposed:
        allowed.append(("access-control-expose-headers", ",".join(cors.exposed)))
    return Reply(reply.status, kept + allowed, reply.body, reply.error)


def _origin(cors: Cors, request: Request) -> Headers:
    origin = request.header("origin")
    if not origin or not {"*", origin} & set(cors.origins):
        return []
    headers = [("access-control-allow-origin", "*" if "*" in cors.origins else origin)]
    if cors.has_credentials:
        headers.append(("access-control-allow-credentials", "true"))
    return headers
