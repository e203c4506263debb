"""From the first page to one's area and back, by keys and by what a screen reader says, without touching the map."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browser import Person
from tests.pages.conftest import People
from tests.pages.page_list import first_warning
from tests.pages.product import PLACE, Product

REPORTS = "li.item[data-kind=report]"


def tab_to(page: Page, wanted: str, most: int = 120) -> None:
    """Go by the Tab key alone until what is focused has this name."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted in page.evaluate(
            "(document.activeElement.ariaLabel || document.activeElement.innerText || '').trim()"
        ):
            return
    raise AssertionError(f"{wanted} is not reached")


def test_now_to_area_and_back_without_the_map(people: People, product: Product) -> None:
    area = first_warning(product)["areas"][0]["name"]
    page = people(viewport={"width": 1280, "height": 800}).open("/")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)

    warnings = page.get_by_role("region", name="Official warnings")
    title = warnings.get_by_role("link").first.inner_text()
    tab_to(page, title)
    page.keyboard.press("Enter")
    page.wait_for_url("**/warnings/**")
    name = page.get_by_role("main").get_by_role("link", name=re.compile(re.escape(area))).first.inner_text()
    tab_to(page, name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/areas/**")
    expect(page.get_by_role("heading", level=1)).to_contain_text(area)
    page.go_back()
    page.go_back()

    expect(page.get_by_role("region", name="Official warnings").get_by_role("link", name=title)).to_be_visible()


def test_sentence_list_and_counts_agree(person: Person, product: Product) -> None:
    page = person.open(f"/?lat={PLACE['lat']}&lon={PLACE['lon']}&radius_km=1")
    listed = page.locator(REPORTS).count()

    figures = page.get_by_role("list", name="In figures").get_by_role("listitem").all_inner_texts()
    sentence = page.locator("#now-top").inner_text()

    assert listed > 0
    told = re.search(r"(About )?([0-9]+) reports? of flooding", sentence)
    assert told
    assert int(told[2]) > listed if told[1] else int(told[2]) == listed
    assert any(re.match(rf"{'about ' if told[1] else ''}{told[2]}\s*Reports", figure) for figure in figures)


@pytest.mark.parametrize("words", ["Bath", "bath", "BA2", "51.3813, -2.3590"])
def test_place_is_found_by_name_postcode_or_numbers(person: Person, words: str) -> None:
    page = person.open("/")

    field = page.get_by_label("Postcode or town")
    field.fill(words)
    field.press("Enter")  # suggestions may lie over the button by now

    page.wait_for_url("**/?place=*")
    expect(page.locator("#now-top")).to_contain_text("km")
    assert page.locator("#place-note").inner_text() == ""


def test_unknown_place_is_said_and_the_word_kept(person: Person) -> None:
    page = person.open("/")

    page.get_by_label("Postcode or town").fill("Zzyzxburgh")
    page.get_by_role("button", name="Look").click()

    expect(page.get_by_text("We could not find “Zzyzxburgh”")).to_be_visible()
    expect(page.get_by_label("Postcode or town")).to_have_value("Zzyzxburgh")


def test_refused_location_leads_to_the_field(people: People) -> None:
    page = people().open("/")

    page.get_by_role("button", name="Near me").click()

    expect(page.get_by_text("Enter a postcode or town instead.")).to_be_visible()
    expect(page.get_by_label("Postcode or town")).to_be_focused()


def test_own_location_goes_into_the_address_no_finer_than_a_hundred_metres(people: People) -> None:
    here = {"latitude": 51.381334, "longitude": -2.359078}
    page = people(geolocation=here, permissions=["geolocation"]).open("/")

    page.get_by_role("button", name="Near me").click()

    page.wait_for_url("**/?lat=51.381&lon=-2.359*")
    assert page.locator(REPORTS).count() > 0


def test_filters_work_with_and_without_scripts(person: Person) -> None:
    page = person.open(f"/?lat={PLACE['lat']}&lon={PLACE['lon']}")

    page.get_by_role("combobox", name="How bad").select_option("severe")
    button = page.get_by_role("form", name="What to show").get_by_role("button", name="Show")
    if button.is_visible():
        button.click()
    page.wait_for_url("**severity_min=severe*")

    severities = {item.get_attribute("data-severity") for item in page.locator(REPORTS).all()}
    assert severities
    assert severities <= {"severe", "extreme"}


def test_language_is_chosen_in_the_page_and_stays(person: Person) -> None:
    page = person.open("/privacy")

    page.get_by_role("contentinfo").get_by_role("link", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    assert page.url.endswith("/privacy")
    page.goto("/report")

    assert page.locator("html").get_attribute("lang") == "es"
    expect(page.get_by_role("contentinfo").get_by_role("link", name="English")).to_be_visible()
