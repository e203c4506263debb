"""Events that the web function must never run; odd events end in a well-formed reply or a loud refusal."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import serverless_wsgi
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import telemetry
from handlers import api, gateway
from tests.handlers.probe import CONTEXT, ask_library, ask_ours, http_api, load, make_probe, rest_api, seen

OTHERS = ["queue", "stream", "schedule", "load_balancer", "rest_authorizer", "web_socket"]


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def errors() -> Iterator[list[logging.LogRecord]]:
    """Error lines that the product logs meanwhile."""
    lines = _Lines()
    lines.setLevel(logging.ERROR)
    telemetry.logger().addHandler(lines)
    yield lines.records
    telemetry.logger().removeHandler(lines)


@pytest.mark.parametrize("name", OTHERS)
def test_event_of_another_sender_is_refused_loudly(name: str, errors: list[logging.LogRecord]) -> None:
    with pytest.raises(gateway.NotARequest, match="One function serves one kind of event"):
        ask_ours(make_probe())(load(name))

    assert [record.getMessage() for record in errors] == ["refused an event that is no HTTP request"]


@pytest.mark.parametrize(
    "member", ["_serverless-wsgi", "Records", "source", "detail-type", "type", "methodArn", "routeArn"]
)
def test_one_foreign_member_is_enough_to_refuse(member: str) -> None:
    for event in (http_api(), rest_api()):
        with pytest.raises(gateway.NotARequest):
            ask_ours(make_probe())(event | {member: "x"})


def test_library_alone_swallows_a_schedule_and_runs_an_authorizers_event() -> None:
    ask = ask_library(make_probe())

    assert ask(load("schedule")) == {}
    assert ask(load("rest_authorizer"))["statusCode"] == 200
    with pytest.raises(KeyError):
        ask(load("queue"))


@pytest.mark.parametrize("event", [None, [], [{}], {}, "", "GET /", 0, b"", {"httpMethod": "GET", "path": "/"}])
def test_what_is_no_event_is_refused(event: Any) -> None:
    with pytest.raises(gateway.NotARequest):
        ask_ours(make_probe())(event)


@pytest.mark.parametrize("command", ["exec", "command", "manage", "flask"])
def test_commands_in_an_event_are_never_run(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    order = {"command": command, "data": "print('owned')" if command == "exec" else "echo owned"}

    for event in ({"_serverless-wsgi": order}, http_api() | {"_serverless-wsgi": order}):
        with pytest.raises(gateway.NotARequest):
            api.handler(event, CONTEXT)

    assert "owned" not in capfd.readouterr().out


def test_refusal_tells_members_but_no_values(errors: list[logging.LogRecord]) -> None:
    with pytest.raises(gateway.NotARequest) as refusal:
        ask_ours(make_probe())({"Records": ["a secret"], "x" * 400: "a secret"})

    said = f"{refusal.value} {vars(errors[0])}"
    assert "Records" in said and "a secret" not in said and "x" * 41 not in said


@pytest.mark.parametrize(
    "broken",
    [
        {"headers": ["accept"]},
        {"headers": {"accept": 1}},
        {"headers": {"accept": {"a": 1}}},
        {"cookies": [1]},
        {"body": {"a": 1}},
        {"rawQueryString": 5},
        {"rawPath": None},
        {"version": "3.0"},
        {"requestContext": None},
        {"requestContext": {"http": "GET"}},
        {"requestContext": {"http": {"method": ""}}},
    ],
)
def test_member_of_a_type_that_no_gateway_sends_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(gateway.NotARequest):
        ask_ours(make_probe())(http_api() | broken)


def test_version_of_the_future_is_refused() -> None:
    with pytest.raises(gateway.NotARequest):
        ask_ours(make_probe())(rest_api(version="3.0"))


def test_function_url_is_served() -> None:
    assert seen(ask_ours(make_probe())(load("function_url")))["path"] == "/echo/here"


def test_reply_too_large_is_logged_once(errors: list[logging.LogRecord]) -> None:
    ask_ours(make_probe())(http_api("/size/7000000"))

    assert [record.getMessage() for record in errors] == ["reply larger than Lambda takes"]
    assert vars(errors[0])["body_characters"] == 7_000_000


def test_app_that_cannot_be_made_fails_the_import() -> None:
    environment = os.environ | {"AWS_LAMBDA_FUNCTION_NAME": "floodmanager-test-api", "FLOOD_SECRET": "short"}

    run = subprocess.run(
        [sys.executable, "-c", "import handlers.api"], env=environment, check=False, capture_output=True, text=True
    )

    assert run.returncode == 1
    assert "FLOOD_SECRET must hold at least" in run.stderr


def test_text_types_are_declared_to_the_library_once() -> None:
    declared = serverless_wsgi.TEXT_MIME_TYPES

    assert set(api.TEXT_TYPES) <= set(declared)
    assert len(declared) == len(set(declared))


def _bent(event: dict[str, Any], members: dict[str, Any], requested: dict[str, Any], line: dict[str, Any]) -> Any:
    event["requestContext"] |= {"http": event["requestContext"].get("http", {}) | line} | requested
    return event | members


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)
ODD_TEXT = (
    st.sampled_from(["", "/", "//x", "%2F%252F", "a\r\nb", "\ud800", "é", "x" * 3000, "YQ==", "http"]) | st.text()
)
MEMBERS = st.sampled_from(sorted({*http_api(cookies=[]), *rest_api(), "source", "Records", "_serverless-wsgi"}))
REQUESTED = st.sampled_from(["http", "identity", "stage", "path", "domainName", "requestId", "authorizer", "elb"])
LINE = st.sampled_from(["method", "path", "sourceIp"])
ODD = ANYTHING | ODD_TEXT | st.dictionaries(ODD_TEXT, ODD_TEXT | st.lists(ODD_TEXT, max_size=3), max_size=4)
EVENTS = st.one_of(
    ANYTHING,
    st.builds(
        _bent,
        st.sampled_from([http_api, rest_api]).map(lambda make: make()),
        st.dictionaries(MEMBERS, ODD, max_size=3),
        st.dictionaries(REQUESTED, ODD, max_size=1),
        st.dictionaries(LINE, ODD, max_size=1),
    ),
)


PROBE = make_probe()


@given(event=EVENTS)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_odd_events_end_in_a_reply_or_a_refusal(event: Any) -> None:
    try:
        reply = ask_ours(PROBE)(event)
    except gateway.NotARequest:
        return

    assert type(reply["statusCode"]) is int and 200 <= reply["statusCode"] < 500
    assert all(type(name) is str and type(value) is str for name, value in reply["headers"].items())
    assert type(reply["body"]) is str and type(reply["isBase64Encoded"]) is bool
    assert reply.keys() <= {"statusCode", "headers", "body", "isBase64Encoded", "cookies", "multiValueHeaders"}
    json.dumps(reply, allow_nan=False)
