"""Fixtures shared by the tests of pages: a person with a browser."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import sessions
from app.accounts.models import Account
from tests.factories import PASSWORD, make_account

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
OWN_FORM = {"Accept": HTML, "Sec-Fetch-Site": "same-origin"}


class Visitor:
    """A browser: sends a browser's headers, and keeps cookies."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.account: Account | None = None

    def get(self, path: str, **rest: Any) -> TestResponse:
        return self.client.get(path, headers={"Accept": HTML} | rest.pop("headers", {}), **rest)

    def post(self, path: str, **fields: str) -> TestResponse:
        """Send a form from one of our own pages."""
        return self.client.post(path, data=fields, headers=OWN_FORM)

    def sign_in(self, username: str, password: str = PASSWORD, **rest: str) -> TestResponse:
        return self.post("/sign-in", username=username, password=password, **rest)

    @property
    def cookie(self) -> str:
        """Return the content of the session's cookie; empty without one."""
        kept = self.client.get_cookie(sessions.cookie_name())
        return kept.value if kept else ""

    @cookie.setter
    def cookie(self, value: str) -> None:
        self.client.set_cookie(sessions.cookie_name(), value)

    @property
    def is_known(self) -> bool:
        """Return whether the service recognises the person."""
        answer = self.get("/me")
        assert answer.status_code in (200, 303), answer.text
        return answer.status_code == 200


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client)


@pytest.fixture
def signed_in(visitor: Visitor) -> Callable[..., Visitor]:
    """`signed_in("responder")` is a person of that role, signed in on the page."""

    def come(role: str = "resident") -> Visitor:
        visitor.account = make_account(role)
        assert visitor.sign_in(visitor.account.username).status_code == 303
        return visitor

    return come
