"""Limits of asking for alerts: they spare the mailboxes of others, and keep no owner of an address out."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts import tokens as access
from app.alerts import stopping, subscribing, tokens
from app.alerts.subscription_models import MOST
from app.alerts.tokens import Right
from app.core.errors import Conflict
from app.mail.suppression_models import Suppression
from tests.factories import make_account, sign_in_as
from tests.mailing import ADDRESS
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.reporting import bearer
from tests.rig.calls import counted
from tests.subscribed import ask, confirm, now, rows, subscribed, waiting

OWNER = "203.0.113.77"


@pytest.fixture(autouse=True)
def _noon(noon: Any) -> None:
    """Limits are counted within one day."""


@pytest.mark.parametrize(("networks", "each"), [(14, 4), pytest.param(100, 10, marks=pytest.mark.long)])
def test_a_thousand_strangers_neither_fill_a_mailbox_nor_keep_its_owner_out(
    client: FlaskClient, post: Post, networks: int, each: int
) -> None:
    for network in range(networks):
        for _ in range(each):
            assert ask(client, network=f"198.51.100.{network}").status_code == 202
    post.work()
    mine = ask(client, network=OWNER).json["id"]
    for network in range(10):
        ask(client, network=f"192.0.2.{network + 10}")
    post.work()

    assert len(post.accepted) == 10
    shown = waiting(client, post.token(0), network=OWNER)
    assert (shown[0], len(shown)) == (mine, subscribing.MOST_SHOWN)
    assert confirm(client, post.token(0), mine, network=OWNER).state == "active"


def test_the_newest_stand_first_where_the_network_tells_nothing(client: FlaskClient, post: Post, noon: Any) -> None:
    ids = []
    for number in range(3):
        ids.append(ask(client, network=f"198.51.100.{number}").json["id"])
        noon.shift(timedelta(seconds=1))
    post.work()

    assert waiting(client, post.token(0), network=OWNER) == ids[::-1]


@pytest.mark.parametrize(
    ("networks", "sent"), [(["198.51.100.1"] * 5, 3), ([f"198.51.100.{number}" for number in range(14)], 10)]
)
def test_messages_to_one_address_end_and_the_answers_do_not_tell(
    client: FlaskClient, post: Post, networks: list[str], sent: int
) -> None:
    answers = [ask(client, network=network) for network in networks]
    post.work()

    assert len(post.accepted) == sent
    assert len({(one.status_code, one.json["state"], tuple(one.json)) for one in answers}) == 1
    assert len(rows()) == len(networks)


def test_a_network_has_ten_askings_a_day_and_an_account_its_own(client: FlaskClient, post: Post, noon: Any) -> None:
    person = sign_in_as()
    answers = [ask(client, f"a{number}@example.net") for number in range(12)]
    own = [ask(client, f"b{number}@example.net", headers=person) for number in range(12)]

    assert {one.status_code for one in (*answers, *own)} == {202}
    assert [one.headers["RateLimit"].partition(";t=")[0] for one in answers[8:]] == [
        '"subscribe";r=1', '"subscribe";r=0', '"subscribe";r=0', '"subscribe";r=0'
    ]  # fmt: skip
    assert len(rows()) == 20
    assert sum(row.account_id is not None for row in rows()) == 10
    noon.shift(timedelta(days=1))
    ask(client, "c@example.net")
    assert len(rows()) == 21


def test_a_household_is_not_its_provider(client: FlaskClient, post: Post) -> None:
    for number in range(12):
        ask(client, f"a{number}@example.net", network="2001:db8:0:1::1")
    ask(client, "b@example.net", network="2001:db8:0:2::1")

    assert len(rows()) == 11


def test_an_account_has_at_most_twenty(client: FlaskClient, post: Post, noon: Any) -> None:
    account = make_account()
    for number in range(MOST + 2):
        answer = ask(client, f"a{number}@example.net", headers=bearer(access.issue_access(account)))
        assert answer.status_code == 202
        post.work()
        if number < MOST:
            confirm(client, post.token(), answer.json["id"])
        noon.shift(timedelta(hours=6))

    assert len(rows()) == MOST
    noon.shift(timedelta(days=1))
    elsewhere, mine = {"channel": {"kind": "email", "address": "new@example.net"}}, rows()[0]
    headers = bearer(access.issue_access(account))
    assert client.patch(f"/v1/subscriptions/{mine.id}", json=elsewhere, headers=headers).status_code == 200
    post.work()
    assert post.subjects("new@example.net") == ["[test] Confirm your flood alerts"]


def test_an_address_has_at_most_twenty_in_force(client: FlaskClient, post: Post, noon: Any) -> None:
    for number in range(MOST):
        subscribed(client, post, network=f"198.51.100.{number}")
        noon.shift(timedelta(hours=6))
    one_more = ask(client, network=OWNER).json["id"]
    post.work()

    assert post.accepted == []
    token = tokens.link_token(now(one_more), Right.CONFIRM)
    with pytest.raises(Conflict):
        confirm(client, token, one_more)
    subscribing.stop(tokens.link_token(next(row for row in rows() if row.is_in_force), Right.STOP))
    assert confirm(client, token, one_more).state == "active"


def test_every_address_gets_the_same_answer_by_the_same_path(client: FlaskClient, post: Post) -> None:
    subscribed(client, post, "known@example.net", network="198.51.100.1")
    gone = subscribed(client, post, "stopped@example.net", network="198.51.100.2")
    subscribing.stop(tokens.link_token(gone, Right.STOP))
    for number in range(10):
        ask(client, "full@example.net", network=f"198.51.100.{number + 10}")
    unwanted = subscribed(client, post, "unwanted@example.net", network="198.51.100.3")
    Suppression.note(unwanted.recipient, "bounce")
    seen = []
    for number, name in enumerate(("known", "stopped", "full", "unwanted", "new")):
        with counted() as calls:
            answer = ask(client, f"{name}@example.net", network=f"203.0.113.{number}")
        headers = {one: value for one, value in answer.headers.items() if one not in ("X-Request-ID", "Date")}
        seen.append((answer.status_code, answer.json["state"], headers, calls.made))
    post.work()

    assert seen[1:] == [seen[0]] * 4
    reached = sorted(to for sent in post.accepted for to in sent["Destination"]["ToAddresses"])
    assert reached == [f"{name}@example.net" for name in ("known", "new", "stopped")]


def test_what_a_stranger_asked_with_an_account_stays_reachable_when_it_is_gone(client: FlaskClient, post: Post) -> None:
    """Ten accounts use up the day's messages and are deleted: their links still lead the owner to her own."""
    for number in range(10):
        headers = sign_in_as()
        ask(client, headers=headers, network=f"198.51.100.{number}")
    post.work()
    for number, row in enumerate(rows()):
        if number % 2:
            subscribing.stop(tokens.link_token(row, Right.STOP))
        stopping.erase_account(str(row.account_id))
    mine = ask(client, network=OWNER).json["id"]
    post.work()

    assert (len(post.accepted), post.subjects(ADDRESS)) == (10, ["[test] Confirm your flood alerts"] * 10)
    assert confirm(client, post.token(3), mine, network=OWNER).state == "active"
