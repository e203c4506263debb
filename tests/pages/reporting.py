"""How a person fills in the form of a report, with scripts (one question at a time) or without (one long form)."""

from playwright.sync_api import Page, expect

from tests.pages.browser import Person
from tests.pages.product import PLACE

DEPTHS = ("Up to the ankle", "Up to the knee", "Up to the waist", "Up to the chest or higher")
SENT = "**/report/sent/**"


class Taps:
    """Counts what a thumb does. Typing into a field that was tapped is no tap of its own."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.number = 0

    def button(self, name: str) -> None:
        self.number += 1
        self.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    def link(self, name: str) -> None:
        self.number += 1
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def choice(self, name: str) -> None:
        self.number += 1
        self.page.locator("label").filter(has=self.page.get_by_role("radio", name=name)).click()

    def field(self, label: str, text: str) -> None:
        self.number += 1
        box = self.page.get_by_label(label)
        box.click()
        box.fill(text)


def has_steps(page: Page) -> bool:
    """Does a script ask one question at a time?"""
    return page.locator("section[data-step=depth]").is_hidden()


def go_on(taps: Taps) -> None:
    """To the next question, where there are steps."""
    if has_steps(taps.page) or taps.page.locator("section[data-step=where]").is_hidden():
        taps.button("Next")


def where_text(place: dict[str, float]) -> str:
    return f"{place['lat']}, {place['lon']}"


def answer(taps: Taps, title: str = "", place: dict[str, float] = PLACE) -> None:
    """From the empty form to the review."""
    page = taps.page
    is_stepped = has_steps(page)
    taps.field("Postcode, town, or latitude and longitude", where_text(place))
    if is_stepped:
        taps.button("Next")
    taps.choice("Up to the knee")
    if is_stepped:
        if page.locator("section[data-step=depth]").is_visible():
            taps.button("Next")
    if title:
        taps.field("In short (not required)", title)
    taps.button("Review")


def file_report(person: Person, title: str = "", place: dict[str, float] = PLACE) -> Page:
    """Begin on the first page, as somebody who has never been here; end where it is sent."""
    page = person.open("/")
    taps = Taps(page)
    taps.link("Report flooding")
    expect(page.get_by_role("heading", level=1, name="Report flooding")).to_be_visible()
    answer(taps, title, place)
    taps.button("Send report")
    page.wait_for_url(SENT)
    assert taps.number <= 9
    return page
