"""API Gateway's work between a request and its reply: route, event, function, answer, access log."""

import contextlib
import json
import re
import sys
import time
from collections.abc import Callable
from typing import IO

from infra.local.gateway_menu import Menu, Route, decoded
from infra.local.gateway_reply import (
    HTTP,
    INTEGRATION_TIMEOUT_S,
    BadAnswer,
    Reply,
    bad_answer,
    message,
    not_found,
    of_answer_v1,
    of_answer_v2,
    of_failure,
    preflight,
    with_cors,
)
from infra.local.gateway_request import Request, event_v1, event_v2, log_time
from infra.local.runtime_api import FunctionFailed

Invoke = Callable[[str, bytes, float], bytes]

_VARIABLE = re.compile(r"\$context\.([\w.]+)")


class Api:
    """One API of a kind, "http" or "rest". `invoke(function, event, timeout_s)` runs a function."""

    def __init__(self, menu: Menu, kind: str, invoke: Invoke, *, log: IO[str] | None = None) -> None:
        self.menu = menu
        self.kind = kind
        self.invoke = invoke
        self.log = log or sys.stdout
        self.mount = "" if kind == HTTP else f"/{menu.stage}"

    def answer(self, request: Request) -> Reply:
        """Return the reply that API Gateway would make."""
        began = time.perf_counter()
        key, reply = self._reply(request)
        reply.headers.append(("apigw-requestid" if self.kind == HTTP else "x-amz-apigw-id", request.id))
        self.write_log(request, reply, key, (time.perf_counter() - began) * 1000)
        return reply

    def _reply(self, request: Request) -> tuple[str, Reply]:
        cors = self.menu.cors if self.kind == HTTP else None
        if cors and (answered := preflight(cors, request)):
            return "", answered
        path = decoded(request.path)
        if path != self.mount and not path.startswith(f"{self.mount}/"):
            return "", message(403, "Forbidden")
        path = path.removeprefix(self.mount) or "/"
        match = self.menu.route_to(request.method, path)
        if match is None:
            return "", not_found(self.kind)
        reply = self._run(request, *match)
        return match[0].key, with_cors(cors, request, reply) if cors else reply

    def _run(self, request: Request, route: Route, parameters: dict[str, str]) -> Reply:
        limit_s = INTEGRATION_TIMEOUT_S[self.kind]
        function = route.function
        if self.kind == HTTP:
            event = event_v2(request, route, parameters)
        else:
            event = event_v1(request, route, parameters, self.menu)
        try:
            raw = self.invoke(function.name, json.dumps(event).encode(), min(function.timeout_s, limit_s))
        except FunctionFailed as failure:
            return of_failure(failure, self.kind, was_gateways_time=function.timeout_s >= limit_s)
        try:
            answer = json.loads(raw)
            if self.kind == HTTP:
                return of_answer_v2(answer)
            return of_answer_v1(answer, request, self.menu.binary_types)
        except (BadAnswer, ValueError):
            return bad_answer(self.kind)

    def write_log(self, request: Request, reply: Reply, key: str, took_ms: float) -> None:
        """Write the access log in the template's format, safe in JSON; a query string only if it asks for one."""
        variables = {
            "requestId": request.id,
            "requestTime": log_time(request.at),
            "requestTimeEpoch": str(int(request.at * 1000)),
            "httpMethod": request.method,
            "path": request.path,
            "resourcePath": key.rpartition(" ")[2],
            "routeKey": key,
            "protocol": request.protocol,
            "status": str(reply.status),
            "responseLength": str(len(reply.body)),
            "responseLatency": str(round(took_ms)),
            "integrationLatency": str(round(took_ms)),
            "integrationStatus": "-" if reply.error else "200",
            "error.message": reply.error or "-",
            "identity.sourceIp": request.address,
            "identity.userAgent": request.header("user-agent") or "-",
        }
        line = _VARIABLE.sub(lambda match: json.dumps(variables.get(match[1], "-"))[1:-1], self.menu.log_format)
        with contextlib.suppress(OSError, ValueError):  # no reader is left
            print(line, file=self.log, flush=True)
