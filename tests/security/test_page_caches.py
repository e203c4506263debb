"""Pages in shared caches: nothing personal, and nothing that another person's request could change."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import tokens
from app.core import clock
from app.core.config import settings
from tests.app.pages.conftest import HTML, Visitor
from tests.app.pages.conftest import signed_in as signed_in  # noqa: PLC0414 - a fixture
from tests.app.pages.conftest import visitor as visitor  # noqa: PLC0414 - a fixture
from tests.factories import make_report
from tests.moments import NOON
from tests.route_list import ROUTES, example_of
from tests.security.test_headers import FORGED
from tests.warning_making import announce_at, square

SignedIn = Callable[..., Visitor]
HOUR_S = 3600
REPORT = f"rep_{'c' * 26}"
READ = {route.path for route in ROUTES.values() if route.is_page and route.method == "GET"}
OWN = {path for path in READ if ROUTES[f"GET {path}"].who != "anyone"} | {
    "/r",
    "/invitation",
    "/sign-in",
    "/sign-in/new",
    "/register",
    "/alerts",
    "/alerts/confirm",
    "/alerts/manage",
    "/alerts/stop",
}
# The form has a key of its own in each copy, and a report may know its reporter: not shared, or the same for everybody.
EITHER = {"/report", "/reports/<report_id>"}
# A picture of a place, and none without one. Files, which tests/app/pages/frame/test_assets.py holds to their own rule,
# and redirections that are never cached.
OTHERS = {"/picture.svg", "/static/<digest>/<path:name>", "/static/map.pmtiles", "/language", "/r/<typed>"}
# All other pages are the same for everybody, signed in or not. A page that is not goes into one of the sets above.
PUBLIC = READ - OWN - EITHER - OTHERS
# What hands no address on to another host.
QUIET = {"strict-origin-when-cross-origin", "strict-origin", "same-origin", "no-referrer"}


@pytest.fixture
def noon(app: Flask, noon: Any) -> Any:
    """Noon, with a report to look at."""
    make_report(id=REPORT, title="Water in the lane")
    return noon


@pytest.fixture
def addresses(noon: Any) -> dict[str, str]:
    """An address that shows something, for each route of a page."""
    shown = {"report_id": REPORT, "warning_id": announce_at(square()), "area_id": "ea-A1"}
    return {path: example_of(path, **shown) for path in OWN | PUBLIC | EITHER}


def ask(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    answer = client.get(path, headers={"Accept": HTML, **headers})
    assert answer.status_code in (200, 303), f"{path}: {answer.text[:300]}"
    return answer


def is_kept_private(answer: TestResponse) -> bool:
    return answer.headers["Cache-Control"] == "private, no-store"


def is_shared(answer: TestResponse) -> bool:
    """Return whether a shared cache may store the answer and serve it without asking."""
    return answer.headers["Cache-Control"].startswith("public")


@pytest.fixture(params=["", "https://flood.example.org"], ids=["no public address", "a public address"])
def public_address(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    chosen = settings()._replace(public_base_url=request.param)
    for module in (
        "app.pages.frame.rendering",
        "app.http.urls",
        "app.accounts.origins",
        "app.feeds.ids",
        "app.pages.site.about",
        "app.pages.site.offline",
    ):
        monkeypatch.setattr(f"{module}.settings", lambda: chosen)
    return str(request.param)


def test_what_is_ones_own_is_kept_by_nobody(
    app: Flask, noon: Any, addresses: dict[str, str], signed_in: SignedIn, public_address: str
) -> None:
    visitor = signed_in("admin")
    assert visitor.account is not None
    mine = f"rep_{'d' * 26}"
    make_report(id=mine, account_id=visitor.account.id)
    clients = {"nobody": app.test_client(), "somebody": visitor.client}

    for route in OWN:
        for who, client in clients.items():
            address = addresses[route].replace(REPORT, mine).replace(example_of("<account_id>"), visitor.account.id)
            answer = ask(client, address)
            assert is_kept_private(answer), (route, who, answer.headers["Cache-Control"])
            assert "Cookie" in answer.headers.get("Vary", ""), (route, who)


def test_a_private_link_is_kept_by_nobody(noon: Any, visitor: Visitor, public_address: str) -> None:
    """Nor is what it opens told to the next host that one goes to."""
    token = tokens.edit_token(REPORT, since_ms=clock.now_ms())

    for path in (f"/reports/{REPORT}/edit", f"/report/sent/{REPORT}"):
        for said in (token, "bent.bent.bent"):
            answer = visitor.get(f"{path}?token={said}")
            assert is_kept_private(answer), path
            assert answer.headers["Referrer-Policy"] in QUIET, path


def test_public_pages_are_the_same_whoever_is_signed_in(
    app: Flask, noon: Any, addresses: dict[str, str], signed_in: SignedIn, public_address: str
) -> None:
    visitor, nobody = signed_in("admin"), app.test_client()
    noon.move_to(NOON + HOUR_S // 4)  # late enough for the session's cookie to be renewed

    for route in PUBLIC | EITHER:
        plain, known = ask(nobody, addresses[route]), ask(visitor.client, addresses[route])
        assert [answer.headers.getlist("Set-Cookie") for answer in (plain, known)] == [[], []] or is_kept_private(known)
        if route in PUBLIC or is_shared(plain) or is_shared(known):
            assert plain.data == known.data, route
            assert plain.headers["ETag"] == known.headers["ETag"], route


def test_public_answers_set_no_cookie_and_tell_what_they_follow(
    app: Flask, addresses: dict[str, str], public_address: str
) -> None:
    """A page follows the language: by cookie, else by header."""
    nobody = app.test_client()

    for route in PUBLIC:
        answer = ask(nobody, addresses[route])
        assert not answer.headers.getlist("Set-Cookie"), route
        if answer.mimetype == "text/html":
            assert {"accept-language", "cookie", "accept-encoding"} <= answer.vary.as_set(), route


@pytest.mark.parametrize("public_address", ["https://flood.example.org"], indirect=True)
def test_no_header_of_one_reaches_the_page_of_another(
    app: Flask, addresses: dict[str, str], public_address: str
) -> None:
    nobody = app.test_client()

    for route in PUBLIC:
        plain = ask(nobody, addresses[route])
        for forged in FORGED:
            assert ask(nobody, addresses[route], **forged).data == plain.data, (route, forged)


@pytest.mark.parametrize("public_address", [""], indirect=True)
def test_where_no_address_is_named_what_follows_the_host_is_not_shared(
    app: Flask, addresses: dict[str, str], public_address: str
) -> None:
    nobody = app.test_client()

    for route in PUBLIC:
        plain, odd = ask(nobody, addresses[route]), ask(nobody, addresses[route], Host="evil.example")
        assert odd.data == plain.data or not (is_shared(plain) or is_shared(odd)), route


def test_with_a_public_address_pages_may_be_shared(
    app: Flask, addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the tests above would prove nothing: the pages might be uncacheable."""
    chosen = settings()._replace(public_base_url="https://flood.example.org")
    monkeypatch.setattr("app.pages.frame.rendering.settings", lambda: chosen)
    nobody = app.test_client()

    kept = {route for route in PUBLIC if is_shared(ask(nobody, addresses[route]))}

    assert {"/", "/status", "/privacy", "/accessibility", "/warnings", "/docs"} <= kept
