"""On a phone the map and the list are two tabs, and what is needed first is on the first screen with the map."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.pages.browser import DESK, turn_to
from tests.pages.conftest import People
from tests.pages.page_list import NOW_NEAR
from tests.pages.survey import settle

SMALL_PHONE = {"width": 360, "height": 740}
IN_FIRST_SCREEN = """(one) => {
  const {top, bottom} = one.getBoundingClientRect();
  return scrollY === 0 && top > 0 && bottom < innerHeight;
}"""
ITEM = "li.item[data-kind=report]"
PIN = "#map .map-pin, #map .map-cluster"


def opened(people: People, path: str = NOW_NEAR, **options: object) -> Page:
    page = people(**({"viewport": SMALL_PHONE} | options)).open(path)
    settle(page)
    return page


def selected(page: Page) -> str:
    return page.get_by_role("tab", selected=True).inner_text()


def test_what_is_needed_first_is_on_the_first_screen_with_ones_own_dot(people: People) -> None:
    page = opened(people)

    first = ["h1", ".to-do", ".help a", ".lead", "#map-tab", ".map-here"]
    assert [name for name in first if not in_first_screen(page, name)] == []


def test_position_of_the_device_is_on_the_first_screen_too(people: People) -> None:
    page = opened(people, f"{NOW_NEAR}&accuracy_m=20")

    assert [name for name in ("h1", ".lead", "#map-tab", ".map-here") if not in_first_screen(page, name)] == []
    expect(page.get_by_text("This is where your device says you are, to within about 20 m.")).to_be_visible()


def in_first_screen(page: Page, name: str) -> bool:
    return bool(page.locator(name).first.evaluate(IN_FIRST_SCREEN))


def test_with_a_place_the_map_is_shown_first_and_without_one_the_list(people: People) -> None:
    near, everywhere = opened(people), opened(people, "/")

    assert (selected(near), selected(everywhere)) == ("Map", "List")
    assert (near.locator(ITEM).first.is_visible(), everywhere.locator(ITEM).first.is_visible()) == (False, True)


def test_tabs_go_by_arrow_keys(people: People) -> None:
    page = opened(people)
    page.get_by_role("tab", name="Map").focus()

    page.keyboard.press("ArrowRight")

    expect(page.get_by_role("tab", name="List")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="List").locator(ITEM).first).to_be_visible()
    expect(page.locator("#map")).to_be_hidden()
    page.keyboard.press("Home")
    expect(page.get_by_role("tabpanel", name="Map").locator("#map")).to_be_visible()


def test_choice_is_found_again_on_the_way_back(people: People) -> None:
    page = turn_to(opened(people), "List")

    page.locator(ITEM).first.get_by_role("link").click()
    page.wait_for_url("**/reports/**")
    page.go_back()

    expect(page.get_by_role("tab", name="List")).to_have_attribute("aria-selected", "true")
    expect(page.locator(ITEM).first).to_be_visible()


def test_entry_of_the_list_is_shown_on_the_map(people: People) -> None:
    page = turn_to(opened(people), "List")

    page.locator(ITEM).first.get_by_role("button", name="On the map").click()

    expect(page.locator(".map-popup")).to_be_visible()
    assert selected(page) == "Map"


def test_window_that_changes_while_the_map_is_hidden_leaves_its_pins(people: People) -> None:
    """As a phone's keyboard changes it, opened for the field of the place."""
    page = turn_to(opened(people), "List")
    expect(page.locator("#map")).to_be_hidden()
    before = page.locator(PIN).count()

    page.set_viewport_size({"width": 360, "height": 400})
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 500)))")

    assert page.locator(PIN).count() == before > 0
    page.set_viewport_size(SMALL_PHONE)
    turn_to(page, "Map")
    assert page.locator(PIN).count() == before
    expect(page.locator(PIN).first).to_be_visible()


def test_wide_screen_has_both_and_no_tabs(people: People) -> None:
    page = opened(people, viewport=DESK)

    assert page.get_by_role("tab").count() == 0
    expect(page.locator("#map")).to_be_visible()
    expect(page.locator(ITEM).first).to_be_visible()


def test_turned_phone_that_gets_wide_shows_what_was_hidden(people: People) -> None:
    page = opened(people)

    page.set_viewport_size(DESK)

    expect(page.locator(ITEM).first).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)


def test_printed_page_holds_the_list(people: People) -> None:
    page = opened(people)

    page.emulate_media(media="print")

    expect(page.locator(ITEM).first).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)


@pytest.mark.parametrize("path", [NOW_NEAR, "/"])
def test_without_scripts_there_are_no_tabs(people: People, path: str) -> None:
    page = people(javascript=False, viewport=SMALL_PHONE).open(path)

    assert page.locator("#tabs").is_hidden()
    expect(page.locator(ITEM).first).to_be_visible()


def test_reports_at_both_ends_of_the_world_leave_no_map_without_any(people: People) -> None:
    person = people(viewport=SMALL_PHONE)

    def part(route: Route) -> None:
        """Put the last report of the list beside the South Pole, where the sea ends."""
        answer = route.fetch()
        before, last, after = answer.text().rpartition('data-kind="report"')
        after = re.sub(r'data-lat="[^"]*" data-lon="[^"]*"', 'data-lat="-90" data-lon="-180"', after, count=1)
        route.fulfill(response=answer, body=before + last + after)

    person.context.route(re.compile(r":\d+/$"), part)
    page = person.open("/")
    settle(page)

    turn_to(page, "Map")

    expect(page.locator(PIN).first).to_be_visible()
