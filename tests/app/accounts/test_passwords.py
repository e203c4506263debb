"""Rules for new passwords, and their storage."""

import unicodedata
from typing import Any

import argon2
import pytest
from flask.testing import FlaskClient

from app.accounts import passwords
from app.accounts.models import Account, Role
from tests.app.accounts.conftest import sign_in
from tests.factories import PASSWORD, make_account

DECOMPOSED = unicodedata.normalize("NFD", "crème brûlée")


def register(client: FlaskClient, password: str, username: str = "Bob") -> Any:
    return client.post("/v1/accounts", json={"username": username, "password": password})


def codes(answer: Any) -> list[str]:
    assert {mistake["pointer"] for mistake in answer.json["errors"]} == {"/password"}
    return [mistake["code"] for mistake in answer.json["errors"]]


@pytest.mark.parametrize(
    "password", ["12345678", "PASSWORD", "Password1", "iloveyou", "trustno1", "1qaz2wsx", "football", "QWERTYUIOP"]
)
def test_common_password_is_refused_in_any_case(client: FlaskClient, password: str) -> None:
    assert codes(register(client, password)) == ["common"]


def test_list_of_common_passwords_is_long() -> None:
    common = passwords._common()

    assert len(common) >= 10_000
    assert all(len(word) >= 8 and word == word.lower() for word in common)


@pytest.mark.parametrize("password", ["", "x", "seven77", "é" * 7, "e\u0301" * 7, "x" * 129, "x" * 100_000])
def test_password_too_short_or_too_long_is_refused(client: FlaskClient, password: str) -> None:
    assert codes(register(client, password)) == ["length"]


@pytest.mark.parametrize(
    "password",
    ["eigh-888", "xyz" * 42, "e\u0301xy" * 42, "a b c d e", "水位計水位計水位", "a\tb\nc\x00d\u202ee\u200df"],
)
def test_any_characters_will_do(client: FlaskClient, password: str) -> None:
    register(client, password)

    assert "access_token" in sign_in(client, password=password)


@pytest.mark.parametrize(
    "password",
    [
        " " * 8,
        "a       b",
        "\u200b" * 9,
        "\u3164\u115f" * 6,
        "\u00ad\ufeff\u2060\u200e seven77",
        "\x00" * 20,
        "\U000e0041" * 12,
        "a\u200db\u200dc\u200dd\u200de",
    ],
    ids=ascii,
)
def test_password_that_cannot_be_seen_is_refused(client: FlaskClient, password: str) -> None:
    assert codes(register(client, password)) == ["invisible"]


@pytest.mark.parametrize("password", ["zzzzzzzzz", "ababababab", "-_-_-_-_-", "Üüüüüüüü"])
def test_password_of_one_or_two_characters_is_refused(client: FlaskClient, password: str) -> None:
    assert codes(register(client, password)) == ["common"]


@pytest.mark.parametrize(
    "password",
    [
        *("bob.builder", "BOB.Builder", "bobbuilder1", "2026BobBuilder!", "bob-1-builder", "redliub.bob"),
        *("floodmanager", "FloodManager2026", "flood manager!!", "reganamdoolf", "ｆｌｏｏｄｍａｎａｇｅｒ"),
        "bobbuilderbobbuilder",
    ],
)
def test_password_made_of_a_name_is_refused(client: FlaskClient, password: str) -> None:
    assert codes(register(client, password, "bob.builder")) == ["own-name"]


def test_names_within_a_longer_password_will_do(client: FlaskClient) -> None:
    assert register(client, "bob.builder fixed the roof", "bob.builder").status_code == 201


def test_blanks_at_the_ends_count(client: FlaskClient) -> None:
    register(client, " eigh-888 ")

    assert sign_in(client, password="eigh-888")["status"] == 401
    assert "access_token" in sign_in(client, password=" eigh-888 ")


def test_two_spellings_of_one_text_are_one_password(client: FlaskClient) -> None:
    register(client, DECOMPOSED)

    assert "access_token" in sign_in(client, password=unicodedata.normalize("NFC", DECOMPOSED))


@pytest.mark.parametrize(("role", "shortest"), [(Role.RESIDENT, 8), (Role.RESPONDER, 15), (Role.ADMIN, 15)])
def test_staff_need_longer_passwords(role: Role, shortest: int) -> None:
    long = "süßer-regen-im-november"
    assert passwords.faults(long[: shortest - 1], username="bob", role=role) != []
    assert passwords.faults(long[:shortest], username="bob", role=role) == []


def test_sign_in_renews_a_hash_of_older_parameters(client: FlaskClient, dear_passwords: None) -> None:
    account = make_account(username="Bob")
    weaker = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    account.replace_hash(weaker)

    assert "access_token" in sign_in(client)

    renewed = Account.get(account.id).password_hash
    assert renewed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "access_token" in sign_in(client)


def test_renewal_never_overwrites_a_change_of_password(tables: None) -> None:
    account = make_account(username="Bob")
    late = Account.get(account.id)
    account.change(password_hash=passwords.make_hash("another long password"))

    late.replace_hash(passwords.make_hash(PASSWORD))

    assert passwords.is_right("another long password", Account.get(account.id).password_hash)


def test_damaged_hash_admits_nobody(tables: None) -> None:
    assert not passwords.is_right(PASSWORD, "no hash at all")


def test_nobodys_hash_costs_what_a_real_one_costs(dear_passwords: None) -> None:
    assert not passwords.is_outdated(passwords._NOBODYS_HASH)
    assert not passwords.is_right("", None)
