"""Alerts of a person who leaves: deleted, with the notes of their messages; what others have asked for stays."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alerts import stopping
from app.alerts.subscription_models import Subscription
from app.mail.models import Delivery
from tests.factories import PASSWORD, erase_left
from tests.mailing import ADDRESS, newcomer
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.subscribed import ask, now, rows, squares, subscribed


@pytest.fixture(autouse=True)
def _noon(noon: Any) -> None:
    """Limits are counted within one day."""


def leave(client: FlaskClient, person: Any) -> None:
    answer = client.delete("/v1/me", json={"password": PASSWORD}, headers=person.headers)
    assert answer.status_code == 204
    erase_left(person.id)


def test_the_alerts_of_a_deleted_account_are_gone(client: FlaskClient, post: Post) -> None:
    person = newcomer(client)
    subscribed(client, post, headers=person.headers)
    kept = subscribed(client, post, "bob@example.net")
    leave(client, person)

    assert [row.id for row in rows()] == [kept.id]
    assert {square.subscription_id for square in squares()} == {kept.id}
    assert {row.values["subscription"] for row in Delivery.scan()} == {kept.id}


def test_alerts_without_the_account_stay_though_the_address_is_the_same(client: FlaskClient, post: Post) -> None:
    person = newcomer(client)
    own, other = subscribed(client, post, headers=person.headers), subscribed(client, post)
    leave(client, person)

    assert Subscription.find(own.id) is None
    assert now(other).is_in_force


def test_of_what_waits_only_the_way_to_others_stays(client: FlaskClient, post: Post, noon: Any) -> None:
    person = newcomer(client)
    asked = ask(client, headers=person.headers, label="Home").json["id"]
    post.work()
    leave(client, person)
    left = now(asked)

    assert (left.state, left.address, left.label, left.place, left.account_id, left.asked_from) == (
        ("stopped", "", "", {}, None, None)
    )
    assert left.purge_at_s == left.made_at_ms // 1000 + 48 * 3600
    assert ADDRESS not in repr(left.serialize())


def test_erasing_is_safe_to_repeat(client: FlaskClient, post: Post) -> None:
    person = newcomer(client)
    subscribed(client, post, headers=person.headers)
    for _ in range(2):
        stopping.erase_account(person.id)

    assert rows() == squares() == []
