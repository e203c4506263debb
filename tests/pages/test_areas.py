"""Areas of a form: found by name, drawn on the map by mouse, finger and keys, changed, and typed without a script."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.pages.audit import faults_of_markup, violations, wider_than_window
from tests.pages.browser import DESK, PHONE, Person
from tests.pages.conftest import People
from tests.pages.product import PASSWORD, Product, await_that, unique
from tests.pages.test_review import phrase_of


def at(person: Person, product: Product, path: str) -> Page:
    """A page of the demo's admin."""
    page = person.open("/sign-in")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password", exact=True).fill(phrase_of(product, "admin"))
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/me")
    page.goto(path)
    return page


def map_of(page: Page) -> Locator:
    shown = page.locator(".areas .map")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_attribute("data-ready", "true")
    return shown


def lines(page: Page) -> list[str]:
    return page.get_by_label("Areas", exact=True).input_value().split("\n")


def tell(page: Page, text: str) -> None:
    expect(page.locator(".area-tools > .told")).to_have_text(text)


def choose(page: Page, product: Product, name: str) -> None:
    """Choose a place that is suggested, once it can be: the table of places is loaded while the product serves."""
    field, query = page.get_by_label("Add a district or town"), urlencode({"query": name, "limit": 6})
    await_that(page, lambda: name in [each["name"] for each in product.listed(f"/v1/places?{query}")["items"]])
    field.fill(name)
    page.get_by_role("option", name=re.compile(f"^{name}")).click()


def box_of(line: str) -> list[float]:
    return [float(number) for number in line.partition("=")[2].split(",")]


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_district_by_name_box_and_corners_become_an_invitation(people: People, product: Product, viewport: Any) -> None:
    page, note = at(people(viewport=viewport), product, "/admin/invitations"), unique("For the mill")
    shown = map_of(page)
    assert faults_of_markup(page) == []

    choose(page, product, "Bath and North East Somerset")
    tell(page, "Added: Bath and North East Somerset")
    page.get_by_role("button", name="Draw a box").click()
    tell(page, "Press on the map where the first corner is.")
    for x, y in ((120, 120), (180, 160)):
        shown.click(position={"x": x, "y": y})
    page.get_by_role("button", name="Draw an area by its corners").click()
    for x, y in ((200, 100), (260, 100), (260, 180), (201, 101)):  # the last closes it
        shown.click(position={"x": x, "y": y})

    assert [line.partition("=")[0] for line in lines(page)] == ["Bath and North East Somerset", "Area 1", "Area 2"]
    west, south, east, north = box_of(lines(page)[1])
    assert -3 < west < east < -1.5 and 51 < south < north < 52
    assert len(lines(page)[2].partition("=")[2].split(" ")) == 3
    assert page.locator(".map-own").count() == 3
    assert (violations(page), wider_than_window(page)) == ([], [])
    page.get_by_label("Note").fill(note)
    page.get_by_role("button", name="Make the invitation").click()
    made = page.locator("[data-invitation]", has_text=note)
    expect(made).to_contain_text("Bath and North East Somerset")
    expect(made).to_contain_text("Area 1, Area 2")


def test_keys_alone_draw_a_box_and_move_its_corner(people: People, product: Product) -> None:
    page = at(people(viewport=DESK), product, "/admin/switches")
    map_of(page)
    page.get_by_label("Areas", exact=True).fill("")

    page.get_by_role("button", name="Draw a box").press("Enter")
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
        page.wait_for_timeout(500)  # the map comes to rest
    page.keyboard.press("Enter")
    tell(page, "Added: Area 1")
    before = box_of(lines(page)[0])
    page.get_by_role("button", name="Corner 3 of Area 1. Arrow keys move it.").press("ArrowUp")
    tell(page, "Changed: Area 1")
    after = box_of(lines(page)[0])

    assert before[:3] == after[:3] and before[3] < after[3]
    page.get_by_role("button", name="Draw a box").press("Enter")
    page.keyboard.press("Escape")
    tell(page, "Nothing was drawn.")
    page.get_by_role("button", name="Remove: Area 1").press("Enter")
    tell(page, "Removed: Area 1")
    assert lines(page) == [""]


def test_only_a_box_may_be_drawn_over_the_date_line(people: People, product: Product) -> None:
    page = at(people(viewport=DESK), product, "/admin/switches")
    shown = map_of(page)
    page.get_by_label("Areas", exact=True).fill("Fiji=175,-20,-175,-15")
    page.get_by_role("button", name="Show on the map: Fiji").click()

    page.get_by_role("button", name="Draw a box").click()
    for x in (200, 500):
        shown.click(position={"x": x, "y": 100 + x // 5})
    west, _, east, _ = box_of(lines(page)[1])
    page.get_by_role("button", name="Draw an area by its corners").click()
    for x, y in ((200, 100), (500, 100), (500, 200)):
        shown.click(position={"x": x, "y": y})
    page.get_by_role("button", name="Finish").click()

    assert 170 < west < 180 and -180 < east < -170
    tell(page, "Only a box may cross 180 degrees. Draw two areas, one on each side.")
    assert len(lines(page)) == 2


def test_reports_without_an_account_are_off_in_a_drawn_box(people: People, product: Product) -> None:
    page = at(people(viewport=DESK), product, "/admin/switches")
    shown = map_of(page)
    page.get_by_label("Areas", exact=True).fill("Rockall=-13.8,57.5,-13.6,57.7")
    page.get_by_role("button", name="Show on the map: Rockall").click()
    page.get_by_role("button", name="Remove: Rockall").click()
    page.get_by_role("button", name="Draw a box").click()
    for x, y in ((250, 120), (350, 200)):
        shown.click(position={"x": x, "y": y})
    page.locator("label", has=page.get_by_role("radio", name="Not taken in these areas")).click()
    page.get_by_label("Reason, kept on record").select_option("An exercise")
    page.get_by_role("button", name="Store for everybody").click()
    expect(page.get_by_text("The switches are changed.")).to_be_visible()

    ((west, south, east, north),) = (box_of(line) for line in lines(page))
    assert page.locator(".map-own").count() == 1
    assert (-15 < west < east < -13, 57 < south < north < 58) == (True, True)
    page.locator("label", has=page.get_by_role("radio", name="Taken everywhere")).click()
    page.get_by_role("button", name="Remove: Area 1").click()
    page.get_by_label("Reason, kept on record").select_option("An exercise")
    page.get_by_role("button", name="Store for everybody").click()
    expect(page.get_by_text("The switches are changed.")).to_be_visible()


def save(page: Page, button: str) -> None:
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def test_admin_gives_areas_suspends_and_restores_with_a_script_and_without(person: Person, product: Product) -> None:
    name, token = product.register()
    page = at(person.expect("422"), product, f"/admin/accounts?query={name}")
    page.get_by_role("link", name=name).click()
    page.get_by_label("Role", exact=True).select_option("Responder")
    page.get_by_label("Areas", exact=True).fill("The weir=-2.5,51.3,-2.2,51.5\nNewport")
    page.get_by_label("Reason, kept on record").first.select_option("Appointed")
    save(page, "Save role and areas")
    expect(page.get_by_role("alert")).to_contain_text("“Newport” may be several places.")
    page.get_by_label("Which “Newport” is meant?").select_option(index=1)
    save(page, "Save role and areas")
    expect(page.get_by_role("status").filter(has_text="The account is changed.")).to_be_visible()
    assert [area["name"] for area in me(product, token)["areas"]] == ["The weir", "Newport"]

    page.get_by_role("form", name="Suspension").get_by_label("Reason, kept on record").select_option("Abuse")
    save(page, "Suspend this account")
    expect(page.get_by_role("status").filter(has_text="The account is suspended.")).to_be_visible()
    assert faults_of_markup(page) == []
    refused = product.send("/v1/tokens", {"username": name, "password": PASSWORD})
    assert refused.status == 403
    page.get_by_role("form", name="Suspension").get_by_label("Reason, kept on record").select_option("It is over")
    save(page, "End the suspension")
    expect(page.get_by_role("status").filter(has_text="no longer suspended")).to_be_visible()
    assert product.send("/v1/tokens", {"username": name, "password": PASSWORD}).status == 200


def me(product: Product, token: str) -> Any:
    return product.get("/v1/me", ("Authorization", f"Bearer {token}")).json
