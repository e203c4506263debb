"""A resident reports flooding without an account, and changes it or takes it back by the private link."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.pages.browser import Person, turn_to
from tests.pages.conftest import People
from tests.pages.product import QUIET, Product, await_that, unique
from tests.pages.reporting import SENT, TITLE, WHERE, Taps, file_report, fill, has_steps

MOST_TAPS = 9
NEAR = "/?lat=52.613&lon=-2.481&radius_km=1"


def id_in(page: Page) -> str:
    return re.search(r"/report/sent/(rep_\w+)", page.url).group(1)


def withdraw(page: Page) -> None:
    page.get_by_text("Take the report back").click()
    page.get_by_role("button", name="Yes, take it back").click()
    expect(page.get_by_role("heading", level=1, name="Your report is taken back")).to_be_visible()


def test_first_visit_to_report_sent_takes_at_most_nine_taps(person: Person, product: Product) -> None:
    title = unique("Water at the mill")
    page = person.open("/")
    taps = Taps(page)

    taps.link("Report flooding")
    if has_steps(page):
        taps.button("Use my location")
        expect(page.get_by_text("Your location was not given.")).to_be_visible()
    fill(taps, title, QUIET)
    taps.button("Send report")
    page.wait_for_url(SENT)

    assert taps.number <= MOST_TAPS
    expect(page.get_by_role("heading", level=1, name="Your report is sent")).to_be_visible()
    [stored] = product.titled(title, QUIET)
    assert (stored["id"], stored["severity"], stored["depth_cm"]) == (id_in(page), "moderate", 45)


def test_report_is_at_once_on_the_first_page_near_there(person: Person) -> None:
    title = unique("Water at the bridge")

    file_report(person, title, QUIET)
    page = turn_to(person.open(NEAR), "List")

    expect(page.get_by_role("link", name=title)).to_be_visible()


def test_private_link_lets_it_be_changed_and_taken_back(person: Person, people: People, product: Product) -> None:
    title, better = unique("Watr"), unique("Water")
    link = file_report(person, title, QUIET).get_by_label("Private link").input_value()
    other = people(javascript=False).expect("404")

    page = other.open(link)
    expect(page.get_by_label(TITLE)).to_have_value(title)
    page.get_by_label(TITLE).fill(better)
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_role("heading", level=1, name="Your change is saved")).to_be_visible()
    assert len(product.titled(better, QUIET)) == 1
    page.goto(link)
    withdraw(page)

    await_that(page, lambda: product.titled(better, QUIET) == [])
    assert other.open(f"/reports/{id_in(page)}").title().startswith("There is nothing here")


def test_report_is_changed_and_taken_back_with_the_form_it_was_sent_by(person: Person, product: Product) -> None:
    page = file_report(person, unique("Water"), QUIET)
    number = id_in(page)

    page.get_by_role("link", name="Change or take back").click()
    Taps(page).choice("Up to the waist")
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_role("heading", level=1, name="Your change is saved")).to_be_visible()
    assert product.listed(f"/v1/reports/{number}")["severity"] == "severe"
    page.get_by_role("link", name="Change or take back").click()
    withdraw(page)

    assert product.get(f"/v1/reports/{number}").status == 404


def test_empty_form_names_every_mistake_and_keeps_what_was_typed(people: People) -> None:
    page = people(javascript=False).expect("422").open("/report")
    page.get_by_label(TITLE).fill("Kept <b>words</b>")
    page.get_by_label("Measured depth").fill("deep")

    page.get_by_role("button", name="Review").click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    links = summary.get_by_role("link")
    assert links.count() >= 3
    expect(page.get_by_label(TITLE)).to_have_value("Kept <b>words</b>")
    for number in range(links.count()):
        links.nth(number).click()
        field = page.locator(links.nth(number).get_attribute("href"))
        expect(field).to_be_focused()
        described = field.get_attribute("aria-describedby").split()
        assert any(page.locator(f"#{one}.mistake").is_visible() for one in described)


def test_each_step_says_what_is_missing_beside_its_field(people: People) -> None:
    page = people().open("/report")
    taps = Taps(page)

    taps.button("Next")
    expect(page.get_by_text("Say where the water is.")).to_be_visible()
    expect(page.get_by_label(WHERE)).to_be_focused()
    taps.field(WHERE, "51.0375, -2.8290")
    taps.button("Next")
    expect(page.get_by_role("heading", name="How deep is the water?")).to_be_focused()
    taps.button("Next")

    expect(page.get_by_text("Choose how deep the water is.")).to_be_visible()
    assert page.evaluate("document.activeElement.name") == "water"


def test_what_was_typed_outlives_a_reload_and_the_back_button(people: People) -> None:
    page = people().open("/report")
    taps = Taps(page)
    fill(taps, "Water over the kerb")

    page.go_back()
    expect(page.get_by_label(TITLE)).to_have_value("Water over the kerb")
    page.reload()

    expect(page.get_by_label(WHERE)).not_to_have_value("")
    taps.button("Next")
    expect(page.get_by_role("radio", name="Up to the knee")).to_be_checked()


def test_review_without_script_leads_back_to_the_form_with_everything(people: People) -> None:
    page = people(javascript=False).open("/report")
    fill(Taps(page), "Water over the kerb")

    page.get_by_role("button", name="Change", exact=True).click()

    expect(page.get_by_label(TITLE)).to_have_value("Water over the kerb")
    expect(page.get_by_role("radio", name="Up to the knee")).to_be_checked()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_sending_twice_files_once(people: People, product: Product, script: bool) -> None:
    title = unique("Pressed twice")
    page = people(javascript=script).open("/report")
    fill(Taps(page), title, QUIET)

    page.get_by_role("button", name="Send report").dblclick()
    page.wait_for_url(SENT)

    assert len(product.titled(title, QUIET)) == 1


def test_reply_lost_without_a_script_makes_no_second_report(people: People, product: Product) -> None:
    title = unique("Lost reply")
    person = people(javascript=False).expect("ERR_ABORTED")
    page = person.open("/report")
    fill(Taps(page), title, QUIET)
    person.context.route("**/report", lose, times=1)

    page.get_by_role("button", name="Send report").click()
    await_that(page, lambda: len(product.titled(title, QUIET)) == 1)
    page.get_by_role("button", name="Send report").click()
    page.wait_for_url(SENT)

    assert len(product.titled(title, QUIET)) == 1


def lose(route: Route) -> None:
    """The server takes it, and its answer never arrives."""
    assert route.fetch(max_redirects=0).status == 303
    route.abort("aborted")
