"""The second factor on pages: set up, replaced, taken away, and the second step of signing in; all without scripts."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import second_factor, tokens
from app.accounts.models import Account
from app.core.config import settings
from tests.app.pages.account.test_page import field, mistakes, words
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup
from tests.app.pages.reporting_form import sent
from tests.codes import App, Person, set_up
from tests.factories import PASSWORD, make_account

SignedIn = Callable[..., Visitor]
PATH = "/me/second-factor"


@pytest.fixture
def person(client: FlaskClient, noon: Any) -> Person:
    return set_up(client, make_account(username="river-watcher"))


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = settings()._replace(needs_second_factor=True)
    monkeypatch.setattr(second_factor, "settings", lambda: strict)


def app_of(answer: TestResponse) -> App:
    """Read the secret as a person does, and compare it with the address for an app on the same device."""
    shown = next(each for each in markup.named(answer.text, "code")).words().replace(" ", "")
    (address,) = re.findall(r'href="(otpauth:[^"]+)"', answer.text)
    assert parse_qs(urlsplit(address.replace("&amp;", "&")).query)["secret"] == [shown]
    return App(shown)


def step_of(visitor: Visitor, username: str, **rest: str) -> str:
    """Give the password, and return the proof that the next form holds."""
    answer = visitor.sign_in(username, **rest)
    assert (answer.status_code, visitor.cookie) == (200, "")
    return field(answer, "passed")["value"]


def test_it_is_set_up_with_a_picture_and_a_text_and_confirmed(signed_in: SignedIn, noon: Any) -> None:
    visitor = signed_in()
    assert "Set up a second factor" in visitor.get("/me").text

    shown = visitor.post(PATH, current_password=PASSWORD)
    app = app_of(shown)
    assert markup.named(shown.text, "svg")[-1].attributes["aria-label"] == "QR code of the secret below"
    done = visitor.post(f"{PATH}/confirm", code=app.code())

    codes = [each.words() for each in markup.named(done.text, "code")]
    assert (done.status_code, len(codes)) == (200, 10)
    assert "no-store" in done.headers["Cache-Control"]
    later = visitor.get(PATH).text
    assert "Recovery codes that you have not used: 10." in later
    assert app.secret not in later.replace(" ", "") and codes[0] not in later
    assert visitor.is_known


def test_wrong_password_and_wrong_code_are_named_beside_their_fields(signed_in: SignedIn, noon: Any) -> None:
    visitor = signed_in()

    assert mistakes(visitor.post(PATH, current_password="")) == [("current_password", "Enter your current password.")]
    wrong = visitor.post(PATH, current_password="never chosen")
    assert mistakes(wrong) == [("current_password", "This is not your current password.")]
    app = app_of(visitor.post(PATH, current_password=PASSWORD))
    answer = visitor.post(f"{PATH}/confirm", code=app.wrong())
    assert [place for place, _ in mistakes(answer)] == ["code"]
    assert app.secret not in answer.text.replace(" ", "")
    assert mistakes(visitor.post(f"{PATH}/confirm", code=" ")) != []
    assert visitor.post(f"{PATH}/confirm", code=app.code()).status_code == 200


def test_confirming_nothing_leads_back_to_the_beginning(signed_in: SignedIn) -> None:
    visitor = signed_in()

    answer = visitor.post(f"{PATH}/confirm", code="123456")

    assert (answer.status_code, answer.location) == (303, f"{PATH}?note=again")
    assert "Begin again" in words(visitor.get(answer.location))


def test_sign_in_asks_for_the_code_in_a_second_step(visitor: Visitor, person: Person) -> None:
    passed = step_of(visitor, "river-watcher", next="/status")

    answer = visitor.post("/sign-in", passed=passed, code=person.app.code(), next="/status")

    assert (answer.status_code, answer.location) == (303, "/status")
    assert visitor.is_known


def test_step_tells_password_managers_and_phones_what_it_asks(visitor: Visitor, person: Person) -> None:
    form = visitor.sign_in("river-watcher")

    assert field(form, "code")["autocomplete"] == "one-time-code"
    assert PASSWORD not in form.text


def test_recovery_code_is_good_in_the_same_field(visitor: Visitor, person: Person) -> None:
    passed, code = step_of(visitor, "river-watcher"), person.recovery_codes[0]

    first = visitor.post("/sign-in", passed=passed, code=code.upper().replace("-", " "))
    visitor.post("/me/sign-out")
    second = visitor.post("/sign-in", passed=passed, code=code)

    assert (first.status_code, second.status_code) == (303, 401)


def test_wrong_and_used_codes_come_back_with_the_step(visitor: Visitor, person: Person) -> None:
    passed, code = step_of(visitor, "river-watcher", next="/status"), person.app.code()
    assert visitor.post("/sign-in", passed=passed, code=code).status_code == 303
    visitor.post("/me/sign-out")

    for typed, status in ((code, 401), (person.app.wrong(), 401), ("", 422)):
        answer = visitor.post("/sign-in", passed=passed, code=typed, next="/status")
        assert (answer.status_code, [place for place, _ in mistakes(answer)]) == (status, ["code"])
        assert (field(answer, "passed")["value"], field(answer, "next")["value"]) == (passed, "/status")
    assert visitor.cookie == ""


def test_proof_of_the_password_is_none_after_ten_minutes_or_a_new_password(
    visitor: Visitor, person: Person, noon: Any
) -> None:
    passed = step_of(visitor, "river-watcher")
    noon.shift(620)
    late = visitor.post("/sign-in", passed=passed, code=person.app.code())

    fresh, account = step_of(visitor, "river-watcher"), Account.find(person.account.id)
    assert account
    account.change(token_version=account.token_version + 1)
    ended = visitor.post("/sign-in", passed=fresh, code=person.app.code())

    for answer in (late, ended):
        assert (answer.status_code, visitor.cookie) == (422, "")
        assert mistakes(answer) == [("", "It took too long. Sign in again, and have the code ready.")]


@pytest.mark.parametrize("use", ["device_token", "issue_access"])
def test_no_other_token_passes_for_the_proof(visitor: Visitor, person: Person, use: str) -> None:
    account = Account.find(person.account.id)

    answer = visitor.post("/sign-in", passed=getattr(tokens, use)(account), code=person.app.code())

    assert (answer.status_code, visitor.cookie) == (422, "")


def test_replacing_and_taking_away_ask_the_password_and_a_code(visitor: Visitor, person: Person) -> None:
    visitor.post("/sign-in", passed=step_of(visitor, "river-watcher"), code=person.recovery_codes[0])
    refused = visitor.post(PATH, current_password=PASSWORD, present_code=person.app.wrong())
    assert [place for place, _ in mistakes(refused)] == ["present_code"]
    new = app_of(visitor.post(PATH, current_password=PASSWORD, present_code=person.app.code()))
    assert visitor.post(f"{PATH}/confirm", code=new.code()).status_code == 200

    refused = visitor.post(f"{PATH}/remove", ending_password="wrong", ending_code=new.code(1))
    assert [place for place, _ in mistakes(refused)] == ["ending_password"]
    gone = visitor.post(f"{PATH}/remove", ending_password=PASSWORD, ending_code=new.code(1))

    assert (gone.status_code, gone.location) == (303, f"{PATH}?note=removed")
    assert "Signing in asks for your password alone." in words(visitor.get(gone.location))


def test_staff_without_one_are_led_to_set_it_up(signed_in: SignedIn, noon: Any, required: None) -> None:
    visitor = signed_in("responder")
    for path in ("/me", "/review", "/me/export"):
        assert visitor.get(path).location == PATH
    assert visitor.post("/me/password", current_password=PASSWORD).location == PATH
    assert visitor.get("/").status_code == visitor.get("/report").status_code == 200

    app = app_of(visitor.post(PATH, current_password=PASSWORD))
    assert visitor.post(f"{PATH}/confirm", code=app.code()).status_code == 200

    assert visitor.get("/review").status_code == 200
    assert "so it can only be replaced" in words(visitor.get(PATH))


def test_sign_in_of_staff_leads_there_and_out_again(visitor: Visitor, required: None) -> None:
    account = make_account("admin")

    answer = visitor.sign_in(account.username, next="/review")

    assert (answer.location, "good for that alone" in words(visitor.get(PATH))) == (PATH, True)
    assert visitor.post("/me/sign-out").status_code == 303
    assert visitor.get(PATH).location == f"/sign-in?next={PATH.replace('/', '%2F')}"


def test_report_of_staff_without_one_is_that_of_anyone(signed_in: SignedIn, required: None) -> None:
    assert "token=" in sent(signed_in("responder"))
