"""An admin blocks who filed a report and ends that again, on a phone and at a desk, with and without scripts.

An account is blocked, because all tests file from one network.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.audit import faults_of_markup, violations
from tests.pages.browser import DESK, PHONE
from tests.pages.conftest import People
from tests.pages.product import Product, unique
from tests.pages.test_review import phrase_of

# Where no other test files anything.
QUAY = {"location": {"lat": 55.0105, "lon": -1.4450}, "severity": "minor", "place": "public"}


def is_sound(page: Page) -> None:
    assert (violations(page), faults_of_markup(page)) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def file_with_an_account(product: Product) -> Any:
    _, token = product.register()
    key = ("Idempotency-Key", unique("key-of-a-blocked-account").replace(" ", "-"))
    return product.send("/v1/reports", QUAY, ("Authorization", f"Bearer {token}"), key).json


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_an_admin_blocks_and_ends(people: People, product: Product, viewport: Any, scheme: str, scripts: bool) -> None:
    report = file_with_an_account(product)
    person = people(viewport=viewport, color_scheme=scheme, javascript=scripts)
    page = person.open("/sign-in")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password", exact=True).fill(phrase_of(product, "admin"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Run the service").click()
    expect(page.get_by_role("link", name="Blocks")).to_be_visible()
    page.goto(f"{product.url}/review?report={report['id']}")

    page.get_by_text("Block its sender").click()
    page.locator("label", has=page.get_by_role("radio", name="The account that filed it")).click()
    page.locator("#block").get_by_label("For how long").select_option("1 hour")
    page.locator("#block").get_by_label("Reason, kept on record").select_option("An exercise")
    if scripts:
        is_sound(page)
    page.get_by_role("button", name="Block", exact=True).click()

    expect(page.get_by_role("status").filter(has_text="It is blocked.")).to_be_visible()
    expect(page.get_by_role("heading", name="In force")).to_be_visible()
    if scripts:
        is_sound(page)
        page.goto(f"{product.url}/admin/blocks?lang=es")
        expect(page.get_by_role("heading", level=1)).to_have_text("Bloqueos")
        is_sound(page)
        page.goto(f"{product.url}/admin/blocks?lang=en")
    page.get_by_role("button", name=re.compile("End it")).first.click()
    expect(page.get_by_text("Nobody is blocked.")).to_be_visible()
