"""A device with an earlier sign-in has attempts of its own, which strangers' guesses never use up."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import sessions, tokens
from app.core.retention import DEVICE
from tests.app.pages.conftest import Visitor
from tests.app.pages.conftest import signed_in as signed_in  # noqa: PLC0414 - a fixture
from tests.app.pages.conftest import visitor as visitor  # noqa: PLC0414 - a fixture
from tests.factories import PASSWORD, make_account
from tests.reporting import bearer

WRONG = "a dry and sunny morning"


def guess_at(app: Flask, username: str, times: int) -> list[int]:
    """Guess a password from the same network, without any cookie."""
    stranger = app.test_client()
    said = {"username": username, "password": WRONG}
    return [stranger.post("/v1/tokens", json=said).status_code for _ in range(times)]


def device_of(visitor: Visitor) -> str:
    kept = visitor.client.get_cookie(sessions.device_cookie())
    assert kept is not None
    return kept.value


def test_owner_signs_in_where_they_did_before_though_a_neighbour_guesses(
    app: Flask, noon: Any, visitor: Visitor
) -> None:
    account = make_account()
    visitor.sign_in(account.username)
    visitor.post("/me/sign-out")

    assert guess_at(app, account.username, 12) == [401] * 10 + [429] * 2

    assert visitor.sign_in(account.username).status_code == 303
    assert Visitor(app.test_client()).sign_in(account.username).status_code == 429


def test_device_is_no_way_round_the_limit(noon: Any, visitor: Visitor) -> None:
    account = make_account()
    visitor.sign_in(account.username)
    visitor.post("/me/sign-out")

    statuses = [visitor.sign_in(account.username, WRONG).status_code for _ in range(11)]

    assert statuses == [401] * 10 + [429]
    assert visitor.sign_in(account.username).status_code == 429


def test_device_of_one_is_a_strangers_to_another(noon: Any, app: Flask, visitor: Visitor) -> None:
    own, other = make_account(), make_account()
    visitor.sign_in(own.username)
    guess_at(app, other.username, 10)

    assert visitor.sign_in(other.username).status_code == 429


def test_device_lets_nobody_in(visitor: Visitor, client: FlaskClient) -> None:
    visitor.sign_in(make_account().username)
    device = device_of(visitor)
    visitor.post("/me/sign-out")

    visitor.cookie = device

    assert not visitor.is_known
    assert client.get("/v1/me", headers=bearer(device)).status_code == 401
    assert client.post("/v1/tokens/refresh", json={"refresh_token": device}).status_code == 401


@pytest.mark.parametrize("bent", ["", "x", "x.y.z", "a" * 2000])
def test_bent_mark_is_a_strangers(noon: Any, visitor: Visitor, bent: str) -> None:
    account = make_account()
    visitor.client.set_cookie(sessions.device_cookie(), bent)

    assert visitor.sign_in(account.username).status_code == 303


def test_mark_is_read_by_no_script_and_forgotten_after_half_a_year(app: Flask, noon: Any, visitor: Visitor) -> None:
    account = make_account()
    answer = visitor.sign_in(account.username)
    (said,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("__Host-device=")]
    device = device_of(visitor)
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", f"Max-Age={DEVICE.seconds}"} <= set(said.split("; "))

    noon.shift(DEVICE.seconds + 60)
    guess_at(app, account.username, 10)
    late = Visitor(app.test_client())
    late.client.set_cookie(sessions.device_cookie(), device)

    assert late.sign_in(account.username).status_code == 429


def test_sign_in_by_the_api_sets_no_cookie(client: FlaskClient) -> None:
    account = make_account()

    answer = client.post("/v1/tokens", json={"username": account.username, "password": PASSWORD})

    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (200, [])
    assert tokens.Use.DEVICE in tokens.LIFE_S
