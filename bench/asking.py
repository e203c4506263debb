"""Send requests to the web function as API Gateway does, and measure what each consumes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from app.reports.index import pulse, recent_writes
from app.situation import inside_reading
from app.warnings import kept
from bench.metering import Bill, Meter

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
HOST = "a1b2c3d4e5.execute-api.eu-west-2.amazonaws.com"


def event(method: str, path: str, query: str = "", body: Any = None, headers: dict[str, str] | None = None) -> Any:
    """Build an HTTP API's event, payload 2.0."""
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9", "userAgent": "bench"}
    sent = {"accept": "application/json", "host": HOST, "x-forwarded-proto": "https", **(headers or {})}
    if body is not None:
        sent["content-type"] = "application/json"
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": sent,
        "requestContext": {"domainName": HOST, "http": http, "requestId": "bench", "stage": "$default"},
        "isBase64Encoded": False,
    } | ({} if body is None else {"body": json.dumps(body)})


def begin_anew() -> None:
    """Forget what this process knows of the tables, as a new one would not know it."""
    recent_writes.root_cache.root, recent_writes.root_cache.read_at_ms = None, 0
    kept.forget()
    inside_reading.forget()
    pulse.forget()


@dataclass
class Asked:
    """One answer and its bill."""

    body: Any
    bill: Bill


class Asker:
    """Sends requests to the web function and reads the meter."""

    def __init__(self, handler: Handler, meter: Meter) -> None:
        self.handler = handler
        self.meter = meter

    def ask(self, request: dict[str, Any], *, status: int = 200) -> Asked:
        with self.meter.counting() as bill:
            reply = self.handler(request, None)
        assert reply["statusCode"] == status, reply
        return Asked(json.loads(reply["body"]), bill)

    def pages(self, query: dict[str, Any], most: int) -> list[Asked]:
        """Yield the first pages of a list, by its cursors."""
        answers: list[Asked] = []
        cursor: dict[str, str] = {}
        while len(answers) < most:
            answers.append(self.ask(event("GET", "/v1/reports", urlencode(query | cursor))))
            if not answers[-1].body["next_cursor"]:
                break
            cursor = {"cursor": answers[-1].body["next_cursor"]}
        return answers
