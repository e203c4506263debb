"""Base class of all schemas, and the parser that turns a request into values or into a list of all mistakes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, wraps
from http import HTTPStatus
from typing import Any, NamedTuple, NoReturn

import flask
from flask import Request
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy

from app.core import missing
from app.core.errors import Invalid, Mistake, UnsupportedMedia, mistake_in_parameter
from app.http import strict_json

View = Callable[..., Any]
Decorator = Callable[[View], View]

JSON = "application/json"
UNKNOWN = "unknown|There is no such field here."
NOT_AN_OBJECT = "type|It must be a JSON object."
_OF_SCHEMA = "_schema"  # marshmallow's key for messages about a whole object


class StrictSchema(Schema):
    """Schema that refuses unknown names. Rules over several fields run even if one field is wrong."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN, "type": NOT_AN_OBJECT}  # noqa: RUF012 - marshmallow declares it so


class NoQuery(StrictSchema):
    """A query without parameters; any parameter is a mistake."""


class LinkSchema(StrictSchema):
    """One of a page's links (RFC 8288)."""

    rel = fields.String(required=True, metadata={"description": "What the link is, such as `next`.", "example": "self"})
    href = fields.String(
        required=True, metadata={"description": "The path that it leads to.", "example": "/v1/reports"}
    )


def missing_parts() -> fields.List[str]:
    """Return the field `missing` of lists."""
    about = (
        f"Parts that could not be read now: {', '.join(missing.PARTS)}, or a source whose last answer is too old. "
        "Their absence from the items says nothing; what stands in their place is as old as `as_of`."
    )
    return fields.List(fields.String(), required=True, metadata={"description": about, "example": []})


class OldAnswerSchema(StrictSchema):
    """The age and the gaps of an answer about one thing, if a part of it could not be read just now."""

    as_of = fields.DateTime(metadata={"description": "Only with `missing`: as of when the answer is true."})
    missing = fields.List(
        fields.String(), metadata={"description": "Only if some cannot be read now: parts that are old or absent."}
    )


class PageSchema(StrictSchema):
    """Page of a list: everything beside its items."""

    next_cursor = fields.String(
        required=True, allow_none=True, metadata={"description": "For the next page; null on the last one."}
    )
    missing = missing_parts()
    links = fields.List(
        fields.Nested(LinkSchema),
        required=True,
        metadata={"description": "This page, the next one if there is one, and where the changes go on."},
    )


class ListPageSchema(PageSchema):
    """Page of a list from which one may follow the changes."""

    as_of = fields.DateTime(
        required=True,
        metadata={"description": "All changes before this time are included; the link `next-delta` goes on from it."},
    )


class StrictParser(FlaskParser):
    """Parser that reads bodies with strict_json and refuses unknown or repeated parameters."""

    DEFAULT_UNKNOWN_BY_LOCATION = dict.fromkeys(
        ("json", "query", "headers", "form", "cookies", "files", "view_args", "path"), RAISE
    )

    def load_json(self, req: Request, schema: Schema) -> Any:
        coding = req.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in ("", "identity"):
            raise UnsupportedMedia("Send the body uncompressed, without Content-Encoding.")
        if req.mimetype != "application/json":
            raise UnsupportedMedia("Send the body as application/json.")
        return strict_json.parse(
            req.get_data(), most_names=getattr(schema, "most_names", strict_json.MOST_NAMES_IN_BODY)
        )

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        twice = [name for name, values in req.args.lists() if len(values) > 1]
        if twice:
            sentence = "It is given more than once in the query."
            raise Invalid(mistake_in_parameter(name, "repeated", sentence) for name in twice)
        return MultiDictProxy(req.args, schema)

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        messages = error.messages if isinstance(error.messages, dict) else {"json": error.messages}
        raise Invalid(mistakes_in(messages)) from error


PARSER = StrictParser()


def _made_once(schema: type[Schema]) -> Callable[[Request], Schema]:
    """Return what gives the parser one schema for all requests, made at the first: making one copies each field."""
    made = cache(schema)
    return lambda _: made()


def _refuse_query(view: View) -> View:
    """Refuse any query parameter. Nothing is parsed if there is no query, and the view gets no argument."""

    @wraps(view)
    def read(*args: Any, **named: Any) -> Any:
        if flask.request.query_string:
            PARSER.parse(NoQuery, location="query")
        return view(*args, **named)

    return read


class Blueprint(flask.Blueprint):
    """Flask's blueprint with decorators for a route's contract: the parts of the request, and the answers.

    Its routes stand in the description under `tag`, by default its name: the noun that they are about.

    Views build their Response themselves; `response` only describes it. The contract is kept on the view as `contract`
    and becomes the OpenAPI description at first use (app/http/description.py).
    """

    def __init__(self, name: str, import_name: str, *, description: str = "", tag: str = "") -> None:
        super().__init__(name, import_name)
        self.description, self.tag = description, tag or name

    @staticmethod
    def arguments(schema: type[Schema], *, location: str = "json", **rest: Any) -> Decorator:
        """Read a part of the request into the view's first argument, or its named ones with `as_kwargs`."""
        read: Decorator = (
            _refuse_query if schema is NoQuery else PARSER.use_args(_made_once(schema), location=location, **rest)
        )

        def describe(view: View) -> View:
            contract_of(view).arguments.append((location, schema))
            return read(view)

        return describe

    @staticmethod
    def response(
        status: int,
        schema: Any = None,
        *,
        content_type: str = JSON,
        description: str = "",
        headers: Iterable[str] = (),
    ) -> Decorator:
        """Describe an answer: its status, the schema of its body, its media type, a sentence, its own headers.

        `headers`: names of those that not every answer of its kind has (app/api/described_headers.py has them all).
        """

        def describe(view: View) -> View:
            answers = contract_of(view).answers.setdefault(status, [])
            answers.append(Answer(schema, content_type, description or HTTPStatus(status).phrase, tuple(headers)))
            return view

        return describe

    @staticmethod
    def path(**words: tuple[str, Any]) -> Decorator:
        """Describe parameters of the path by their names: a sentence and an example. Ids need none."""

        def describe(view: View) -> View:
            contract_of(view).path_words.update(words)
            return view

        return describe

    @staticmethod
    def doc(**members: Any) -> Decorator:
        """Add members to the OpenAPI description of a view."""

        def describe(view: View) -> View:
            contract_of(view).members.update(members)
            return view

        return describe


class Answer(NamedTuple):
    """One answer of a route: the schema of its body (None: no body), its media type, a sentence, its own headers."""

    schema: Any
    content_type: str
    description: str
    headers: tuple[str, ...] = ()


@dataclass
class Contract:
    """Contract from a route's decorators, the one nearest to the function first."""

    arguments: list[tuple[str, type[Schema]]] = field(default_factory=list)  # location, schema
    answers: dict[int, list[Answer]] = field(default_factory=dict)  # by status
    members: dict[str, Any] = field(default_factory=dict)  # of the OpenAPI operation
    path_words: dict[str, tuple[str, Any]] = field(default_factory=dict)  # a sentence and an example, by parameter


def contract_of(view: View) -> Contract:
    """Return the contract of a view, for reading or adding; all wrappers of a view share it."""
    contract: Contract = view.__dict__.setdefault("contract", Contract())
    return contract


def load(schema: Schema, values: Any, *, at: str = "") -> dict[str, Any]:
    """Validate what is no whole body of a request, such as a form or one of many items. Raises Invalid.

    `at`: the pointer of these values in what was sent.
    """
    try:
        loaded: dict[str, Any] = schema.load(values)
    except ValidationError as error:
        mistakes = mistakes_in({"json": error.messages})
        raise Invalid(one._replace(pointer=at + one.pointer) for one in mistakes) from error
    return loaded


def mistakes_in(messages: Mapping[Any, Any]) -> list[Mistake]:
    """Convert marshmallow's nested messages to mistakes: JSON pointers for bodies, names for parameters."""
    mistakes: list[Mistake] = []
    for location, inside in messages.items():
        mistakes.extend(_walk(inside, pointer="") if location == "json" else _in_parameters(inside))
    return mistakes


def _in_parameters(messages: Mapping[Any, Any]) -> Iterator[Mistake]:
    for name, inside in messages.items():
        for mistake in _walk(inside, pointer=""):
            yield mistake_in_parameter(str(name), mistake.code, mistake.detail)


def _walk(messages: Any, *, pointer: str) -> Iterator[Mistake]:
    if isinstance(messages, Mapping):
        rules = messages.get(_OF_SCHEMA, ())
        # Rules over several fields run for what is no object too, and miss its members.
        for name, inside in {_OF_SCHEMA: rules}.items() if NOT_AN_OBJECT in rules else messages.items():
            if name == _OF_SCHEMA:
                yield from _walk_rules(inside, pointer)
            else:
                yield from _walk(inside, pointer=_step(pointer, name))
        return
    for message in [messages] if isinstance(messages, str) else messages:
        code, bar, detail = message.partition("|")
        yield Mistake(pointer, code, detail) if bar else Mistake(pointer, "invalid", message)


def _walk_rules(messages: Any, pointer: str) -> Iterator[Mistake]:
    """Walk the messages of a whole object, to which marshmallow adds those of a field that is called like their key."""
    for message in [messages] if isinstance(messages, str) else messages:
        yield from _walk(message, pointer=_step(pointer, _OF_SCHEMA) if message == UNKNOWN else pointer)


def _step(pointer: str, name: Any) -> str:
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"
