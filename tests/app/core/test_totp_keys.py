"""The keys of second factors: read from their own parameter at first use, rotated without loss, or forgotten."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.aws import parameters
from app.core import key_cache, totp_keys
from app.core.config import read_settings
from app.core.errors import Unavailable
from infra import secrets
from tests.codes import Person, set_up, sign_in
from tests.factories import make_account

NAME = "/floodmanager/test/totp-key"


@pytest.fixture
def store(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A deployment's own parameter, and settings without a key, as in Lambda."""
    bare = read_settings({"AWS_PROFILE": "moto", "RESOURCE_PREFIX": "floodmanager-test"})
    monkeypatch.setattr(totp_keys, "settings", lambda: bare)
    secrets.main(["ensure", "--prefix", "floodmanager-test"])
    totp_keys.set_store_reader(parameters.read_totp_key)
    yield
    names = [NAME.replace("totp-key", name) for name in (*parameters.NAMES, *parameters.TOTP_NAMES)]
    boto3.client("ssm").delete_parameters(Names=names)
    totp_keys.set_store_reader(parameters.read_totp_key)


@pytest.fixture
def person(store: None, client: FlaskClient, noon: Any) -> Person:
    return set_up(client, make_account(username="river-watcher"))


def stored() -> list[str]:
    value: str = boto3.client("ssm").get_parameter(Name=NAME, WithDecryption=True)["Parameter"]["Value"]
    return value.split()


def rotate(*options: str) -> None:
    """Rotate the key, and let a minute pass."""
    assert secrets.main(["rotate", "--key", "totp-key", "--prefix", "floodmanager-test", *options]) == 0
    totp_keys._cache.read_at -= key_cache.LIFE_S + 1


def salt_of(person: Person) -> bytes:
    account = Account.find(person.account.id)
    assert account and account.totp_salt
    return bytes(account.totp_salt)


def test_rotation_keeps_every_factor_and_is_for_those_made_after_it(client: FlaskClient, person: Person) -> None:
    before, first = salt_of(person), stored()
    rotate()
    assert stored()[1:] == first

    assert sign_in(client, "river-watcher", recovery_code=person.recovery_codes[0]).status_code == 200
    assert sign_in(client, "river-watcher", totp=person.app.code()).status_code == 200
    later = set_up(client, make_account())

    assert (salt_of(person), salt_of(later)[1:5] == before[1:5]) == (before, False)
    assert sign_in(client, later.account.username, totp=later.app.code()).status_code == 200


def test_after_a_leak_no_factor_of_before_is_good(client: FlaskClient, person: Person) -> None:
    rotate("--leaked")

    by_app = sign_in(client, "river-watcher", totp=person.app.code())
    by_recovery = sign_in(client, "river-watcher", recovery_code=person.recovery_codes[0])

    assert (by_app.status_code, by_recovery.status_code, len(stored())) == (401, 401, 1)


def test_parameter_never_outgrows_what_the_store_holds(store: None) -> None:
    for _ in range(secrets.MOST_KEYS + 2):
        rotate()

    assert len(stored()) == secrets.MOST_KEYS
    assert len(" ".join(stored())) <= 4096


def test_without_the_parameter_only_codes_are_away(client: FlaskClient, person: Person) -> None:
    boto3.client("ssm").delete_parameter(Name=NAME)
    totp_keys.set_store_reader(parameters.read_totp_key)

    assert sign_in(client, "river-watcher", totp=person.app.code()).status_code == 503
    assert sign_in(client, make_account().username).status_code == 200
    assert client.get("/v1/me", headers=person.headers).status_code == 200
    with pytest.raises(Unavailable):
        totp_keys.current()


def test_keys_hold_while_the_store_does_not_answer(client: FlaskClient, person: Person) -> None:
    boto3.client("ssm").delete_parameter(Name=NAME)
    totp_keys._cache.read_at -= key_cache.LIFE_S + 1

    assert sign_in(client, "river-watcher", totp=person.app.code()).status_code == 200


def test_sign_in_without_a_code_reads_no_key_of_codes(store: None, client: FlaskClient) -> None:
    assert sign_in(client, make_account().username).status_code == 200

    assert totp_keys._cache.keys is None
