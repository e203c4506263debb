"""Registering: what is taken, what is refused, and that a name belongs to one."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from pynamodb.connection.base import Connection
from pynamodb.exceptions import TransactWriteError

from app.accounts import registration
from app.accounts.models import Account
from app.accounts.username_models import UsernameClaim
from app.core.errors import Conflict, Invalid
from tests.factories import PASSWORD, delete_account, make_account
from tests.reporting import mistakes_of

GOOD = {"username": "Bob", "password": PASSWORD}


def register(client: FlaskClient, **wanted: Any) -> Any:
    return client.post("/v1/accounts", json=GOOD | wanted)


def faults(answer: Any) -> set[tuple[str, str]]:
    return mistakes_of(answer)


def test_registering_answers_with_the_account_and_where_it_is(client: FlaskClient) -> None:
    answer = register(client, email="bob@example.org")

    assert answer.status_code == 201
    assert answer.headers["Location"] == "/v1/me"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.json.keys() == {"id", "username", "role", "created_at"}
    assert answer.json["id"].startswith("acc_")
    assert (answer.json["username"], answer.json["role"]) == ("Bob", "resident")
    assert answer.json["created_at"].endswith("Z")


def test_account_stores_no_password_in_clear(client: FlaskClient, dear_passwords: None) -> None:
    account_id = register(client).json["id"]

    stored = Account.get(account_id)

    assert PASSWORD not in str(stored.serialize())
    assert stored.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("taken", ["Bob", "bob", "BOB", "Ｂｏｂ"])
def test_name_is_taken_whatever_its_case_or_width(client: FlaskClient, taken: str) -> None:
    register(client)

    answer = register(client, username=taken)

    assert (answer.status_code, answer.json["type"]) == (409, "/docs/errors/conflict")


@pytest.mark.parametrize("username", ["bob", "Zoë.van-Dijk_2", "Иван", "水位計", "हिन्दी", "a.b", "x" * 40, "straße"])
def test_names_of_any_script_are_taken(client: FlaskClient, username: str) -> None:
    answer = register(client, username=username)

    assert (answer.status_code, answer.json["username"]) == (201, username)


@pytest.mark.parametrize(
    "username",
    [
        "",
        "ab",
        "x" * 41,
        "two words",
        " bob",
        "bob\n",
        "bob\x00",
        "<b>bob",
        "bob@example.org",
        "bob/../admin",
        "b\u202eob",
        "b\u200bob",
        "b\u3164ob",
        "bob\ufe0f",
        "b\u00a0ob",
        "-bob",
        "bob.",
        "\u0301bob",
        "\ufdfa" * 3,
        "bob\U0001f30a",
    ],
)
def test_name_that_misleads_is_refused(client: FlaskClient, username: str) -> None:
    found = faults(register(client, username=username))

    assert {pointer for pointer, _ in found} == {"/username"}


@pytest.mark.parametrize(
    "email", ["bob", "bob@", "@example.org", "bob@example", "a b@example.org", "b@x.y" + "z" * 254]
)
def test_text_that_is_no_address_is_refused(client: FlaskClient, email: str) -> None:
    assert {pointer for pointer, _ in faults(register(client, email=email))} == {"/email"}


@pytest.mark.parametrize("field", ["role", "status", "id", "version", "token_version", "password_hash", "created_at"])
def test_nobody_sets_what_is_not_theirs_to_set(client: FlaskClient, field: str) -> None:
    assert faults(register(client, **{field: "admin"})) == {(f"/{field}", "unknown")}


def test_every_mistake_is_told_at_once(client: FlaskClient) -> None:
    answer = client.post("/v1/accounts", json={"username": "<", "password": "password1", "email": 1, "role": "admin"})

    told = {("/username", "length"), ("/username", "characters"), ("/username", "ends")}
    assert faults(answer) == told | {("/password", "common"), ("/email", "type"), ("/role", "unknown")}


def test_body_without_fields_names_both(client: FlaskClient) -> None:
    assert faults(client.post("/v1/accounts", json={})) == {("/username", "required"), ("/password", "required")}


@pytest.mark.parametrize("body", [[], "bob", 1, 1.5, True])
def test_body_that_is_no_object_is_refused(client: FlaskClient, body: Any) -> None:
    assert client.post("/v1/accounts", json=body).status_code in (400, 422)


def test_unknown_parameter_is_refused(client: FlaskClient) -> None:
    assert faults(client.post("/v1/accounts?role=admin", json=GOOD)) == {("role", "unknown")}


def test_network_registers_ten_an_hour(client: FlaskClient) -> None:
    with time_machine.travel("2026-11-21T10:20:00Z", tick=False):
        answers = [register(client, username=f"bob-{number}") for number in range(11)]

    assert [answer.status_code for answer in answers] == [201] * 10 + [429]
    assert answers[-1].headers["Retry-After"] == str(40 * 60)


def test_other_network_still_registers(client: FlaskClient) -> None:
    for number in range(11):
        register(client, username=f"bob-{number}")

    answer = client.post("/v1/accounts", json=GOOD, environ_base={"REMOTE_ADDR": "203.0.113.9"})

    assert answer.status_code == 201


def test_refused_body_does_not_count(client: FlaskClient) -> None:
    for _ in range(12):
        register(client, username="<")

    assert register(client).status_code == 201


def test_one_of_many_at_once_gets_the_name(dynoxide: str) -> None:
    def try_once(number: int) -> str:
        try:
            return registration.register(username="Bob", password=PASSWORD).id
        except Conflict:
            return ""

    with ThreadPoolExecutor(8) as people:
        ids = [found for found in people.map(try_once, range(8)) if found]

    assert len(ids) == 1
    assert UsernameClaim.holder("name:bob") == ids[0]
    assert len([row for row in Account.scan() if row.id.startswith("acc_")]) == 1


def test_lost_reply_is_no_conflict(dynoxide: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The write arrives, its reply does not: the claim, read back, tells that the name is ours."""
    really_write = Connection.transact_write_items

    def write_and_lose_reply(*told: Any, **named: Any) -> None:
        really_write(*told, **named)
        raise TransactWriteError("no reply")

    monkeypatch.setattr(Connection, "transact_write_items", write_and_lose_reply)

    account = registration.register(username="Bob", password=PASSWORD)

    assert UsernameClaim.holder("name:bob") == account.id
    assert Account.find(account.id)


def test_write_that_never_arrives_is_tried_again(dynoxide: str, monkeypatch: pytest.MonkeyPatch) -> None:
    really_write, tries = Connection.transact_write_items, []

    def fail_once(*told: Any, **named: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise TransactWriteError("no road")
        return really_write(*told, **named)

    monkeypatch.setattr(Connection, "transact_write_items", fail_once)

    assert Account.find(registration.register(username="Bob", password=PASSWORD).id)


def test_admin_is_made_with_a_long_password_only(tables: None) -> None:
    with pytest.raises(Invalid) as refused:
        registration.register("Ada", "fourteen chars", role="admin")

    assert [mistake.pointer for mistake in refused.value.mistakes] == ["/password"]
    assert registration.register("Ada", "fifteen charact", role="admin").role == "admin"


def test_deleted_account_frees_its_name_and_ends_its_tokens(client: FlaskClient) -> None:
    account = make_account(username="Bob")

    delete_account(account.id)
    delete_account(account.id)

    assert Account.find(account.id) is None
    assert register(client, username="BOB").status_code == 201


def test_late_second_delete_spares_the_names_next_holder(tables: None) -> None:
    old = make_account(username="Bob")
    delete_account(old.id)
    heir = make_account(username="Bob")

    old.remove(keeps_texts=False)

    assert UsernameClaim.holder("name:bob") == heir.id
