"""Alerts: asked for, confirmed by the reader of the address, found by their squares, changed, stopped by one click."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alerts import subscribing, tokens
from app.alerts.subscription_models import Subscription
from app.alerts.tokens import Right
from app.core import clock, dynamodb
from app.core.errors import Conflict, LinkNotValid
from app.mail.models import Delivery
from tests.configured import settings_of
from tests.mailing import ADDRESS
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.subscribed import ask, confirm, managing, now, rows, squares, subscribed, waiting

BOB = "bob@example.net"


@pytest.fixture(autouse=True)
def _noon(noon: Any) -> None:
    """Limits are counted within one day."""


def stop(subscription: Subscription) -> str:
    """The token by which a message stops it."""
    return tokens.link_token(subscription, Right.STOP)


def test_nothing_finds_alerts_until_their_address_has_confirmed(client: FlaskClient, post: Post) -> None:
    asked = ask(client)
    post.work()
    assert (asked.status_code, asked.json) == (202, {"id": rows()[0].id, "state": "unconfirmed"})
    assert squares() == []

    subscription = confirm(client, post.token(), asked.json["id"])

    assert subscription.state == "active"
    assert sorted((one.id, one.sort) for one in squares()) == sorted(subscription.square_keys)
    assert {(one.to, one.subscription_id) for one in squares()} == {(subscription.recipient, subscription.id)}
    assert squares()[0].shape == ["c", 51.0657, -2.8226, 5.0]
    assert subscription.purge_at_s is None


def test_a_message_that_asks_says_the_place_in_our_words_only(client: FlaskClient, post: Post) -> None:
    ask(client, label="Win money at evil.example", language="es")
    post.work()
    headers = {one["Name"]: one["Value"] for one in post.accepted[0]["Content"]["Simple"]["Headers"]}

    assert post.subjects() == ["[test] Confirme sus alertas de inundación"]
    assert "a menos de 5 km de 51.0657, -2.8226" in post.text()
    assert "evil.example" not in post.text() + post.html()
    assert headers["List-Unsubscribe"].startswith("<https://floods.example.org/alerts/stop?token=ft_")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_confirming_twice_is_confirming_once(client: FlaskClient, post: Post) -> None:
    asked = ask(client).json["id"]
    post.work()
    once, twice = (confirm(client, post.token(), asked) for _ in range(2))

    assert (once.version, twice.version) == (2, 2)
    (summary,) = [row for row in Delivery.scan() if row.event.startswith("s-")]
    assert (summary.recipient, summary.kind, summary.values) == (once.recipient, "alert", {"subscription": asked})


def test_a_new_place_gets_a_message_of_what_is_in_force_but_not_endlessly(client: FlaskClient, post: Post) -> None:
    anna = subscribed(client, post)
    for number in range(6):
        body = {"place": {"lat": 50.0 + number, "lon": -2.8}}
        assert client.patch(f"/v1/subscriptions/{anna.id}", json=body, headers=managing(anna)).status_code == 200
    client.patch(f"/v1/subscriptions/{anna.id}", json={"label": "Home"}, headers=managing(anna))

    assert len([row for row in Delivery.scan() if row.event.startswith("s-")]) == 1 + 3


def test_a_confirmation_whose_reply_was_lost_holds(
    client: FlaskClient, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(client).json["id"]
    post.work()
    real, lost = dynamodb.transaction, []

    def losing() -> Any:
        transaction = real()
        commit = transaction._commit

        def commit_and_lose() -> None:
            commit()
            if not lost:
                lost.append(1)
                raise dynamodb.OutOfTime("the reply was lost")

        transaction._commit = commit_and_lose
        return transaction

    monkeypatch.setattr(dynamodb, "transaction", losing)
    assert confirm(client, post.token(), asked).state == "active"
    assert lost
    assert now(asked).version == 2
    assert len(squares()) == len(now(asked).square_keys)


@pytest.mark.parametrize("late", [timedelta(hours=48), timedelta(days=30)])
def test_a_late_link_confirms_nothing(client: FlaskClient, post: Post, noon: Any, late: timedelta) -> None:
    asked = ask(client).json["id"]
    post.work()
    noon.shift(late)

    with pytest.raises(LinkNotValid):
        confirm(client, post.token(), asked)
    with pytest.raises(LinkNotValid):
        waiting(client, post.token())
    assert Subscription.find(asked) is None


def test_tokens_of_another_right_or_subscription_do_nothing(client: FlaskClient, post: Post) -> None:
    annas, bobs = subscribed(client, post), ask(client, BOB).json["id"]
    post.work()
    confirming, stopping = post.token(), stop(annas)
    manage = tokens.link_token(annas, Right.MANAGE)
    mine = tokens.link_token(annas, Right.CONFIRM)
    swapped = confirming[:3] + annas.id.removeprefix("sub_") + confirming[29:]

    for token in (stopping, manage, mine, swapped, f"fk_{stopping[3:]}", confirming[:-1] + "~", "fk_", "", "x" * 400):
        with pytest.raises(LinkNotValid):
            confirm(client, token, bobs)
    for token in (confirming, manage, mine, f"ft_{manage[3:]}"):
        with pytest.raises(LinkNotValid):
            subscribing.stop(token)
    assert (now(annas).state, now(bobs).state) == ("active", "unconfirmed")


def test_one_click_stops_at_once_and_forgets(client: FlaskClient, post: Post, noon: Any) -> None:
    anna = subscribed(client, post, label="Home")
    token = stop(anna)
    stopped = [subscribing.stop(one).state for one in (token, f"https://floods.example.org/alerts/stop?token={token}")]

    assert stopped == ["stopped", "stopped"]
    assert squares() == []
    assert (now(anna).address, now(anna).place, now(anna).label, now(anna).is_in_force) == ("", {}, "", False)
    noon.shift(timedelta(days=30))
    assert Subscription.find(anna.id) is None
    with pytest.raises(LinkNotValid):
        subscribing.stop(token)


def test_what_was_stopped_is_not_confirmed_any_more(client: FlaskClient, post: Post) -> None:
    asked = ask(client).json["id"]
    post.work()
    token = post.token()
    subscribing.stop(stop(now(asked)))

    with pytest.raises(Conflict):
        confirm(client, token, asked)
    other = ask(client).json["id"]
    assert waiting(client, token) == [other]  # the link still leads to what else waits
    assert confirm(client, token, other).state == "active"


def test_a_message_for_confirming_is_not_sent_of_what_was_withdrawn(client: FlaskClient, post: Post) -> None:
    subscribing.stop(stop(now(ask(client).json["id"])))
    post.work()

    assert post.accepted == []
    assert post.states() == ["expired"]


def test_a_change_moves_the_squares_with_it(client: FlaskClient, post: Post) -> None:
    anna = subscribed(client, post)
    before = {(one.id, one.sort) for one in squares()}
    body = {"place": {"bbox": [-3.2, 51.4, -3.0, 51.5]}, "what": ["reports"], "reports": "likely"}
    answer = client.patch(f"/v1/subscriptions/{anna.id}", json=body, headers=managing(anna))

    assert answer.status_code == 200, answer.text
    assert before.isdisjoint((one.id, one.sort) for one in squares())
    assert {(one.warnings, one.reports, one.packed_shape) for one in squares()} == {
        (0, "likely", '["b",-3.2,51.4,-3.0,51.5]')
    }


def test_of_two_changes_at_once_one_is_refused_and_squares_fit_the_other(client: FlaskClient, post: Post) -> None:
    anna = subscribed(client, post)
    mine, other = now(anna), now(anna)
    subscribing.change(other, {"severity_min": "extreme"})

    with pytest.raises(Conflict):
        subscribing.change(mine, {"severity_min": "minor"})
    assert now(anna).severity_min == "extreme"
    assert {one.severity_min for one in squares()} == {"extreme"}


def test_a_pause_ends_by_itself_or_by_hand(client: FlaskClient, post: Post, noon: Any) -> None:
    anna, path = subscribed(client, post), "/v1/subscriptions/"
    until = clock.now_ms() + clock.DAY_MS
    paused = client.patch(path + anna.id, json={"paused_until": clock.rfc3339(until)}, headers=managing(anna))

    assert (paused.json["state"], paused.json["paused_until"]) == ("paused", clock.rfc3339(until))
    assert not now(anna).is_in_force
    assert {one.paused_until_ms for one in squares()} == {until}
    noon.shift(timedelta(days=1))
    assert now(anna).is_in_force
    assert client.get(path + anna.id, headers=managing(anna)).json["state"] == "active"
    again = client.patch(path + anna.id, json={"paused_until": None}, headers=managing(anna))
    assert (again.json["state"], {one.paused_until_ms for one in squares()}) == ("active", {None})


def test_another_address_is_asked_first_and_then_gets_the_alerts(client: FlaskClient, post: Post) -> None:
    anna = subscribed(client, post)
    old_stop, old_manage = stop(anna), managing(anna)
    body = {"channel": {"kind": "email", "address": BOB}}
    asked = client.patch(f"/v1/subscriptions/{anna.id}", json=body, headers=old_manage)
    post.work()
    assert (asked.json["state"], asked.json["channel"]["address"]) == ("active", ADDRESS)
    assert post.subjects(BOB) == ["[test] Confirm your flood alerts"]

    asking = waiting(client, post.token())[0]
    moved = [confirm(client, post.token(), asking) for _ in range(2)]

    assert [(one.id, one.address) for one in moved] == [(anna.id, BOB)] * 2
    assert {one.to for one in squares()} == {moved[0].recipient} != {anna.recipient}
    with pytest.raises(LinkNotValid):
        subscribing.stop(old_stop)
    assert client.get(f"/v1/subscriptions/{anna.id}", headers=old_manage).status_code == 401
    assert subscribing.stop(stop(now(anna))).state == "stopped"


def test_another_address_that_is_confirmed_after_the_end_gets_nothing(client: FlaskClient, post: Post) -> None:
    anna = subscribed(client, post)
    subscribing_to_bob = {"channel": {"kind": "email", "address": BOB}}
    client.patch(f"/v1/subscriptions/{anna.id}", json=subscribing_to_bob, headers=managing(anna))
    post.work()
    asking = waiting(client, post.token())[0]
    subscribing.stop(stop(now(anna)))

    with pytest.raises(Conflict):
        confirm(client, post.token(), asking)
    assert squares() == []


def test_tokens_and_addresses_hold_over_a_change_of_keys(client: FlaskClient, post: Post) -> None:
    anna = subscribed(client, post)
    old = "a-mail-key-for-tests-that-is-long-enough-to-be-taken"
    with settings_of(FLOOD_MAIL_KEY=f"a-newer-mail-key-for-tests-that-is-long-enough {old}"):
        token = stop(now(anna))
        later = subscribed(client, post)
        assert later.recipient == anna.recipient  # one person stays one person
        assert subscribing.stop(token).state == "stopped"
        assert stop(later)


def test_no_stored_row_holds_a_token(client: FlaskClient, post: Post) -> None:
    anna = now(subscribed(client, post))
    stored = repr(anna.serialize()) + "".join(repr(row.serialize()) for row in Delivery.scan())

    for right in Right:
        assert tokens.link_token(anna, right)[30:] not in stored
