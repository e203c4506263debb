"""Pages of lost passwords and of one's address, without scripts: forms whose link is copied into a field."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Account
from tests.app.pages.conftest import Visitor
from tests.factories import PASSWORD
from tests.mailing import ADDRESS, confirmed, newcomer
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture

NEW = "another wet november night"
NOT_VALID = "This link is not valid any more"


@pytest.fixture(autouse=True)
def _noon(noon: Any) -> None:
    """Limits are counted within one day."""


def link(post: Post, page: str) -> str:
    return f"https://floods.example.org/{page}#{post.token()}"


def test_a_lost_password_comes_back_by_forms_alone(client: FlaskClient, post: Post, visitor: Visitor) -> None:
    anna = confirmed(client, post)
    assert 'href="/forgotten-password"' in visitor.get("/sign-in").text
    asked = visitor.post("/forgotten-password", who=ADDRESS)
    post.work()
    changed = visitor.post("/reset-password", token=link(post, "reset-password"), password=NEW)
    told = visitor.get(changed.location)

    assert (asked.status_code, asked.location) == (303, "/forgotten-password?note=sent")
    assert "a message is on its way" in visitor.get(asked.location).text
    assert (changed.status_code, "Your password is changed" in told.text) == (303, True)
    assert visitor.sign_in(anna.name, NEW).status_code == 303
    assert NOT_VALID in visitor.post("/reset-password", token=post.token(0), password=NEW).text


def test_a_bad_password_keeps_the_link_in_the_form(client: FlaskClient, post: Post, visitor: Visitor) -> None:
    anna = confirmed(client, post)
    visitor.post("/forgotten-password", who=anna.name)
    post.work()
    answer = visitor.post("/reset-password", token=post.token(), password="short")

    assert answer.status_code == 422
    assert post.token() in answer.text
    assert "Choose a password of 8 to 128 characters." in answer.text


@pytest.mark.parametrize("who", ["", "x" * 300, "no@address@here", "postmaster@example.net"])
def test_what_names_nobody_is_told_beside_the_field(visitor: Visitor, post: Post, who: str) -> None:
    answer = visitor.post("/forgotten-password", who=who)

    assert answer.status_code == 422
    assert 'id="who-mistake"' in answer.text
    assert "Something here cannot be taken" not in answer.text


def test_an_unknown_person_sees_what_a_known_one_sees(client: FlaskClient, post: Post, visitor: Visitor) -> None:
    anna = confirmed(client, post)
    answers = [visitor.post("/forgotten-password", who=who) for who in (anna.name, "nobody-here", "no@example.net")]

    assert {(one.status_code, one.location, one.text) for one in answers} == {
        (303, "/forgotten-password?note=sent", answers[0].text)
    }


def test_opening_a_link_changes_nothing_and_one_button_confirms(
    client: FlaskClient, post: Post, visitor: Visitor
) -> None:
    anna = newcomer(client)
    anna.change(email=ADDRESS)
    post.work()
    for path in ("/confirm-email", f"/confirm-email?token={post.token()}"):
        opened = visitor.get(path)
        assert opened.status_code == 200
    before = anna.account.confirmed_email
    done = visitor.post("/confirm-email", token=link(post, "confirm-email"))

    assert (before, anna.account.confirmed_email) == (None, ADDRESS)
    assert "Your address is confirmed." in visitor.get(done.location).text
    assert NOT_VALID in visitor.post("/confirm-email", token=post.token()).text


def test_ones_own_page_states_confirms_and_removes_an_address(post: Post, signed_in: Callable[..., Visitor]) -> None:
    visitor = signed_in()
    assert visitor.account
    stated = visitor.post("/me/email", email=ADDRESS, address_password=PASSWORD)
    waiting = visitor.get(stated.location).text
    again = visitor.post("/me/email/confirmation")
    post.work()
    visitor.post("/confirm-email", token=post.token())
    confirmed_text = visitor.get("/me").text
    removed = visitor.post("/me/email", email="", address_password=PASSWORD)
    account = Account.find(visitor.account.id)

    assert "Not confirmed yet:" in waiting
    assert "Open the link in the message that is on its way to it." in waiting
    assert again.location == "/me?note=again#address"
    assert f"Confirmed:</span> <bdi>{ADDRESS}" in confirmed_text or f"Confirmed: <bdi>{ADDRESS}" in confirmed_text
    assert removed.location == "/me?note=removed#address"
    assert account
    assert (account.email, account.confirmed_email) == (None, None)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": ADDRESS, "address_password": ""}, "Enter your password."),
        ({"email": ADDRESS, "address_password": "not this one"}, "This is not your password. Nothing was changed."),
        ({"email": "no address", "address_password": PASSWORD}, "This is not an e-mail address."),
        ({"email": "alerts@floods.example.org", "address_password": PASSWORD}, "This is the address of this service."),
    ],
)
def test_mistakes_of_the_address_form_stand_beside_it(
    post: Post, signed_in: Callable[..., Visitor], fields: dict[str, str], said: str
) -> None:
    answer = signed_in().post("/me/email", **fields)

    assert answer.status_code == 422
    assert said in answer.text
    assert post.calls == 0


def test_without_mail_the_pages_offer_nothing_that_needs_it(signed_in: Callable[..., Visitor]) -> None:
    visitor = signed_in()
    own, lost = visitor.get("/me").text, visitor.get("/forgotten-password").text
    visitor.post("/me/sign-out")
    entrance = visitor.get("/sign-in").text

    assert "This service sends no mail" in own
    assert 'action="/me/email"' not in own
    assert "This service sends no mail" in lost
    assert "<form" not in lost.partition("<main")[2].partition("</main>")[0]
    assert "/forgotten-password" not in entrance
