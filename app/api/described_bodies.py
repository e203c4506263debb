"""Finish the bodies and parameters of the description: requests closed, answers open, and an example for each."""

from typing import Any

from app.http.examples import Unknown, example_of

_OPEN = "additionalProperties"


def open_answers(described: dict[str, Any]) -> None:
    """Let answers have members that this description does not know: new ones come. Requests stay closed.

    A schema stands either in requests or in answers; one in both would have to be both.
    """
    schemas, of_requests = described["components"]["schemas"], schemas_of_requests(described)
    described["components"]["schemas"] = {
        name: schema if name in of_requests else _opened(schema) for name, schema in schemas.items()
    }


def schemas_of_requests(described: dict[str, Any]) -> set[str]:
    """Return the names of all schemas that bodies of requests are made of."""
    return _reached([operation.get("requestBody", {}) for operation in operations(described)], described)


def schemas_of_answers(described: dict[str, Any]) -> set[str]:
    """Return the names of all schemas that answers are made of."""
    return _reached([operation["responses"] for operation in operations(described)], described)


def operations(described: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all operations of a description."""
    return [
        operation
        for item in described["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]


def _reached(parts: Any, described: dict[str, Any]) -> set[str]:
    names: set[str] = set()
    pending = [parts]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            pending.extend(part.values())
            kind, _, name = str(part.get("$ref", "")).removeprefix("#/components/").partition("/")
            if kind == "schemas" and name not in names:
                names.add(name)
                pending.append(described["components"]["schemas"][name])
        elif isinstance(part, list):
            pending.extend(part)
    return names


def _opened(schema: Any) -> Any:
    """Return a schema without its closed ends. The one given stays: fields of requests may share parts of it."""
    if isinstance(schema, dict):
        return {name: _opened(part) for name, part in schema.items() if name != _OPEN or part is not False}
    return [_opened(part) for part in schema] if isinstance(schema, list) else schema


def add_examples(described: dict[str, Any]) -> None:
    """Give an example to each parameter, body and answer. One of which none can be made has none; a test names it."""
    schemas = described["components"]["schemas"]
    for item in described["paths"].values():
        for method, operation in item.items():
            if method == "parameters":
                item[method] = [_with_example(parameter, schemas) for parameter in operation]
                continue
            if "parameters" in operation:
                operation["parameters"] = [_with_example(one, schemas) for one in operation["parameters"]]
            for body in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media_type, content in body.get("content", {}).items():
                    body["content"][media_type] = _with_example(content, schemas)


def _with_example(part: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter or a body with the example of its schema, told once. The one given stays."""
    try:
        example = example_of(part["schema"], schemas)
    except Unknown:
        return part
    return part | {
        "schema": {name: value for name, value in part["schema"].items() if name != "example"},
        "example": example,
    }
