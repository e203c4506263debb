"""A page of another origin uses the API from its own scripts, as far as this service lets it."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.conftest import CHOSEN
from tests.pages.elsewhere import LISTED_PORT, pages_at
from tests.pages.product import PLACE, Product, unique

NEAR = f"lat={PLACE['lat']}&lon={PLACE['lon']}&radius_km=1"
# Sends a request and tells what the script may know of its answer; `null` where the browser keeps all of it.
ASK = """
async ([url, options]) => {
  try {
    const answer = await fetch(url, options);
    const text = await answer.text();
    const names = ['etag', 'location', 'link', 'retry-after', 'x-request-id', 'idempotency-replayed', 'vary'];
    const headers = Object.fromEntries(names.map((name) => [name, answer.headers.get(name)]));
    return {status: answer.status, headers, body: text ? JSON.parse(text) : null};
  } catch (error) { return null; }
}
"""
pytestmark = pytest.mark.skipif(bool(CHOSEN), reason="needs a product that lists an origin of the test's own")


class Script:
    """The script of a page, and the product that it asks."""

    def __init__(self, page: Page, product: Product) -> None:
        self.page, self.product = page, product

    def ask(self, path: str, method: str = "GET", *, body: Any = None, **headers: str) -> Any:
        options: dict[str, Any] = {"method": method, "headers": {n.replace("_", "-"): v for n, v in headers.items()}}
        if body is not None:
            options["body"] = body
            options["headers"]["Content-Type"] = "application/json"
        return self.page.evaluate(ASK, [f"{self.product.url}{path}", options])

    def file(self, title: str, **headers: str) -> Any:
        report = {"location": PLACE, "depth_cm": 30, "place": "public", "title": title}
        key = secrets.token_hex(16)
        return self.ask("/v1/reports", "POST", body=json.dumps(report), Idempotency_Key=key, **headers)


@contextmanager
def script_at(browser: Browser, product: Product, port: int) -> Iterator[Script]:
    with pages_at(port) as origin:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{origin}/")
        yield Script(page, product)
        context.close()


@pytest.fixture
def listed(browser: Browser, product: Product) -> Iterator[Script]:
    with script_at(browser, product, LISTED_PORT) as script:
        yield script


@pytest.fixture
def foreign(browser: Browser, product: Product) -> Iterator[Script]:
    with script_at(browser, product, 0) as script:
        yield script


def test_listed_page_files_lists_and_follows(listed: Script) -> None:
    before = listed.ask(f"/v1/reports?{NEAR}&limit=5")
    follow = next(link["href"] for link in before["body"]["links"] if link["rel"] == "next-delta")

    title = unique("Filed from elsewhere")
    filed = listed.file(title)
    path, own = filed["headers"]["location"], {"Authorization": f"Bearer {filed['body']['edit_token']}"}
    read = listed.ask(path, **own)
    edited = listed.ask(path, "PATCH", body='{"depth_cm": 40}', If_Match=read["headers"]["etag"], **own)
    delta = listed.ask(follow)

    assert [one["status"] for one in (before, filed, read, edited, delta)] == [200, 201, 200, 200, 200]
    assert filed["headers"]["x-request-id"]
    assert 'rel="next-delta"' in before["headers"]["link"]
    assert [item["depth_cm"] for item in delta["body"]["items"] if item.get("title") == title] == [40]


def test_listed_page_is_told_its_mistakes(listed: Script) -> None:
    wrong = listed.ask("/v1/reports", "POST", body="{}", Idempotency_Key=secrets.token_hex(16))
    nowhere = listed.ask("/v1/nothing")

    assert (wrong["status"], wrong["body"]["errors"][0]["pointer"]) == (422, "/location")
    assert nowhere["status"] == 404


def test_any_page_reads_what_is_public_also_under_a_condition(foreign: Script) -> None:
    first = foreign.ask("/v1/warnings?limit=5")
    again = foreign.ask("/v1/warnings?limit=5", If_None_Match=first["headers"]["etag"])
    nowhere = foreign.ask("/v1/nothing")

    assert (first["status"], again["status"], nowhere["status"]) == (200, 304, 404)


def test_page_that_is_not_listed_neither_files_nor_uses_a_token(foreign: Script, product: Product) -> None:
    title = unique("Filed by a stranger")
    _, token = product.register()

    assert foreign.file(title) is None
    assert foreign.ask("/v1/me", Authorization=f"Bearer {token}") is None
    assert product.titled(title) == []


def test_no_page_elsewhere_uses_the_cookies_of_a_person(listed: Script) -> None:
    asked = listed.page.evaluate(ASK, [f"{listed.product.url}/v1/reports?limit=1", {"credentials": "include"}])

    assert asked is None
