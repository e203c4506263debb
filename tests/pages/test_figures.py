"""An admin looks at the figures, on a phone and at a desk, by day and by night, in both languages, without scripts."""

import pytest
from playwright.sync_api import Page, expect

from tests.pages.audit import faults_of_markup, violations, violations_of_colours, wider_than_window
from tests.pages.browser import DESK
from tests.pages.conftest import People
from tests.pages.product import Product
from tests.pages.survey import take_picture
from tests.pages.test_review import phrase_of

SIZES = {"360": {"width": 360, "height": 740}, "1280": DESK}


def at_the_figures(people: People, product: Product, *, javascript: bool) -> Page:
    page = people(javascript=javascript).open("/sign-in")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password", exact=True).fill(phrase_of(product, "admin"))
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Run the service").click()
    expect(page.get_by_role("img", name="Reports an hour")).to_be_visible()
    return page


def test_figures_are_within_everybodys_reach(people: People, product: Product) -> None:
    page = at_the_figures(people, product, javascript=True)

    for language in ("en", "es"):
        page.goto(f"/admin?lang={language}")
        page.locator(".as-table summary").click()
        assert (violations(page), faults_of_markup(page)) == ([], [])
        for width, size in SIZES.items():
            page.set_viewport_size(size)
            assert wider_than_window(page) == []
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                assert violations_of_colours(page) == []
                take_picture(page, f"figures-{language}-{width}-{theme}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Las últimas 24 horas")


@pytest.mark.parametrize("width", SIZES)
def test_table_is_read_without_scripts(people: People, product: Product, width: str) -> None:
    page = at_the_figures(people, product, javascript=False)
    page.set_viewport_size(SIZES[width])

    page.get_by_text("Reports an hour as a table").click()

    expect(page.get_by_role("columnheader", name="Hour from")).to_be_visible()
    expect(page.get_by_role("row", name="For a first look")).to_be_visible()
    assert (wider_than_window(page), faults_of_markup(page)) == ([], [])
