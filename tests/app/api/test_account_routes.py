"""One's own account: reading it, changing it, and what is never said about it."""

import logging
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.core.errors import Conflict
from tests.app.accounts.conftest import bearer, sign_in
from tests.app.accounts.conftest import pair as pair  # noqa: PLC0414 - a fixture
from tests.factories import PASSWORD, make_account

NEW = "an even longer and rainier night"


@pytest.fixture
def me(pair: dict[str, Any]) -> dict[str, str]:
    return bearer(pair["access_token"])


def test_me_shows_what_is_ones_own_and_no_more(client: FlaskClient, me: dict[str, str]) -> None:
    answer = client.get("/v1/me", headers=me)

    assert answer.json.keys() == {"id", "username", "role", "email", "confirmed_email", "areas", "created_at"}
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["ETag"] == '"v1"'


def test_me_unchanged_is_304(client: FlaskClient, me: dict[str, str]) -> None:
    assert client.get("/v1/me", headers=me | {"If-None-Match": '"v1"'}).status_code == 304


def test_email_can_be_set_and_removed(client: FlaskClient, me: dict[str, str]) -> None:
    set_to = client.patch("/v1/me", headers=me, json={"email": "bob@example.org"})
    removed = client.patch("/v1/me", headers=me, json={"email": None})

    assert (set_to.json["email"], removed.json["email"]) == ("bob@example.org", None)
    assert client.get("/v1/me", headers=me).json["email"] is None
    assert (set_to.headers["ETag"], removed.headers["ETag"]) == ('"v2"', '"v3"')


def test_empty_change_changes_nothing(client: FlaskClient, me: dict[str, str]) -> None:
    answer = client.patch("/v1/me", headers=me, json={})

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v1"')


def test_change_of_another_version_is_refused(client: FlaskClient, me: dict[str, str]) -> None:
    client.patch("/v1/me", headers=me, json={"email": "bob@example.org"})

    answer = client.patch("/v1/me", headers=me | {"If-Match": '"v1"'}, json={"email": None})

    assert answer.status_code == 412
    assert client.get("/v1/me", headers=me).json["email"] == "bob@example.org"


@pytest.mark.parametrize("match", ['"v1"', '"v0", "v1"', "*"])
def test_change_of_the_version_that_was_read_is_made(client: FlaskClient, me: dict[str, str], match: str) -> None:
    assert client.patch("/v1/me", headers=me | {"If-Match": match}, json={"email": None}).status_code == 200


def test_new_password_replaces_the_old_and_ends_all_sign_ins(client: FlaskClient, me: dict[str, str]) -> None:
    answer = client.patch("/v1/me", headers=me, json={"password": NEW, "current_password": PASSWORD})

    assert answer.status_code == 200
    assert client.get("/v1/me", headers=me).status_code == 401
    assert sign_in(client)["status"] == 401
    assert "access_token" in sign_in(client, password=NEW)


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"password": NEW}, {("/current_password", "required")}),
        ({"password": NEW, "current_password": "wrong"}, {("/current_password", "wrong")}),
        ({"password": "password1"}, {("/current_password", "required"), ("/password", "common")}),
        ({"password": "short", "email": "bob"}, {("/password", "length"), ("/email", "email")}),
        (
            {"password": "bobby-bob", "current_password": "wrong"},
            {("/password", "own-name"), ("/current_password", "wrong")},
        ),
        ({"role": "admin", "id": "acc_x"}, {("/role", "unknown"), ("/id", "unknown")}),
        ({"username": "eve"}, {("/username", "unknown")}),
    ],
)
def test_wrong_change_names_every_mistake_and_changes_nothing(
    client: FlaskClient, change: dict[str, str], faults: set[tuple[str, str]]
) -> None:
    make_account(username="Bobby-Bob")
    headers = bearer(sign_in(client, "bobby-bob")["access_token"])

    answer = client.patch("/v1/me", headers=headers, json=change)

    assert answer.status_code == 422
    assert {(mistake["pointer"], mistake["code"]) for mistake in answer.json["errors"]} == faults
    assert client.get("/v1/me", headers=headers).headers["ETag"] == '"v1"'


def test_staff_cannot_change_to_a_short_password(client: FlaskClient) -> None:
    make_account("responder", username="Rita")
    headers = bearer(sign_in(client, "rita")["access_token"])

    answer = client.patch("/v1/me", headers=headers, json={"password": "fourteen chars", "current_password": PASSWORD})

    assert [mistake["pointer"] for mistake in answer.json["errors"]] == ["/password"]


def test_of_two_changes_at_once_one_is_told(tables: None) -> None:
    account = make_account(username="Bob")
    late = Account.get(account.id)
    account.change(email="first@example.org")

    with pytest.raises(Conflict):
        late.change(email="second@example.org")

    assert Account.get(account.id).email == "first@example.org"


def test_change_whose_reply_was_lost_is_no_conflict(tables: None) -> None:
    account = make_account(username="Bob")
    again = Account.get(account.id)
    account.change(email="bob@example.org")

    again.change(email="bob@example.org")

    assert again.version == 2


def test_logs_hold_no_secret_and_no_name(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    product = logging.getLogger("floodmanager")
    product.addHandler(caplog.handler)
    client.post("/v1/accounts", json={"username": "Bobby-Tables", "password": PASSWORD, "email": "bob@example.org"})
    pair = sign_in(client, "bobby-tables")
    headers = bearer(pair["access_token"])
    for number in (1, 2, 3):
        client.post("/v1/tokens/refresh", json={"refresh_token": pair["refresh_token"]})
        client.patch("/v1/me", headers=headers, json={"password": NEW, "current_password": f"wrong{number}"})
        sign_in(client, "bobby-tables", f"guess{number}")
        client.post("/v1/accounts", json={"username": "bobby-tables", "password": PASSWORD})
    product.removeHandler(caplog.handler)

    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert len(caplog.records) >= 14
    for secret in (PASSWORD, NEW, "wrong1", "guess1", "obby-", "example.org", "127.0.0.1", "eyJ", "argon2", "acc_"):
        assert secret not in logged
