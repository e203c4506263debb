"""Gateway events as clients cause them, and the clients' manners: send again until it is settled."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any, NamedTuple

from tests.rig.fleet import Instance

_SAMPLE = json.loads((Path(__file__).parents[1] / "events" / "http_api.json").read_text())
TRIES = 100


class Reply(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str]


def event(method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    """An event of an HTTP API. Header names are written with `_` for `-`."""
    made = json.loads(json.dumps(_SAMPLE))
    made["rawPath"] = path
    made["requestContext"]["http"] |= {"method": method, "path": path}
    made["headers"] |= {name.lower().replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        made["headers"]["content-type"] = "application/json"
        made["body"] = json.dumps(body)
    return made


def filing(key: str, **said: Any) -> dict[str, Any]:
    """A report that is filed under a key. Its title is its key, by which the tests know it again."""
    body = {"location": {"lat": 51.5, "lon": -0.12}, "severity": "minor", "place": "public", "title": key} | said
    return event("POST", "/v1/reports", body, Idempotency_Key=f"{key}-{'0' * 20}")


def read(answer: dict[str, Any]) -> Reply:
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    body = answer["body"]
    if answer.get("isBase64Encoded"):  # longer answers are compressed, as the sample's client allows
        body = gzip.decompress(base64.b64decode(body)).decode()
    return Reply(answer["statusCode"], json.loads(body) if body else None, headers)


def ask(instance: Instance, request: dict[str, Any]) -> Reply:
    return read(instance.ask(request))


def ask_until_settled(instance: Instance, request: dict[str, Any]) -> Reply:
    """Send the same again for as long as the answer is 503, and sooner than Retry-After asks."""
    for _ in range(TRIES):
        reply = ask(instance, request)
        if reply.status != 503:
            return reply
        assert "retry-after" in reply.headers
    raise AssertionError(f"not settled after {TRIES} tries")
