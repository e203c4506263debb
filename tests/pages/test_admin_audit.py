"""An admin reads what staff did, on a phone and at a desk, in both languages; everything is within reach."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.audit import faults_of_markup, violations
from tests.pages.browser import DESK, PHONE
from tests.pages.conftest import People
from tests.pages.product import Product
from tests.pages.test_review import phrase_of


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_admin_finds_their_own_sign_in(people: People, product: Product, viewport: Any, scheme: str) -> None:
    person = people(viewport=viewport, color_scheme=scheme, accept_downloads=True)
    page = person.open("/sign-in")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password", exact=True).fill(phrase_of(product, "admin"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Run the service").click()
    page.get_by_role("link", name="What staff did").click()
    page.get_by_label("What was done").select_option("Signed in")
    page.get_by_label("By whom").fill("admin")
    page.get_by_role("button", name="Show").click()

    expect(page.locator("[data-act] h2").first).to_contain_text("Signed in")
    assert (violations(page), faults_of_markup(page)) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto(f"{page.url}&lang=es")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lo que hizo el personal")
    assert (violations(page), faults_of_markup(page)) == ([], [])
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("CSV")).click()
    assert download.value.suggested_filename.endswith(".csv")
