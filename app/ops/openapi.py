"""The API's description: what the routes say of themselves, and the answers that all of them may give."""

import re
from typing import Any

from flask import Flask

from app.config import settings
from app.errors import Problem, every_problem
from app.http.description import description
from app.http.problems import MEDIA_TYPE

INFO = (
    "Residents report flooding where they stand; everyone sees it. Times are RFC 3339 in UTC, places WGS 84 degrees. "
    "Every error is application/problem+json and names every mistake."
)
ANY_PATH = {400, 401, 403, 404, 405, 406, 413, 429, 500, 503}
WITH_BODY = {409, 415}
_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
    },
}
# flask-smorest's own shapes of errors and pages, which nothing here uses.
_LIBRARY_SCHEMAS = ("Error", "PaginationMetadata")
_LISTED = ("ListedReport", "Tombstone")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
HEADER_PROBLEMS = {"Idempotency-Key": {422, 428}, "If-Match": {409, 412, 428}}


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of an app."""
    described: dict[str, Any] = description(app).to_dict()
    described["info"]["description"] = INFO
    described["servers"] = [{"url": settings().public_base_url or "/"}]
    components = described.setdefault("components", {})
    for unused in _LIBRARY_SCHEMAS:
        components["schemas"].pop(unused, None)
    components["schemas"]["Problem"] = _PROBLEM_SCHEMA
    # A list of marshmallow's holds one kind of thing; under updated_since ours holds two.
    components["schemas"]["Page"]["properties"]["items"]["items"] = {"anyOf": [_reference(name) for name in _LISTED]}
    # Nor can it say what either of two fields fulfils, or that an empty change is none.
    components["schemas"]["NewReport"]["anyOf"] = [{"required": [name]} for name in ("severity", "depth_cm")]
    components["schemas"]["EditReport"]["minProperties"] = 1
    components["responses"] = {kind.code: _response(kind) for kind in every_problem()}
    names = _view_names(app)
    for path, item in described["paths"].items():
        shared = item.get("parameters", [])
        for method, operation in item.items():
            if method != "parameters":
                operation["operationId"] = names[method, path]
                _complete(operation, shared)
    return described


def _reference(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _view_names(app: Flask) -> dict[tuple[str, str], str]:
    """What our functions are called, by method and path: names for those who make clients from the description."""
    return {
        (method.lower(), _PARAMETER.sub(r"{\1}", rule.rule)): rule.endpoint.rpartition(".")[2]
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }


def _response(kind: type[Problem]) -> dict[str, Any]:
    return {"description": kind.title, "content": {MEDIA_TYPE: {"schema": _reference("Problem")}}}


def _complete(operation: dict[str, Any], shared: list[dict[str, Any]]) -> None:
    """Name the problems that an operation can answer with."""
    parameters = [*shared, *operation.get("parameters", [])]
    possible = set(ANY_PATH)
    responses = operation["responses"]
    if "requestBody" in operation:
        possible |= WITH_BODY
    if "422" in responses:
        possible.add(422)
    for parameter in parameters:
        possible |= HEADER_PROBLEMS.get(parameter.get("name", ""), set())
    responses.pop("default", None)
    for kind in every_problem():
        if kind.status in possible:
            responses[str(kind.status)] = {"$ref": f"#/components/responses/{kind.code}"}
