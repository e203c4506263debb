"""The town's own map below ours: shown with its credit, and replaced by a sentence if it does not load."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.pages.browser import turn_to
from tests.pages.conftest import People
from tests.pages.page_list import NOW_NEAR
from tests.pages.product import await_that
from tests.pages.survey import draw_map

FAILED = "The background map could not be loaded. Reports and warnings are shown without it."
CREDIT = "Maps by the town"
STREETS_FAILED = "Some streets could not be loaded."
STREETS = Path(__file__).parents[2] / "infra" / "data" / "bath-ne-somerset-2017.pmtiles"
HEAD_AND_DIRECTORY = 16_384
# Whether any pixel of the tiles has the colour of a variable of the map's style.
HAS_COLOUR = """([name]) => {
  const map = document.getElementById('map');
  const probe = map.appendChild(document.createElement('i'));
  probe.style.color = `var(${name})`;
  const [red, green, blue] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  return [...map.querySelectorAll('.leaflet-tile-pane canvas')].some((canvas) => {
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4)
      if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255) return true;
    return false;
  });
}"""
OWN_BACKGROUND = r' data-(tile-attribution|pmtiles-url|pmtiles-script|streets-script)="[^"]*"'
# Serves as the tile server; any picture in the product will do.
PICTURE = re.compile(r'content="[^"]*(/static/[^"]+/preview[\w-]*\.png)"')


def with_background(people: People, attributes: Callable[[str], str], *expected: str) -> Page:
    """The page of a place as a deployment with these attributes of the map has it."""
    person = people().expect(*expected)

    def change(route: Route) -> None:
        answer = route.fetch()
        text = re.sub(OWN_BACKGROUND, "", answer.text())
        picture = PICTURE.search(text)
        assert picture
        told = f'data-tile-attribution="{CREDIT}" {attributes(picture[1])}'
        route.fulfill(response=answer, body=text.replace('id="map"', f'id="map" {told}', 1))

    person.context.route(re.compile(r"/(\?.*)?$"), change)
    page = person.open(NOW_NEAR)
    draw_map(page)
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
        people,
        lambda picture: (
            f'data-pmtiles-url="{picture}" data-pmtiles-script="/static/none.js" data-streets-script="/static/none.js"'
        ),
    )

    expect(page.get_by_text(FAILED)).to_be_visible()
    expect(page.locator("#map .map-pin, #map .map-cluster").first).to_be_visible()


def await_colour(page: Page, name: str) -> None:
    """Wait until a tile has a pixel in a colour of the map's style."""
    await_that(page, lambda: page.evaluate(HAS_COLOUR, [name]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_streets_and_waters_of_the_demo_are_drawn_below_its_reports(people: People, scheme: str) -> None:
    page = people(color_scheme=scheme).open(NOW_NEAR + "#map=15/51.3790/-2.3640")
    turn_to(page, "Map")

    for name in ("--map-street", "--map-water", "--map-street-edge"):
        await_colour(page, name)
    expect(page.locator("#map")).to_contain_text("Contains OS data © Crown copyright")
    expect(page.locator("#map .map-pin, #map .map-cluster").first).to_be_visible()
    expect(page.locator("#map .map-note")).to_have_text("")


def test_streets_change_with_the_colours_of_the_device(people: People) -> None:
    page = people(color_scheme="light").open(NOW_NEAR + "#map=15/51.3790/-2.3640")
    turn_to(page, "Map")
    await_colour(page, "--map-street")

    page.emulate_media(color_scheme="dark")

    await_colour(page, "--map-street")


def test_streets_of_a_cut_file_are_missed_in_words(people: People) -> None:
    person = people().expect("404", "Bad response code")

    def cut(route: Route) -> None:
        first, last = map(int, route.request.headers["range"].removeprefix("bytes=").split("-"))
        if first >= HEAD_AND_DIRECTORY:
            route.fulfill(status=404)
            return
        headers = {"Content-Range": f"bytes {first}-{last}/{STREETS.stat().st_size}", "Content-Type": "x/y"}
        route.fulfill(status=206, body=STREETS.read_bytes()[first : last + 1], headers=headers)

    person.context.route("**/map.pmtiles", cut)
    page = turn_to(person.open(NOW_NEAR), "Map")

    expect(page.get_by_text(STREETS_FAILED)).to_be_visible()
    expect(page.locator("#map .map-pin, #map .map-cluster").first).to_be_visible()
