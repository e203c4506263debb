"""Switches: an admin tries them alone; a phone keeps what is not taken, says why, and sends it later."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.switches import known
from tests.pages.audit import faults_of_markup, violations
from tests.pages.browser import DESK, PHONE
from tests.pages.conftest import People
from tests.pages.product import Product, unique
from tests.pages.reporting import SENT, Taps, fill
from tests.pages.test_review import phrase_of

# Where no other test files anything.
HARBOUR = {"lat": 55.0075, "lon": -1.4400}
BOX = "-1.46,54.99,-1.42,55.02"
NOTICE = "The ferry does not run."


def at_the_switches(people: People, product: Product, **about: Any) -> Page:
    person = people(**about)
    page = person.open("/sign-in")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password", exact=True).fill(phrase_of(product, "admin"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Run the service").click()
    page.get_by_role("link", name="Switches and notice").click()
    return page


def switch(page: Page, choice: str) -> None:
    page.locator("label", has=page.get_by_role("radio", name=choice)).click()
    page.get_by_role("textbox", name="Areas").fill(BOX if choice == "Not taken in these areas" else "")
    page.get_by_label("Reason, kept on record").select_option("An exercise")
    page.get_by_role("button", name="Store for everybody").click()
    expect(page.get_by_role("status").filter(has_text="The switches are changed.")).to_be_visible()
    page.wait_for_timeout(1000 * known.LIFE_S + 100)  # so long other instances may use what they know


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_admin_tries_a_notice_alone(people: People, product: Product, viewport: Any, scheme: str) -> None:
    page = at_the_switches(people, product, viewport=viewport, color_scheme=scheme)
    assert (violations(page), faults_of_markup(page)) == ([], [])
    page.get_by_label("English").fill(NOTICE)
    page.get_by_label("How much it matters").select_option("Emergency")
    page.get_by_role("button", name="Try on me first").click()

    expect(page.get_by_role("region", name="Emergency notice")).to_contain_text(NOTICE)
    assert (violations(page), faults_of_markup(page)) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert NOTICE not in product.get("/about").body.decode()
    page.get_by_role("button", name="End the trial").click()
    expect(page.get_by_role("region", name="Emergency notice")).to_be_hidden()


def test_what_is_not_taken_is_kept_and_sent_later_with_a_script_and_without(people: People, product: Product) -> None:
    on_phone, without_script = unique("At the harbour"), unique("At the quay")
    admin = at_the_switches(people, product)
    switch(admin, "Not taken in these areas")
    person = people().expect("503")
    page, plain = person.open("/report"), people(javascript=False).expect("503").open("/report")
    expect(page.get_by_text(re.compile("taken only from people with an account"))).to_contain_text(BOX)

    fill(Taps(page), on_phone, HARBOUR)
    page.get_by_role("button", name="Send report").click()
    fill(Taps(plain), without_script, HARBOUR)
    plain.get_by_role("button", name="Send report").click()

    expect(page.locator("#waiting")).to_contain_text("Yours waits on this phone, and is tried again.")
    assert violations(page) == []
    expect(plain.get_by_text(re.compile("has not been sent, and nothing is lost"))).to_be_visible()
    assert (product.titled(on_phone, HARBOUR), product.titled(without_script, HARBOUR)) == ([], [])
    switch(admin, "Taken everywhere")
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#waiting")).to_contain_text("Sent.")
    plain.get_by_role("button", name="Send report").click()
    plain.wait_for_url(SENT)
    assert [len(product.titled(title, HARBOUR)) for title in (on_phone, without_script)] == [1, 1]
