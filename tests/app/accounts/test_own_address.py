"""One's own address: confirmed by a link, once; changed, removed, erased; and no stranger keeps its owner out."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.link_models import OneTimeLink
from app.mail.models import Delivery
from tests.factories import PASSWORD, erase_left
from tests.mailing import ADDRESS, ask, confirmed, newcomer
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture

OTHER = "anna.new@example.com"


@pytest.fixture(autouse=True)
def _noon(noon: Any) -> None:
    """Limits are counted within one day."""


def confirm(client: FlaskClient, token: str, headers: dict[str, str] | None = None) -> Any:
    return client.post("/v1/email-confirmations", json={"token": token}, headers=headers or {})


def test_an_address_counts_once_its_link_was_used(client: FlaskClient, post: Post) -> None:
    anna = newcomer(client)
    stated = anna.change(email=ADDRESS)
    post.work()
    first, second = confirm(client, post.token()), confirm(client, post.token())

    assert (stated.json["email"], stated.json["confirmed_email"]) == (ADDRESS, None)
    assert (first.status_code, first.json) == (200, {"username": anna.name, "email": ADDRESS})
    assert (second.status_code, second.json["type"].rpartition("/")[2]) == (403, "link-not-valid")
    assert anna.me().json["confirmed_email"] == ADDRESS


def test_an_address_given_at_registering_is_asked_too(client: FlaskClient, post: Post) -> None:
    body = {"username": "river-watcher", "password": PASSWORD, "email": ADDRESS}
    assert client.post("/v1/accounts", json=body).status_code == 201
    post.work()

    assert confirm(client, f"https://floods.example.org/confirm-email#{post.token()}").status_code == 200


@pytest.mark.parametrize("late", [timedelta(hours=48, seconds=1), timedelta(days=30)])
def test_a_late_link_confirms_nothing(client: FlaskClient, post: Post, noon: Any, late: timedelta) -> None:
    anna = newcomer(client)
    anna.change(email=ADDRESS)
    post.work()
    noon.shift(late)

    assert confirm(client, post.token()).status_code == 403
    assert anna.account.confirmed_email is None


def test_a_token_of_another_right_or_account_confirms_nothing(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    ask(client, username=anna.name)
    bob = newcomer(client)
    bob.change(email="bob@example.net")
    post.work()
    reset, own = post.token(0), post.token(1)
    account_of_anna = own[:3] + anna.id.removeprefix("acc_") + own[29:]

    for token in (reset, f"fc_{reset[3:]}", account_of_anna, own[:-1] + ("A" if own[-1] != "A" else "B"), "x", "fc_"):
        assert confirm(client, token).status_code == 403, token
    assert bob.account.confirmed_email is None


def test_only_the_newest_link_is_good(client: FlaskClient, post: Post) -> None:
    anna = newcomer(client)
    anna.change(email=ADDRESS)
    post.work()
    assert client.post("/v1/me/email/confirmation", headers=anna.headers).status_code == 202
    post.work()

    assert confirm(client, post.token(0)).status_code == 403
    assert confirm(client, post.token(1)).status_code == 200


def test_a_changed_address_asks_again_and_the_old_one_is_told(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    changed = anna.change(email=OTHER)
    post.work()
    before = post.subjects(ADDRESS)
    confirm(client, post.token())
    post.work()

    assert (changed.json["email"], changed.json["confirmed_email"]) == (OTHER, ADDRESS)
    assert before == []
    assert post.subjects(ADDRESS) == ["[test] Your address was changed"]
    assert OTHER not in post.text()
    assert anna.me().json["confirmed_email"] == OTHER
    assert ask(client, email=ADDRESS).status_code == ask(client, email=OTHER).status_code == 202
    post.work()
    assert post.subjects(OTHER)[-1] == "[test] Set a new password"
    assert post.subjects(ADDRESS) == ["[test] Your address was changed"]


def test_a_session_left_open_is_not_enough_to_change_the_address(client: FlaskClient, post: Post, noon: Any) -> None:
    anna = confirmed(client, post)
    noon.shift(timedelta(minutes=14))
    anna.headers = anna.sign_in()
    noon.shift(timedelta(minutes=13))
    recent = anna.change(email=OTHER)
    noon.shift(timedelta(minutes=2, seconds=1))
    late, removed = anna.change(email=OTHER), anna.change(email=None)

    assert recent.status_code == 200
    assert [one["pointer"] for one in late.json["errors"]] == ["/current_password"]
    assert removed.status_code == 422
    assert anna.change(email=OTHER, current_password="not this one").status_code == 422
    assert anna.change(email=OTHER, current_password=PASSWORD).status_code == 200


def test_a_removed_address_is_told_and_brings_nothing_back(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    assert anna.change(email=None).json["confirmed_email"] is None
    ask(client, email=ADDRESS)
    ask(client, username=anna.name)
    post.work()

    assert post.subjects() == ["[test] Your address was changed"]
    assert confirmed(client, post).account.confirmed_email == ADDRESS  # it is free for another account


def test_two_accounts_never_confirm_one_address(client: FlaskClient, post: Post) -> None:
    confirmed(client, post)
    bob = newcomer(client)
    bob.change(email=ADDRESS.upper().replace("EXAMPLE", "example"))
    post.work()

    assert confirm(client, post.token()).status_code == 409
    assert bob.account.confirmed_email is None


def test_strangers_who_spend_the_limit_keep_no_owner_out(client: FlaskClient, post: Post) -> None:
    """A hundred networks state the address: ten messages go out, and any of them serves the owner."""
    for number in range(100):
        body = {"username": f"stranger-{number}", "password": PASSWORD, "email": ADDRESS}
        made = client.post("/v1/accounts", json=body, environ_overrides={"REMOTE_ADDR": f"198.51.100.{number}"})
        assert made.status_code == 201
    anna = newcomer(client)
    stated = anna.change(email=ADDRESS)
    post.work()

    assert (stated.status_code, len(post.accepted)) == (200, 10)
    answer = confirm(client, post.token(), anna.headers)
    assert answer.json == {"username": anna.name, "email": ADDRESS}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("anna@example.net\nBcc: all@example.net", "control"),
        ("anna@example.net\r\nBcc: all@example.net", "control"),
        (f"{'a' * 400}@example.net", "length"),
        (f"{'a' * 65}@example.net", "email"),
        ("postmaster@example.net", "role"),
        ("No-Reply@example.net", "role"),
        ("alerts@floods.example.org", "own"),
        ("DESK@floods.example.org", "own"),
        ("anna@[192.0.2.1]", "email"),
        ("anna@localhost", "email"),
        ("anna@@example.net", "email"),
        ("anna..b@example.net", "email"),
        ('"anna b"@example.net', "email"),
        ("änna@example.net", "email"),
        ("anna@faß.example.net", "email"),
        ("anna@exa mple.net", "email"),
        ("anna@-example.net", "email"),
        ("anna@example.net.", "email"),
    ],
)
def test_bad_addresses_get_a_clear_answer_and_no_mail(client: FlaskClient, post: Post, address: str, code: str) -> None:
    answer = newcomer(client).change(email=address)
    post.work()

    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [("/email", code)]
    assert post.calls == 0


def test_a_domain_in_unicode_is_kept_as_typed_and_written_to_in_ascii(client: FlaskClient, post: Post) -> None:
    anna = newcomer(client)
    anna.change(email="anna@bücher.example.net")
    with_unicode = anna.me().json["email"]
    post.work()
    assert post.calls == 0  # outside this stage's list
    anna.change(email="anna@EXAMPLE.net")
    post.work()

    assert with_unicode == "anna@bücher.example.net"
    assert post.accepted[0]["Destination"] == {"ToAddresses": ["anna@example.net"]}


def test_who_leaves_takes_all_messages_along(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    anna.change(password="another wet november night", current_password=PASSWORD)
    anna.headers = anna.sign_in("another wet november night")
    ask(client, username=anna.name)
    left = client.delete("/v1/me", headers=anna.headers, json={"password": "another wet november night"})
    erase_left(anna.id)
    post.work()

    assert left.status_code == 204
    assert list(Delivery.scan()) == []
    assert not [row.id for row in OneTimeLink.scan() if anna.id in row.id and not row.id.startswith("gone:")]
    assert post.accepted == []
    assert confirmed(client, post).account.confirmed_email == ADDRESS


def test_an_export_lists_the_messages_without_words(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    export = client.get("/v1/me/export", headers=anna.headers).json

    assert export["account"]["confirmed_email"] == ADDRESS
    assert [(one["kind"], one["state"]) for one in export["messages"]] == [("confirm", "sent")]


def test_without_mail_the_answer_says_so(client: FlaskClient) -> None:
    anna = newcomer(client)
    assert anna.change(email=ADDRESS).status_code == 200  # kept, as before there was mail

    for answer in (
        client.post("/v1/me/email/confirmation", headers=anna.headers),
        client.post("/v1/password-resets", json={"username": anna.name}),
    ):
        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (409, "mail-not-set-up")
