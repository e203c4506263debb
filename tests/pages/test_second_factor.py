"""A second factor on the pages, with and without scripts: set up by hand, asked for at sign-in, taken away."""

from playwright.sync_api import Page, expect

from tests.pages.audit import faults_of_markup, violations, wider_than_window
from tests.pages.browser import Person
from tests.pages.product import PASSWORD, Product
from tests.pages.second_factors import code_of, confirm


def is_for_all(person: Person, page: Page) -> None:
    if person.runs_scripts:  # axe-core waits for timers, which run only then
        assert violations(page) == []
    assert faults_of_markup(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert wider_than_window(page) == []


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def fill_sign_in(person: Person, username: str) -> Page:
    page = person.open("/sign-in")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")
    return page


def set_up(person: Person, page: Page) -> str:
    """Set it up from one's own page, and return the secret."""
    page.get_by_role("link", name="Set up a second factor").click()
    page.get_by_label("Current password").fill(PASSWORD)
    is_for_all(person, page)
    press(page, "Set it up")
    expect(page.get_by_role("img", name="QR code of the secret below")).to_be_visible()
    is_for_all(person, page)
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    confirm(person, page, secret)
    return secret


def test_it_is_set_up_asked_for_and_taken_away(person: Person, product: Product) -> None:
    person.expect("401")
    username, _ = product.register()
    page = fill_sign_in(person, username)

    secret = set_up(person, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    is_for_all(person, page)
    recovery = page.locator("ol.codes code").all_inner_texts()
    assert len(recovery) == 10
    page.get_by_role("link", name="I have them. Go on").click()
    press(page, "Sign out")

    page = fill_sign_in(person, username)
    is_for_all(person, page)
    page.get_by_label("Code", exact=True).fill("aaaa-bbbb-cccc-dddd")
    press(page, "Sign in")
    expect(page.get_by_role("alert")).to_contain_text("This code is wrong or was used before.")
    page.get_by_label("Code", exact=True).fill(recovery[0])
    press(page, "Sign in")
    page.get_by_role("link", name="Change the second factor").click()
    is_for_all(person, page)
    page.get_by_label("Your password, once more").fill(PASSWORD)
    page.get_by_label("Code of the app, or a recovery code").fill(code_of(secret, 1))
    press(page, "Take it away")
    expect(page.get_by_text("Signing in asks for your password alone.")).to_be_visible()
