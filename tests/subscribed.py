"""People who ask for alerts, confirm and stop them, through the product's own acts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient

from app.alerts import subscribing, tokens
from app.alerts.subscription_models import ROW, Square, Subscription
from app.alerts.tokens import Right
from tests.mailing import ADDRESS
from tests.post import Post

PLACE = {"lat": 51.0657, "lon": -2.8226, "radius_km": 5}
HOME = "192.0.2.1"


def wish(address: str = ADDRESS, **more: Any) -> dict[str, Any]:
    """The body of an asking."""
    return {"place": PLACE, "channel": {"kind": "email", "address": address}} | more


def ask(client: FlaskClient, address: str = ADDRESS, *, network: str = HOME, headers: Any = None, **more: Any) -> Any:
    """Ask for alerts from a network."""
    body, here = wish(address, **more), {"REMOTE_ADDR": network}
    return client.post("/v1/subscriptions", json=body, headers=headers or {}, environ_overrides=here)


@contextmanager
def on_a_page(client: FlaskClient, network: str = HOME) -> Iterator[None]:
    """A request from a network, as pages serve it."""
    with client.application.test_request_context("/", environ_base={"REMOTE_ADDR": network}):
        yield


def confirm(client: FlaskClient, token: str, subscription_id: str, *, network: str = HOME) -> Subscription:
    """Press the button of one of those that a token leads to."""
    with on_a_page(client, network):
        return subscribing.confirm(token, subscription_id)


def waiting(client: FlaskClient, token: str, *, network: str = HOME) -> list[str]:
    """The ids that the page of a token shows."""
    with on_a_page(client, network):
        return [one.id for one in subscribing.waiting_for(token)]


def subscribed(client: FlaskClient, post: Post, address: str = ADDRESS, **more: Any) -> Subscription:
    """Alerts that were asked for and confirmed; the messages are forgotten."""
    answer = ask(client, address, **more)
    assert answer.status_code == 202, answer.text
    post.work()
    subscription = confirm(client, post.token(), answer.json["id"])
    post.work()
    post.accepted.clear()
    return subscription


def now(subscription: Subscription | str) -> Subscription:
    """The subscription as it is stored now."""
    found = Subscription.find(subscription if isinstance(subscription, str) else subscription.id)
    assert found
    return found


def managing(subscription: Subscription) -> dict[str, str]:
    """The headers of who has its manage token."""
    return {"Authorization": f"Bearer {tokens.link_token(now(subscription), Right.MANAGE)}"}


def squares() -> list[Square]:
    """All squares that are stored."""
    return [square for square in Square.scan(Square.sort != ROW) if "#" in square.sort]


def rows() -> list[Subscription]:
    """All subscriptions that are stored, in whatever state."""
    return sorted(Subscription.scan(Subscription.sort == ROW), key=lambda row: row.id)
