"""An admin looks at the figures, on a phone and at a desk, by day and by night, in both languages."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.audit import faults_of_markup, violations, wider_than_window
from tests.pages.browser import DESK
from tests.pages.conftest import SCREENSHOTS, People
from tests.pages.product import Product
from tests.pages.test_review import phrase_of

NARROW_PHONE = {"width": 360, "height": 740}


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("viewport", [NARROW_PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_admin_looks_at_the_figures(
    people: People, product: Product, viewport: Any, scheme: str, javascript: bool
) -> None:
    person = people(viewport=viewport, color_scheme=scheme, javascript=javascript)
    page = person.open("/sign-in")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password", exact=True).fill(phrase_of(product, "admin"))
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Run the service").click()

    expect(page.get_by_role("img", name="Reports an hour")).to_be_visible()
    page.get_by_text("Reports an hour as a table").click()
    expect(page.get_by_role("columnheader", name="Hour from")).to_be_visible()
    for address, name in (("/admin", "en"), ("/admin?lang=es", "es")):
        page.goto(address)
        page.screenshot(path=SCREENSHOTS / f"figures-{name}-{scheme}-{viewport['width']}.png", full_page=True)
        page.locator(".as-table summary").click()
        assert (wider_than_window(page), faults_of_markup(page)) == ([], [])
        if javascript:
            assert violations(page) == []
    expect(page.get_by_role("heading", level=1)).to_have_text("Las últimas 24 horas")
