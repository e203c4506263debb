"""Suspended accounts: no sign-in, token or session of the pages is good for anything until they are restored."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.review.audit import history_of
from tests.app.pages.conftest import Visitor
from tests.factories import PASSWORD, make_account, sign_in_as
from tests.reporting import bearer


@pytest.fixture
def person(tables: None) -> Account:
    return make_account(username="river-watcher")


def set_suspended(client: FlaskClient, account: Account, *, to: bool, reason: str = "abuse") -> None:
    body = {"is_suspended": to, "reason": reason}
    assert client.patch(f"/v1/admin/accounts/{account.id}", headers=sign_in_as("admin"), json=body).status_code == 200


def sign_in(client: FlaskClient, account: Account, password: str = PASSWORD) -> Any:
    return client.post("/v1/tokens", json={"username": account.username, "password": password})


def test_sign_in_is_refused_with_the_reason(client: FlaskClient, person: Account) -> None:
    set_suspended(client, person, to=True)

    answer = sign_in(client, person)

    assert (answer.status_code, answer.json["type"]) == (403, "/docs/errors/suspended")
    assert client.get(answer.json["type"]).status_code == 200


def test_only_who_has_the_password_learns_of_it(client: FlaskClient, person: Account) -> None:
    set_suspended(client, person, to=True)

    wrong = sign_in(client, person, "a dry and sunny morning")

    unknown = client.post("/v1/tokens", json={"username": "someone-else", "password": PASSWORD})
    assert (wrong.status_code, wrong.json["detail"]) == (401, unknown.json["detail"])


def test_tokens_in_hand_are_refused_from_the_next_request_on(client: FlaskClient, person: Account) -> None:
    pair = sign_in(client, person).json
    access = bearer(pair["access_token"])
    assert client.get("/v1/me", headers=access).status_code == 200

    set_suspended(client, person, to=True)

    refreshed = client.post("/v1/tokens/refresh", json={"refresh_token": pair["refresh_token"]})
    filed = client.post("/v1/reports", headers=access, json={})
    assert (client.get("/v1/me", headers=access).status_code, refreshed.status_code, filed.status_code) == (401,) * 3


def test_sessions_of_the_pages_end_too(client: FlaskClient, person: Account) -> None:
    visitor = Visitor(client)
    visitor.sign_in(person.username)
    assert visitor.get("/me").status_code == 200

    set_suspended(client, person, to=True)

    assert visitor.get("/me").status_code == 303
    refused = visitor.post("/sign-in", username=person.username, password=PASSWORD)
    assert (refused.status_code, "This account is suspended" in refused.text) == (403, True)


def test_session_that_begins_at_the_same_moment_ends_with_its_first_request(
    client: FlaskClient, person: Account
) -> None:
    """The token may be made after the change of the account, for the account as it was read before."""
    set_suspended(client, person, to=True)
    seen = Account.find(person.id)
    assert seen

    from app.accounts import tokens

    assert client.get("/v1/me", headers=bearer(tokens.issue_access(seen))).status_code == 401


def test_restored_account_signs_in_again_and_old_tokens_stay_dead(client: FlaskClient, person: Account) -> None:
    old = bearer(sign_in(client, person).json["access_token"])
    set_suspended(client, person, to=True)

    set_suspended(client, person, to=False, reason="resolved")

    assert client.get("/v1/me", headers=old).status_code == 401
    assert sign_in(client, person).status_code == 200
    restored, suspended = history_of(person.id)
    assert [(row.action, row.reason) for row in (suspended, restored)] == [
        ("account.suspended", "abuse"),
        ("account.restored", "resolved"),
    ]


def test_old_clients_cannot_sign_in_either(client: FlaskClient, person: Account) -> None:
    set_suspended(client, person, to=True)

    answer = client.post("/authenticate", json={"username": person.username, "password": PASSWORD})

    assert answer.status_code == 403


def test_name_of_a_suspended_account_stays_taken(client: FlaskClient, person: Account) -> None:
    set_suspended(client, person, to=True)

    answer = client.post("/v1/accounts", json={"username": person.username, "password": PASSWORD})

    assert answer.status_code == 409
