"""Registering and signing in as the old clients do it: their sentences, our rules and limits."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.app.legacy.old_clients import PASSWORD, error_of, registered, report, string_map
from tests.app.reports.conftest import logged as logged  # noqa: PLC0414 - a fixture
from tests.factories import make_account

WRONG = "Incorrect username or password"


def register(client: FlaskClient, username: str = "bob", password: str = PASSWORD, **more: Any) -> TestResponse:
    return client.post("/register", json={"username": username, "password": password} | more)


def sign_in(client: FlaskClient, username: str = "bob", password: str = PASSWORD) -> TestResponse:
    return client.post("/authenticate", json={"username": username, "password": password})


def test_registering_makes_an_account_of_the_product(client: FlaskClient) -> None:
    answer = register(client, first_name="Bob", last_name="Smith", email="bob@example.org", postcode="M1 1AA")

    assert (answer.status_code, string_map(answer)) == (200, {"message": "User registered successfully"})
    assert client.post("/v1/tokens", json={"username": "bob", "password": PASSWORD}).status_code == 200
    rows = str(boto3.client("dynamodb").scan(TableName="floodmanager-test-accounts")["Items"])
    assert not any(text in rows for text in ("Smith", "example.org", "M1 1AA", PASSWORD))


def test_taken_name_is_told_whatever_its_case(client: FlaskClient) -> None:
    registered(client, "Bob")

    answer = register(client, "bOB")

    assert (answer.status_code, error_of(answer)) == (400, "Username already exists")


def test_name_registered_many_times_at_once_is_one_account(dynoxide_client: FlaskClient) -> None:
    def try_it(number: int) -> TestResponse:
        client = dynoxide_client.application.test_client()
        return client.post(
            "/register",
            json={"username": "bob", "password": PASSWORD},
            environ_base={"REMOTE_ADDR": f"192.0.2.{number}"},
        )

    with ThreadPoolExecutor(4) as people:
        said = [string_map(answer) for answer in people.map(try_it, range(6))]

    assert sorted(str(each) for each in said) == [
        *["{'error': 'Username already exists'}"] * 5,
        "{'message': 'User registered successfully'}",
    ]


@pytest.mark.parametrize(
    ("username", "password", "sentence"),
    [
        ("bob", "short", "Password: It must have 8 to 128 characters; it has 5."),
        ("bob", "password123", "Password: It is among the passwords that are tried first. Choose another."),
        ("bobby-bob", "bobby-bob", "Password: It must not be made of the user name or of this service's name."),
    ],
)
def test_weak_password_is_refused_with_what_to_do(
    client: FlaskClient, username: str, password: str, sentence: str
) -> None:
    answer = register(client, username, password)

    assert (answer.status_code, error_of(answer)) == (400, sentence)


def test_every_fault_of_a_registration_is_told_at_once(client: FlaskClient) -> None:
    said = error_of(register(client, " ", "x"))

    assert said.count("Username: ") == 3
    assert said.endswith("Password: It must have 8 to 128 characters; it has 1.")


def test_registering_is_limited_with_the_product_s_own_count(client: FlaskClient, noon: Any) -> None:
    for number in range(9):
        registered(client, f"person-{number}")
    client.post("/v1/accounts", json={"username": "person-9", "password": PASSWORD})

    answer = register(client, "person-10")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert error_of(answer).startswith("Too many tries.")


@pytest.mark.parametrize("username", ["bob", "Bob", "ＢＯＢ"])
def test_right_password_signs_in_whatever_the_case_of_the_name(client: FlaskClient, username: str) -> None:
    registered(client, "Bob")

    answer = sign_in(client, username)

    assert (answer.status_code, string_map(answer)) == (200, {"message": "Login successful"})


def test_signing_in_stores_no_sign_in(client: FlaskClient) -> None:
    registered(client)

    sign_in(client)

    assert boto3.client("dynamodb").scan(TableName="floodmanager-test-tokens")["Items"] == []


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("bob", "wrong"),
        ("nobody", PASSWORD),
        ("a\x00b", "x"),
        ("x" * 5000, "x"),
        ("bob", "x" * 5000),
        ("﷽" * 30_000, "x"),
    ],
)
def test_wrong_and_odd_credentials_are_told_alike(client: FlaskClient, username: str, password: str) -> None:
    registered(client)

    answer = sign_in(client, username, password)

    assert (answer.status_code, error_of(answer)) == (400, WRONG)


def test_guesses_of_all_three_doors_count_together(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    statuses = [sign_in(client, password="wrong").status_code for _ in range(4)]
    statuses += [report(client, password="wrong").status_code for _ in range(3)]
    credentials = {"username": "bob", "password": "wrong"}
    statuses += [client.post("/v1/tokens", json=credentials).status_code for _ in range(3)]

    closed = [sign_in(client), report(client)]

    assert statuses == [400] * 7 + [401] * 3
    for answer in closed:
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
        assert error_of(answer).startswith("Too many tries.")


def test_neither_password_nor_name_is_logged(client: FlaskClient, logged: list[str]) -> None:
    registered(client)
    sign_in(client, password="a wrong word entirely")
    report(client)

    lines = "".join(logged)
    assert "/report_flood" in lines
    assert not any(word in lines for word in (PASSWORD, "a wrong word", "bob"))
