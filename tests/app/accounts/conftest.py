"""Fixtures shared by the tests of accounts: signing in over HTTP, and a change of keys."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.configured import settings_of
from tests.factories import PASSWORD, make_account


@pytest.fixture
def pair(client: FlaskClient) -> dict[str, Any]:
    """The tokens of a resident called Bob who has just signed in."""
    make_account(username="Bob")
    return sign_in(client)


def sign_in(client: FlaskClient, username: str = "bob", password: str = PASSWORD) -> Any:
    """The answer's members, whatever its status."""
    return client.post("/v1/tokens", json={"username": username, "password": password}).json


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def set_secrets() -> Iterator[Callable[..., None]]:
    """`set_secrets(secret, previous)` restarts the product's settings with these keys."""
    with ExitStack() as deployments:

        def set_both(secret: str, previous: str = "") -> None:
            chosen = {"FLOOD_SECRET": secret, "FLOOD_PREVIOUS_SECRET": previous}
            deployments.enter_context(settings_of(**chosen))

        yield set_both
