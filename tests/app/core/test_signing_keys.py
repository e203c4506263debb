"""The keys of a deployment: read from the parameter store, followed through a rotation, kept through an outage."""

from collections.abc import Iterator

import boto3
import pytest
from flask.testing import FlaskClient

from app.aws import parameters
from app.core import config, key_cache, signing_keys
from app.core.config import read_settings
from app.core.errors import Unavailable
from infra import secrets
from tests.factories import PASSWORD, make_account

FOLDER = "/floodmanager/test/"


@pytest.fixture
def store(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A deployment's own parameters, and settings without keys, as in Lambda."""
    bare = read_settings({"AWS_PROFILE": "moto", "RESOURCE_PREFIX": "floodmanager-test"})
    monkeypatch.setattr(signing_keys, "settings", lambda: bare)
    secrets.main(["ensure", "--prefix", "floodmanager-test"])
    signing_keys.set_store_reader(parameters.read)
    yield FOLDER
    client = boto3.client("ssm")
    client.delete_parameters(Names=[FOLDER + name for name in (*parameters.NAMES, *parameters.TOTP_NAMES)])
    signing_keys.set_store_reader(parameters.read)


def sign_in(client: FlaskClient, username: str) -> dict[str, str]:
    answer = client.post("/v1/tokens", json={"username": username, "password": PASSWORD})
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


def stored(name: str) -> str:
    return boto3.client("ssm").get_parameter(Name=FOLDER + name, WithDecryption=True)["Parameter"]["Value"]


def rotate(*options: str) -> None:
    assert secrets.main(["rotate", "--prefix", "floodmanager-test", *options]) == 0


def test_keys_come_from_the_parameter_store(store: str) -> None:
    found = signing_keys.keys()

    assert (found.secret, found.id_key, found.origin_key) == tuple(map(stored, ("secret", "id-key", "origin-key")))


def test_making_keys_again_changes_none(store: str) -> None:
    before = [stored(name) for name in ("secret", "id-key", "origin-key")]

    secrets.main(["ensure", "--prefix", "floodmanager-test"])

    assert [stored(name) for name in ("secret", "id-key", "origin-key")] == before


def test_keys_are_stored_encrypted_but_for_the_one_that_cloudformation_reads(store: str) -> None:
    found = boto3.client("ssm").get_parameters_by_path(Path=FOLDER)["Parameters"]

    kinds = {parameter["Name"].rpartition("/")[2]: parameter["Type"] for parameter in found}

    assert kinds.pop("origin-key") == "String"
    assert kinds == dict.fromkeys(("secret", "id-key", "totp-key", "mail-key"), "SecureString")


def test_sign_in_outlives_a_rotation(store: str, client: FlaskClient) -> None:
    make_account(username="river")
    headers = sign_in(client, "river")

    rotate()

    signing_keys._cache.read_at -= key_cache.LIFE_S + 1
    assert client.get("/v1/me", headers=headers).status_code == 200
    assert signing_keys.keys().secret == stored("secret")


def test_leaked_key_opens_nothing_a_minute_later(store: str, client: FlaskClient) -> None:
    make_account(username="river")
    headers = sign_in(client, "river")

    rotate("--leaked")

    signing_keys._cache.read_at -= key_cache.LIFE_S + 1
    assert client.get("/v1/me", headers=headers).status_code == 401


def test_token_of_an_instance_that_knows_a_newer_key_is_taken(store: str, client: FlaskClient) -> None:
    make_account(username="river")
    old = signing_keys.keys()
    rotate()
    signing_keys.set_store_reader(parameters.read)
    headers = sign_in(client, "river")

    signing_keys._cache.keys, signing_keys._cache.read_at = (
        old,
        signing_keys._cache.read_at - signing_keys.LOOK_AGAIN_AFTER_S - 1,
    )

    assert client.get("/v1/me", headers=headers).status_code == 200


def test_keys_hold_while_the_store_does_not_answer(store: str) -> None:
    before = signing_keys.keys()
    boto3.client("ssm").delete_parameters(Names=[FOLDER + "secret"])

    signing_keys._cache.read_at -= key_cache.LIFE_S + 1

    assert signing_keys.keys() == before


def test_deployment_without_keys_does_not_start(store: str) -> None:
    boto3.client("ssm").delete_parameters(Names=[FOLDER + "id-key"])

    with pytest.raises(Unavailable):
        signing_keys.keys()


def test_settings_of_this_test_run_name_their_keys() -> None:
    assert signing_keys.keys().secret == config.settings().secret
