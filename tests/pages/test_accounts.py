"""Accounts on the pages, with and without scripts: register, return, sign out of one device or all, delete."""

import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browser import Person
from tests.pages.conftest import People
from tests.pages.page_list import sign_in
from tests.pages.product import PASSWORD, Product

COMMON = "password123"


def new_name() -> str:
    return f"neighbour-{secrets.token_hex(5)}"


def fill(page: Page, name: str, password: str) -> Page:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    return page


def register(person: Person, name: str) -> Page:
    page = fill(person.open("/register"), name, PASSWORD)
    page.get_by_role("button", name="Make the account and sign in").click()
    page.wait_for_url("**/me")
    return page


def enter(page: Page) -> None:
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def test_account_is_made_left_and_entered_again(person: Person) -> None:
    name = new_name()
    page = register(person, name)
    expect(page.get_by_role("main")).to_contain_text(name)

    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.goto("/me")
    assert "/sign-in" in page.url
    fill(page, name, PASSWORD)
    enter(page)

    page.wait_for_url("**/me")
    expect(page.get_by_role("main")).to_contain_text(name)


def test_report_of_a_signed_in_person_is_among_their_own(person: Person, product: Product) -> None:
    name, token = product.register()
    body = {"location": {"lat": 53.1, "lon": -2.1}, "depth_cm": 30, "title": f"Seen by {name}"}
    key = ("Idempotency-Key", secrets.token_hex(16))
    assert product.send("/v1/reports", body, key, ("Authorization", f"Bearer {token}")).status == 201

    sign_in(person, name)
    page = person.open("/me")

    expect(page.get_by_role("heading", name=body["title"])).to_be_visible()
    page.get_by_role("link", name="As others see it").click()
    expect(page.get_by_role("heading", level=1, name=body["title"])).to_be_visible()


def test_sign_out_everywhere_ends_the_other_device_too(person: Person, people: People) -> None:
    name = new_name()
    page = register(person, name)
    other = people(javascript=False)
    sign_in(other, name)

    page.get_by_role("button", name="Sign out everywhere").click()

    expect(page.get_by_text("You are signed out everywhere, in apps too.")).to_be_visible()
    for device in (person, other):
        assert "/sign-in" in device.open("/me").url


def test_account_is_deleted_with_the_password_and_not_without(person: Person, product: Product) -> None:
    person.expect("422")
    name = new_name()
    page = register(person, name)
    again = page.get_by_label("Your password, once more")
    delete = page.get_by_role("button", name="Delete my account")

    again.fill("not my password")
    delete.click()
    expect(page.get_by_role("alert")).to_contain_text("This is not your password.")
    again.fill(PASSWORD)
    delete.click()

    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    assert product.send("/v1/tokens", {"username": name, "password": PASSWORD}).status == 401
    assert "/sign-in" in person.open("/me").url


def test_password_is_changed_and_the_old_one_serves_no_more(person: Person, product: Product) -> None:
    name, another = new_name(), "another wet evening in november"
    page = register(person, name)

    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill(another)
    page.get_by_role("button", name="Change the password").click()
    page.wait_for_url("**/sign-in*")

    assert product.send("/v1/tokens", {"username": name, "password": PASSWORD}).status == 401
    assert product.send("/v1/tokens", {"username": name, "password": another}).status == 200


def test_mistakes_of_registration_are_told_at_once_and_lead_to_their_fields(person: Person) -> None:
    person.expect("422")
    page = fill(person.open("/register"), "x", COMMON)

    page.get_by_role("button", name="Make the account and sign in").click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    links = summary.get_by_role("link")
    assert links.count() == 2
    expect(page.get_by_label("User name")).to_have_value("x")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    links.first.click()
    expect(page.get_by_label("User name")).to_be_focused()


@pytest.mark.parametrize("name", ["resident", "nobody-at-all-has-this-name"])
def test_wrong_sign_in_does_not_say_whether_the_account_exists(people: People, name: str) -> None:
    page = fill(people().expect("401", "422").open("/sign-in"), name, "certainly not the password")

    enter(page)

    told = page.get_by_role("alert").inner_text()
    assert "name or" in told.lower() or "or the password" in told.lower(), told
    expect(page.get_by_label("User name")).to_have_value(name)


def test_sign_in_leads_back_to_where_one_was(person: Person, product: Product) -> None:
    name, token = product.register()
    body = {"location": {"lat": 53.2, "lon": -2.1}, "depth_cm": 30}
    sent = product.send(
        "/v1/reports", body, ("Idempotency-Key", secrets.token_hex(16)), ("Authorization", f"Bearer {token}")
    )
    path = f"/reports/{sent.json['id']}/edit"

    page = person.open(path)
    assert "/sign-in" in page.url
    fill(page, name, PASSWORD)
    enter(page)

    page.wait_for_url(f"**{path}")
    expect(page.get_by_role("heading", name="Change your report")).to_be_visible()


def test_sign_in_never_leads_to_another_site(people: People, product: Product) -> None:
    name, _ = product.register()
    page = people().open("/sign-in?next=https%3A%2F%2Felsewhere.example%2F")

    fill(page, name, PASSWORD)
    enter(page)

    page.wait_for_url("**/me")


def test_back_button_shows_nothing_of_an_account_that_was_left(people: People, product: Product) -> None:
    name, _ = product.register()
    person = people()
    sign_in(person, name)
    page = person.open("/me")

    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/sign-in*")
    page.go_back()

    page.wait_for_url("**/sign-in*")
    assert name not in page.get_by_role("main").inner_text()
