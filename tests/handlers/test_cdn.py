"""Behind the CDN: whose address counts, and what passes the CDN by."""

from typing import Any

import pytest

from app.core import signing_keys
from app.core.config import read_settings
from handlers import api
from tests.handlers.probe import make_probe

LONG = "a-key-for-tests-that-is-long-enough-to-be-taken"
STORED = {"secret": LONG, "id-key": LONG, "origin-key": "the-origin-key"}
BY_CDN = {"x-origin-key": "the-origin-key", "x-viewer-address": "198.51.100.7"}


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment with a CDN in front."""
    deployed = {"AWS_PROFILE": "moto", "RESOURCE_PREFIX": "floodmanager-test", "FLOOD_CDN_ONLY": "true"}
    monkeypatch.setattr(signing_keys, "settings", lambda: read_settings({"AWS_PROFILE": "moto"}))
    monkeypatch.setattr(api, "settings", lambda: read_settings(deployed))
    signing_keys.set_store_reader(lambda: STORED)


def asked(headers: dict[str, str]) -> dict[str, Any]:
    http = {"method": "GET", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}
    return {"version": "2.0", "rawPath": "/", "headers": headers, "requestContext": {"http": http}}


def environ_of(headers: dict[str, str]) -> dict[str, Any]:
    environ, _ = api.gateway.read(asked(headers), None)
    api._note_cdn(environ)
    return environ


@pytest.mark.parametrize("viewer", ["198.51.100.7", "2001:db8::7"])
def test_viewer_is_the_caller_when_the_cdn_says_so(behind: None, viewer: str) -> None:
    assert environ_of(BY_CDN | {"x-viewer-address": viewer})["REMOTE_ADDR"] == viewer


@pytest.mark.parametrize("key", ["", "another-key", "the-origin-ke", "\xe9"])
def test_nobody_else_may_say_who_the_caller_is(behind: None, key: str) -> None:
    environ = environ_of(BY_CDN | {"x-origin-key": key})

    assert environ["REMOTE_ADDR"] == "192.0.2.1"
    assert environ[api.REFUSED].status == 403


def test_key_of_the_cdn_reaches_no_code_behind(behind: None) -> None:
    assert not {"HTTP_X_ORIGIN_KEY", "HTTP_X_VIEWER_ADDRESS"} & environ_of(BY_CDN).keys()


def test_without_a_cdn_its_headers_are_nothing(tables: None) -> None:
    environ = environ_of({"x-viewer-address": "198.51.100.7"})

    assert environ["REMOTE_ADDR"] == "192.0.2.1"
    assert api.REFUSED not in environ


def test_request_that_passes_the_cdn_by_is_told_so(behind: None) -> None:
    from app.factory import create_app

    app = create_app(TESTING=True)
    signing_keys.set_store_reader(lambda: STORED)
    reply = api.serve(app, asked({}), None)

    assert reply["statusCode"] == 403
    assert "public address" in reply["body"]


def test_answer_is_503_while_the_keys_cannot_be_read(behind: None) -> None:
    signing_keys.set_store_reader(dict)

    assert environ_of(BY_CDN)[api.REFUSED].status == 503


def test_probe_is_reached_through_the_cdn(behind: None) -> None:
    assert api.serve(make_probe(), asked(BY_CDN), None)["statusCode"] == 200
