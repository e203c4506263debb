"""The place of a report: the device's own, one that is typed, or the pin on a map."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.pages.conftest import People
from tests.pages.product import QUIET, Product, await_that, unique
from tests.pages.reporting import SENT, WHERE, Taps, fill_rest

HERE = {"latitude": QUIET["lat"], "longitude": QUIET["lon"], "accuracy": 20}
COARSE = HERE | {"accuracy": 1800}
AT_SEA = {"latitude": 51.3, "longitude": -3.8, "accuracy": 20}
# Until the table of places is loaded, what is not found may be somewhere.
NOT_FOUND = re.compile("No place of that name is known|Not all places can be looked up")
MAP = "#picker[data-ready=true]"
EVERYTHING_IN_VIEW = """(one) => {
  const {top, bottom} = one.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight + 1;
}"""
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
    page = people().open("/report?lat=52.6131&lon=-2.4806")
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
    person = people()
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


def test_map_never_opens_at_the_whole_world(people: People) -> None:
    page = people().open("/report")

    page.get_by_role("button", name="Choose on the map").click()

    expect(page.get_by_text("Enter a postcode or town first: the map opens there.")).to_be_visible()
    expect(page.locator("#where")).to_be_focused()
    assert page.locator("#picker").count() == 0


@pytest.mark.parametrize("first", ["answered", "lost"])
@pytest.mark.parametrize("earlier_comes", [True, False], ids=["in order", "out of order"])
def test_impatient_second_press_leads_no_further_than_one_step(people: People, first: str, earlier_comes: bool) -> None:
    person = people().expect("ERR_FAILED")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    person.context.route("**/report?place=*", hold)
    page = person.open("/report")
    taps = Taps(page)
    taps.field(WHERE, "51.0375, -2.8290")

    taps.button("Next")
    taps.button("Next")
    await_that(page, lambda: len(held) == 2)
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


def located(people: People, position: dict[str, float]) -> Taps:
    taps = Taps(people(geolocation=position, permissions=["geolocation"]).open("/report"))
    taps.button("Use my location")
    taps.page.wait_for_selector(MAP)
    return taps


def radius_of(taps: Taps) -> str:
    return taps.page.locator("[name=radius_m]").input_value()


def test_own_location_is_shown_at_once_with_its_name_on_a_map_in_view(people: People) -> None:
    taps = located(people, HERE)

    expect(taps.page.get_by_text("Found: your place near")).to_be_visible()
    assert taps.page.locator("#picker path.map-ring").count() == 1
    assert taps.page.locator("#picker").evaluate(EVERYTHING_IN_VIEW)


@pytest.mark.parametrize(("position", "question"), [
    (COARSE, "Your device knows only roughly where you are: to within about 1.8 km. Are you near"),
    (AT_SEA, "Your device says that you are at sea. Is this where you are?"),
], ids=["coarse", "at sea"])  # fmt: skip
def test_doubtful_location_is_asked_about_and_counts_only_by_a_yes(
    people: People, position: dict[str, float], question: str
) -> None:
    taps = located(people, position)
    page = taps.page

    expect(page.get_by_text(question)).to_be_visible()
    expect(page.get_by_text("Found:")).to_have_count(0)
    taps.button("Next")
    expect(page.get_by_role("button", name="Yes", exact=True)).to_be_focused()
    assert page.locator("[name=lat]").input_value() == ""
    taps.button("Yes")
    taps.button("Next")

    expect(page.get_by_role("heading", name="How deep is the water?")).to_be_visible()
    assert radius_of(taps) == str(max(position["accuracy"], 50))


def test_no_to_a_doubtful_location_leads_to_the_field_and_takes_nothing(people: People) -> None:
    taps = located(people, COARSE)

    taps.button("No, another place")

    expect(taps.page.locator("#where")).to_be_focused()
    assert radius_of(taps) == ""


def test_location_known_too_roughly_for_a_report_cannot_be_taken_as_it_is(people: People) -> None:
    taps = located(people, HERE | {"accuracy": 18_000})

    expect(taps.page.get_by_text("That is too wide for a report.")).to_be_visible()
    expect(taps.page.get_by_role("button", name="Yes", exact=True)).to_have_count(0)
    assert radius_of(taps) == ""


def test_location_counts_without_a_connection_by_its_accuracy_alone(people: People) -> None:
    person = people(geolocation=HERE, permissions=["geolocation"]).expect("ERR_INTERNET_DISCONNECTED", "Failed to load")
    page = person.open("/report")
    page.wait_for_load_state("networkidle")
    person.context.set_offline(True)

    page.get_by_role("button", name="Use my location").click()

    expect(page.get_by_text("Found: your place, to within about 20 m.")).to_be_visible()
    assert page.locator("[name=radius_m]").input_value() == "50"


def test_map_opens_where_somebody_looked_last(people: People) -> None:
    page = people().open("/?place=Langport")
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="Report flooding").first.click()
    taps = Taps(page)

    taps.button("Choose on the map")
    page.wait_for_selector(MAP)
    taps.button("Next")

    expect(page.locator("#picker .map-label", has_text="Langport")).to_be_visible()
    expect(page.get_by_text("Zoom in until you see the place, then move the map.")).to_be_visible()
    assert page.locator("[name=lat]").input_value() == ""


def test_refused_location_and_unknown_village_come_to_a_pin_within_four_actions(people: People) -> None:
    taps = Taps(people().open("/report"))
    page = taps.page

    taps.button("Use my location")
    expect(page.locator("#where")).to_be_focused()
    page.keyboard.type("Zzyzxburgh")
    page.keyboard.press("Enter")
    taps.number += 1
    expect(page.get_by_text(NOT_FOUND).first).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("Langport")
    page.keyboard.press("Enter")
    taps.number += 1
    page.wait_for_selector(MAP)
    page.locator("#picker").click(position={"x": 200, "y": 60})
    taps.number += 1

    expect(page.get_by_text("The pin is set.")).to_be_visible()
    assert taps.number <= 4
    assert page.locator("[name=lat]").input_value() != ""
