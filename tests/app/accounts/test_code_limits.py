"""Guessing at codes is limited by account and network, after the right password only, and never locks the owner out."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.app.pages.conftest import Visitor
from tests.codes import TOTP, Person, set_up, sign_in
from tests.factories import PASSWORD, make_account

HOUR_S = 3600
AWAY = "203.0.113.9"


@pytest.fixture
def person(client: FlaskClient, noon: Any) -> Person:
    return set_up(client, make_account(username="river-watcher"))


def guess(client: FlaskClient, person: Person, times: int, address: str = "198.51.100.7") -> list[int]:
    wrong = person.app.wrong()
    return [sign_in(client, "river-watcher", address, totp=wrong).status_code for _ in range(times)]


def test_one_network_has_five_guesses_an_hour(client: FlaskClient, person: Person) -> None:
    assert guess(client, person, 7) == [401] * 5 + [429] * 2
    assert sign_in(client, "river-watcher", totp=person.app.code()).status_code == 429


def test_all_networks_together_have_ten(client: FlaskClient, person: Person) -> None:
    statuses = [status for number in range(4) for status in guess(client, person, 4, f"198.51.100.{number}")]

    assert statuses == [401] * 10 + [429] * 6


def test_limit_says_when_it_ends_and_ends_then(client: FlaskClient, person: Person, noon: Any) -> None:
    guess(client, person, 5)
    refused = sign_in(client, "river-watcher", totp=person.app.code())
    assert refused.headers["Retry-After"] == str(HOUR_S)
    assert '"code-account";q=10;w=3600, "code";q=5;w=3600' in refused.headers["RateLimit-Policy"]

    noon.shift(HOUR_S)

    assert sign_in(client, "river-watcher", totp=person.app.code()).status_code == 200


def test_stranger_with_the_password_does_not_lock_the_owners_device_out(
    app: Flask, client: FlaskClient, person: Person
) -> None:
    owner = Visitor(app.test_client())
    step = owner.sign_in("river-watcher").text
    assert owner.post("/sign-in", passed=proof_in(step), code=person.app.code()).status_code == 303
    owner.post("/me/sign-out")

    for number in range(4):
        guess(client, person, 4, f"198.51.100.{number}")

    step = owner.sign_in("river-watcher").text
    assert owner.post("/sign-in", passed=proof_in(step), code=person.app.code(1)).status_code == 303


def test_owner_without_a_known_device_still_has_recovery_codes(client: FlaskClient, person: Person) -> None:
    for number in range(4):
        guess(client, person, 4, f"198.51.100.{number}")

    assert sign_in(client, "river-watcher", AWAY, totp=person.app.code()).status_code == 429
    assert sign_in(client, "river-watcher", AWAY, recovery_code=person.recovery_codes[0]).status_code == 200


def test_known_device_is_no_way_round_the_limit(app: Flask, client: FlaskClient, person: Person) -> None:
    owner = Visitor(app.test_client())
    owner.post("/sign-in", passed=proof_in(owner.sign_in("river-watcher").text), code=person.app.code())
    owner.post("/me/sign-out")
    passed, wrong = proof_in(owner.sign_in("river-watcher").text), person.app.wrong()

    statuses = [owner.post("/sign-in", passed=passed, code=wrong).status_code for _ in range(12)]

    assert statuses == [401] * 10 + [429] * 2


def proof_in(text: str) -> str:
    """Return the proof of the password in the form of the second step."""
    return text.partition('name="passed" value="')[2].partition('"')[0]


def test_guesses_at_recovery_codes_are_limited_by_network(client: FlaskClient, person: Person) -> None:
    wrong = {"recovery_code": "aaaa-bbbb-cccc-dddd"}

    statuses = [sign_in(client, "river-watcher", **wrong).status_code for _ in range(11)]

    assert statuses == [401] * 10 + [429]
    assert sign_in(client, "river-watcher", AWAY, recovery_code=person.recovery_codes[0]).status_code == 200


def test_stranger_without_the_password_uses_up_no_code(client: FlaskClient, person: Person) -> None:
    said = {"username": "river-watcher", "password": "wrong", "totp": person.app.wrong()}
    for number in range(9):
        client.post("/v1/tokens", json=said, environ_base={"REMOTE_ADDR": f"192.0.2.{number}"})

    assert guess(client, person, 6) == [401] * 5 + [429]


def test_right_codes_and_missing_ones_are_no_tries(client: FlaskClient, person: Person, noon: Any) -> None:
    for _ in range(12):
        assert sign_in(client, "river-watcher").json["type"] == "/docs/errors/second-factor-needed"
    for _ in range(12):
        noon.shift(30)
        assert sign_in(client, "river-watcher", totp=person.app.code()).status_code == 200

    assert guess(client, person, 6) == [401] * 5 + [429]


def test_signed_in_owner_has_ten_tries_of_their_own(client: FlaskClient, person: Person) -> None:
    guess(client, person, 6)
    body = {"password": PASSWORD, "totp": person.app.wrong()}

    statuses = [client.post(TOTP, headers=person.headers, json=body).status_code for _ in range(11)]

    assert statuses == [403] * 10 + [429]


def test_of_many_sign_ins_with_one_code_at_once_one_succeeds(dynoxide_client: FlaskClient) -> None:
    account = make_account(username="many-at-once")
    person = set_up(dynoxide_client, account)
    by_app, by_recovery = {"totp": person.app.code()}, {"recovery_code": person.recovery_codes[0]}

    def ask(number: int, code: dict[str, str]) -> int:
        client = dynoxide_client.application.test_client()
        status: int = sign_in(client, account.username, f"203.0.113.{number}", **code).status_code
        return status

    for code in (by_app, by_recovery):
        with ThreadPoolExecutor(8) as people:
            statuses = list(people.map(lambda number, code=code: ask(number, code), range(8)))
        assert sorted(statuses) == [200] + [401] * 7
