"""Fill in the form of a report as a person does: one question at a time with scripts, else one long form."""

from playwright.sync_api import Page, expect

from tests.pages.browser import Person
from tests.pages.product import PLACE

WHERE = "Postcode, town, or latitude and longitude"
TITLE = "In short (not required)"
WATER_SOURCE = "Where does the water come from? (not required)"
SENT = "**/report/sent/**"


class Taps:
    """Counts what a thumb does. Typing into a field that has the focus is no tap."""

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
        self.page.locator("label", has=self.page.get_by_role("radio", name=name)).click()

    def field(self, label: str, text: str) -> None:
        box = self.page.get_by_label(label)
        if not box.evaluate("(box) => box === document.activeElement"):
            self.number += 1
            box.click()
        box.fill(text)


def has_steps(page: Page) -> bool:
    """Return whether a script asks one question at a time."""
    page.get_by_role("heading", level=1, name="Report flooding").wait_for()
    page.wait_for_load_state()
    return page.get_by_role("button", name="Next", exact=True).is_visible()


def fill(taps: Taps, title: str = "", place: dict[str, float] = PLACE, water_source: str = "") -> None:
    """From the empty form to the review."""
    taps.field(WHERE, f"{place['lat']}, {place['lon']}")
    fill_rest(taps, title, water_source=water_source)


def fill_rest(taps: Taps, title: str = "", depth: str = "Up to the knee", water_source: str = "") -> None:
    """From a place that is chosen to the review."""
    is_stepped = has_steps(taps.page)
    if is_stepped:
        taps.button("Next")
    taps.choice(depth)
    if is_stepped:
        taps.button("Next")
    if title:
        taps.field(TITLE, title)
    if water_source:
        taps.page.get_by_label(WATER_SOURCE).select_option(label=water_source)
    taps.button("Review")
    expect(taps.page.get_by_role("heading", name="Is this right?")).to_be_visible()


def file_report(person: Person, title: str = "", place: dict[str, float] = PLACE) -> Page:
    """From the empty form to where it is sent."""
    taps = Taps(person.open("/report"))
    fill(taps, title, place)
    taps.button("Send report")
    taps.page.wait_for_url(SENT)
    return taps.page
