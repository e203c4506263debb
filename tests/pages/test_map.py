"""The map beside the list: it shows what the list says, goes by keys, and keeps its place."""

import re
import secrets
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, Route, expect

from tests.pages.browser import turn_to
from tests.pages.conftest import People
from tests.pages.product import Product, await_that, unique
from tests.pages.survey import draw_map

REPORTS = "li.item[data-kind=report]"
AFTER_A_REFRESH_MS = 61_000
# One quiet place for each test, so that nothing stands in its way, of this run or of one before on the same server.
QUIET_PLACES = iter({"lat": 54.4 + number / 10, "lon": -3.4 - secrets.randbelow(10_000) / 1000} for number in range(20))

# The number beside a pin, as a key.
NUMBER = """(one) => {
  const at = one.getBoundingClientRect();
  const key = [...document.querySelectorAll('.map-key')].find((key) => {
    const box = key.getBoundingClientRect();
    return box.left < at.right && at.left < box.right && box.top < at.bottom && at.top < box.bottom;
  });
  return key.textContent;
}"""
OUTSIDE = """(map) => {
  const room = map.getBoundingClientRect();
  return [...map.querySelectorAll('.map-area.tone-unknown, .map-pin, .map-cluster')].filter((one) => {
    const box = one.getBoundingClientRect();
    const isIn = box.left >= room.left && box.right <= room.right && box.top >= room.top && box.bottom <= room.bottom;
    return !isIn || !box.width;
  }).map((one) => one.outerHTML.slice(0, 100));
}"""

# Where something is, once it has not moved for ten pictures.
BOX_AT_REST = """(one) => new Promise((done) => {
  let before = '', still = 0;
  const look = () => {
    const {x, y, width, height} = one.getBoundingClientRect();
    const now = JSON.stringify([x, y, width, height]);
    still = now === before ? still + 1 : 0;
    before = now;
    still < 10 ? requestAnimationFrame(look) : done({x, y, width, height});
  };
  look();
})"""


def near(place: dict[str, float]) -> str:
    return "/?" + urlencode(place | {"radius_km": 2})


def beside(place: dict[str, float], by: float) -> dict[str, Any]:
    return {"location": {"lat": place["lat"] + by, "lon": place["lon"]}, "place": "public"}


def ready(page: Page) -> Page:
    return turn_to(draw_map(page), "Map")


def view_of(page: Page) -> str:
    return page.evaluate("location.hash")


def test_each_report_of_the_list_is_on_the_map(people: People) -> None:
    page = ready(people().open("/"))

    shown = page.locator("#map").get_attribute("data-markers")

    assert int(shown) >= page.locator(REPORTS).count() > 0  # and clusters of those that a list of fifty leaves out
    expect(page.locator("#map").get_by_role("button", name="Zoom in")).to_be_visible()


def test_town_on_the_antimeridian_is_seen_whole(people: People, product: Product) -> None:
    for lon in (179.98, -179.98):
        product.file(location={"lat": -16.85, "lon": lon}, title=unique("By the date line"))

    page = ready(people().open("/?lat=-16.85&lon=180&radius_km=5"))

    await_that(page, lambda: page.locator(".map-pin, .map-cluster").count() >= 2)


@pytest.mark.parametrize("lon", [179.99, -179.99])
def test_area_across_the_antimeridian_is_drawn_on_both_sides(people: People, lon: float) -> None:
    person = people()
    person.context.route("**/outlines.geojson*", give_area_across_the_antimeridian)

    page = ready(person.open(f"/?lat=-16.85&lon={lon}&radius_km=5"))

    area, room = page.locator(".map-area").bounding_box(), page.locator("#map").bounding_box()
    assert area is not None and room is not None
    assert area["x"] <= room["x"] and area["x"] + area["width"] >= room["x"] + room["width"], "the map is all inside"


def give_area_across_the_antimeridian(route: Route) -> None:
    """Answer with one warning, cut at the antimeridian as RFC 7946 asks."""
    answer = route.fetch()
    halves = [
        [[[west, -17.8], [east, -17.8], [east, -16.0], [west, -16.0], [west, -17.8]]]
        for west, east in ((179.0, 180.0), (-180.0, -179.0))
    ]
    area = {"type": "MultiPolygon", "coordinates": halves}
    about = {"title": "Lowland", "severity": "extreme"}
    feature = {"type": "Feature", "id": "wrn_across", "geometry": area, "properties": about}
    route.fulfill(response=answer, json=answer.json() | {"features": [feature]})


def test_without_scripts_there_is_the_list_alone(people: People) -> None:
    page = people(javascript=False).open("/")

    assert page.locator("#map").is_hidden()
    assert page.locator(REPORTS).count() > 0
    assert page.locator("li.item[data-kind=warning]").count() > 0


def test_list_says_the_same_with_and_without_scripts(people: People, product: Product) -> None:
    place = next(QUIET_PLACES)
    product.file(**beside(place, 0.001))
    with_scripts, without = ready(people().open(near(place))), people(javascript=False).open(near(place))

    titles = [page.locator("li.item h3").all_inner_texts() for page in (with_scripts, without)]

    assert titles[0] == titles[1] != []


def test_numbers_pick_what_is_in_view_and_enter_opens_it(people: People, product: Product) -> None:
    place = next(QUIET_PLACES)
    wanted = {product.file(**beside(place, by))["id"] for by in (-0.008, 0.008)}
    page = ready(people().open(near(place)))
    page.get_by_role("application").focus()
    picked = []

    for number in ("1", "2"):
        page.keyboard.press(number)
        picked.append(page.locator("li.item.chosen").get_attribute("data-id"))
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/reports/{picked[1]}")
    assert set(picked) == wanted


def test_view_and_choice_stand_in_the_address_and_survive_a_reload(people: People, product: Product) -> None:
    place = next(QUIET_PLACES)
    report = product.file(**beside(place, 0.002))
    page = ready(people().open(near(place)))
    page.get_by_role("application").focus()

    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    page.wait_for_url(re.compile("&at="))
    before = view_of(page)
    page.reload()
    ready(page)

    assert re.fullmatch(rf"#map=\d+/[-\d.]+/[-\d.]+&at={report['id']}", before)
    expect(page.locator(".map-popup")).to_contain_text(report["title"])
    assert view_of(page) == before


def test_escape_leaves_the_map_for_the_list(people: People, product: Product) -> None:
    place = next(QUIET_PLACES)
    product.file(**beside(place, 0.002))
    page = ready(people().open(near(place)))
    page.get_by_role("application").focus()

    page.keyboard.press("1")
    expect(page.locator(".map-popup")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".map-popup")).to_be_hidden()
    page.keyboard.press("Escape")

    assert page.evaluate("!document.activeElement.closest('#map') && document.activeElement !== document.body")


def test_quiet_refresh_keeps_focus_and_view(people: People, product: Product) -> None:
    place = next(QUIET_PLACES)
    first = product.file(**beside(place, 0.001))
    person = people()
    person.context.clock.install()
    page = ready(person.open(near(place)))
    page.get_by_role("application").press("+")
    link = turn_to(page, "List").get_by_role("link", name=first["title"])
    link.focus()
    before = view_of(page)
    second = product.file(**beside(place, 0.003), title=unique("Came later"))

    def is_listed() -> int:
        page.clock.fast_forward(AFTER_A_REFRESH_MS)
        page.wait_for_timeout(500)
        return page.get_by_role("link", name=second["title"]).count()

    await_that(page, is_listed)  # a list may be a few seconds old where it is kept
    expect(page.get_by_role("link", name=second["title"])).to_be_visible()
    expect(page.locator("#map")).to_have_attribute("data-markers", "2")
    expect(link).to_be_focused()
    assert view_of(page) == before


def test_lost_connection_is_told_and_the_list_stays(people: People, product: Product) -> None:
    place = next(QUIET_PLACES)
    report = product.file(**beside(place, 0.001))
    person = people().expect("ERR_INTERNET_DISCONNECTED")
    person.context.clock.install()
    page = turn_to(ready(person.open(near(place))), "List")

    person.context.set_offline(True)
    page.clock.fast_forward(AFTER_A_REFRESH_MS)

    expect(page.locator("[aria-live=polite], [role=status]").filter(has_text="No connection")).to_have_count(1)
    expect(page.get_by_role("link", name=report["title"])).to_be_visible()


def test_map_without_its_coast_says_so_and_works(people: People) -> None:
    person = people().expect("ERR_FAILED", "Failed to load")
    person.context.route("**/coast/**", lambda route: route.abort())

    page = ready(person.open("/"))

    expect(page.get_by_text("The coast could not be loaded.")).to_be_visible()
    assert int(page.locator("#map").get_attribute("data-markers")) > 0


def test_warning_areas_are_drawn_on_the_map(people: People) -> None:
    page = ready(people().open("/"))
    page.wait_for_selector("#map[data-areas]")

    assert int(page.locator("#map").get_attribute("data-areas")) > 0
    assert page.locator("#map path.map-area").count() > 0


def test_going_into_a_cluster_forgets_what_was_chosen_before(people: People, product: Product) -> None:
    place = next(QUIET_PLACES)
    for by in (-0.012, 0.0100, 0.0101):  # one alone, and two that stand as one
        product.file(**beside(place, by))
    page = ready(people().open(near(place)))
    page.get_by_role("application").focus()
    alone, cluster = (page.locator(kind).first.evaluate(NUMBER) for kind in ("button.map-pin", "button.map-cluster"))

    page.keyboard.press(alone)
    expect(page.locator(".map-popup")).to_be_visible()
    page.keyboard.press(cluster)
    before = page.url
    page.keyboard.press("Enter")

    expect(page.locator(".map-popup")).to_have_count(0)
    expect(page.locator("li.item.chosen")).to_have_count(0)
    page.wait_for_timeout(500)
    assert page.url == before
    assert "&at=" not in before


def test_everywhere_shows_warnings_of_another_continent_too(people: People) -> None:
    person = people()
    person.context.route(re.compile(r":\d+/$"), move_reports_to_one_town)
    person.context.route("**/outlines.geojson*", add_far_area)

    page = ready(person.open("/"))
    page.wait_for_selector("#map[data-areas]")

    expect(page.locator("#map path.map-area.tone-unknown")).to_have_count(1)
    assert page.locator("#map").evaluate(OUTSIDE) == []


def move_reports_to_one_town(route: Route) -> None:
    """Other tests file reports anywhere; all of the world does not fit into the map."""
    answer = route.fetch()
    town = r'\1data-lat="52.37" data-lon="-2.72"'
    moved = re.sub(r'(data-kind="report"[^>]*?)data-lat="[^"]*" data-lon="[^"]*"', town, answer.text())
    route.fulfill(response=answer, body=moved)


def add_far_area(route: Route) -> None:
    answer = route.fetch()
    outlines = answer.json()
    ring = [[106, -9], [110, -9], [110, -6], [106, -6], [106, -9]]
    said = {"severity": "unknown", "title": "Far away"}
    area = {"type": "Feature", "id": "wrn_far", "properties": said}
    outlines["features"].append(area | {"geometry": {"type": "Polygon", "coordinates": [ring]}})
    route.fulfill(response=answer, json=outlines)


def test_popup_on_a_phone_keeps_clear_of_the_zoom_buttons(people: People, product: Product) -> None:
    place = next(QUIET_PLACES)
    product.file(
        **beside(place, 0.001), title="A report with a title that takes the room of several lines in its popup"
    )
    page = ready(people().open(near(place)))
    map_box = page.locator("#map").bounding_box()
    pin = page.locator("button.map-pin")
    # To the upper left, under the buttons' edge.
    page.get_by_role("application").focus()
    for key in ("ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    pin.evaluate("(one) => one.click()")

    popup = page.locator(".map-popup").evaluate(BOX_AT_REST)
    buttons = page.locator(".leaflet-control-zoom").bounding_box()
    assert popup["x"] >= buttons["x"] + buttons["width"] or popup["y"] >= buttons["y"] + buttons["height"]
    assert popup["x"] + popup["width"] <= map_box["x"] + map_box["width"]


def test_page_works_where_leaflet_does_not_arrive(people: People) -> None:
    person = people().expect("ERR_FAILED", "Failed to load")
    person.context.route("**/leaflet.js", lambda route: route.abort())

    page = person.open("/")
    page.wait_for_load_state("networkidle")

    assert page.locator("#map").is_hidden()
    assert page.locator(REPORTS).count() > 0
