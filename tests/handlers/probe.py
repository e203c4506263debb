"""Shared by the handler's tests: events, a probe application that returns what it received, and the library alone."""

import importlib.util
import json
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import serverless_wsgi
from flask import Flask, Response, request

from app.http import headers, problems
from handlers import api

EVENTS = Path(__file__).parents[1] / "events"
CONTEXT = SimpleNamespace(aws_request_id="8a7b6c5d-4e3f-4a2b-9c1d-0e9f8a7b6c5d", function_name="floodmanager-test-api")
Event = dict[str, Any]
Ask = Callable[[Any], dict[str, Any]]
Test = Callable[[Ask], None]


class Gaps(list[Test]):
    """Decorates the tests that fail on the library alone, and gathers them."""

    def __call__(self, test: Test) -> Test:
        self.append(test)
        return test


def fails_alone(test: Test) -> None:
    """The test fails where serverless-wsgi serves the probe by itself."""
    with pytest.raises((AssertionError, AttributeError, LookupError, TypeError, ValueError)):
        test(ask_library(make_probe()))


@cache
def _text(name: str) -> str:
    return (EVENTS / f"{name}.json").read_text()


def load(name: str) -> Event:
    """An event as AWS sends it."""
    return json.loads(_text(name))


def http_api(path: str = "/echo/here", *, name: str = "http_api", method: str = "GET", **members: Any) -> Event:
    """A payload 2.0 event. `headers` are added to the usual ones; other members replace theirs."""
    event = load(name)
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    event["requestContext"] |= members.pop("request_context", {})
    event["headers"] |= members.pop("headers", {})
    return event | members


def rest_api(path: str = "/echo/here", *, name: str = "rest_api", method: str = "GET", **members: Any) -> Event:
    """A payload 1.0 event. `headers` (lists of values) join or replace the usual ones; other members replace theirs."""
    event = load(name)
    event |= {"path": path, "httpMethod": method}
    event["requestContext"] |= {"path": f"/prod{path}", "httpMethod": method} | members.pop("request_context", {})
    for header, values in members.pop("headers", {}).items():
        for sent, value in ((event["multiValueHeaders"], values), (event["headers"], values[-1])):
            sent.pop(header.title(), None)
            sent[header] = value
    return event | members


def library_alone() -> ModuleType:
    """serverless-wsgi as it is installed, without what our handler adds to it."""
    spec = importlib.util.spec_from_file_location("serverless_wsgi_alone", serverless_wsgi.__file__)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_ALONE = library_alone()


def ask_ours(app: Flask) -> Ask:
    return lambda event: api.serve(app, deepcopy(event), CONTEXT)


def ask_library(app: Flask) -> Ask:
    return lambda event: _ALONE.handle_request(app, deepcopy(event), CONTEXT)


def seen(reply: dict[str, Any]) -> Any:
    """Return what the probe received."""
    assert reply["statusCode"] == 200, reply
    return json.loads(reply["body"])


def refused(reply: dict[str, Any], *, status: int = 400) -> dict[str, Any]:
    """The problem document of a reply that is one."""
    assert reply["statusCode"] == status, reply
    assert reply["headers"]["Content-Type"] == "application/problem+json"
    assert reply["isBase64Encoded"] is False
    problem = json.loads(reply["body"])
    assert problem.keys() == {"type", "title", "status", "detail", "instance", "request_id"}
    assert problem["status"] == status and problem["request_id"]
    return problem


def make_probe() -> Flask:
    """An app with our edge (headers, problems) and routes that tell what reached them."""
    app = Flask("probe")
    headers.register(app)
    problems.register(app)
    app.config["MAX_CONTENT_LENGTH"] = None
    app.closed = []  # type: ignore[attr-defined]
    app.add_url_rule("/", view_func=_echo, endpoint="root")
    app.add_url_rule("/echo/<path:rest>", view_func=_echo, methods=["GET", "POST", "PUT"])
    app.add_url_rule("/cookies", view_func=_cookies)
    app.add_url_rule("/media", view_func=_media, methods=["GET", "POST"])
    app.add_url_rule("/empty/<int:status>", view_func=_empty)
    app.add_url_rule("/size/<int:size>", view_func=_size)
    app.add_url_rule("/stream", view_func=lambda: _stream(app))
    return app


def _echo(rest: str = "") -> dict[str, Any]:
    wanted = ("REMOTE_USER", "SERVER_NAME", headers.GATEWAY_REQUEST_ID, "serverless.authorizer")
    return {
        "path": request.path,
        "rest": rest,
        "script_root": request.script_root,
        "url": request.url,
        "scheme": request.scheme,
        "query": request.args.to_dict(flat=False),
        "headers": dict(request.headers),
        "cookies": request.cookies,
        "body": request.get_data().decode("latin-1"),
        "content_length": request.content_length,
        "content_type": request.content_type,
        "remote_addr": request.remote_addr,
        "environ": {name: request.environ.get(name) for name in wanted},
    }


def _cookies() -> Response:
    response = Response("three")
    for name in ("first", "second", "third"):
        response.set_cookie(name, f"{name} value", httponly=True)
    response.headers.add("Link", '</a>; rel="next"')
    response.headers.add("Link", '</b>; rel="last"')
    return response


def _media() -> Response:
    response = Response(request.get_data() or b"plain", content_type=request.args["type"])
    if encoding := request.args.get("encoding"):
        response.headers["Content-Encoding"] = encoding
    return response


def _empty(status: int) -> Response:
    return Response(status=status)


def _size(size: int) -> Response:
    return Response(b"x" * size, mimetype=request.args.get("type", "text/plain"))


def _stream(app: Flask) -> Response:
    response = Response(iter(["one", "two"]), mimetype="text/plain")
    response.call_on_close(lambda: app.closed.append(True))  # type: ignore[attr-defined]
    return response
