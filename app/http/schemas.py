"""The base of all schemas, and the reader that turns a request into their values or into every mistake at once."""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NoReturn

import flask_smorest
from flask import Request
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy

from app.errors import Invalid, Mistake, UnsupportedMedia
from app.http import strict_json

View = Callable[..., Any]
Decorator = Callable[[View], View]

UNKNOWN = "unknown|There is no such field here."
NOT_AN_OBJECT = "type|It must be a JSON object."


class StrictSchema(Schema):
    """Unknown names are mistakes. Rules over several fields run even when one field is wrong already."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN, "type": NOT_AN_OBJECT}  # noqa: RUF012 - marshmallow declares it so


class NoQuery(StrictSchema):
    """No parameters; any is a mistake."""


class LinkSchema(StrictSchema):
    """One of a page's links (RFC 8288)."""

    rel = fields.String(required=True)
    href = fields.String(required=True)


class StrictParser(FlaskParser):
    """Reads bodies with our JSON reader and refuses unknown or repeated parameters."""

    DEFAULT_UNKNOWN_BY_LOCATION = dict.fromkeys(
        ("json", "query", "headers", "form", "cookies", "files", "view_args", "path"), RAISE
    )

    def load_json(self, req: Request, schema: Schema) -> Any:
        coding = req.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in ("", "identity"):
            raise UnsupportedMedia("Send the body plain: it is not taken packed, so leave out Content-Encoding.")
        if req.mimetype != "application/json":
            raise UnsupportedMedia("Send the body as application/json.")
        return strict_json.parse(req.get_data())

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        twice = [name for name, values in req.args.lists() if len(values) > 1]
        if twice:
            raise Invalid(Mistake(name, "repeated", "It stands more than once in the query.") for name in twice)
        return MultiDictProxy(req.args, schema)

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        messages = error.messages if isinstance(error.messages, dict) else {"json": error.messages}
        raise Invalid(mistakes_in(messages)) from error


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with our reader. Views make their Response themselves; `response` only describes it.

    What a route says of itself is noted in the library's form (`_apidoc`), schemas by their class. Its own decorators
    make each schema at once, copy all that was said with every further decorator, and wrap the view once more: a
    twentieth of a cold start, for a page that few open.
    """

    ARGUMENTS_PARSER = StrictParser()

    def arguments(self, schema: type[Schema], *, location: str = "json", **rest: Any) -> Decorator:
        """Read this part of the request into the view's first argument, or its named ones with `as_kwargs`."""
        read = self.ARGUMENTS_PARSER.use_args(schema, location=location, **rest)

        def describe(view: View) -> View:
            said = _said(view, "arguments")
            said.setdefault("parameters", []).append({"in": location, "required": True, "schema": schema})
            return read(view)

        return describe

    def response(self, status_code: int, schema: Any = None, **rest: Any) -> Decorator:
        """Describe an answer: its status, the schema of its body, its content_type and a description."""

        def describe(view: View) -> View:
            answer = {"content_type": None, "description": HTTPStatus(status_code).phrase, **rest}
            if schema is not None:
                answer["schema"] = schema
            _said(view, "response").setdefault("responses", {}).setdefault(status_code, []).append(answer)
            return view

        return describe

    alt_response = response

    @staticmethod
    def doc(**said: Any) -> Decorator:
        """Add to the description of a view, in OpenAPI's own words."""

        def describe(view: View) -> View:
            _said(view, "manual_doc").update(said)
            return view

        return describe


def _said(view: View, part: str) -> dict[str, Any]:
    """What a view says of itself, to be added to; all wrappers of a view share it."""
    said: dict[str, Any] = view.__dict__.setdefault("_apidoc", {}).setdefault(part, {})
    return said


def mistakes_in(messages: Mapping[Any, Any]) -> list[Mistake]:
    """Marshmallow's nested messages, by location, as mistakes: JSON pointers for bodies, names for parameters."""
    found: list[Mistake] = []
    for location, inside in messages.items():
        start = "" if location == "json" else None
        found.extend(_walk(inside, pointer=start))
    return found


def _walk(messages: Any, *, pointer: str | None) -> Iterator[Mistake]:
    if isinstance(messages, Mapping):
        for name, inside in messages.items():
            yield from _walk(inside, pointer=_step(pointer, name))
        return
    for message in [messages] if isinstance(messages, str) else messages:
        code, bar, detail = message.partition("|")
        yield Mistake(pointer or "", code, detail) if bar else Mistake(pointer or "", "invalid", message)


def _step(pointer: str | None, name: Any) -> str:
    if name == "_schema":
        return pointer or ""
    if pointer is None:
        return str(name)
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"
