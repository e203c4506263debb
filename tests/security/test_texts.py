"""Texts that people send: each is a Text, which refuses what reorders lines and leaves out what no reader sees."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from marshmallow import Schema, fields

from app.http.fields import Text, Word
from app.http.schemas import contract_of

# Types with narrower checks of their own.
NARROWER = {"InvitationToken", "KeyField", "Password", "TimeOfDay", "Username"}
# Compared with what is stored, and shown to no one.
COMPARED = {
    "DecisionSchema.into",
    "DecisionsSchema.decisions.into",
    "DecisionsSchema.decisions.report_id",
    "PhotoChangeSchema.seen",
    "PrivateFileQuery.token",
}


def strings_of(schema: type[Schema] | Schema, path: str, seen: set[str]) -> Iterator[tuple[str, fields.Field[Any]]]:
    known: Mapping[str, fields.Field[Any]] = (schema() if isinstance(schema, type) else schema).fields
    for name, field in known.items():
        yield from _strings(field, f"{path}.{name}", seen)


def _strings(field: fields.Field[Any], path: str, seen: set[str]) -> Iterator[tuple[str, fields.Field[Any]]]:
    if isinstance(field, fields.Nested):
        if path not in seen:
            seen.add(path)
            yield from strings_of(field.schema, path, seen)
    elif isinstance(field, fields.List):
        yield from _strings(field.inner, path, seen)
    elif isinstance(field, fields.Dict) and field.value_field:
        yield from _strings(field.value_field, path, seen)
    elif isinstance(field, fields.String):
        yield path, field


def test_every_text_of_every_request_is_one(app: Flask) -> None:
    schemas = {schema for view in app.view_functions.values() for _, schema in contract_of(view).arguments}
    found = {path: field for schema in schemas for path, field in strings_of(schema, schema.__name__, set())}
    assert len(found) > 40
    others = {path: type(field).__name__ for path, field in found.items() if not isinstance(field, Text | Word)}
    assert {path for path, kind in others.items() if kind not in NARROWER} == COMPARED, others
