"""A resident reports flooding without an account, and changes it or takes it back by the private link."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.pages.browser import Person
from tests.pages.conftest import People
from tests.pages.product import Product, await_that, unique
from tests.pages.reporting import SENT, TITLE, WHERE, Taps, file_report, fill, has_steps

MOST_TAPS = 9
# Where the demo has nothing.
QUIET = {"lat": 52.6123, "lon": -2.4567}
NEAR = "/?lat=52.612&lon=-2.457&radius_km=1"
HERE = {"latitude": QUIET["lat"], "longitude": QUIET["lon"], "accuracy": 20}


def id_in(page: Page) -> str:
    return re.search(r"/report/sent/(rep_\w+)", page.url).group(1)


def withdraw(page: Page) -> None:
    page.get_by_text("Take the report back").click()
    page.get_by_role("button", name="Yes, take it back").click()
    expect(page.get_by_role("heading", level=1, name="Your report is taken back")).to_be_visible()


def test_first_visit_to_report_sent_takes_at_most_nine_taps(person: Person, product: Product) -> None:
    title = unique("Water at the mill")
    page = person.open("/")
    taps = Taps(page)

    taps.link("Report flooding")
    if has_steps(page):
        taps.button("Use my location")
        expect(page.get_by_text("Your location was not given.")).to_be_visible()
    fill(taps, title, QUIET)
    taps.button("Send report")
    page.wait_for_url(SENT)

    assert taps.number <= MOST_TAPS
    expect(page.get_by_role("heading", level=1, name="Your report is sent")).to_be_visible()
    [stored] = product.titled(title, QUIET)
    assert (stored["id"], stored["severity"], stored["depth_cm"]) == (id_in(page), "moderate", 45)


def test_report_is_at_once_on_the_first_page_near_there(person: Person) -> None:
    title = unique("Water at the bridge")

    file_report(person, title, QUIET)
    page = person.open(NEAR)

    expect(page.get_by_role("link", name=title)).to_be_visible()


def test_private_link_lets_it_be_changed_and_taken_back(person: Person, people: People, product: Product) -> None:
    title, better = unique("Watr"), unique("Water")
    link = file_report(person, title, QUIET).get_by_label("Private link").input_value()
    other = people(javascript=False).expect("404")

    page = other.open(link)
    expect(page.get_by_label(TITLE)).to_have_value(title)
    page.get_by_label(TITLE).fill(better)
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_role("heading", level=1, name="Your change is saved")).to_be_visible()
    assert len(product.titled(better, QUIET)) == 1
    page.goto(link)
    withdraw(page)

    await_that(lambda: product.titled(better, QUIET) == [])
    assert other.open(f"/reports/{id_in(page)}").title().startswith("There is nothing here")


def test_report_is_changed_and_taken_back_with_the_form_it_was_sent_by(person: Person, product: Product) -> None:
    page = file_report(person, unique("Water"), QUIET)
    number = id_in(page)

    page.get_by_role("link", name="Change or take back").click()
    Taps(page).choice("Up to the waist")
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_role("heading", level=1, name="Your change is saved")).to_be_visible()
    assert product.listed(f"/v1/reports/{number}")["severity"] == "severe"
    page.get_by_role("link", name="Change or take back").click()
    withdraw(page)

    assert product.get(f"/v1/reports/{number}").status == 404


def test_empty_form_names_every_mistake_and_keeps_what_was_typed(people: People) -> None:
    page = people(javascript=False).expect("422").open("/report")
    page.get_by_label(TITLE).fill("Kept <b>words</b>")
    page.get_by_label("Measured depth").fill("deep")

    page.get_by_role("button", name="Review").click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    links = summary.get_by_role("link")
    assert links.count() >= 3
    expect(page.get_by_label(TITLE)).to_have_value("Kept <b>words</b>")
    for number in range(links.count()):
        links.nth(number).click()
        field = page.locator(links.nth(number).get_attribute("href"))
        expect(field).to_be_focused()
        described = field.get_attribute("aria-describedby").split()
        assert any(page.locator(f"#{one}.mistake").is_visible() for one in described)


def test_each_step_says_what_is_missing_beside_its_field(people: People) -> None:
    page = people().open("/report")
    taps = Taps(page)

    taps.button("Next")
    expect(page.get_by_text("Say where the water is.")).to_be_visible()
    expect(page.get_by_label(WHERE)).to_be_focused()
    taps.field(WHERE, "51.0375, -2.8290")
    taps.button("Next")
    taps.button("Next")

    expect(page.get_by_text("Choose how deep the water is.")).to_be_visible()
    assert page.evaluate("document.activeElement.name") == "water"


def test_what_was_typed_outlives_a_reload_and_the_back_button(people: People) -> None:
    page = people().open("/report")
    taps = Taps(page)
    fill(taps, "Water over the kerb")

    page.go_back()
    expect(page.get_by_label(TITLE)).to_have_value("Water over the kerb")
    page.reload()

    expect(page.get_by_label(WHERE)).not_to_have_value("")
    taps.button("Next")
    expect(page.get_by_role("radio", name="Up to the knee")).to_be_checked()


def test_review_without_script_leads_back_to_the_form_with_everything(people: People) -> None:
    page = people(javascript=False).open("/report")
    fill(Taps(page), "Water over the kerb")

    page.get_by_role("button", name="Change", exact=True).click()

    expect(page.get_by_label(TITLE)).to_have_value("Water over the kerb")
    expect(page.get_by_role("radio", name="Up to the knee")).to_be_checked()


def test_own_location_stands_for_a_place(people: People, product: Product) -> None:
    title = unique("Where I stand")
    taps = Taps(people(geolocation=HERE, permissions=["geolocation"]).open("/report"))

    taps.button("Use my location")
    expect(taps.page.get_by_text("Found: your place")).to_be_visible()
    taps.button("Next")
    taps.choice("Up to the ankle")
    taps.button("Next")
    taps.field(TITLE, title)
    taps.button("Review")
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
    taps.button("Next")
    taps.choice("Up to the knee")
    taps.button("Next")
    taps.field(TITLE, title)
    taps.button("Review")
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


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_sending_twice_files_once(people: People, product: Product, script: bool) -> None:
    title = unique("Pressed twice")
    page = people(javascript=script).open("/report")
    fill(Taps(page), title, QUIET)
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)

    page.get_by_role("button", name="Send report").dblclick()
    page.wait_for_url(SENT)

    assert len(product.titled(title, QUIET)) == 1


def test_reply_lost_without_a_script_makes_no_second_report(people: People, product: Product) -> None:
    title = unique("Lost reply")
    person = people(javascript=False).expect("ERR_ABORTED")
    page = person.open("/report")
    fill(Taps(page), title, QUIET)
    person.context.route("**/report", lose, times=1)

    page.get_by_role("button", name="Send report").click()
    await_that(lambda: len(product.titled(title, QUIET)) == 1)
    page.get_by_role("button", name="Send report").click()
    page.wait_for_url(SENT)

    assert len(product.titled(title, QUIET)) == 1


def lose(route: Route) -> None:
    """The server takes it, and its answer never arrives."""
    assert route.fetch(max_redirects=0).status == 303
    route.abort("aborted")
