"""API keys on the pages, with and without scripts: one is made, shown once, used by a program, ended."""

import re

from playwright.sync_api import Page, expect

from tests.pages.audit import faults_of_markup, violations, wider_than_window
from tests.pages.browser import Person
from tests.pages.page_list import sign_in
from tests.pages.product import Product


def is_for_all(person: Person, page: Page) -> None:
    if person.runs_scripts:  # axe-core waits for timers, which run only then
        assert violations(page) == []
    assert faults_of_markup(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert wider_than_window(page) == []


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name).click()


def test_key_is_made_shown_once_and_ended(person: Person, product: Product) -> None:
    person.expect("422")
    sign_in(person, product.register()[0])
    page = person.open("/me")
    page.get_by_role("link", name="API keys").click()
    is_for_all(person, page)
    press(page, "Make the key")
    expect(page.get_by_role("alert")).to_contain_text("Give the key a name of 1 to 80 characters")
    assert not person.runs_scripts or violations(page) == []
    page.get_by_label("Name of the key").fill("Gauge at the bridge")
    press(page, "Make the key")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your new API key")
    is_for_all(person, page)
    (key,) = re.findall(r"fm_[a-z2-7]{55}", page.get_by_role("main").inner_text())

    page.get_by_role("link", name="I have it. Go on").click()

    expect(page.get_by_role("main")).to_contain_text(key[:19])
    assert key not in page.content()
    is_for_all(person, page)
    press(page, "End this key")
    expect(page.get_by_role("status").filter(has_text="The key has ended.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("You have no keys.")
