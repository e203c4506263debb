"""Squares and the row of a subscription change together, in a database that knows transactions."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alerts import stopping, subscribing, tokens
from app.alerts.subscription_models import Subscription
from app.alerts.tokens import Right
from app.core.errors import Conflict
from app.mail.models import Delivery
from tests.configured import settings_of
from tests.subscribed import ask, now, on_a_page, squares

SETTINGS = {
    "FLOOD_MAIL": "ses",
    "FLOOD_MAIL_FROM": "alerts@floods.example.org",
    "FLOOD_MAIL_TO": "example.net",
    "FLOOD_PUBLIC_BASE_URL": "https://floods.example.org",
}


@pytest.fixture(autouse=True)
def _with_mail(noon: Any, dynoxide: str) -> Any:
    with settings_of(**SETTINGS):
        yield


def keys() -> list[tuple[str, str]]:
    return sorted((one.id, one.sort) for one in squares())


def test_eight_presses_at_once_confirm_once(dynoxide_client: FlaskClient) -> None:
    asked = ask(dynoxide_client).json["id"]
    token = tokens.link_token(now(asked), Right.CONFIRM)

    def press(_: int) -> str:
        with on_a_page(dynoxide_client):
            return str(subscribing.confirm(token, asked).state)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(press, range(8))) == {"active"}
    assert now(asked).version == 2
    assert keys() == sorted(now(asked).square_keys)
    assert len([row for row in Delivery.scan() if row.event.startswith("s-")]) == 1


def test_changes_and_a_stop_at_once_leave_no_square_behind(dynoxide_client: FlaskClient) -> None:
    asked = ask(dynoxide_client, place={"bbox": [-3.2, 51.2, -2.9, 51.5]}).json["id"]
    with on_a_page(dynoxide_client):
        subscribing.confirm(tokens.link_token(now(asked), Right.CONFIRM), asked)

    def act(number: int) -> None:
        try:
            if number == 4:
                stopping.end(now(asked))
            else:
                wish: Any = {"place": {"lat": 50 + number, "lon": -2.5, "radius_km": 50}}
                with on_a_page(dynoxide_client):
                    subscribing.change(now(asked), wish)
        except Conflict:
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(8)))
    last: Subscription = now(asked)
    assert keys() == (sorted(last.square_keys) if last.is_in_force else [])
    stopping.end(now(asked))
    assert keys() == []
