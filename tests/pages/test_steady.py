"""Nothing moves under a finger while a page loads: what its scripts show has its room from the first paint on."""

from typing import Any

import pytest
from playwright.sync_api import Route

from tests.pages.conftest import People
from tests.pages.page_list import NOW_NEAR
from tests.pages.product import await_that
from tests.pages.survey import draw_map

# Cumulative Layout Shift, as web.dev/cls has it; good is up to 0.1, and ours half of it.
MOST_SHIFTED = 0.05
WATCH = """
window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => { window.shifted += one.value; }))
  .observe({type: 'layout-shift', buffered: true});
"""
PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"


@pytest.mark.parametrize("viewport", [{"width": 360, "height": 740}, {"width": 1280, "height": 800}])
@pytest.mark.parametrize("path", ["/", NOW_NEAR, "/report", "/reports", "/warnings", "/poster?place=Bath"])
def test_page_stays_where_it_was_when_its_scripts_come_late(people: People, path: str, viewport: Any) -> None:
    person = people(viewport=viewport)
    person.context.add_init_script(WATCH)
    page = person.context.new_page()
    held: list[Route] = []
    are_held = True
    page.route("**/*.js", lambda route: held.append(route) if are_held else route.continue_())

    page.goto(path, wait_until="commit")
    await_that(page, lambda: page.evaluate(PAINTED))
    are_held = False
    for route in held:
        route.continue_()
    page.wait_for_load_state("networkidle")
    if page.locator("#map").is_visible():  # behind its tab it is loaded by a tap, after which things may move
        draw_map(page)

    assert page.evaluate("window.shifted") <= MOST_SHIFTED
