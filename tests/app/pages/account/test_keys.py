"""The page of one's own API keys, without scripts: one is made and shown once, listed, ended."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import api_keys
from tests.app.pages.account.test_page import field, mistakes, words
from tests.app.pages.conftest import Visitor
from tests.codes import set_up
from tests.factories import make_account
from tests.reporting import bearer, file_report

SignedIn = Callable[..., Visitor]
PATH = "/me/keys"
DAY_S = 24 * 3600


@pytest.fixture
def visitor(noon: Any, signed_in: SignedIn) -> Visitor:
    return signed_in()


def make(visitor: Visitor, **fields: Any) -> TestResponse:
    return visitor.post(PATH, **{"name": "Gauge at the bridge", "scopes": "reports:write", "days": "30"} | fields)


def key_in(answer: TestResponse) -> str:
    (key,) = re.findall(r"fm_[a-z2-7]{55}", answer.text)
    return str(key)


def test_key_is_shown_once_and_works(client: FlaskClient, visitor: Visitor, noon: Any) -> None:
    assert f'href="{PATH}"' in visitor.get("/me").text
    assert "You have no keys." in words(visitor.get(PATH))

    made = make(visitor)
    key = key_in(made)

    assert (made.status_code, made.headers["Cache-Control"]) == (200, "private, no-store")
    page = visitor.get(PATH)
    assert key not in page.text
    assert all(text in words(page) for text in ("Gauge at the bridge", key[:19], "Send reports", "Never used"))
    assert file_report(client, headers=bearer(key)).status_code == 201
    assert "Used last on Saturday 21 November 2026" in words(visitor.get(PATH))
    assert "Ends on Monday 21 December 2026" in words(visitor.get(PATH))
    noon.shift(31 * DAY_S)
    assert visitor.account
    visitor.sign_in(visitor.account.username)
    assert "Ended on Monday 21 December 2026" in words(visitor.get(PATH))


def test_key_is_ended_by_its_button(client: FlaskClient, visitor: Visitor) -> None:
    key, other = key_in(make(visitor)), key_in(make(visitor, name="Other"))
    ids = re.findall(r'name="key" value="(key_[a-z2-7]{16})"', visitor.get(PATH).text)
    assert {one.removeprefix("key_") for one in ids} == {key[3:19], other[3:19]}

    ended = visitor.post(f"{PATH}/end", key=f"key_{key[3:19]}")

    assert (ended.status_code, ended.headers["Location"]) == (303, f"{PATH}?note=ended")
    assert "The key has ended." in words(visitor.get(f"{PATH}?note=ended"))
    assert file_report(client, headers=bearer(key)).status_code == 401
    assert file_report(client, headers=bearer(other)).status_code == 201
    assert visitor.post(f"{PATH}/end", key=f"key_{key[3:19]}").headers["Location"] == f"{PATH}?note=gone"


def test_form_comes_back_with_every_mistake_and_what_was_typed(visitor: Visitor) -> None:
    answer = visitor.post(PATH, name="x" * 81, days="4")

    assert (answer.status_code, mistakes(answer)) == (
        422,
        [
            ("days", "Choose how long the key lasts."),
            ("name", "Give the key a name of 1 to 80 characters, in plain text."),
            ("scopes", "Choose at least one thing that the key may do."),
        ],
    )
    assert [place for place, _ in mistakes(make(visitor, name="<b>gauge"))] == ["name"]
    assert 'value="Keep me"' in visitor.post(PATH, name="Keep me", days="4").text


def test_only_staff_with_a_factor_make_a_key_that_decides(client: FlaskClient, visitor: Visitor) -> None:
    assert "Decide about reports" not in visitor.get(PATH).text
    assert make(visitor, scopes="review").status_code == 422
    admin = Visitor(client)
    account = make_account("admin")
    admin.sign_in(account.username)
    assert mistakes(make(admin, scopes="review")) == [
        ("scopes", "A key that decides needs your second factor. Set it up first.")
    ]
    person = set_up(client, account)
    passed = field(admin.sign_in(account.username), "passed")["value"]
    admin.post("/sign-in", passed=passed, code=person.app.code())

    made = make(admin, scopes="review", days="90")

    assert made.status_code == 200
    assert client.get("/v1/review/queue", headers=bearer(key_in(made))).status_code == 200
    assert mistakes(make(admin, scopes="review", days="365")) == [
        ("days", "A key that decides about reports lasts at most 90 days.")
    ]


def test_twenty_first_key_is_refused_with_words(visitor: Visitor) -> None:
    for _ in range(api_keys.MOST_KEYS):
        make(visitor)

    answer = make(visitor)

    assert (answer.status_code, [text for _, text in mistakes(answer)]) == (
        422,
        ["You have 20 keys already. End one first."],
    )


def test_page_speaks_the_readers_language(visitor: Visitor) -> None:
    shown = visitor.get(PATH, headers={"Accept-Language": "es"})

    assert "Claves" in words(shown)
