"""Origin of the water: asked once, kept through every step of the form, and shown as it was entered."""

from playwright.sync_api import Page, expect

from tests.pages.browser import Person
from tests.pages.conftest import People
from tests.pages.phone import connect, visited
from tests.pages.product import QUIET, Product, await_that, unique
from tests.pages.reporting import SENT, WATER_SOURCE, Taps, fill, has_steps

TERM = "Where the water comes from"


def review_of(page: Page) -> str:
    return page.locator("dl.review").inner_text()


def test_it_is_reviewed_sent_shown_and_taken_back(person: Person, product: Product) -> None:
    title = unique("At the weir")
    page = person.open("/report")
    fill(Taps(page), title, QUIET, water_source="A river or stream")
    assert "A river or stream" in review_of(page)
    page.get_by_role("button", name="Send report").click()
    page.wait_for_url(SENT)

    [stored] = product.titled(title, QUIET)
    assert stored["water_source"] == "river"
    shown = person.open(f"/reports/{stored['id']}")
    expect(shown.locator("dl.facts")).to_contain_text("A river or stream")
    page.get_by_role("link", name="Change or take back").click()
    expect(page.get_by_label(WATER_SOURCE)).to_have_value("river")
    page.get_by_label(WATER_SOURCE).select_option(label="No answer")
    page.get_by_role("button", name="Save the change").click()

    expect(page.get_by_role("heading", level=1, name="Your change is saved")).to_be_visible()
    assert product.listed(f"/v1/reports/{stored['id']}")["water_source"] is None


def test_it_can_be_passed_over_and_nothing_is_said_of_it(person: Person, product: Product) -> None:
    title = unique("In a hurry")
    page = person.open("/report")
    fill(Taps(page), title, QUIET)
    assert TERM not in review_of(page)
    page.get_by_role("button", name="Send report").click()
    page.wait_for_url(SENT)

    [stored] = product.titled(title, QUIET)
    assert stored["water_source"] is None
    expect(person.open(f"/reports/{stored['id']}").locator("dl.facts")).not_to_contain_text(TERM)


def test_answer_outlives_the_way_back_from_the_review(person: Person) -> None:
    page = person.open("/report")
    fill(Taps(page), water_source="I do not know")
    assert "I do not know" in review_of(page)

    if has_script := page.locator("#review").count() == 1:
        page.get_by_role("button", name=f"Change: {TERM}").click()
    else:
        page.get_by_role("button", name="Change", exact=True).click()

    expect(page.get_by_label(WATER_SOURCE)).to_have_value("unknown")
    if has_script:
        page.reload()
        assert has_steps(page)
        assert page.get_by_label(WATER_SOURCE, exact=True).input_value() == "unknown"


def test_it_waits_without_a_connection_and_is_sent_with_the_rest(people: People, product: Product) -> None:
    title = unique("From the sea")
    person, page = visited(people)
    connect(person.context, is_on=False)
    fill(Taps(page), title, QUIET, water_source="The sea")
    page.get_by_role("button", name="Send report").click()
    expect(page.locator("#waiting")).to_contain_text(title)
    connect(person.context, is_on=True)

    [stored] = await_that(page, lambda: product.titled(title, QUIET))
    assert stored["water_source"] == "sea"
