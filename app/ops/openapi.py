"""The API's description: what the routes say of themselves, and the answers that all of them may give."""

from typing import Any, cast

from flask import Flask

from app.errors import Problem, every_problem
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
HEADER_PROBLEMS = {"Idempotency-Key": {422, 428}, "If-Match": {409, 412, 428}}


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of an app."""
    described = cast(dict[str, Any], app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict())
    described["info"]["description"] = INFO
    components = described.setdefault("components", {})
    for unused in _LIBRARY_SCHEMAS:
        components["schemas"].pop(unused, None)
    components["schemas"]["Problem"] = _PROBLEM_SCHEMA
    components["responses"] = {kind.code: _response(kind) for kind in every_problem()}
    for path in described["paths"].values():
        shared = path.get("parameters", [])
        for method, operation in path.items():
            if method != "parameters":
                _complete(operation, shared)
    return described


def _response(kind: type[Problem]) -> dict[str, Any]:
    return {"description": kind.title, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _complete(operation: dict[str, Any], shared: list[dict[str, Any]]) -> None:
    """Name the problems that an operation can answer with."""
    parameters = [*shared, *operation.get("parameters", [])]
    possible = set(ANY_PATH)
    if "requestBody" in operation:
        possible |= WITH_BODY | {422}
    if any(parameter.get("in") == "query" for parameter in parameters):
        possible.add(422)
    for parameter in parameters:
        possible |= HEADER_PROBLEMS.get(parameter.get("name", ""), set())
    responses = operation["responses"]
    responses.pop("default", None)
    for kind in every_problem():
        if kind.status in possible:
            responses[str(kind.status)] = {"$ref": f"#/components/responses/{kind.code}"}
