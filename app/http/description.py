"""Build the OpenAPI description of all routes with apispec from their contracts, at first use."""

import re
from inspect import cleandoc
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule

from app.http.schemas import JSON, Answer, Blueprint, Contract, View, contract_of

TITLE, OPENAPI_VERSION = "FloodManager", "3.1.0"
_KEPT = "floodmanager.description"
# Keys of the app's configuration: the API's version, further schemas by name, security schemes.
VERSION, ALSO_DESCRIBED, SECURITY_SCHEMES = "API_VERSION", "API_ALSO_DESCRIBED", "API_SECURITY_SCHEMES"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_ID = "_id"  # what parameters of paths end in
AN_ID = "01kb9v3q8d5w7x2ya4zc6e0fgh"


class _Plugin(MarshmallowPlugin):
    """Plugin for marshmallow that also describes a schema by its docstring and its whole example (`example`)."""

    def schema_helper(  # type: ignore[override]  # the plugin itself takes the schema by its name
        self, name: Any, definition: Any, schema: Any = None, **rest: Any
    ) -> Any:
        described = super().schema_helper(name, definition, schema=schema, **rest)  # type: ignore[no-untyped-call]
        if described is not None:
            kind: Any = resolve_schema_cls(schema)
            described |= {"description": cleandoc(kind.__doc__ or "")}
            described |= {"example": kind.example} if hasattr(kind, "example") else {}
        return described


def openapi_path(rule: str) -> str:
    """Convert a Flask rule to OpenAPI's notation: `/v1/reports/{report_id}`."""
    return _PARAMETER.sub(r"{\1}", rule)


def description(app: Flask) -> APISpec:
    """Return the description of all rooms of an app."""
    if _KEPT not in app.extensions:
        app.extensions[_KEPT] = _describe(app)
    spec: APISpec = app.extensions[_KEPT]
    return spec


def _describe(app: Flask) -> APISpec:
    spec = APISpec(TITLE, app.config.get(VERSION, ""), OPENAPI_VERSION, plugins=[_Plugin()])
    for name, scheme in app.config.get(SECURITY_SCHEMES, {}).items():
        spec.components.security_scheme(name, scheme)
    for name, schema in app.config.get(ALSO_DESCRIBED, {}).items():
        spec.components.schema(name, schema=schema)
    rooms = {name: room for name, room in app.blueprints.items() if isinstance(room, Blueprint)}
    for rule in app.url_map.iter_rules():
        room = rooms.get(rule.endpoint.rpartition(".")[0])
        if room:
            view = app.view_functions[rule.endpoint]
            operations = _operations(view, rule, tag=room.tag)
            spec.path(openapi_path(rule.rule), operations=operations, parameters=_path_parameters(rule, view))
    nouns: dict[str, str] = {}
    for room in rooms.values():
        nouns.setdefault(room.tag, room.description)
    for noun, sentence in nouns.items():
        spec.tag({"name": noun, "description": sentence})
    return spec


def _operations(view: View, rule: Rule, *, tag: str) -> dict[str, Any]:
    methods = [method for method in _METHODS if method in (rule.methods or ())]
    return {method.lower(): _operation(contract_of(view), view.__doc__ or "", tag=tag) for method in methods}


def _operation(contract: Contract, docstring: str, *, tag: str) -> dict[str, Any]:
    summary, _, more = cleandoc(docstring).partition("\n\n")
    operation: dict[str, Any] = {"summary": summary, "description": more, "tags": [tag], **contract.members}
    parameters = [{"in": location, "schema": schema} for location, schema in contract.arguments if location != "json"]
    operation["parameters"] = parameters + contract.members.get("parameters", [])
    for location, schema in contract.arguments:
        if location == "json":
            operation["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    operation["responses"] = {str(status): _response(answers) for status, answers in contract.answers.items()}
    return {name: value for name, value in operation.items() if value or name == "responses"}


def _response(answers: list[Answer]) -> dict[str, Any]:
    """Describe one response, with all its media types."""
    content = {answer.content_type: {"schema": answer.schema} for answer in answers if answer.schema is not None}
    response: dict[str, Any] = {"description": answers[-1].description}
    if named := [name for answer in answers for name in answer.headers]:
        response["headers"] = {name: {} for name in named}
    return response | ({"content": content} if content else {})


def _path_parameters(rule: Rule, view: View) -> list[dict[str, Any]]:
    kinds = rule._converters  # noqa: SLF001 - Werkzeug has no public access to a rule's converters
    words = contract_of(view).path_words
    return [
        _path_parameter(name, words.get(name, ("", None)), is_whole=isinstance(kind, IntegerConverter))
        for name, kind in kinds.items()
    ]


def _path_parameter(name: str, words: tuple[str, Any], *, is_whole: bool) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer", "minimum": 0} if is_whole else {"type": "string", "minLength": 1}
    sentence, example = words
    if not sentence and name.endswith(_ID):
        sentence, example = f"The `id` of the {name.removesuffix(_ID).replace('_', ' ')}.", AN_ID
    return {
        "in": "path",
        "name": name,
        "required": True,
        "description": sentence,
        "schema": schema | ({} if example is None else {"example": example}),
    }
