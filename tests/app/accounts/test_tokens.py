"""Signing in, refreshing, signing out."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import argon2
import pytest
from flask.testing import FlaskClient

from app.accounts import tokens
from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily
from tests.app.accounts.conftest import bearer, sign_in
from tests.factories import PASSWORD, delete_account, make_account


def refresh(client: FlaskClient, pair: dict[str, Any]) -> Any:
    return client.post("/v1/tokens/refresh", json={"refresh_token": pair["refresh_token"]})


def status_of_me(client: FlaskClient, pair: dict[str, Any]) -> int:
    return client.get("/v1/me", headers=bearer(pair["access_token"])).status_code


def test_sign_in_gives_a_pair(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")

    answer = client.post("/v1/tokens", json={"username": "bOb", "password": PASSWORD})

    assert answer.status_code == 200
    assert answer.json.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "device_token"}
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_access_token_opens_me(client: FlaskClient, pair: dict[str, Any]) -> None:
    answer = client.get("/v1/me", headers=bearer(pair["access_token"]))

    assert (answer.status_code, answer.json["username"]) == (200, "Bob")


@pytest.mark.parametrize("username", ["nobody", "x", "x" * 200, "\ufdfa" * 200, "acc_nobody", "name:bob", "two words"])
def test_unknown_name_and_wrong_password_get_one_answer(client: FlaskClient, username: str) -> None:
    make_account(username="Bob")
    body = {"username": username, "password": "wrong"}

    unknown = client.post("/v1/tokens", json=body, headers={"X-Request-ID": "same-for-both"})
    known = client.post("/v1/tokens", json=body | {"username": "bob"}, headers={"X-Request-ID": "same-for-both"})

    assert unknown.status_code == known.status_code == 401
    assert unknown.data == known.data
    assert sorted(unknown.headers.keys()) == sorted(known.headers.keys())


@pytest.mark.parametrize(("username", "password"), [("bob", "wrong"), ("nobody", "wrong"), ("bob", PASSWORD)])
def test_each_sign_in_computes_one_hash(
    client: FlaskClient, dear_passwords: None, monkeypatch: pytest.MonkeyPatch, username: str, password: str
) -> None:
    make_account(username="Bob")
    computed, really_verify = [], argon2.PasswordHasher.verify

    def count(*told: Any) -> Any:
        computed.append(told[1])
        return really_verify(*told)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", count)

    sign_in(client, username, password)

    assert len(computed) == 1
    assert "m=19456,t=2,p=1" in computed[0]


@pytest.mark.parametrize("body", [{}, {"username": "bob"}, {"username": "bob", "password": "x" * 129}, {"username": 1}])
def test_sign_in_without_sense_is_refused(client: FlaskClient, body: dict[str, Any]) -> None:
    assert client.post("/v1/tokens", json=body).status_code == 422


def test_access_token_ends_after_a_quarter_of_an_hour(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    pair = sign_in(client)
    noon.shift(899)
    before = status_of_me(client, pair)
    noon.shift(7)

    assert (before, status_of_me(client, pair)) == (200, 401)


def test_refresh_gives_a_new_pair_that_works(client: FlaskClient, pair: dict[str, Any]) -> None:
    answer = refresh(client, pair)

    assert answer.status_code == 200
    assert answer.json["refresh_token"] != pair["refresh_token"]
    assert status_of_me(client, answer.json) == 200


def test_ttl_that_deletes_late_lengthens_nothing(client: FlaskClient, pair: dict[str, Any]) -> None:
    claims = tokens.read(pair["access_token"], tokens.Use.ACCESS)
    RefreshFamily.get(claims.family).update(actions=[RefreshFamily.purge_at_s.set(int(time.time()) - 1)])

    assert status_of_me(client, pair) == 401


def test_refresh_token_used_again_ends_the_sign_in(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    stolen = sign_in(client)
    newest = refresh(client, stolen).json
    assert status_of_me(client, newest) == 200
    noon.shift(11)
    again = refresh(client, stolen)

    assert again.status_code == 401
    assert refresh(client, newest).status_code == 401
    assert status_of_me(client, newest) == 401


def test_refresh_token_of_two_rounds_ago_ends_the_sign_in_at_once(client: FlaskClient, pair: dict[str, Any]) -> None:
    newest = refresh(client, refresh(client, pair).json).json

    assert refresh(client, pair).status_code == 401
    assert refresh(client, newest).status_code == 401


def test_reuse_in_one_sign_in_leaves_the_others_alone(client: FlaskClient, pair: dict[str, Any]) -> None:
    other = sign_in(client)
    refresh(client, refresh(client, pair).json)
    refresh(client, pair)

    assert status_of_me(client, other) == 200


def test_refresh_sent_again_after_a_lost_reply_gives_the_same_pair(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    pair = sign_in(client)
    first = refresh(client, pair)
    noon.shift(9)
    again = refresh(client, pair)

    assert again.status_code == 200
    assert again.json["expires_in"] == 891
    assert again.json | {"expires_in": 900} == first.json


@pytest.mark.parametrize("later_s", [11, 3600, 12 * 3600])
def test_refresh_whose_answer_was_lost_works_until_its_pair_was_used(
    client: FlaskClient, noon: Any, later_s: int
) -> None:
    make_account(username="Bob")
    pair = sign_in(client)
    lost = refresh(client, pair).json

    noon.shift(later_s)
    again = refresh(client, pair)
    assert (again.status_code, again.json["expires_in"]) == (200, 900)
    assert status_of_me(client, again.json) == 200
    noon.shift(11)

    assert refresh(client, pair).status_code == 401
    assert status_of_me(client, again.json) == 401
    assert refresh(client, lost).status_code == 401


def test_access_token_of_the_pair_before_spends_no_new_pair(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    pair = sign_in(client)
    refresh(client, pair)
    assert status_of_me(client, pair) == 200
    noon.shift(11)

    assert refresh(client, pair).status_code == 200


def test_refreshing_once_more_spends_the_pair_before(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    pair = sign_in(client)
    newest = refresh(client, refresh(client, pair).json).json
    noon.shift(11)

    assert refresh(client, pair).status_code == 401
    assert refresh(client, newest).status_code == 401


def test_sign_in_that_an_earlier_release_rotated_keeps_its_ten_seconds(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    pair = sign_in(client)
    refresh(client, pair)
    family = tokens.read(pair["access_token"], tokens.Use.ACCESS).family
    RefreshFamily.get(family).update(actions=[RefreshFamily.unused_number.remove()])
    noon.shift(11)

    assert refresh(client, pair).status_code == 401


def test_many_late_refreshes_at_once_give_one_pair(dynoxide_client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    pair = sign_in(dynoxide_client)
    refresh(dynoxide_client, pair)
    family = RefreshFamily.get(tokens.read(pair["access_token"], tokens.Use.ACCESS).family)
    family.update(actions=[RefreshFamily.rotated_at_ms.set(family.rotated_at_ms - 60_000)])
    app = dynoxide_client.application

    with ThreadPoolExecutor(8) as tabs:
        answers = list(tabs.map(lambda _: refresh(app.test_client(), pair), range(16)))

    assert {answer.status_code for answer in answers} == {200}
    assert refresh(dynoxide_client, answers[0].json).status_code == 200


def test_many_refreshes_at_once_give_one_pair(dynoxide_client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    pair = sign_in(dynoxide_client)
    app = dynoxide_client.application

    with ThreadPoolExecutor(8) as tabs:
        answers = list(tabs.map(lambda _: refresh(app.test_client(), pair), range(16)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["refresh_token"] for answer in answers}) == 1
    assert refresh(dynoxide_client, answers[0].json).status_code == 200


def test_number_that_was_replaced_can_replace_nothing(tables: None) -> None:
    family = RefreshFamily.start(make_account())
    late = RefreshFamily.get(family.id)
    assert family.rotate()
    assert family.rotate()

    assert not late.rotate()

    assert RefreshFamily.get(family.id).number == 3


def test_ended_sign_in_cannot_be_revived(tables: None) -> None:
    family = RefreshFamily.start(make_account())
    family.end()

    assert not family.rotate()

    assert RefreshFamily.find(family.id) is None


def test_name_longer_than_any_key_is_just_unknown(dynoxide_client: FlaskClient) -> None:
    assert sign_in(dynoxide_client, "\ufdfa" * 200)["status"] == 401


def test_sign_out_ends_access_and_refresh_at_once(client: FlaskClient, pair: dict[str, Any]) -> None:
    answer = client.delete("/v1/tokens", headers=bearer(pair["access_token"]))

    assert (answer.status_code, answer.data) == (204, b"")
    assert status_of_me(client, pair) == 401
    assert refresh(client, pair).status_code == 401


def test_sign_out_leaves_other_sign_ins_alone(client: FlaskClient, pair: dict[str, Any]) -> None:
    other = sign_in(client)

    client.delete("/v1/tokens", headers=bearer(pair["access_token"]))

    assert status_of_me(client, other) == 200


def test_deleted_accounts_tokens_are_refused(client: FlaskClient, pair: dict[str, Any]) -> None:
    delete_account(tokens.read(pair["access_token"], tokens.Use.ACCESS).subject)

    assert status_of_me(client, pair) == 401
    assert refresh(client, pair).status_code == 401


def test_newer_token_version_ends_every_sign_in(client: FlaskClient, pair: dict[str, Any]) -> None:
    account = Account.named("bob")
    assert account
    account.change(token_version=2)

    assert status_of_me(client, pair) == 401
    assert refresh(client, pair).status_code == 401


def test_new_role_counts_at_once(client: FlaskClient, pair: dict[str, Any]) -> None:
    account = Account.named("bob")
    assert account
    account.change(role="responder")

    assert client.get("/v1/me", headers=bearer(pair["access_token"])).json["role"] == "responder"
