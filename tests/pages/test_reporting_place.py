"""The place of a report: the device's own, one that is typed, or the pin on a map."""

import pytest
from playwright.sync_api import Route, expect

from tests.pages.conftest import People
from tests.pages.product import QUIET, Product, await_that, unique
from tests.pages.reporting import SENT, WHERE, Taps, fill_rest

HERE = {"latitude": QUIET["lat"], "longitude": QUIET["lon"], "accuracy": 20}
# The device finds its place only when it is told to.
HOLD_LOCATION = """
const locate = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
navigator.geolocation.getCurrentPosition = (found, failed, options) => {
  window.giveLocation = () => new Promise((given) => {
    locate((at) => { found(at); given(); }, failed, options);
  });
};
"""


def test_own_location_stands_for_a_place(people: People, product: Product) -> None:
    title = unique("Where I stand")
    taps = Taps(people(geolocation=HERE, permissions=["geolocation"]).open("/report"))

    taps.button("Use my location")
    expect(taps.page.get_by_text("Found: your place")).to_be_visible()
    fill_rest(taps, title, "Up to the ankle")
    taps.button("Send report")
    taps.page.wait_for_url(SENT)

    [stored] = product.titled(title, QUIET)
    assert abs(stored["location"]["lat"] - QUIET["lat"]) < 0.001


def test_pin_is_set_by_keys_alone(people: People, product: Product) -> None:
    title = unique("By the keys")
    page = people().open("/report?lat=52.6123&lon=-2.4567")
    taps = Taps(page)

    page.get_by_role("button", name="Choose on the map").focus()
    page.keyboard.press("Enter")
    pin = page.get_by_role("application")
    pin.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("The pin is set.")).to_be_visible()
    fill_rest(taps, title)
    taps.button("Send report")
    page.wait_for_url(SENT)

    [stored] = product.titled(title, QUIET)
    assert stored["location"]["lon"] > QUIET["lon"]


def test_pin_that_stands_right_already_need_not_be_moved(people: People) -> None:
    person = people(service_workers="block")
    person.context.route("**/report", lambda route: open_around(route, QUIET))
    page = person.open("/report")
    taps = Taps(page)

    taps.button("Choose on the map")
    page.wait_for_selector("#picker[data-ready=true]")
    taps.button("Next")

    expect(page.get_by_role("heading", name="How deep is the water?")).to_be_visible()
    assert abs(float(page.locator("[name=lat]").input_value()) - QUIET["lat"]) < 0.001


def open_around(route: Route, place: dict[str, float]) -> None:
    """As where a deployment has a place of its own, around which its maps open."""
    answer = route.fetch()
    start = f'id="picker" data-start="{place["lat"]},{place["lon"]}"'
    route.fulfill(response=answer, body=answer.text().replace('id="picker"', start))


def test_pin_on_a_map_of_the_world_is_no_place_yet(people: People) -> None:
    page = people().open("/report")
    taps = Taps(page)

    taps.button("Choose on the map")
    page.wait_for_selector("#picker[data-ready=true]")
    taps.button("Next")

    expect(page.get_by_text("Zoom in until you see the place, then move the map.")).to_be_visible()
    expect(page.get_by_role("application")).to_be_focused()
    expect(page.get_by_text("Say where the water is.")).to_have_count(0)


@pytest.mark.parametrize("first", ["answered", "lost"])
@pytest.mark.parametrize("earlier_comes", [True, False], ids=["in order", "out of order"])
def test_impatient_second_press_leads_no_further_than_one_step(people: People, first: str, earlier_comes: bool) -> None:
    person = people(service_workers="block").expect("ERR_FAILED")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    person.context.route("**/report?place=*", hold)
    page = person.open("/report")
    taps = Taps(page)
    taps.field(WHERE, "51.0375, -2.8290")

    taps.button("Next")
    taps.button("Next")
    await_that(lambda: page.wait_for_timeout(50) or len(held) == 2)
    ends = [held[0].continue_ if first == "answered" else held[0].abort, held[1].continue_]
    for end in ends if earlier_comes else reversed(ends):
        end()
        page.wait_for_timeout(300)

    expect(page.get_by_text("Step 2 of 4")).to_be_visible()
    expect(page.get_by_role("heading", name="How deep is the water?")).to_be_visible()


def test_place_typed_while_the_device_looks_for_itself_stays(people: People) -> None:
    page = people(geolocation=HERE, permissions=["geolocation"]).open("/report")
    page.evaluate(HOLD_LOCATION)
    taps = Taps(page)

    taps.button("Use my location")
    taps.field(WHERE, "51.0375, -2.8290")
    page.evaluate("giveLocation()")
    taps.button("Next")

    expect(page.get_by_role("heading", name="How deep is the water?")).to_be_visible()
    expect(page.locator("#where")).to_have_value("51.0375, -2.8290")
    assert page.locator("[name=lat]").input_value() == "51.03750"
