"""In a few streets the map names them, and draws the corners of warned areas that are seen there."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from infra.basemap.named import names_in_view
from tests.pages.browser import turn_to
from tests.pages.conftest import People
from tests.pages.page_list import NOW_NEAR
from tests.pages.product import await_that
from tests.pages.survey import draw_map

FILE = Path(__file__).parents[2] / "infra" / "data" / "bath-ne-somerset-2017.pmtiles"
# What is written on the canvases of the map.
WRITTEN = """
window.written = new Set();
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
  window.written.add(text);
  return write.call(this, text, ...rest);
};
"""
CORNERS = """() => [...document.querySelectorAll('#map path.map-area')]
  .reduce((sum, path) => sum + (path.getAttribute('d').match(/[ML]/g) || []).length, 0)"""
STREETS = "#map=16/51.3790/-2.3600"


@pytest.mark.parametrize("place", [(51.3905, -2.3606), (51.3979, -2.3485), (51.3588, -2.3497)])
def test_streets_that_bend_have_their_names(people: People, place: tuple[float, float]) -> None:
    """Quarters on hills, of which few streets are straight: with the reader's own placing they had none."""
    person = people()
    person.context.add_init_script(WRITTEN)
    lat, lon = place
    wanted = set(names_in_view(FILE.read_bytes(), place))

    page = draw_map(person.open(f"/?lat={lat:.3f}&lon={lon:.3f}&radius_km=1#map=16/{lat}/{lon}"))

    await_that(page, lambda: len(wanted.intersection(page.evaluate("[...window.written]"))) >= 4)


def refined(page: Page) -> str | None:
    return page.locator("#map").get_attribute("data-refined")


def test_outlines_are_finer_in_a_few_streets_and_coarse_again_from_afar(people: People) -> None:
    person = people()
    asked: list[str] = []
    person.context.on("request", lambda request: asked.append(request.url) if "bbox=-2" in request.url else None)
    page = turn_to(draw_map(person.open(NOW_NEAR + STREETS)), "Map")
    await_that(page, lambda: refined(page))
    fine = page.evaluate(CORNERS)
    element = page.locator("#map")

    for _ in range(3):
        element.press("-")
    await_that(page, lambda: refined(page) is None)
    for _ in range(3):
        element.press("+")
    await_that(page, lambda: refined(page))

    assert page.evaluate(CORNERS) == fine > 50
    assert len([one for one in asked if "/outlines.geojson" in one]) >= 2


def test_coarse_outlines_stay_where_finer_ones_do_not_come(people: People) -> None:
    person = people().expect("ERR_FAILED", "Failed to load")
    person.context.route("**/outlines.geojson*bbox=*", lambda route: route.abort())

    page = turn_to(draw_map(person.open(NOW_NEAR + STREETS)), "Map")
    page.wait_for_load_state("networkidle")

    assert refined(page) is None
    assert page.locator("#map path.map-area").count() > 1
    assert page.evaluate(CORNERS) > 0
