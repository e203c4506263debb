"""Very many reports of one network: one entry in the list and one pin on the map, each report a click away."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.local.local_run import WITHOUT_PLACES
from tests.pages.audit import violations
from tests.pages.browser import Person, turn_to
from tests.pages.conftest import CHOSEN, served
from tests.pages.product import Product
from tests.pages.survey import draw_map

QUIET = {"lat": 54.4, "lon": -3.4}
TITLE = "5 reports from one connection or account"
HERE = "/?" + urlencode(QUIET | {"radius_km": 2})
pytestmark = pytest.mark.skipif(bool(CHOSEN), reason="needs limits of its own")


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product with one report of a network that may send one, and five more of it."""
    folder = tmp_path_factory.mktemp("connection") / "data"
    for product in served(folder, *WITHOUT_PLACES, demo=0, FLOOD_ANONYMOUS_WRITES_PER_HOUR="1"):
        for number in range(6):
            place = QUIET | {"lat": QUIET["lat"] + (0.015 if number == 0 else 0)}
            product.file(location=place, place="public", title=f"Report number {number}")
        yield product


@pytest.fixture
def page(flooded: Product, browser: Browser) -> Iterator[Page]:
    person = Person(browser, flooded.url)
    shown = person.open(HERE)
    draw_map(shown)
    yield shown
    person.close()


def test_list_has_one_entry_that_opens_to_each_report(page: Page) -> None:
    turn_to(page, "List")
    expect(page.locator("li.item[data-kind=report]")).to_have_count(2)

    page.locator("summary", has_text=TITLE).click()
    links = page.locator(".several a")

    expect(links).to_have_count(5)
    page.evaluate("scrollTo(0, 0)")  # else the header lies over what scrolls away below it
    assert violations(page) == []
    links.last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Report number")


def test_map_has_one_pin_for_them_whose_popup_has_each(page: Page) -> None:
    turn_to(page, "Map")
    assert page.locator("#map").get_attribute("data-markers") == "2"

    page.locator("#map .map-pin", has_text="5").click()

    popup = page.locator("#map .map-popup-item")
    expect(popup).to_contain_text(TITLE)
    expect(popup.locator("a")).to_have_count(5)
    assert violations(page) == []


def test_sentence_says_how_many_reports_there_are_and_that_they_are_of_one_connection(page: Page) -> None:
    lead = page.locator("p.lead").first

    expect(lead).to_contain_text("6 reports of flooding")
    expect(lead).to_contain_text("5 of them are from connections or accounts")
