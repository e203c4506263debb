"""Forms sent by another site's page in the name of the signed-in person: refused without any effect."""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends
from werkzeug.test import TestResponse

from app.accounts import sessions
from app.accounts.models import Account
from app.core.config import settings
from app.reports.models import Report
from tests.app.pages.conftest import HTML, Visitor
from tests.app.pages.conftest import signed_in as signed_in  # noqa: PLC0414 - a fixture
from tests.app.pages.conftest import visitor as visitor  # noqa: PLC0414 - a fixture
from tests.factories import PASSWORD, make_account, make_report
from tests.reporting import body_of, new_key
from tests.route_list import ROUTES

SignedIn = Callable[..., Visitor]
REPORT = f"rep_{'c' * 26}"
FORM = "application/x-www-form-urlencoded"
SAFE = {"GET", "HEAD", "OPTIONS"}
FOREIGN = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a sister site": {"Sec-Fetch-Site": "same-site"},
    "a word to come": {"Sec-Fetch-Site": "adjacent-site"},
    "no word": {"Sec-Fetch-Site": ""},
    "another site that borrows our origin": {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    "a foreign origin": {"Origin": "https://evil.example"},
    "no origin": {"Origin": "null"},
    "another port": {"Origin": "http://localhost:8080"},
    "our name as a user": {"Origin": "http://localhost@evil.example"},
    "our name as a part": {"Origin": "http://localhost.evil.example"},
    "a foreign page": {"Referer": "https://evil.example/?http://localhost/"},
    "a foreign page and an origin left out": {"Origin": "", "Referer": "https://evil.example/"},
    "a bent origin": {"Origin": "http://[localhost"},
}
OWN = {
    "our page": {"Sec-Fetch-Site": "same-origin"},
    "the person": {"Sec-Fetch-Site": "none"},
    "an older browser": {"Origin": "http://localhost"},
    "a browser that says where it was": {"Referer": "http://localhost/me"},
}
PASSED = (200, 303, 409, 412, 422)  # taken, or refused for what it says
# What each form would do, were it taken.
FIELDS = {
    "/sign-in/new": {"username": "newcomer", "password": PASSWORD},
    "/me/delete": {"leaving_password": PASSWORD},
    "/review/hold": {"report_id": REPORT},
    "/admin/switches": {"act": "end"},
    "/admin/blocks": {"report_id": REPORT, "who": "network", "hours": "1", "reason": "abuse"},
    "/admin/blocks/end": {"id": "blk_" + "0" * 26},
    "/me/password": {"current_password": PASSWORD, "password": "another long wet november"},
}


UNSAFE = sorted(route.path for route in ROUTES.values() if route.is_page and route.method not in SAFE)


def account_of(visitor: Visitor) -> Account:
    assert visitor.account is not None
    return visitor.account


def send(
    visitor: Visitor, path: str, headers: dict[str, str], *, content_type: str = FORM, **more: Any
) -> TestResponse:
    """Send a form that is right in itself, about a report of one's own."""
    fields = FIELDS.get(path, {"username": account_of(visitor).username, "password": PASSWORD})
    body = "\r\n".join(f"{name}={value}" for name, value in fields.items()) if content_type == "text/plain" else fields
    address = path.replace("<report_id>", REPORT).replace("<account_id>", account_of(visitor).id)
    said = {"Accept": HTML} | headers
    return visitor.client.post(address, data=body, content_type=content_type, headers=said, **more)


def rows() -> list[str]:
    """Return all rows of every table."""
    backends = [each for regions in dynamodb_backends.values() for each in regions.values()]
    tables = [table for backend in backends for table in backend.tables.values()]
    return sorted(str(item.to_json()) for table in tables for item in table.all_items())


@pytest.fixture
def victim(signed_in: SignedIn) -> Visitor:
    """An admin who is signed in and has filed a report: every form is theirs."""
    visitor = signed_in("admin")
    make_report(id=REPORT, account_id=account_of(visitor).id)
    return visitor


def assert_refused(visitor: Visitor, ask: Callable[[], TestResponse]) -> None:
    before = rows(), visitor.cookie
    answer = ask()
    asked = answer.request.path, dict(answer.request.headers)
    assert (answer.status_code, answer.mimetype) == (403, "text/html"), asked
    assert answer.headers.getlist("Set-Cookie") == [], asked
    assert (rows(), visitor.cookie) == before, asked


def test_what_another_sites_page_sends_is_refused(victim: Visitor) -> None:
    for path, headers in product(UNSAFE, FOREIGN.values()):
        assert_refused(victim, partial(send, victim, path, headers))


def test_the_refusal_says_that_nothing_was_done(victim: Visitor) -> None:
    assert "nothing was done" in send(victim, "/me/delete", FOREIGN["another site"]).text


def test_a_body_that_is_no_forms_helps_nobody(victim: Visitor) -> None:
    """The kinds that a page may send to any site without being asked (Fetch, 4.9), as a form or by a script."""
    for path, kind in product(UNSAFE, ("text/plain", "multipart/form-data", "")):
        assert_refused(victim, partial(send, victim, path, FOREIGN["another site"], content_type=kind))


@pytest.mark.parametrize("path", UNSAFE)
def test_our_own_forms_pass(victim: Visitor, path: str) -> None:
    assert send(victim, path, OWN["our page"]).status_code in PASSED


@pytest.mark.parametrize("headers", OWN.values(), ids=OWN)
def test_our_own_forms_pass_whatever_a_browser_tells_of_itself(victim: Visitor, headers: dict[str, str]) -> None:
    assert send(victim, "/me/sign-out-everywhere", headers).status_code == 303


@pytest.mark.parametrize("path", UNSAFE)
def test_behind_a_cdn_the_public_origin_is_ours_and_the_gateways_too(
    victim: Visitor, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings()._replace(public_base_url="https://flood.example.org")
    monkeypatch.setattr("app.accounts.origins.settings", lambda: chosen)
    at_gateway = {"base_url": "https://abc.execute-api.eu-west-2.amazonaws.com"}
    # The test's cookies lie under its own host.
    cookie = {"Cookie": f"{sessions.cookie_name()}={victim.cookie}"}

    assert_refused(victim, lambda: send(victim, path, cookie | {"Origin": "https://evil.example"}, **at_gateway))
    answer = send(victim, path, cookie | {"Origin": "https://flood.example.org"}, **at_gateway)
    assert answer.status_code in PASSED, answer.text


def test_a_forged_form_without_a_session_is_refused_as_well(visitor: Visitor) -> None:
    """Else another site could sign a visitor in to an account of its own, and read what they report there."""
    account = make_account()
    form = {"username": account.username, "password": PASSWORD}

    answer = visitor.client.post("/sign-in", data=form, headers={"Accept": HTML, "Sec-Fetch-Site": "cross-site"})

    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (403, [])


@pytest.mark.parametrize("route", [name for name, route in ROUTES.items() if route.who != "anyone" and " /v1/" in name])
def test_the_api_never_looks_at_a_cookie(victim: Visitor, route: str) -> None:
    method, path = route.split(" ")
    address, own = path.replace("<report_id>", REPORT), {"Sec-Fetch-Site": "same-origin"}
    body = {} if method == "GET" else {"json": {"title": "x"}}

    before = rows()
    answer = victim.client.open(address, method=method, headers=own, **body)

    assert (answer.status_code, rows()) == (401, before)


def test_a_report_that_comes_by_the_api_with_a_cookie_alone_is_nobodys(victim: Visitor) -> None:
    answer = victim.client.post("/v1/reports", json=body_of(), headers={"Idempotency-Key": new_key()})

    stored = Report.find(answer.json["id"])
    assert stored is not None
    assert stored.account_id is None
    assert answer.json["edit_token"]


def test_no_page_can_be_read_by_another_origin(victim: Visitor) -> None:
    answer = victim.get("/me", headers={"Origin": "https://evil.example"})

    assert not [name for name, _ in answer.headers.items() if name.startswith("Access-Control")]
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
