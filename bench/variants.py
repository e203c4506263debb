"""Variants to compare: our web function as deployed, and the same three endpoints on other frameworks."""

import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench import environment
from bench.asking import HOST, event
from bench.fixed_database import REPORT_ID
from infra import stage

ROOT = Path(__file__).parents[1]
# Compiled files are of one Python, so each has its own.
BUILD = ROOT / "build" / "bench" / str(sys.implementation.cache_tag)
REFERENCES = Path(__file__).parent / "references"
FILED = {"location": {"lat": 51.5, "lon": -0.12}, "severity": "severe", "title": "Underpass closed, cars stuck"}
FILED_FLAT = {"lat": 51.5, "lon": -0.12, "severity": "severe", "title": "Underpass closed, cars stuck"}


@dataclass(frozen=True)
class Variant:
    """One program to start: its code's place, its handler, and its events."""

    name: str
    paths: tuple[str, ...]
    handler: str
    events: dict[str, Any]


def _rest_event(method: str, path: str, resource: str, body: str | None = None) -> dict[str, Any]:
    """Build a REST API's event, payload 1.0, which all the others understand."""
    headers = {"accept": "application/json", "content-type": "application/json", "host": HOST}
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"item_id": REPORT_ID} if "{" in resource else None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": path,
            "stage": "prod",
            "requestId": "bench",
            "identity": {"sourceIp": "203.0.113.9", "userAgent": "bench"},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def _their_events() -> dict[str, Any]:
    import json

    one = _rest_event("GET", f"/v1/reports/{REPORT_ID}", "/v1/reports/{item_id}")
    return {
        "first": one,
        "health": _rest_event("GET", "/healthz", "/healthz"),
        "get": one,
        "post": _rest_event("POST", "/v1/reports", "/v1/reports", json.dumps(FILED_FLAT)),
    }


def _our_events() -> dict[str, Any]:
    one = event("GET", f"/v1/reports/{REPORT_ID}")
    filing = event("POST", "/v1/reports", body=FILED, headers={"idempotency-key": "bench-key-of-twenty-letters"})
    return {"first": one, "health": event("GET", "/healthz"), "get": one, "post": filing}


def prepare() -> list[Variant]:
    """Stage ours and the others, each compiled the same way; earlier stages of the others are used again."""
    theirs = BUILD / "references"
    _prepare_theirs(theirs)
    others = {
        "bare boto3": "bare.handler",
        "Chalice": "on_chalice.handler",
        "Powertools": "on_powertools.handler",
        "Zappa + Flask": "on_zappa.handler",
        "FastAPI + Mangum": "on_fastapi.handler",
    }
    paths = (str(theirs / "code"), str(theirs / "libraries"))
    variants = [Variant(name, paths, handler, _their_events()) for name, handler in others.items()]
    return [*variants, prepare_ours()]


def prepare_ours() -> Variant:
    """Stage the deployed code again."""
    ours = BUILD / "stage"
    shutil.rmtree(ours, ignore_errors=True)
    stage.stage(ours, interpreter=None)
    stage.compile_all(ours, place=str(ours))
    return our_variant("FloodManager", ours)


def our_variant(name: str, folder: Path) -> Variant:
    """Return the web function in a folder."""
    return Variant(name, (str(folder),), "handlers.api.handler", _our_events())


def other_firsts(ours: Variant) -> list[Variant]:
    """Return our variant with other first requests: three common ones, and one that loads all rooms."""
    firsts = {
        "page /": event("GET", "/", headers={"accept": "text/html"}),
        "nearby": event("GET", "/v1/nearby", "lat=51.5&lon=-0.12&radius_km=5"),
        "filing": ours.events["post"],
        "another room": event("GET", "/v1/me"),
    }
    return [replace(ours, name=f"{ours.name}, {name}", events={"first": one}) for name, one in firsts.items()]


def _prepare_theirs(folder: Path) -> None:
    wanted = Path(__file__).with_name("requirements.txt")
    stamp = folder / "requirements.txt"
    shutil.rmtree(folder / "code", ignore_errors=True)
    shutil.copytree(REFERENCES, folder / "code", ignore=shutil.ignore_patterns("__pycache__"))
    if not stamp.exists() or stamp.read_bytes() != wanted.read_bytes():
        shutil.rmtree(folder / "libraries", ignore_errors=True)
        stage.install(folder / "libraries", wanted)
        stage.compile_all(folder / "libraries", place=str(folder / "libraries"), is_strict=False)
        stamp.write_bytes(wanted.read_bytes())
    stage.compile_all(folder / "code", place=str(folder / "code"))


def lambda_environment(bundle: Path) -> dict[str, str]:
    """Return the environment of a started child: Lambda's, without keys (the store has them), and trusted roots."""
    named = {name: value for name, value in environment.LAMBDA.items() if name not in ("FLOOD_SECRET", "FLOOD_ID_KEY")}
    return {**named, "AWS_CA_BUNDLE": str(bundle), "PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin"}
