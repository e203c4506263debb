"""Signing in and registering on pages, one's own reports, and leaving."""

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import passwords
from app.accounts.models import Account
from app.accounts.usernames import username_faults
from app.api.account_fields import Password, Username
from app.api.account_schemas import MeChangeSchema, NewAccountSchema
from app.pages.account import form_mistakes, page
from app.reports.entry import Status
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup
from tests.factories import PASSWORD, make_account, make_report

SignedIn = Callable[..., Visitor]
NEVER_TYPED = "a password that nobody chose"
DOOR = {"lat": 51.50041, "lon": -0.12463}


def words(answer: TestResponse) -> str:
    return " ".join(markup.named(answer.text, "main")[0].words().split())


def mistakes(answer: TestResponse) -> list[tuple[str, str]]:
    """Return the texts of the summary, and the field that each line links to; the field must exist."""
    (summary,) = [each for each in markup.read(answer.text) if each.attributes.get("class") == "mistakes"]
    assert {"tabindex": "-1", "autofocus": ""}.items() <= summary.attributes.items()
    inside = answer.text.partition('class="mistakes"')[2].partition("</ul>")[0]
    found = re.findall(r'<li>(?:<a href="#(\w+)">)?([^<]+)', inside)
    fields = [*markup.named(answer.text, "input"), *markup.named(answer.text, "select")]
    assert {field for field, _ in found if field} <= {
        each.attributes["id"] for each in fields if "id" in each.attributes
    }
    return found


def field(answer: TestResponse, name: str) -> dict[str, str]:
    return next(e.attributes for e in markup.named(answer.text, "input") if e.attributes.get("name") == name)


def test_signing_in_leads_to_ones_own_page(visitor: Visitor) -> None:
    make_account(username="Bob")

    answer = visitor.sign_in(" bOb ")

    assert (answer.status_code, answer.location) == (303, "/me")
    assert "Bob" in words(visitor.get("/me"))


@pytest.mark.parametrize(("path", "kind"), [("/sign-in", "current-password"), ("/register", "new-password")])
def test_forms_tell_password_managers_what_is_what(visitor: Visitor, path: str, kind: str) -> None:
    form = visitor.get(path)

    assert field(form, "username")["autocomplete"] == "username"
    assert field(form, "password")["autocomplete"] == kind
    assert field(form, "password")["type"] == "password"


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        ("/status", "/status"),
        ("/report?lat=1&lon=2", "/report?lat=1&lon=2"),
        ("/areas/Zoë", "/areas/Zo%C3%AB"),
        ("", "/me"),
        ("status", "/me"),
        ("//evil.example/", "/me"),
        ("///evil.example", "/me"),
        ("/\\evil.example", "/me"),
        ("\\\\evil.example", "/me"),
        ("/\t/evil.example", "/me"),
        ("/\n/evil.example", "/me"),
        ("\t//evil.example", "/me"),
        (" //evil.example", "/me"),
        ("https://evil.example/", "/me"),
        ("javascript:alert(1)", "/me"),
        ("/x\r\nSet-Cookie: a=b", "/me"),
        ("/\u2028", "/me"),
        (f"/{'x' * 3000}", "/me"),
    ],
)
def test_one_comes_back_to_where_one_was_and_to_no_other_site(visitor: Visitor, wanted: str, where: str) -> None:
    account = make_account()
    form = visitor.client.get("/sign-in", query_string={"next": wanted})

    assert field(form, "next")["value"] == (wanted if where != "/me" else "/me")
    assert visitor.sign_in(account.username, next=wanted).location == where
    assert visitor.post("/sign-in/new", username="newcomer", password=PASSWORD, next=wanted).location == where


def test_the_way_back_keeps_within_the_stage(visitor: Visitor) -> None:
    account = make_account()
    form = {"username": account.username, "password": PASSWORD, "next": "/status"}

    answer = visitor.client.post("/sign-in", data=form, environ_overrides={"SCRIPT_NAME": "/dev"})

    assert answer.location == "/dev/status"


def test_nobody_learns_whether_there_is_such_an_account(visitor: Visitor) -> None:
    make_account(username="known-one")

    known, unknown = (visitor.sign_in(name, NEVER_TYPED) for name in ("known-one", "other-one"))

    assert known.status_code == unknown.status_code == 401
    assert known.text.replace("known-one", "") == unknown.text.replace("other-one", "")
    assert "other-one" in unknown.text
    assert mistakes(known) == [("username", "The user name or the password is wrong. Look over both and try again.")]


def test_a_form_comes_back_with_the_name_and_without_the_password(visitor: Visitor) -> None:
    hostile = '"><script>alert(1)</script>'

    for path in ("/sign-in", "/sign-in/new"):
        answer = visitor.post(path, username=hostile, password=NEVER_TYPED, next="/status")
        assert answer.status_code in (401, 422)
        assert field(answer, "username")["value"] == hostile
        assert field(answer, "next")["value"] == "/status"
        assert NEVER_TYPED not in answer.text


def test_empty_fields_are_named_before_anything_is_counted(visitor: Visitor) -> None:
    answers = [visitor.post("/sign-in") for _ in range(12)]

    assert {answer.status_code for answer in answers} == {422}
    assert mistakes(answers[0]) == [("username", "Enter your user name."), ("password", "Enter your password.")]


def test_too_many_tries_say_how_long_to_wait(visitor: Visitor, noon: Any) -> None:
    make_account(username="Bob")
    for _ in range(10):
        visitor.sign_in("Bob", NEVER_TYPED)

    answer = visitor.sign_in("Bob")

    assert (answer.status_code, visitor.cookie) == (429, "")
    assert int(answer.headers["Retry-After"]) > 0
    ((place, said),) = mistakes(answer)
    assert (place, field(answer, "username")["value"]) == ("", "Bob")
    assert re.fullmatch(r"Too many tries\. Try again in \d+ (minute|second)s?\.", said)


def test_registering_makes_an_account_and_signs_in(visitor: Visitor) -> None:
    answer = visitor.post("/sign-in/new", username="river-watcher", password=PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/me")
    assert "river-watcher" in words(visitor.get("/me"))
    assert Account.named("river-watcher") is not None


def test_registering_names_all_mistakes_at_once(visitor: Visitor) -> None:
    answer = visitor.post("/sign-in/new", username="-!", password="password")

    assert answer.status_code == 422
    assert [place for place, _ in mistakes(answer)] == ["username", "username", "username", "password"]
    assert field(answer, "password")["aria-describedby"].split() == ["password-hint", "password-mistake"]
    assert Account.named("-!") is None


def test_a_name_that_is_taken_is_the_fields_mistake(visitor: Visitor) -> None:
    make_account(username="Bob")

    answer = visitor.post("/sign-in/new", username="bob", password=PASSWORD)

    assert (answer.status_code, visitor.cookie) == (409, "")
    assert mistakes(answer) == [("username", "This user name is taken. Choose another.")]


def codes(*rules: object) -> set[str]:
    """The codes of mistakes that stand in the code of these rules."""
    found = set()
    for rule in rules:
        found |= set(re.findall(r"\"([a-z-]+)\|", inspect.getsource(rule)))  # type: ignore[arg-type]
    return found


def test_every_mistake_that_a_form_can_make_has_its_sentence() -> None:
    """`required`, `null` and `type` come of bodies in JSON alone: a form's field is text, and there."""
    possible = {("username", code) for code in codes(username_faults, Username)}
    possible |= {("password", code) for code in codes(passwords.faults, Password)}
    possible |= {("current_password", code) for code in codes(Password)} | {("current_password", "wrong")}

    assert len(possible) >= 8
    assert possible <= form_mistakes.SENTENCES.keys()
    assert {*NewAccountSchema._declared_fields, *MeChangeSchema._declared_fields} - {"email"} == {
        place for place, _ in possible
    }


@pytest.mark.parametrize("path", ["/sign-in?next=/status", "/register?next=/status"])
def test_whoever_is_signed_in_is_told_so(signed_in: SignedIn, path: str) -> None:
    visitor = signed_in()

    answer = visitor.get(path)

    assert visitor.account is not None
    assert visitor.account.username in words(answer)
    assert {"/me", "/status"} <= set(markup.addresses(answer.text))
    assert [form.attributes["action"] for form in markup.named(answer.text, "form")] == ["/me/sign-out"]


def test_a_page_that_must_know_who_asks_leads_to_the_sign_in_and_back(visitor: Visitor) -> None:
    account = make_account()

    asked = visitor.get("/me?cursor=x%26y")
    form = visitor.get(asked.location)

    assert (asked.status_code, asked.location) == (303, "/sign-in?next=%2Fme%3Fcursor%3Dx%2526y")
    assert visitor.sign_in(account.username, next=field(form, "next")["value"]).location == "/me?cursor=x%26y"


def test_a_form_that_came_too_late_does_nothing_and_says_so(visitor: Visitor) -> None:
    answer = visitor.post("/me/delete", leaving_password=PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/sign-in?note=ended&next=%2Fme")
    assert "nothing was done" in words(visitor.get(answer.location))


def test_programs_are_led_nowhere(client: FlaskClient) -> None:
    for headers in ({}, {"Accept": "application/json"}, {"Accept": "text/html", "Authorization": "Bearer x.y.z"}):
        answer = client.get("/me", headers=headers)
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_a_private_link_that_no_longer_holds_says_what_to_do(visitor: Visitor) -> None:
    report = make_report()
    path = f"/reports/{report.id}/edit"

    for answer in (visitor.get(f"{path}?token=x.y.z"), visitor.post(f"{path}?token=x.y.z")):
        assert (answer.status_code, answer.headers["Cache-Control"]) == (401, "private, no-store")
        assert "24 hours" in words(answer)
        assert f"/reports/{report.id}" in markup.addresses(answer.text)
        assert "x.y.z" not in words(answer)
    links = markup.addresses(visitor.get(f"{path}?token=x.y.z").text)
    assert f"/sign-in?next={path}" in links


def test_a_token_on_a_page_of_no_report_says_nothing(visitor: Visitor) -> None:
    account = make_account()
    assert visitor.get("/sign-in?token=zz").status_code == 200
    asked = visitor.get("/me?token=zz")
    assert (asked.status_code, asked.location.partition("?")[0]) == (303, "/sign-in")

    visitor.sign_in(account.username)

    for path in ("/me", "/sign-in", "/report"):
        answer = visitor.get(f"{path}?token=zz")
        assert answer.status_code == 200
    assert account.username in words(visitor.get("/me?token=zz"))


def test_notes_are_our_own_sentences(visitor: Visitor) -> None:
    assert "You are signed out." in words(visitor.get("/sign-in?note=out"))
    assert "Call this number" not in words(visitor.get("/sign-in?note=Call+this+number"))
    assert page.NOTES.keys() == {"out", "everywhere", "gone", "password", "reset", "ended"}


def own_reports(visitor: Visitor, *path: str) -> list[str]:
    text = visitor.get(*(path or ("/me",))).text
    return [heading.words() for heading in markup.named(text, "h3")]


def test_ones_own_reports_are_listed_newest_first_and_nobody_elses(signed_in: SignedIn) -> None:
    visitor = signed_in()
    assert visitor.account is not None
    make_report(title="of somebody else", account_id="acc_other")
    for number, title in enumerate(("first", "second", "third")):
        make_report(title=title, account_id=visitor.account.id, created_ms=1_795_262_400_000 + number)

    assert own_reports(visitor) == ["third", "second", "first"]


@pytest.mark.parametrize(("status", "can_be_changed"), [("pending", True), ("verified", True), ("withdrawn", False)])
def test_a_report_says_how_it_stands_and_leads_on_while_it_is_open(
    signed_in: SignedIn, status: str, can_be_changed: bool
) -> None:
    visitor = signed_in()
    assert visitor.account is not None
    report = make_report(title="<b>Mill Lane</b>", account_id=visitor.account.id, status=Status(status).value)

    answer = visitor.get("/me")

    told = {"pending": "No one has checked it", "verified": "Checked by a responder", "withdrawn": "Taken back"}[status]
    assert told in words(answer)
    assert "<b>Mill" not in answer.text
    links = {link for link in markup.addresses(answer.text) if report.id in link}
    assert links == ({f"/reports/{report.id}", f"/reports/{report.id}/edit"} if can_be_changed else set())
