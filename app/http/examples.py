"""Make examples of a description's schemas, each from the examples, words and bounds of its fields."""

from typing import Any

Schema = dict[str, Any]
_OF_FORMAT = {
    "date-time": "2026-01-05T10:15:00Z",
    "date": "2026-01-05",
    "email": "name@example.org",
    "password": "a wet november evening",
    "uri": "https://flood.example.org/",
    "uri-reference": "/docs",
}
_OF_TYPE: dict[str, Any] = {"boolean": False, "null": None}
_NOTHING = object()


class Unknown(ValueError):
    """A text of which no example can be made: its field needs one in its metadata."""


def example_of(schema: Schema, components: dict[str, Schema], at: str = "") -> Any:
    """Return an example of a schema. Raises Unknown with the place (`at`) of a text without one.

    Of an object: its required members, and those others that have an example of their own.
    """
    if "$ref" in schema and "example" not in schema:
        name = schema["$ref"].rpartition("/")[2]
        return example_of(components[name], components, name)
    said = _said(schema)
    return _made(schema, components, at) if said is _NOTHING else said


def _said(schema: Schema) -> Any:
    """Return the example that a schema names, or the one that its words or its form leave."""
    if "example" in schema:
        return schema["example"]
    if "default" in schema:
        return schema["default"]
    words = [word for word in schema.get("enum", ()) if word is not None]
    return words[0] if words else _OF_FORMAT.get(schema.get("format", ""), _NOTHING)


def _made(schema: Schema, components: dict[str, Schema], at: str) -> Any:
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return example_of(schema[several][0], components, at)
    kinds = schema.get("type", "object")
    kind, can_be_null = (kinds, False) if isinstance(kinds, str) else (kinds[0], "null" in kinds)
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind in _OF_TYPE:
        return _OF_TYPE[kind]
    if kind == "object":
        return _of_object(schema, components, at)
    if kind == "array":
        return [example_of(schema["items"], components, f"{at}[]")] * schema.get("minItems", 1)
    if can_be_null:
        return None
    raise Unknown(at)


def _of_object(schema: Schema, components: dict[str, Schema], at: str) -> Any:
    required = schema.get("required", ())
    return {
        name: example_of(field, components, f"{at}.{name}")
        for name, field in schema.get("properties", {}).items()
        if name in required or "example" in field
    }
