"""One's own page: going through a long list, signing out, a new password, deleting the account."""

from collections.abc import Callable
from typing import Any

import pytest

from app.accounts import tokens
from app.accounts.models import Account
from app.reports.models import Report
from tests.app.pages.account.test_page import NEVER_TYPED, mistakes, own_reports, words
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup
from tests.factories import PASSWORD, erase_left, make_report
from tests.reporting import DOOR, DOOR_ON_GRID

SignedIn = Callable[..., Visitor]
ANOTHER = "another long wet november"


@pytest.fixture
def ada(signed_in: SignedIn) -> tuple[Visitor, Account]:
    visitor = signed_in()
    assert visitor.account is not None
    return visitor, visitor.account


Ada = tuple[Visitor, Account]


def next_page(visitor: Visitor, path: str) -> str | None:
    return next(
        (e.attributes["href"] for e in markup.named(visitor.get(path).text, "a") if e.attributes.get("rel") == "next"),
        None,
    )


@pytest.mark.parametrize("number", [20, 21, 45])
def test_a_long_list_goes_on_to_its_end(ada: Ada, number: int) -> None:
    visitor, account = ada
    for at in range(number):
        make_report(title=f"report {at}", account_id=account.id, created_ms=1_795_262_400_000 + at)

    found, path = [], "/me"
    while path:
        page = own_reports(visitor, path)
        assert page, "no page is empty"
        found, path = found + page, next_page(visitor, path) or ""

    assert found == [f"report {at}" for at in reversed(range(number))]


@pytest.mark.parametrize("cursor", ["x", "é", "x" * 3000, "%00"])
def test_a_bent_cursor_begins_anew(ada: Ada, cursor: str) -> None:
    visitor, account = ada
    make_report(title="mine", account_id=account.id)

    assert own_reports(visitor, f"/me?cursor={cursor}") == ["mine"]


def test_anothers_cursor_leads_to_nothing_of_theirs(ada: Ada, signed_in: SignedIn) -> None:
    visitor, account = ada
    for at in range(21):
        make_report(title=f"of ada {at}", account_id=account.id, created_ms=1_795_262_400_000 + at)
    cursor = next_page(visitor, "/me")
    assert cursor

    assert own_reports(signed_in(), cursor) == []


def test_signing_out_ends_the_sign_in_and_takes_the_cookie(ada: Ada) -> None:
    visitor, _ = ada

    answer = visitor.post("/me/sign-out")

    assert (answer.status_code, answer.location, visitor.cookie) == (303, "/sign-in?note=out&next=%2Fme", "")
    assert "You are signed out." in words(visitor.get(answer.location))


def test_signing_out_everywhere_ends_apps_too(ada: Ada) -> None:
    visitor, account = ada
    app = {"Authorization": f"Bearer {tokens.issue_access(account)}"}
    cookie = visitor.cookie

    answer = visitor.post("/me/sign-out-everywhere")

    assert (answer.status_code, visitor.cookie) == (303, "")
    assert visitor.client.get("/v1/me", headers=app).status_code == 401
    visitor.cookie = cookie
    assert not visitor.is_known


def test_signing_out_everywhere_is_not_hindered_by_another_change(ada: Ada, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor, account = ada
    find = Account.find

    def find_and_change(account_id: str) -> Account | None:
        found = find(account_id)
        monkeypatch.setattr(Account, "find", find)
        Account.get(account_id).change(email="a@example.org")
        return found

    monkeypatch.setattr(Account, "find", find_and_change)

    assert visitor.post("/me/sign-out-everywhere").status_code == 303
    assert Account.get(account.id).token_version == account.token_version + 1


def test_a_new_password_needs_the_present_one(ada: Ada) -> None:
    visitor, account = ada

    refused = visitor.post("/me/password", current_password=NEVER_TYPED, password="password")
    wrong = visitor.post("/me/password", current_password=NEVER_TYPED, password=ANOTHER)

    assert [place for place, _ in mistakes(refused)] == ["password"]
    assert mistakes(wrong) == [("current_password", "This is not your current password.")]
    assert [place for place, _ in mistakes(visitor.post("/me/password"))] == ["password", "current_password"]
    assert visitor.is_known
    assert Account.get(account.id).password_hash == account.password_hash


def test_a_new_password_ends_all_sign_ins(ada: Ada) -> None:
    visitor, account = ada

    answer = visitor.post("/me/password", current_password=PASSWORD, password=ANOTHER)

    assert (answer.location, visitor.cookie) == ("/sign-in?note=password&next=%2Fme", "")
    assert visitor.sign_in(account.username).status_code == 401
    assert visitor.sign_in(account.username, ANOTHER).status_code == 303


def test_staff_are_told_their_own_rule_for_passwords(signed_in: SignedIn) -> None:
    visitor = signed_in("responder")

    answer = visitor.post("/me/password", current_password=PASSWORD, password="12 letters..")

    assert mistakes(answer) == [("password", "Choose a password of 15 to 128 characters.")]
    assert "At least 15 characters." in words(answer)


@pytest.mark.parametrize("typed", ["", NEVER_TYPED])
def test_an_account_is_not_deleted_without_its_password(ada: Ada, typed: str) -> None:
    visitor, account = ada

    answer = visitor.post("/me/delete", leaving_password=typed)

    assert answer.status_code == 422
    assert [place for place, _ in mistakes(answer)] == ["leaving_password"]
    assert Account.find(account.id) is not None
    assert visitor.is_known


def test_guessing_the_password_here_ends_after_ten_tries(noon: Any, ada: Ada) -> None:
    visitor, account = ada
    for _ in range(10):
        visitor.post("/me/delete", leaving_password=NEVER_TYPED)

    answers = [visitor.post("/me/delete", leaving_password=PASSWORD), visitor.sign_in(account.username)]

    assert [answer.status_code for answer in answers] == [429, 303]
    assert Account.find(account.id) is not None


def test_deleting_the_account_leaves_coarse_facts_that_lead_to_nobody(ada: Ada) -> None:
    visitor, account = ada
    report = make_report(title="mine", account_id=account.id, **DOOR, place="public")

    answer = visitor.post("/me/delete", leaving_password=PASSWORD)
    erase_left(account.id)

    stored = Report.find(report.id, consistent=True)
    assert (answer.status_code, visitor.cookie) == (303, "")
    assert "Your account is deleted." in words(visitor.get(answer.location))
    assert (Account.find(account.id), Account.named(account.username)) == (None, None)
    assert stored is not None
    assert (stored.account_id, stored.exact_place()) == (None, DOOR_ON_GRID)


def test_what_is_ones_own_lies_in_no_cache(ada: Ada) -> None:
    visitor, _ = ada
    answers = [visitor.get(path) for path in ("/me", "/me?cursor=x", "/sign-in", "/register")]
    answers += [visitor.post("/me/delete"), visitor.post("/me/password"), visitor.post("/sign-in")]
    answers += [visitor.post("/me/sign-out"), visitor.get("/me"), visitor.post("/me/sign-out"), visitor.get("/sign-in")]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"private, no-store"}
