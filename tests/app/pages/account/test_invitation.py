"""The invited person's page: a new account or one's own, by a link that no request and no log ever has."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from app.accounts import second_factor
from app.accounts.models import Account
from app.api.invitation_schemas import link_of
from app.core.config import settings
from app.review import inviting
from app.review.audit import BY_COMMAND, history_of
from tests.app.pages.conftest import Visitor
from tests.factories import PASSWORD, make_account

PATH = "/invitation"
SignedIn = Callable[..., Visitor]


@pytest.fixture
def made(noon: Any, tables: None) -> inviting.NewInvitation:
    return inviting.make("responder", [], "", by=BY_COMMAND)


def send(visitor: Visitor, token: str, **said: str) -> Any:
    return visitor.post(PATH, **({"token": token, "username": "weir-keeper", "password": PASSWORD} | said))


def state(made: inviting.NewInvitation) -> str:
    return str(inviting.find(made.invitation.id).state)


def test_new_account_is_made_signed_in_and_led_to_the_reports(made: inviting.NewInvitation, visitor: Visitor) -> None:
    answer = send(visitor, made.token)

    assert (answer.status_code, answer.headers["Location"], state(made)) == (303, "/review", "used")
    assert visitor.get("/review").status_code == 200
    account = Account.named("weir-keeper")
    assert account and account.role == "responder"
    assert {row.action for row in history_of(account.id)} == {"account.role_changed", "staff.signed_in"}


@pytest.mark.parametrize("typed", ["https://flood.example.org/invitation#{}", "  {}\n", "{}"])
def test_whole_link_or_its_end_may_be_pasted(made: inviting.NewInvitation, visitor: Visitor, typed: str) -> None:
    assert send(visitor, typed.format(made.token)).status_code == 303


def test_signed_in_resident_accepts_by_the_own_password(made: inviting.NewInvitation, signed_in: SignedIn) -> None:
    person = signed_in()
    assert person.account
    page = person.get(PATH).text
    assert f"<bdi>{person.account.username}</bdi>" in page and 'name="username"' not in page
    before = person.cookie

    wrong = person.post(PATH, token=made.token, password="a wrong and long password")
    answer = person.post(PATH, token=made.token, password=PASSWORD)

    assert (wrong.status_code, "This is not your password." in wrong.text) == (403, True)
    assert (answer.status_code, person.get("/review").status_code) == (303, 200)
    assert person.cookie != before  # with new rights another session begins


def test_second_factor_is_set_up_first_where_it_is_required(
    made: inviting.NewInvitation, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = settings()._replace(needs_second_factor=True)
    monkeypatch.setattr(second_factor, "settings", lambda: strict)

    assert send(visitor, made.token).headers["Location"] == "/me/second-factor"
    assert visitor.get("/review").headers["Location"] == "/me/second-factor"


def test_no_get_changes_anything_and_no_address_has_the_token(made: inviting.NewInvitation, visitor: Visitor) -> None:
    for address in (PATH, f"{PATH}?token={made.token}&username=weir-keeper&password=x", f"{PATH}?act=accept"):
        answer = visitor.get(address)
        assert (answer.status_code, answer.headers["Referrer-Policy"]) == (200, "no-referrer")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert f'value="{made.token}"' not in answer.text
    assert visitor.client.head(PATH).status_code == 200
    assert state(made) == "waiting"
    assert link_of(made.token, "") == f"{PATH}#{made.token}"


def test_mistakes_come_back_with_what_was_typed_except_the_password(
    made: inviting.NewInvitation, visitor: Visitor
) -> None:
    make_account(username="taken-name")

    empty = visitor.post(PATH)
    weak = send(visitor, made.token, password="short")
    taken = send(visitor, made.token, username="taken-name")

    assert all(part in empty.text for part in ("Paste the link", "Enter your user name", "Enter your password"))
    assert (empty.status_code, weak.status_code, taken.status_code) == (422, 422, 409)
    assert "Choose a password of 15 to 128 characters." in weak.text and "This user name is taken." in taken.text
    assert f'value="{made.token}"' in weak.text and 'value="weir-keeper"' in weak.text
    assert 'value="short"' not in weak.text and state(made) == "waiting"


def test_own_password_that_is_too_short_for_staff_is_told(made: inviting.NewInvitation, visitor: Visitor) -> None:
    visitor.post("/sign-in/new", username="river-ann", password="ten letters")

    answer = visitor.post(PATH, token=made.token, password="ten letters")

    assert (answer.status_code, state(made)) == (422, "waiting")
    assert "Responders need a password of 15 characters or more." in answer.text


def test_token_of_another_form_and_an_unknown_one_are_told_alike(
    made: inviting.NewInvitation, visitor: Visitor
) -> None:
    for wrong in ("hello", f"fi_{'0' * 26}{'a' * 32}", made.token[:-3]):
        answer = send(visitor, wrong)
        assert answer.status_code in (404, 422)
        assert "There is no such invitation. Look whether the whole link was copied." in answer.text


def test_used_ended_and_expired_ones_are_told_apart(noon: Any, visitor: Visitor) -> None:
    used, ended, expired = (inviting.make("responder", [], "", by=BY_COMMAND) for _ in range(3))
    inviting.end(ended.invitation.id, by=BY_COMMAND)
    assert send(visitor, used.token).status_code == 303
    stranger = Visitor(visitor.client.application.test_client())

    told = {name: send(stranger, one.token, username="other") for name, one in (("used", used), ("ended", ended))}
    noon.shift(7 * 24 * 3600)
    told["expired"] = send(stranger, expired.token, username="other")

    sentences = {"used": "was used. If that was you", "ended": "was ended.", "expired": "has expired:"}
    for name, answer in told.items():
        assert (answer.status_code, f"This invitation {sentences[name]}" in answer.text) == (409, True), name


def test_staff_are_told_that_the_invitation_still_waits(made: inviting.NewInvitation, signed_in: SignedIn) -> None:
    answer = signed_in("responder").post(PATH, token=made.token, password=PASSWORD)

    assert (answer.status_code, state(made)) == (409, "waiting")
    assert "You are staff already." in answer.text


def test_guesses_are_limited_and_told_with_the_wait(made: inviting.NewInvitation, visitor: Visitor) -> None:
    for _ in range(10):
        assert send(visitor, f"fi_{'0' * 26}{'a' * 32}").status_code == 404

    answer = send(visitor, made.token)

    assert (answer.status_code, "Too many tries." in answer.text) == (429, True)
    assert int(answer.headers["Retry-After"]) > 0


def test_no_log_line_has_the_token(
    made: inviting.NewInvitation, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        send(visitor, made.token, password="short")
        send(visitor, made.token)
        send(visitor, made.token)

    assert caplog.records
    assert not any(made.token[29:] in str(vars(record)) for record in caplog.records)
