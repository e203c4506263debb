"""An HTTP request as the event that API Gateway sends to a function.

Shapes: "Create AWS Lambda proxy integrations for HTTP APIs" (payload 2.0) and "Input format of a Lambda function for
proxy integration" (REST API, payload 1.0). Which bodies an HTTP API sends as text was tried on AWS by others (pull
request 766 of ministack): text/*, JSON, XML and JavaScript; forms and bodies without a type are base64. Not tried on
AWS, not documented: bytes that are no UTF-8, in a path or in a text's body.
"""

import base64
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from infra.local.gateway_menu import CATCH_ALL, Menu, Route, decoded
from infra.local.runtime import ACCOUNT

API_ID = "local"
# They describe one connection (RFC 9110 §7.6.1); the gateway speaks to the function on no connection.
HOP_BY_HOP = frozenset(
    ("connection", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
)
# Identity of a caller unknown to AWS.
_IDENTITY: dict[str, str | None] = dict.fromkeys(
    """cognitoIdentityPoolId accountId cognitoIdentityId caller principalOrgId accessKey cognitoAuthenticationType
    cognitoAuthenticationProvider userArn user""".split()
)
_TEXT_TYPES = frozenset(("application/json", "application/xml", "application/javascript"))


@dataclass
class Request:
    """The request as received: `target` and header values decoded from bytes only."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    address: str
    domain: str
    protocol: str = "HTTP/1.1"
    at: float = field(default_factory=time.time)
    id: str = field(default_factory=lambda: base64.b64encode(os.urandom(11)).decode())
    trace: str = field(default_factory=lambda: f"Root=1-{int(time.time()):08x}-{os.urandom(12).hex()}")

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def header(self, name: str) -> str:
        """Join all values of a header; empty if it is absent."""
        return ", ".join(value for given, value in self.headers if given.lower() == name)

    def media_type(self) -> str:
        return self.header("content-type").partition(";")[0].strip().lower()


def event_v2(request: Request, route: Route, parameters: dict[str, str]) -> dict[str, Any]:
    """Build payload 2.0. Members without content are left out, as AWS does."""
    path = decoded(request.path)
    headers = _joined(_with_gateways_own(request))
    cookies = headers.pop("cookie", "")
    pairs: dict[str, str] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        pairs[name] = f"{pairs[name]},{value}" if name in pairs else value
    body, is_base64 = _body_v2(request)
    whole = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": path,
        "rawQueryString": request.query,
        "cookies": [cookie.strip() for cookie in cookies.split(";") if cookie.strip()],
        "headers": headers,
        "queryStringParameters": pairs,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": request.domain,
            "domainPrefix": request.domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": path,
                "protocol": request.protocol,
                "sourceIp": request.address,
                "userAgent": request.header("user-agent"),
            },
            "requestId": request.id,
            "routeKey": route.key,
            "stage": CATCH_ALL,
            "time": log_time(request.at),
            "timeEpoch": int(request.at * 1000),
        },
        "pathParameters": parameters,
        "body": body,
        "isBase64Encoded": is_base64,
    }
    optional = ("cookies", "queryStringParameters", "pathParameters", "body")
    return {name: value for name, value in whole.items() if value or name not in optional}


def _body_v2(request: Request) -> tuple[str, bool]:
    kind = request.media_type()
    if not request.body:
        return "", False
    if kind.startswith("text/") or kind in _TEXT_TYPES:
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass  # to lose no byte
    return base64.b64encode(request.body).decode(), True


def event_v1(request: Request, route: Route, parameters: dict[str, str], menu: Menu) -> dict[str, Any]:
    """Build a REST API's payload, for a path without its stage. Members without content are null, as AWS does."""
    path = request.path.removeprefix(f"/{menu.stage}") or "/"
    resource = _resource(route, path)
    headers: dict[str, list[str]] = {}
    for name, value in _with_gateways_own(request):
        headers.setdefault(name, []).append(value)
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    is_binary = bool(request.body) and is_binary_type(request.media_type(), menu.binary_types)
    text = base64.b64encode(request.body).decode() if is_binary else request.body.decode(errors="replace")
    if resource == "/{proxy+}":
        parameters = {"proxy": decoded(path).removeprefix("/")}
    return {
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": _context_v1(request, resource, menu.stage),
        "body": text or None,
        "isBase64Encoded": is_binary,
    }


def _resource(route: Route, path: str) -> str:
    """Return the resource. A REST API has no catch-all: the CLI makes two resources, the root and all below."""
    if route.key != CATCH_ALL:
        return route.key.partition(" ")[2]
    return "/" if path == "/" else "/{proxy+}"


def _context_v1(request: Request, resource: str, stage: str) -> dict[str, Any]:
    return {
        "resourceId": "local",
        "resourcePath": resource,
        "httpMethod": request.method,
        "extendedRequestId": request.id,
        "requestTime": log_time(request.at),
        "path": request.path,
        "accountId": ACCOUNT,
        "protocol": request.protocol,
        "stage": stage,
        "domainPrefix": request.domain.partition(".")[0],
        "requestTimeEpoch": int(request.at * 1000),
        "requestId": str(uuid.uuid4()),
        "identity": _IDENTITY | {"sourceIp": request.address, "userAgent": request.header("user-agent") or None},
        "domainName": request.domain,
        "deploymentId": "local",
        "apiId": API_ID,
    }


def is_binary_type(media_type: str, binary_types: tuple[str, ...]) -> bool:
    """Return whether it is one of a REST API's binary media types ("Content type conversions in API Gateway")."""
    main = media_type.partition("/")[0]
    return not {"*/*", f"{main}/*", media_type}.isdisjoint(binary_types)


def _with_gateways_own(request: Request) -> Iterator[tuple[str, str]]:
    """Return the caller's headers that pass, and those that the gateway adds."""
    ours = {"host", "content-length", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id"}
    for name, value in request.headers:
        if name.lower() not in ours | HOP_BY_HOP:
            yield name, value
    before = request.header("x-forwarded-for")
    yield "Host", request.domain
    yield "Content-Length", str(len(request.body))
    yield "X-Amzn-Trace-Id", request.header("x-amzn-trace-id") or request.trace
    yield "X-Forwarded-For", f"{before}, {request.address}" if before else request.address
    yield "X-Forwarded-Port", request.domain.rpartition(":")[2]
    yield "X-Forwarded-Proto", "http"


def _joined(headers: Iterator[tuple[str, str]]) -> dict[str, str]:
    """Lower-case names; join repeated headers by commas, cookies by semicolons."""
    joined: dict[str, str] = {}
    for given, value in headers:
        name = given.lower()
        joined[name] = f"{joined[name]}{';' if name == 'cookie' else ','}{value}" if name in joined else value
    return joined


def log_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
