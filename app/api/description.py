"""Build the OpenAPI description: the contracts of the routes, and the problems that any route may answer."""

from copy import deepcopy
from typing import Any

from flask import Flask

from app.accounts import auth
from app.accounts.auth import Who
from app.api import described_headers
from app.api.described_bodies import add_examples, open_answers
from app.api.described_links import add_links
from app.core.config import settings
from app.core.errors import Invalid, Mistake, Problem, every_problem
from app.http.description import description, openapi_path
from app.http.headers import IF_NONE_MATCH
from app.http.problems import MEDIA_TYPE
from app.http.problems import document as body_of

INFO = (
    "Residents report flooding where they stand; everyone sees it. Times are RFC 3339 in UTC, places WGS 84 degrees. "
    "Every error is application/problem+json and names every mistake; deprecated paths answer with one text instead. "
    "What stands before the service turns requests away in words of its own, 429 and 503 without a problem document: "
    'the gateway with `{"message": "Too Many Requests"}` or `{"message": "Service Unavailable"}` and no `Retry-After`, '
    "the firewall of the CDN with `Retry-After: 300`. Nothing was stored then; wait, and send it again under the same "
    "`Idempotency-Key`. "
    "Where staff need a second factor, the access token of one who has none is refused with 403 "
    "`second-factor-required` by every operation but those of /v1/me/totp and signing out. An API key is refused with "
    "403 by every operation that names no scope of it."
)
ANYWHERE = {400, 401, 422, 503}
WITH_BODY = {413, 415}
# Locks that refuse some authenticated callers: an edit token is for one report only, a role may be too low.
TURNING_AWAY = {Who.SIGNED_IN, Who.ACCOUNT, Who.SUBSCRIBER, Who.RESPONDER, Who.ADMIN, Who.KEY}
# Routes that need no database.
WITHOUT_PARTS = {"GET /healthz", "GET /openapi.json"}
# Problems that come from the rules behind a route and cannot be derived from its contract.
OWN_PROBLEMS = {
    "POST /v1/accounts": {409, 429},
    "POST /v1/tokens": {403, 429},
    "POST /v1/password-resets": {409, 429},
    "POST /v1/password-resets/use": {403, 409, 429},
    "POST /v1/me/email/confirmation": {409},
    "POST /v1/email-confirmations": {403, 409},
    "POST /v1/subscriptions": {409},
    "PATCH /v1/subscriptions/{subscription_id}": {409},
    "DELETE /v1/subscriptions/{subscription_id}": {409},
    "POST /v1/me/totp": {403, 409, 429},
    "PUT /v1/me/totp": {403, 409, 429},
    "DELETE /v1/me/totp": {403, 409, 429},
    "PATCH /v1/admin/accounts/{account_id}": {409},
    "GET /v1/admin/audit": {406},
    "POST /v1/admin/blocks": {409},
    "DELETE /v1/admin/accounts/{account_id}/totp": {409},
    "DELETE /v1/admin/invitations/{invitation_id}": {409},
    "POST /v1/invitations/accept": {403, 404, 409, 429},
    "POST /v1/visitors": {429},
    "PATCH /v1/me": {409, 429},
    "DELETE /v1/me": {429},
    "DELETE /v1/me/sessions": {409},
    "POST /v1/me/api-keys": {409},
    "DELETE /v1/me/api-keys/{key_id}": {409},
    "POST /v1/reports": {429},
    "PATCH /v1/reports/{report_id}": {409, 429},
    "GET /v1/reports": {403, 406},
    "GET /v1/reports.geojson": {403},
    "GET /v1/reports.csv": {403},
    "GET /v1/warnings": {406},
    **{f"GET /feeds/reports.{form}": {403} for form in ("atom", "rss", "geojson", "csv")},
    "PUT /v1/reports/{report_id}/votes": {409, 429},
    "DELETE /v1/reports/{report_id}/votes": {409},
    "POST /v1/reports/{report_id}/flags": {409, 429},
    "POST /v1/reports/{report_id}/photos": {409, 429},
    "PUT /v1/reports/{report_id}/photos/{photo_id}": {409, 429},
    "DELETE /v1/reports/{report_id}/photos/{photo_id}": {409},
    "PUT /v1/reports/{report_id}/verification": {409},
    "DELETE /v1/reports/{report_id}/verification": {409},
    "PUT /v1/review/holds/{report_id}": {409},
}
LICENSE_BY_SOURCE = {"identifier": "LicenseRef-by-source"}  # where no page can be named, as no address is set
ABOUT = "/about"  # the page that names who runs this service, and the licences of its data
# An example of what 422 tells.
_MISTAKE = Mistake("/location/lat", "range", "It must be from -90 to 90.")
NOT_MODIFIED = {"description": "Not changed: the ETag in If-None-Match is still valid. No body."}
_PROBLEM_SCHEMA = {
    "type": "object",
    "description": "What is wrong, as every error tells it (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "The page about this kind of problem."},
        "title": {"type": "string", "description": "The kind of problem in a few words, always the same."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": {"type": "string", "description": "What is wrong with this request, in words."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "request_id": {"type": "string", "description": "The id of this request, as in `X-Request-ID`."},
        "scopes_needed": {
            "type": "array",
            "description": "With the code `scope-missing`: the scopes of which the API key needs one.",
            "items": {"type": "string"},
        },
        "retry_after_s": {
            "type": "integer",
            "description": "Of one of many: seconds until it may be sent again.",
        },
        "errors": {
            "type": "array",
            "description": "With 422: every mistake, up to a hundred.",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer (RFC 6901) into the body.",
                    },
                    "parameter": {"type": "string", "description": "Name of a parameter of the query or the headers."},
                    "code": {"type": "string", "description": "What is wrong, in a stable word for programs."},
                    "detail": {"type": "string", "description": "What is wrong, in a sentence for people."},
                },
                "oneOf": [{"required": ["pointer"]}, {"required": ["parameter"]}],
            },
        },
    },
}
_WITH_SEVERITY = {"required": ["severity"], "properties": {"severity": {}}}
_LISTED = ("ListedReport", "Tombstone")


def document(app: Flask) -> dict[str, Any]:
    """Build the OpenAPI 3.1 document of an app."""
    described: dict[str, Any] = deepcopy(description(app).to_dict())  # a copy: never change it
    host = settings().public_base_url
    page = {"url": f"{host}{ABOUT}"} if host else {}
    described["info"] |= {
        "description": INFO,
        "contact": {"name": settings().operator or "Those who run this service"} | page,
        "license": {"name": "Of each source of data its own, as the page names it"} | (page or LICENSE_BY_SOURCE),
    }
    described["servers"] = [{"url": host or "/", "description": "This service."}]
    _complete_schemas(described["components"].setdefault("schemas", {}))
    endpoints = _endpoints(app)
    statuses: set[int] = set()
    for path, item in described["paths"].items():
        for method in item.keys() - {"parameters"}:
            statuses |= _complete(item[method], app, (method, path), endpoints[method, path])
    open_answers(described)
    components = described["components"]
    components["responses"] = {kind.code: _response(kind) for kind in _general() if kind.status in statuses}
    components["headers"] = described_headers.components()
    add_links(described["paths"], components["schemas"])
    add_examples(described)
    return described


def _complete_schemas(schemas: dict[str, Any]) -> None:
    """Add the rules that marshmallow does not describe."""
    schemas["Problem"] = _PROBLEM_SCHEMA
    # A marshmallow list has one kind of item; with updated_since ours has two.
    schemas["Page"]["properties"]["items"]["items"] = {"anyOf": [_reference(name) for name in _LISTED]}
    # Either of two fields is required, and a change must name a field. No `anyOf` here: generators make no type of it.
    schemas["NewReport"] |= {"if": {"properties": {"depth_cm": {"type": "null"}}}, "then": _WITH_SEVERITY}
    schemas["EditReport"]["minProperties"] = 1
    schemas["AccountChange"]["minProperties"] = 2  # the reason, and what it is for


def _complete(operation: dict[str, Any], app: Flask, where: tuple[str, str], endpoint: str) -> set[int]:
    """Add to an operation what its lock and its place say: security, problems, headers. Returns its problems."""
    method, path = where
    # Names of our functions, for code generators that read the description.
    operation["operationId"] = endpoint.rpartition(".")[2]
    if method == "get":
        _add_validator(operation)
    lock, scopes = auth.lock_of(app, endpoint), auth.scopes_of(app, endpoint)
    auth.add_security_to(operation, lock, scopes)
    is_old = operation.get("deprecated")  # these routes describe their own errors, which have another shape
    problems = set() if is_old else _problems(f"{method.upper()} {path}", operation, lock, has_scopes=bool(scopes))
    for status, answer in operation["responses"].items():
        answer["headers"] = described_headers.headers_of(operation, method, status)
    _name(problems, operation)
    return problems


def _general() -> list[type[Problem]]:
    """Return one kind of problem for each status."""
    return [kind for kind in every_problem() if kind.__base__ is Problem]


def _reference(name: str, kind: str = "schemas") -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _endpoints(app: Flask) -> dict[tuple[str, str], str]:
    """Map each operation, by method and path, to its endpoint."""
    return {
        (method.lower(), openapi_path(rule.rule)): rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }


def _response(kind: type[Problem]) -> dict[str, Any]:
    problem = kind("What is wrong, in words.") if kind is not Invalid else Invalid([_MISTAKE])
    example = body_of(problem, instance="/v1/reports", request_id="req_01kb9v3q8d5w")
    return {
        "description": kind.title,
        "headers": described_headers.headers_of_problem(kind.status),
        "content": {MEDIA_TYPE: {"schema": _reference("Problem"), "example": example}},
    }


def _add_validator(operation: dict[str, Any]) -> None:
    """Document If-None-Match and 304 for every GET (app/http/headers.py)."""
    operation["parameters"] = [*operation.get("parameters", []), IF_NONE_MATCH]
    operation["responses"]["304"] = NOT_MODIFIED


def _problems(name: str, operation: dict[str, Any], lock: Who | None, *, has_scopes: bool) -> set[int]:
    """Return the statuses of an operation's problems. 405 and 500 are left out, as they belong to no operation."""
    possible = ANYWHERE | OWN_PROBLEMS.get(name, set())
    if name in WITHOUT_PARTS:
        possible -= {503}
    if lock in TURNING_AWAY or has_scopes:
        possible.add(403)
    if "{" in name:
        possible.add(404)
    if "requestBody" in operation:
        possible |= WITH_BODY
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "header" and parameter["required"]:
            possible.add(428)
        if parameter["name"] == "If-Match":
            possible.add(412)
    return possible


def _name(problems: set[int], operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    for kind in _general():
        if kind.status in problems:
            responses[str(kind.status)] = _reference(kind.code, "responses")
    operation["responses"] = dict(sorted(responses.items()))
