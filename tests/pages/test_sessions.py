"""One's own sessions in browsers, with and without scripts: seen, ended, and asked about after a new sign-in."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.pages.audit import faults_of_markup, violations, wider_than_window
from tests.pages.browser import Person
from tests.pages.conftest import SCREENSHOTS, People
from tests.pages.page_list import sign_in
from tests.pages.product import PASSWORD, Product


def is_for_all(person: Person, page: Page, name: str) -> None:
    """Check the page as every page is checked, and keep pictures of it on a phone, by day and by night."""
    assert faults_of_markup(page) == []  # before pictures, for which the browser adds styles
    if person.runs_scripts:  # axe-core waits for timers, which run only then
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert violations(page) == [], theme
            page.set_viewport_size({"width": 360, "height": 740})
            page.screenshot(path=SCREENSHOTS / f"{name}-{theme}.png", full_page=True)
    page.set_viewport_size({"width": 320, "height": 700})
    assert wider_than_window(page) == []
    page.set_viewport_size({"width": 360, "height": 740})


def notice_on(page: Page) -> Locator:
    return page.get_by_role("region", name="New sign-in")


def test_new_sign_in_is_asked_about_and_ended(person: Person, people: People, product: Product) -> None:
    name, _ = product.register()
    sign_in(person, name)
    stranger = people()
    sign_in(stranger, name)

    page = person.open("/me")
    expect(notice_on(page)).to_contain_text(re.compile(r"New sign-in: .*Chrome, .*Was it you\?"))
    is_for_all(person, page, "new-sign-in")
    expect(notice_on(stranger.open("/me"))).to_have_count(0)
    notice_on(page).get_by_role("button", name="It was not me: end it").click()

    expect(page.get_by_text("That sign-in has ended.")).to_be_visible()
    expect(notice_on(page)).to_have_count(0)
    assert "/sign-in" in stranger.open("/me").url
    page.get_by_role("main").get_by_role("link", name="Change the password").click()
    expect(page.get_by_role("heading", name="Changing your password")).to_be_in_viewport()


def test_answer_leads_back_to_the_page_and_stays(person: Person, product: Product) -> None:
    name, _ = product.register()
    sign_in(person, name)
    assert product.send("/v1/tokens", {"username": name, "password": PASSWORD}).status == 200

    page = person.open("/me/second-factor")
    notice_on(page).get_by_role("button", name="It was me", exact=True).click()

    page.wait_for_url("**/me/second-factor")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    expect(notice_on(page)).to_have_count(0)
    expect(notice_on(person.open("/me"))).to_have_count(0)


def test_sessions_are_seen_and_ended(person: Person, people: People, product: Product) -> None:
    name, _ = product.register()
    others = [people(javascript=False), people(javascript=False)]
    for each in (*others, person):
        sign_in(each, name)
    page = person.open("/me")

    page.get_by_role("link", name="Show my sign-ins").click()

    items = page.get_by_role("main").locator("li.item")
    expect(items).to_have_count(4)  # registering has made a token for an app
    expect(items.first).to_contain_text("This one")
    is_for_all(person, page, "sessions-many")
    items.nth(1).get_by_role("button", name=re.compile("End this sign-in")).click()
    expect(items).to_have_count(3)
    assert ["/sign-in" in each.open("/me").url for each in others] == [False, True]
    page.get_by_role("button", name="End all others").click()
    expect(items).to_have_count(1)
    assert "/sign-in" in others[0].open("/me").url
    assert person.open("/me").url.endswith("/me")
