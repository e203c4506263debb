"""The town's own map below ours: shown with its credit, and replaced by a sentence if it does not load."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.pages.browser import turn_to
from tests.pages.conftest import People
from tests.pages.page_list import NOW_NEAR

FAILED = "The background map could not be loaded. Reports and warnings are shown without it."
CREDIT = "Maps by the town"
# Serves as the tile server; any picture in the product will do.
PICTURE = re.compile(r'content="[^"]*(/static/[^"]+/preview\.png)"')


def with_background(people: People, attributes: Callable[[str], str], *expected: str) -> Page:
    """The page of a place as a deployment with these attributes of the map has it."""
    person = people(service_workers="block").expect(*expected)

    def change(route: Route) -> None:
        answer = route.fetch()
        text = answer.text()
        picture = PICTURE.search(text)
        assert picture
        told = f'data-tile-attribution="{CREDIT}" {attributes(picture[1])}'
        route.fulfill(response=answer, body=text.replace('id="map"', f'id="map" {told}', 1))

    person.context.route(re.compile(r"/(\?.*)?$"), change)
    page = person.open(NOW_NEAR)
    page.wait_for_selector("#map[data-ready=true]", state="attached")
    return turn_to(page, "Map")


def test_raster_tiles_lie_below_the_reports_with_their_credit(people: People) -> None:
    page = with_background(people, lambda picture: f'data-tile-url="{picture}?z={{z}}&amp;x={{x}}&amp;y={{y}}"')

    expect(page.locator("#map .map-raster img").first).to_be_visible()
    expect(page.locator("#map")).to_contain_text(CREDIT)
    expect(page.locator("#map .map-pin, #map .map-cluster").first).to_be_visible()


def test_raster_tiles_that_do_not_come_are_let_go_in_words(people: People) -> None:
    tiles = "/static/none/{z}-{x}-{y}.png"
    page = with_background(people, lambda _: f'data-tile-url="{tiles}"', "404")

    expect(page.get_by_text(FAILED)).to_be_visible()
    expect(page.locator("#map .map-raster")).to_have_count(0)
    expect(page.locator("#map")).not_to_contain_text(CREDIT)
    expect(page.locator("#map .map-pin, #map .map-cluster").first).to_be_visible()


def test_file_that_is_no_archive_of_tiles_is_let_go_in_words(people: People) -> None:
    page = with_background(
        people, lambda picture: f'data-pmtiles-url="{picture}" data-pmtiles-script="/static/none.js"'
    )

    expect(page.get_by_text(FAILED)).to_be_visible()
    expect(page.locator("#map .map-pin, #map .map-cluster").first).to_be_visible()
