"""Suggestions while a place is typed: by keys, by touch, for screen readers, and never older than what is typed."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.pages.audit import violations
from tests.pages.browser import Person
from tests.pages.conftest import People
from tests.pages.product import await_that

FIELDS = {
    "/": "Postcode or town",
    "/warnings": "Postcode or town",
    "/report": "Postcode, town, or latitude and longitude",
}
PAUSE_MS = 250


def place(name: str, *within: str, kind: str = "village", **more: Any) -> dict[str, Any]:
    said = {"id": f"plc_{name}", "name": name, "kind": kind, "match": "similar", "within": within, "lat": 51.0375}
    return said | {"lon": -2.829, "extent": {"radius_km": 1.5}, "source": "os_open_names"} | more


class Places:
    """Stands before /v1/places: tells what was asked, and answers with these places, at once or when told to."""

    def __init__(self, person: Person, *answers: dict[str, Any], is_held: bool = False) -> None:
        self.routes: list[Route] = []
        self._answers, self._is_held = answers, is_held
        person.context.route("**/v1/places?*", self._take)

    @property
    def asked(self) -> list[str]:
        return [parse_qs(urlsplit(route.request.url).query)["query"][0] for route in self.routes]

    def answer(self, route: Route, *answers: dict[str, Any]) -> None:
        route.fulfill(json={"items": answers, "is_complete": True})

    def _take(self, route: Route) -> None:
        self.routes.append(route)
        if not self._is_held:
            self.answer(route, *self._answers)


LANGPORT = place("Langport", "Somerset", "England")
LANGPORTS = (LANGPORT, place("Langport", "Elsewhere"))


def typed(page: Page, path: str, text: str) -> Any:
    """Return the field after a person has typed this much and waited."""
    field = page.get_by_label(FIELDS[path])
    field.click()
    page.keyboard.type(text)
    page.clock.run_for(PAUSE_MS)
    return field


def shown(page: Page) -> Locator:
    """The suggestions, once they have come."""
    box = page.get_by_role("listbox", name="Places")
    expect(box).to_be_visible()
    return box.get_by_role("option")


def chosen(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Places").get_by_role("option", selected=True)


def opened(people: People, path: str, *answers: dict[str, Any], **options: Any) -> tuple[Page, Places]:
    person = people(**options)
    places = Places(person, *answers)
    page = person.context.new_page()
    page.clock.install()
    page.goto(path)
    return page, places


@pytest.mark.parametrize("path", FIELDS)
def test_names_are_suggested_and_nothing_is_sent_before_the_second_letter(people: People, path: str) -> None:
    page, places = opened(people, path, *LANGPORTS)

    typed(page, path, "l")
    page.clock.run_for(5000)
    assert places.asked == []
    typed(page, path, "ang")

    expect(shown(page)).to_have_text(["Langport Somerset, England", "Langport Elsewhere"])
    assert places.asked == ["lang"], "asked once, when the typing paused"


def test_chosen_by_keys_it_is_looked_at(people: People) -> None:
    page, _ = opened(people, "/", *LANGPORTS)
    field = typed(page, "/", "lang")
    expect(shown(page)).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(field).to_have_attribute("aria-activedescendant", "place-suggestions-0")
    expect(chosen(page)).to_have_text("Langport Somerset, England")
    page.keyboard.press("Enter")

    page.wait_for_url("**/?place=Langport&lat=51.038&lon=-2.829*")


def test_chosen_by_touch_it_is_looked_at(people: People) -> None:
    page, _ = opened(people, "/warnings", LANGPORT)
    typed(page, "/warnings", "lang")

    shown(page).click()

    page.wait_for_url("**/warnings?place=Langport&lat=51.038&lon=-2.829*")


@pytest.mark.parametrize(("kind", "radius"), [("village", "2000"), ("postcode", "1500")])
def test_chosen_in_the_form_it_is_the_reports_place(people: People, kind: str, radius: str) -> None:
    page, _ = opened(people, "/report", LANGPORT | {"kind": kind})
    field = typed(page, "/report", "lang")
    expect(shown(page)).to_have_count(1)

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(field).to_have_value("Langport, Somerset, England")
    expect(page.locator("[name=lat]")).to_have_value("51.03750")
    expect(page.locator("[name=radius_m]")).to_have_value(radius)
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_enter_without_a_choice_sends_what_is_typed(people: People) -> None:
    page, _ = opened(people, "/", LANGPORT)
    typed(page, "/", "Langport")
    expect(shown(page)).to_have_count(1)

    page.keyboard.press("Enter")

    page.wait_for_url("**/?place=Langport")


def test_escape_and_leaving_close_the_list_and_keep_the_text(people: People) -> None:
    page, _ = opened(people, "/", LANGPORT)
    field = typed(page, "/", "lang")
    expect(shown(page)).to_have_count(1)

    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("lang")
    page.keyboard.press("ArrowDown")
    page.clock.run_for(PAUSE_MS)
    expect(shown(page)).to_have_count(1)
    page.keyboard.press("Tab")

    expect(page.get_by_role("listbox")).to_be_hidden()


def test_answer_that_comes_late_never_takes_the_place_of_a_later_one(people: People) -> None:
    person = people()
    places = Places(person, is_held=True)
    page = person.context.new_page()
    page.clock.install()
    page.goto("/")
    typed(page, "/", "la")
    await_that(page, lambda: len(places.routes) == 1)
    typed(page, "/", "ng")
    await_that(page, lambda: len(places.routes) == 2)

    places.answer(places.routes[1], LANGPORT)
    expect(shown(page)).to_have_text(["Langport Somerset, England"])
    places.answer(places.routes[0], place("Lancaster"))
    page.wait_for_timeout(300)

    expect(shown(page)).to_have_text(["Langport Somerset, England"])


@pytest.mark.parametrize("failure", ["lost", "503", "nothing"])
def test_without_an_answer_the_field_works_as_it_is(people: People, failure: str) -> None:
    person = people().expect("ERR_FAILED", "Failed to load", "503")
    acts = {"lost": lambda route: route.abort(), "503": lambda route: route.fulfill(status=503, body="{}")}
    person.context.route("**/v1/places?*", acts.get(failure, lambda route: route.fulfill(json={"items": []})))
    page = person.context.new_page()
    page.clock.install()
    page.goto("/")

    typed(page, "/", "Langport")
    page.wait_for_timeout(200)
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")

    page.wait_for_url("**/?place=Langport")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", FIELDS)
def test_open_list_shuts_nobody_out(people: People, path: str, theme: str) -> None:
    page, _ = opened(people, path, *LANGPORTS, color_scheme=theme)
    typed(page, path, "lang")
    expect(shown(page)).to_have_count(2)
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_be_visible()

    assert violations(page) == []
    expect(page.get_by_role("status").filter(has_text="Places that may be meant: 2.")).to_have_count(1)


@pytest.mark.parametrize("path", FIELDS)
def test_no_suggestion_makes_a_page_wider(people: People, path: str) -> None:
    long = place("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "Ynys Môn - Isle of Anglesey", "Wales")
    page, _ = opened(people, path, long, viewport={"width": 320, "height": 640})

    typed(page, path, "llan")
    expect(shown(page)).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
