"""Passwords are computed in the function made for them and in no other: a flood of them slows down no reader."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import argon2
import pytest
import yaml
from flask import Flask

from app.http.description import openapi_path
from app.review import inviting
from app.review.audit import BY_COMMAND
from tests.app.pages.conftest import OWN_FORM, Visitor
from tests.app.pages.conftest import signed_in as signed_in  # noqa: PLC0414 - a fixture
from tests.app.pages.conftest import visitor as visitor  # noqa: PLC0414 - a fixture
from tests.factories import PASSWORD, sign_in_as
from tests.route_list import ROUTES, example_of

ROOT = Path(__file__).parents[2]
SERVERLESS = yaml.safe_load((ROOT / "serverless.yml").read_text(encoding="utf-8"))
STAGE = yaml.safe_load((ROOT / "infra" / "api.yml").read_text(encoding="utf-8"))["extensions"]["HttpApiStage"]
ROUTED = {event["httpApi"] for event in SERVERLESS["functions"]["sign_in"]["events"]}
EXPORTS = {"GET /v1/me/export", "GET /me/export"}  # turned away first: tests/reliability/test_overload.py
FILING = {event["httpApi"] for event in SERVERLESS["functions"]["file_report"]["events"]}
# Routes that compute no password, but read the secret of a second factor, which no other function may.
OF_CODES = {"PUT /v1/me/totp", "POST /me/second-factor/confirm"}
# Routes that write messages to people, which no other web function may.
OF_MAIL = {
    "POST /v1/password-resets", "POST /v1/me/email/confirmation", "POST /v1/email-confirmations",
    "POST /v1/password-resets/use", "POST /forgotten-password", "POST /reset-password", "POST /confirm-email",
    "POST /me/email", "POST /me/email/confirmation", "POST /v1/subscriptions",
    "POST /alerts", "POST /alerts/confirm", "POST /alerts/manage",
}  # fmt: skip
WRITES = [route for route in ROUTES if not route.startswith("GET ")]
# Every name that any of our bodies and forms has for a name, a password, or what must stand beside them.
TYPED = {
    "username": "newcomer",
    "password": "another long wet november",
    "current_password": PASSWORD,
    "leaving_password": PASSWORD,
    "ending_password": PASSWORD,
    "ending_code": "123456",
    "code": "123456",
    "token": "of the invitation that the test makes",
    "title": "Water",
    "description": "Up to the kerb",
    "gps_latitude": 51.5,
    "gps_longitude": -0.12,
    "radius": 5,
    "severity": 3,
}


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were computed, by the library's own acts."""
    passwords: list[str] = []
    for act in ("hash", "verify"):
        original = getattr(argon2.PasswordHasher, act)

        def note(hasher: Any, *said: Any, _original: Any = original) -> Any:
            passwords.append(said[-1])
            return _original(hasher, *said)

        monkeypatch.setattr(argon2.PasswordHasher, act, note)
    return passwords


NAMES = ("username password", "current_password password", "password", "token password")
BODIES = (tuple(TYPED), *(names.split() for names in NAMES))


@pytest.mark.parametrize("route", WRITES)
def test_passwords_are_computed_only_where_they_are_routed_to(
    signed_in: Callable[..., Visitor], computed: list[str], route: str
) -> None:
    visitor, method, path = signed_in(), ROUTES[route].method, example_of(ROUTES[route].path)
    callers = [sign_in_as() for _ in BODIES]
    typed = TYPED | {"token": inviting.make("responder", [], "", by=BY_COMMAND).token}
    computed.clear()

    visitor.client.open(path, method=method, data={name: str(value) for name, value in typed.items()}, headers=OWN_FORM)
    for names, caller in zip(BODIES, callers, strict=True):
        visitor.client.open(path, method=method, json={name: typed[name] for name in names}, headers=caller)

    assert bool(computed) == (route in ROUTED - OF_CODES - OF_MAIL)


def test_the_stage_limits_each_of_these_routes(app: Flask) -> None:
    settings = STAGE["Properties"]["RouteSettings"]

    assert settings.keys() == ROUTED | FILING | EXPORTS
    assert {openapi_path(route) for route in ROUTES} >= ROUTED
