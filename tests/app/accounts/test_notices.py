"""Messages to a person: a new sign-in, a changed password; once, and only at a confirmed address."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.mail.models import Delivery
from tests.app.pages.conftest import Visitor
from tests.factories import PASSWORD
from tests.mailing import ADDRESS, confirmed, newcomer
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture

SIGN_IN, PASSWORD_CHANGED = "[test] A new sign-in to your account", "[test] Your password was changed"


@pytest.fixture(autouse=True)
def _noon(noon: Any) -> None:
    """Limits are counted within one day."""


def sign_in(client: FlaskClient, name: str, network: str) -> Any:
    body = {"username": name, "password": PASSWORD}
    return client.post("/v1/tokens", json=body, environ_overrides={"REMOTE_ADDR": network})


def test_a_sign_in_from_a_new_network_is_told_once_a_month(client: FlaskClient, post: Post, noon: Any) -> None:
    anna = confirmed(client, post)
    for network in ("198.51.100.7", "198.51.100.200", "203.0.113.5"):
        sign_in(client, anna.name, network)
    post.work()
    told = post.subjects(ADDRESS)
    noon.shift(timedelta(days=32))
    sign_in(client, anna.name, "198.51.100.7")
    post.work()

    assert told == [SIGN_IN] * 2  # the first two are one network
    assert post.subjects(ADDRESS) == [SIGN_IN] * 3
    assert "198.51.100" not in post.text() + repr([row.serialize() for row in Delivery.scan()])
    assert "2026-12-" in post.text()


def test_a_browser_that_was_signed_in_on_before_is_not_told_of(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    visitor = Visitor(client)
    visitor.sign_in(anna.name)
    post.work()
    first = len(post.accepted)
    for number in range(3):
        client.environ_base["REMOTE_ADDR"] = f"203.0.{number}.9"
        visitor.sign_in(anna.name)
    post.work()

    assert (first, len(post.accepted)) == (1, 1)


def test_no_ledger_keeps_nobody_from_signing_in(
    client: FlaskClient, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = confirmed(client, post)

    def fail(self: Delivery) -> bool:
        raise EndpointConnectionError(endpoint_url="x")

    monkeypatch.setattr(Delivery, "put_once", fail)

    assert sign_in(client, anna.name, "198.51.100.7").status_code == 200


def test_a_changed_password_is_told(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    anna.change(password="another wet november night", current_password=PASSWORD)
    post.work()

    assert post.subjects() == [PASSWORD_CHANGED]
    assert "https://floods.example.org/forgotten-password" in post.text()


def test_an_address_that_was_not_confirmed_gets_nothing_else(client: FlaskClient, post: Post) -> None:
    anna = newcomer(client)
    anna.change(email=ADDRESS)
    anna.change(password="another wet november night", current_password=PASSWORD)
    post.work()

    assert post.subjects() == ["[test] Confirm your e-mail address"]


def test_messages_are_in_the_language_of_their_reader(client: FlaskClient, post: Post) -> None:
    anna = newcomer(client)
    anna.headers |= {"Accept-Language": "es"}
    anna.change(email=ADDRESS)
    post.work()
    asked = {"json": {"token": post.token()}, "headers": {"Accept-Language": "es"}}
    client.post("/v1/email-confirmations", **asked)
    anna.change(password="another wet november night", current_password=PASSWORD)
    post.work()

    assert '<html lang="es">' in post.html()
    assert not {"Confirm your e-mail address", "Your password was changed"} & {one[7:] for one in post.subjects()}
