"""Build the OpenAPI description of all routes with apispec from their contracts, at first use."""

import re
from inspect import cleandoc
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule

from app.http.schemas import JSON, Answer, Blueprint, Contract, View, contract_of

TITLE, OPENAPI_VERSION = "FloodManager", "3.1.0"
_KEPT = "floodmanager.description"
# Keys of the app's configuration: the API's version, further schemas by name, security schemes.
VERSION, ALSO_DESCRIBED, SECURITY_SCHEMES = "API_VERSION", "API_ALSO_DESCRIBED", "API_SECURITY_SCHEMES"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


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
    spec = APISpec(TITLE, app.config.get(VERSION, ""), OPENAPI_VERSION, plugins=[MarshmallowPlugin()])
    for name, scheme in app.config.get(SECURITY_SCHEMES, {}).items():
        spec.components.security_scheme(name, scheme)
    for name, schema in app.config.get(ALSO_DESCRIBED, {}).items():
        spec.components.schema(name, schema=schema)
    rooms = {name: room for name, room in app.blueprints.items() if isinstance(room, Blueprint)}
    for rule in app.url_map.iter_rules():
        name = rule.endpoint.rpartition(".")[0]
        if name in rooms:
            operations = _operations(app.view_functions[rule.endpoint], rule, tag=name)
            spec.path(openapi_path(rule.rule), operations=operations, parameters=_path_parameters(rule))
    for name, room in rooms.items():
        spec.tag({"name": name, "description": room.description})
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
    return response | ({"content": content} if content else {})


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    kinds = rule._converters  # noqa: SLF001 - Werkzeug has no public access to a rule's converters
    return [_path_parameter(name, is_whole=isinstance(kind, IntegerConverter)) for name, kind in kinds.items()]


def _path_parameter(name: str, *, is_whole: bool) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer", "minimum": 0} if is_whole else {"type": "string", "minLength": 1}
    return {"in": "path", "name": name, "required": True, "schema": schema}
