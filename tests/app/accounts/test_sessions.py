"""Sessions of the pages: content and life of the cookie, and everything that ends a session."""

from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from flask import Flask

from app.accounts import registration, tokens
from app.accounts.models import Account, Role
from app.accounts.session_models import RefreshFamily
from app.core import clock, dynamodb
from app.core.config import settings
from tests.app.pages.conftest import Visitor
from tests.app.pages.conftest import signed_in as signed_in  # noqa: PLC0414 - a fixture
from tests.app.pages.conftest import visitor as visitor  # noqa: PLC0414 - a fixture
from tests.factories import PASSWORD, delete_account, make_account
from tests.moments import NOON

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 24 * 3600
SignedIn = Callable[..., Visitor]


def family_of(cookie: str) -> str:
    return str(tokens.read(cookie, tokens.Use.SESSION).family)


def account_of(visitor: Visitor) -> Account:
    assert visitor.account is not None
    return visitor.account


def test_cookie_is_read_by_no_script_and_sent_with_no_foreign_form(visitor: Visitor) -> None:
    account = make_account()

    said, _ = visitor.sign_in(account.username).headers.getlist("Set-Cookie")

    name, _, rest = said.partition("=")
    marks = {part.strip() for part in rest.split(";")[1:]}
    assert name == "__Host-session"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=43200"} <= marks
    assert not any(mark.startswith("Domain") for mark in marks)


def test_on_one_machine_there_is_no_tls_to_ask_for(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, local = make_account(), settings()._replace(is_local=True)
    monkeypatch.setattr("app.http.cookies.settings", lambda: local)

    said, _ = visitor.sign_in(account.username).headers.getlist("Set-Cookie")

    assert said.startswith("session=")
    assert "Secure" not in said
    assert "HttpOnly" in said
    assert visitor.is_known


def test_each_sign_in_is_a_new_one_whatever_cookie_there_was(visitor: Visitor) -> None:
    mine, other = make_account(), make_account()
    planted = tokens.session_token(other, RefreshFamily.start(other), life_s=HOUR_S)
    visitor.cookie = planted

    visitor.sign_in(mine.username)
    first = visitor.cookie
    visitor.sign_in(mine.username)
    second = visitor.cookie

    assert len({family_of(cookie) for cookie in (planted, first, second)}) == 3
    assert mine.username in visitor.get("/me").text


def test_registering_signs_in_anew_too(visitor: Visitor) -> None:
    other = make_account()
    visitor.cookie = planted = tokens.session_token(other, RefreshFamily.start(other), life_s=HOUR_S)

    visitor.post("/sign-in/new", username="newcomer", password=PASSWORD)

    assert family_of(visitor.cookie) != family_of(planted)
    assert "newcomer" in visitor.get("/me").text


def _sign_in_again(visitor: Visitor) -> None:
    assert visitor.sign_in(account_of(visitor).username).status_code == 303


def _sign_in_as_another(visitor: Visitor) -> None:
    assert visitor.sign_in(make_account().username).status_code == 303


def _register(visitor: Visitor) -> None:
    assert visitor.post("/sign-in/new", username="newcomer", password=PASSWORD).status_code == 303


@pytest.mark.parametrize("begin", [_sign_in_again, _sign_in_as_another, _register])
def test_signing_in_ends_the_sign_in_before_it_and_no_other(
    signed_in: SignedIn, begin: Callable[[Visitor], None]
) -> None:
    """OWASP ASVS 5.0, 7.2.4."""
    visitor = signed_in()
    before = visitor.cookie
    elsewhere = tokens.session_token(account_of(visitor), RefreshFamily.start(account_of(visitor)), life_s=HOUR_S)

    begin(visitor)

    known = {}
    for name, cookie in (("new", visitor.cookie), ("before", before), ("elsewhere", elsewhere)):
        visitor.cookie = cookie
        known[name] = visitor.is_known
    assert known == {"new": True, "before": False, "elsewhere": True}


def test_a_wrong_password_ends_nothing(signed_in: SignedIn) -> None:
    visitor = signed_in()

    visitor.sign_in(account_of(visitor).username, "not the password")

    assert visitor.is_known


@pytest.mark.parametrize(
    ("role", "idle_s"), [("resident", 12 * HOUR_S), ("responder", 30 * MINUTE_S), ("admin", 30 * MINUTE_S)]
)
def test_session_ends_after_a_while_without_a_visit(noon: Any, signed_in: SignedIn, role: str, idle_s: int) -> None:
    visitor = signed_in(role)
    cookie = visitor.cookie

    noon.move_to(NOON + idle_s)
    assert visitor.is_known
    visitor.cookie = cookie  # the visit has renewed it
    noon.move_to(NOON + idle_s + 1)
    assert not visitor.is_known


@pytest.mark.parametrize(
    ("role", "each_s", "whole_s"),
    [
        ("resident", 8 * HOUR_S, 7 * DAY_S),
        ("responder", 25 * MINUTE_S, 12 * HOUR_S),
        ("admin", 25 * MINUTE_S, 12 * HOUR_S),
    ],
)
def test_session_ends_in_any_case(noon: Any, signed_in: SignedIn, role: str, each_s: int, whole_s: int) -> None:
    visitor = signed_in(role)

    for passed_s in range(each_s, whole_s + 1, each_s):
        noon.move_to(NOON + passed_s)
        assert visitor.is_known, passed_s
    noon.move_to(NOON + whole_s)
    assert visitor.is_known
    noon.move_to(NOON + whole_s + 1)
    assert not visitor.is_known


def test_a_visit_makes_the_cookie_anew_now_and_then_only(noon: Any, signed_in: SignedIn) -> None:
    visitor = signed_in()
    set_after = {}
    for minutes in (1, 72, 73):
        noon.move_to(NOON + minutes * MINUTE_S)
        set_after[minutes] = bool(visitor.get("/me").headers.getlist("Set-Cookie"))

    assert set_after == {1: False, 72: False, 73: True}


def test_visits_are_noted_as_uses_and_those_of_an_expired_cookie_are_not(noon: Any, signed_in: SignedIn) -> None:
    visitor = signed_in()
    cookie, family = visitor.cookie, family_of(visitor.cookie)
    noted = []
    for minutes in (1, 73):
        noon.move_to(NOON + minutes * MINUTE_S)
        assert visitor.is_known
        noted.append((RefreshFamily.get(family).last_used_at_ms // 1000 - NOON) // MINUTE_S)
    Account.get(account_of(visitor).id).change(role=Role.RESPONDER.value)
    visitor.cookie = cookie
    noon.move_to(NOON + 80 * MINUTE_S)
    assert not visitor.is_known

    assert noted == [0, 73]
    assert RefreshFamily.get(family).last_used_at_ms // 1000 == NOON + 73 * MINUTE_S


def bent(text: str) -> Iterator[str]:
    head, body, signature = text.split(".")
    yield from (
        "",
        ".",
        "..",
        "null",
        "x" * 5000,
        text[:-1],
        text + "x",
        f"{head}.{body}.",
        f"{body}.{head}.{signature}",
    )
    yield f"{head}.{body}.{signature[::-1]}"
    yield "é" + text
    yield "%00"
    yield jwt.encode({"sub": "acc_1"}, key="", algorithm="none")
    yield jwt.encode({"sub": "acc_1", "use": "session"}, "a-foreign-key-that-is-long-enough-for-hs256", "HS256")


def test_a_bent_cookie_is_nobody_and_no_error(app: Flask, signed_in: SignedIn) -> None:
    whole, bare = signed_in().cookie, app.test_client(use_cookies=False)

    def status(path: str, cookie: str) -> int:
        return bare.get(path, headers={"Accept": "text/html", "Cookie": f"__Host-session={cookie}"}).status_code

    assert status("/me", whole) == 200
    for cookie in bent(whole):
        assert (status("/me", cookie), status("/sign-in", cookie)) == (303, 200), cookie


@pytest.mark.parametrize("use", [use for use in tokens.Use if use != tokens.Use.SESSION])
def test_no_other_token_passes_for_a_session(visitor: Visitor, use: tokens.Use) -> None:
    account = make_account()
    family = RefreshFamily.start(account)
    made = {
        tokens.Use.ACCESS: lambda: tokens.issue_access(account, family),
        tokens.Use.REFRESH: lambda: tokens.issue_refresh(family),
        tokens.Use.EDIT: lambda: tokens.edit_token(f"rep_{'a' * 26}", since_ms=clock.now_ms()),
        tokens.Use.DEVICE: lambda: tokens.device_token(account),
        tokens.Use.VISITOR: lambda: tokens.sign(tokens.Use.VISITOR, "vis_1", issued_s=clock.now_ms() // 1000),
        tokens.Use.PASSWORD: lambda: tokens.password_token(account),
    }

    visitor.cookie = made[use]()

    assert not visitor.is_known


def test_a_session_passes_for_no_other_token(signed_in: SignedIn) -> None:
    visitor = signed_in()
    cookie = visitor.cookie
    as_bearer = {"Authorization": f"Bearer {cookie}"}

    assert visitor.client.get("/v1/me", headers=as_bearer).status_code == 401
    assert visitor.client.post("/v1/tokens/refresh", json={"refresh_token": cookie}).status_code == 401
    visitor.cookie = ""
    assert visitor.get(f"/report/sent/rep_{'a' * 26}?token={cookie}").status_code == 401


def test_sessions_of_another_deployment_are_nobodys(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = signed_in()
    other = settings()._replace(prefix="floodmanager-elsewhere")
    monkeypatch.setattr("app.accounts.tokens.settings", lambda: other)

    assert not visitor.is_known


def _sign_out(visitor: Visitor) -> None:
    visitor.post("/me/sign-out")


def _end_elsewhere(visitor: Visitor) -> None:
    registration.sign_out_everywhere(account_of(visitor))


def _change_password(visitor: Visitor) -> None:
    values = {"password": "another long wet november", "current_password": PASSWORD}
    elsewhere = {"Authorization": f"Bearer {tokens.issue_access(account_of(visitor))}"}
    assert visitor.client.patch("/v1/me", json=values, headers=elsewhere).status_code == 200


def _delete(visitor: Visitor) -> None:
    delete_account(account_of(visitor).id)


@pytest.mark.parametrize("end", [_sign_out, _end_elsewhere, _change_password, _delete])
def test_a_session_that_was_ended_counts_no_more(signed_in: SignedIn, end: Callable[[Visitor], None]) -> None:
    visitor = signed_in()
    cookie = visitor.cookie

    end(visitor)
    visitor.cookie = cookie  # a copy that another person kept

    assert not visitor.is_known
    assert visitor.post("/me/sign-out").location.startswith("/sign-in?note=ended")


def test_signing_out_here_leaves_other_sign_ins_alone(signed_in: SignedIn) -> None:
    visitor = signed_in()
    elsewhere = tokens.issue_access(account_of(visitor))

    visitor.post("/me/sign-out")

    assert visitor.cookie == ""
    assert visitor.client.get("/v1/me", headers={"Authorization": f"Bearer {elsewhere}"}).status_code == 200


def test_a_new_role_counts_from_the_next_request_on_with_its_own_idle_time(noon: Any, signed_in: SignedIn) -> None:
    visitor = signed_in()
    assert "twelve hours" in visitor.get("/me").text

    Account.get(account_of(visitor).id).change(role=Role.RESPONDER.value)

    assert "half an hour" in visitor.get("/me").text
    noon.move_to(NOON + 30 * MINUTE_S + 1)
    assert not visitor.is_known, "the cookie was given for twelve hours, to a resident"


@pytest.mark.usefixtures("app")
def test_sessions_hold_through_a_change_of_keys(set_secrets: Callable[..., None], signed_in: SignedIn) -> None:
    visitor, old, new = signed_in(), settings().secret, "a-newer-secret-for-tests-that-is-long-enough"

    set_secrets(new, old)
    assert visitor.is_known
    set_secrets(new)
    assert not visitor.is_known


def test_a_session_is_not_taken_for_ended_while_the_database_is_silent(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = signed_in()
    cookie = visitor.cookie

    def fail(*_: Any) -> None:
        raise dynamodb.FAILURES[0]("silent")

    monkeypatch.setattr(dynamodb, "in_one_round", fail)

    answer = visitor.get("/me")
    assert (answer.status_code, visitor.cookie) == (503, cookie)
