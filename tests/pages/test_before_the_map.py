"""Little is asked for before the map: its files come when it is nearly in view."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import turn_to
from tests.pages.conftest import People
from tests.pages.page_list import NOW_NEAR
from tests.pages.slow_phone import Line
from tests.pages.survey import draw_map

MOST_REQUESTS = 10
MOST_BYTES = 100_000
OF_THE_MAP = ("leaflet", "/map", "/coast", "/markers", "/outlines")


def of_the_map(line: Line) -> list[str]:
    return [one.address for one in line.asked.values() if any(part in one.address for part in OF_THE_MAP)]


def test_page_of_a_place_asks_for_little_before_its_map(people: People) -> None:
    page = people().context.new_page()
    line = Line(page)

    page.goto(NOW_NEAR)
    draw_map(page)

    before = line.before_map()
    assert 4 <= len(before) <= MOST_REQUESTS, before
    assert sum(one.bytes for one in before) <= MOST_BYTES, before
    scripts = [address for address in of_the_map(line) if address.endswith((".js", ".css"))]
    assert len(scripts) == len(set(scripts)) > 5, "each is asked for once"


@pytest.mark.parametrize("kind", ["report", "warning"])
def test_list_needs_nothing_of_the_map_until_it_leads_there(people: People, kind: str) -> None:
    page = people().context.new_page()
    line = Line(page)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert of_the_map(line) == []
    entry = page.locator(f"li.item[data-kind={kind}]").first
    title = entry.get_by_role("link").first.inner_text()

    entry.get_by_role("button", name="On the map").click()

    expect(page.locator(".map-popup")).to_contain_text(title)
    expect(page.get_by_role("tab", name="Map")).to_have_attribute("aria-selected", "true")


def test_link_to_a_view_of_the_map_is_drawn_though_the_list_is_shown(people: People) -> None:
    page = people().open("/#map=12/51.3813/-2.3590")

    page.wait_for_selector("#map[data-ready=true]", state="attached")

    assert "#map=12/51.381" in turn_to(page, "Map").url


@pytest.mark.parametrize("file", ["leaflet.js", "leaflet.css", "map_now.js"])
def test_page_whose_map_does_not_arrive_has_no_tabs_and_no_way_to_it(people: People, file: str) -> None:
    person = people().expect("ERR_FAILED", "Failed to load")
    person.context.route(f"**/{file}", lambda route: route.abort())

    page = person.open(NOW_NEAR)

    expect(page.locator("#map")).to_have_count(0)
    expect(page.get_by_role("tab")).to_have_count(0)
    expect(page.locator("li.item").first).to_be_visible()
    expect(page.get_by_role("button", name="On the map")).to_have_count(0)
