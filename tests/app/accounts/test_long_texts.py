"""Texts that are far too long: measured before they are put in order, which costs the square of their length."""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import passwords, usernames
from app.accounts.usernames import NAME_LENGTHS
from app.http import fields
from tests.app.accounts.conftest import sign_in
from tests.app.pages.conftest import OWN_FORM, Visitor
from tests.app.pages.conftest import signed_in as signed_in  # noqa: PLC0414 - a fixture
from tests.app.pages.conftest import visitor as visitor  # noqa: PLC0414 - a fixture
from tests.app.pages.frame import markup
from tests.factories import PASSWORD

# Marks in an order that must be turned about, for as long as they last.
COSTLY = "\u0323\u0301" * 20_000
LONGEST_OF_ACCOUNTS = 4 * 200  # the user name at the sign-in of the API may have 200 characters


@pytest.fixture
def lengths(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Lengths of the texts normalised during the test; texts are cut first, so that no test waits."""
    known, found = unicodedata.normalize, []

    def note(form: Any, text: str) -> str:
        found.append(len(text))
        return known(form, text[:20_000])

    monkeypatch.setattr(unicodedata, "normalize", note)
    return found


def send(visitor: Visitor, path: str, **said: str) -> TestResponse:
    """A form as parts, which a page takes up to the size of any request."""
    return visitor.client.post(path, data=said, headers=OWN_FORM, content_type="multipart/form-data")


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/new"])
@pytest.mark.parametrize("field", ["username", "password"])
def test_forms_of_anybody_put_no_long_text_in_order(
    visitor: Visitor, lengths: list[int], path: str, field: str
) -> None:
    answer = send(visitor, path, **({"username": "newcomer", "password": PASSWORD} | {field: COSTLY}))

    assert answer.status_code == (401 if path == "/sign-in" else 422)
    assert 0 < max(lengths) <= LONGEST_OF_ACCOUNTS


@pytest.mark.parametrize(
    ("path", "field"),
    [("/me/password", "password"), ("/me/password", "current_password"), ("/me/delete", "leaving_password")],
)
def test_forms_of_ones_own_put_no_long_text_in_order(
    signed_in: Callable[..., Visitor], lengths: list[int], path: str, field: str
) -> None:
    said = {"password": "another long wet november", "current_password": PASSWORD} | {field: COSTLY}

    assert send(signed_in(), path, **said).status_code == 422
    assert 0 < max(lengths) <= LONGEST_OF_ACCOUNTS


@pytest.mark.parametrize("field", ["username", "password", "email"])
@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/tokens", "/register", "/authenticate"])
def test_programs_send_no_long_text_that_is_put_in_order(
    client: FlaskClient, lengths: list[int], path: str, field: str
) -> None:
    body = {"username": "newcomer", "password": PASSWORD} | {field: COSTLY}

    answer = client.post(path, json=body)

    assert answer.status_code in (400, 422) or (path, field) == ("/register", "email")
    assert max(lengths, default=0) <= 4 * 254
    if path == "/v1/accounts":
        assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [(f"/{field}", "length")]


@pytest.mark.parametrize("field", ["title", "description"])
def test_reports_hold_no_long_text_that_is_put_in_order(client: FlaskClient, lengths: list[int], field: str) -> None:
    body = {"location": {"lat": 51.5, "lon": -0.12}, "severity": "minor", field: COSTLY}

    answer = client.post("/v1/reports", json=body, headers={"Idempotency-Key": "key-of-a-very-long-text"})

    assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [(f"/{field}", "length")]
    assert max(lengths, default=0) <= 4 * 4000


def test_what_one_signs_in_with_is_not_shown_longer_than_a_name_may_be(visitor: Visitor) -> None:
    for name in ("n" * 41, "n" * 5000, COSTLY):
        answer = send(visitor, "/sign-in", username=name, password="wrong")

        assert answer.status_code == 401
        [shown] = [one.attributes for one in markup.named(answer.text, "input") if one.attributes["name"] == "username"]
        assert shown["value"] == name[: NAME_LENGTHS[-1]]


def test_what_is_long_only_as_it_is_typed_is_taken(client: FlaskClient) -> None:
    typed = ("\u1f82\u1f83\u1f84" * 43)[:128]
    name, password = (unicodedata.normalize("NFD", one) for one in ("\u01d6" * 40, typed))
    assert (len(name), len(password)) == (120, 512)

    made = client.post("/v1/accounts", json={"username": name, "password": password})

    assert (made.status_code, made.json["username"]) == (201, "\u01d6" * 40)
    assert "access_token" in sign_in(client, name, typed)


def test_no_character_is_composed_of_more_than_is_thought() -> None:
    most = max(len(unicodedata.normalize("NFD", chr(point))) for point in range(0x110000))

    assert (most, most) == (fields.COMPOSED_OF, usernames.COMPOSED_OF)


def test_a_password_is_not_known_by_its_beginning(visitor: Visitor) -> None:
    longest = ("xyz" * passwords.LONGEST)[: passwords.LONGEST]
    visitor.post("/sign-in/new", username="newcomer", password=longest)
    visitor.post("/me/sign-out")

    assert [visitor.sign_in("newcomer", longest + more).status_code for more in ("y", "y" * 5000, "")] == [
        401,
        401,
        303,
    ]
