"""A thousand reports at once: the first page stays light, and its map shows what the list says."""

import csv
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.local.local_run import WITHOUT_PLACES
from tests.pages.audit import violations
from tests.pages.browser import Person, turn_to
from tests.pages.conftest import CHOSEN, served
from tests.pages.page_list import NOW_NEAR
from tests.pages.product import PLACE, Product, await_that
from tests.pages.survey import Wire, settle

REPORTS = 1000
MOST_BYTES = 170_000
MOST_BYTES_AGAIN = 25_000
pytestmark = pytest.mark.skipif(bool(CHOSEN), reason="fills a database of its own")


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("crowd")
    for product in served(folder / "data", *WITHOUT_PLACES):
        product.load(thousand(folder / "reports.csv"))
        await_documents(product)
        yield product


def await_documents(product: Product) -> None:
    """Wait until the map's documents have every report that a list has."""
    number, address = 0, "/v1/reports?limit=100"
    while address:
        found = product.listed(address)
        number += len(found["items"])
        address = next((link["href"] for link in found["links"] if link["rel"] == "next"), "")
    for _ in range(600):
        if sum(cluster["count"] for cluster in product.listed("/clusters")["clusters"]) >= number:
            return
        time.sleep(0.5)
    pytest.fail("the map's documents lack reports")


def thousand(file: Path) -> Path:
    return rows_of_reports(file, REPORTS)


def rows_of_reports(file: Path, number_of_rows: int) -> Path:
    """Write a file to import: reports in the streets of a town, the more the denser and the further out."""
    now = datetime.now(UTC)
    with file.open("w", newline="") as written:
        rows = csv.writer(written)
        rows.writerow(["id", "lat", "lon", "depth_cm", "title", "observed_at"])
        for number in range(number_of_rows):
            turn = number // 1000
            north, east = (number % 40 - 20) / 2000, (number % 1000 // 40 - 12) / 1500
            lat, lon = PLACE["lat"] + north + turn * 0.00031, PLACE["lon"] + east - turn * 0.00023
            seen = (now - timedelta(minutes=number % 90)).isoformat(timespec="seconds")
            rows.writerow([f"crowd-{number}", f"{lat:.5f}", f"{lon:.5f}", 5 + number % 120, f"Water, {number}", seen])
    return file


@pytest.mark.parametrize("path", ["/", NOW_NEAR])
def test_first_page_stays_light_and_its_map_is_there(crowded: Product, browser: Browser, path: str) -> None:
    person = Person(browser, crowded.url)
    page = person.context.new_page()
    wire = Wire(page)

    page.goto(path)
    settle(page)
    first, shown = wire.bytes, page.locator("li.item[data-kind=report]").count()
    again = person.context.new_page()
    second = Wire(again)
    again.goto(path)
    settle(again)

    assert shown >= 50
    assert int(page.locator("#map").get_attribute("data-markers") or 0) >= shown
    assert first <= MOST_BYTES, wire.sizes
    assert second.bytes <= MOST_BYTES_AGAIN, second.sizes
    person.close()


def test_crowded_map_shuts_nobody_out(crowded: Product, browser: Browser) -> None:
    person = Person(browser, crowded.url)
    page = person.open(NOW_NEAR)
    settle(page)

    assert violations(page) == []
    person.close()


def count_on_map(page: Page) -> int:
    """The number of reports that the map's pins and clusters stand for."""
    return int(page.locator("#map").get_attribute("data-reports") or 0)


def count_in_sentence(page: Page) -> int:
    found = re.search(r"([0-9]+) reports of flooding", page.locator(".lead").inner_text())
    assert found, page.locator(".lead").inner_text()
    return int(found[1])


@pytest.mark.parametrize("path", ["/", NOW_NEAR])
def test_map_stands_for_as_many_reports_as_the_sentence_tells(crowded: Product, browser: Browser, path: str) -> None:
    person = Person(browser, crowded.url)
    page = person.open(path)
    settle(page)

    assert count_in_sentence(page) > REPORTS
    assert count_on_map(page) == count_in_sentence(page)
    person.close()


def test_streets_show_each_report_in_them(crowded: Product, browser: Browser) -> None:
    """Fifty in the list are not all that is flooded: who goes close sees the others too."""
    person = Person(browser, crowded.url)
    page = turn_to(person.open(f"{NOW_NEAR}#map=16/{PLACE['lat']}/{PLACE['lon']}"), "Map")
    settle(page)
    here = f"lat={PLACE['lat']}&lon={PLACE['lon']}&radius_km=0.15"
    wanted = {item["id"] for item in crowded.listed(f"/v1/reports?{here}&limit=100")["items"]}
    element = page.locator("#map")

    element.press("+")

    assert len(wanted) > 10
    await_that(page, lambda: element.get_attribute("data-loaded") == "true")
    assert int(element.get_attribute("data-markers") or 0) >= 50 + len(wanted) // 2
    person.close()


def test_marks_are_as_many_as_a_view_has_room_for_however_many_reports_there_are(
    crowded: Product, browser: Browser
) -> None:
    """Few marks make gestures quick on an old phone: tests/pages/gestures.py measures them."""
    person = Person(browser, crowded.url)
    page = turn_to(person.open(f"{NOW_NEAR}#map=14/{PLACE['lat']}/{PLACE['lon']}"), "Map")
    settle(page)
    element, marks = page.locator("#map"), []

    for _ in range(3):
        element.press("+")
        page.wait_for_load_state("networkidle")
        marks.append(page.locator("#map .map-pin, #map .map-cluster").count())
    await_that(page, lambda: element.get_attribute("data-loaded") == "true")
    marks.append(page.locator("#map .map-pin, #map .map-cluster").count())

    box = element.bounding_box()
    assert box
    # Marks stand 46 px apart: no more of them than squares with that diagonal.
    assert max(marks) <= (box["width"] / 32 + 1) * (box["height"] / 32 + 1)
    assert int(element.get_attribute("data-markers") or 0) > 60
    assert page.locator("#map .map-reach").count() <= max(marks)
    person.close()


def ids_of(page: Page) -> list[str]:
    ids = page.locator("#reports > .item").evaluate_all("(all) => all.map((one) => one.dataset.id)")
    return [str(one) for one in ids]


def show_more(page: Page, times: int) -> None:
    for number in range(2, times + 2):
        page.locator("#more-reports").click()
        await_that(page, lambda wanted=number * 50: len(ids_of(page)) == wanted)


def test_fifty_more_join_the_list_and_the_map_and_stay(crowded: Product, browser: Browser) -> None:
    person = Person(browser, crowded.url)
    person.context.clock.install()
    page = turn_to(person.open(NOW_NEAR), "List")
    settle(page)
    show_more(page, 2)
    shown, first = ids_of(page), page.locator("#reports").element_handle()

    page.clock.fast_forward(61_000)

    await_that(page, lambda: first and not first.evaluate("(one) => one.isConnected"))  # it was refreshed
    assert len(set(shown)) == 150
    assert ids_of(page) == shown
    assert page.locator("#newest-note").count() == 0
    await_that(page, lambda: count_on_map(page) == count_in_sentence(page))  # the map draws after the list
    person.close()


def test_another_filter_begins_its_own_list(crowded: Product, browser: Browser) -> None:
    person = Person(browser, crowded.url)
    page = turn_to(person.open(NOW_NEAR), "List")
    settle(page)
    show_more(page, 1)

    page.locator("#filters select[name=severity_min]").select_option("severe")
    await_that(page, lambda: "severity_min=severe" in page.url)
    show_more(page, 1)

    found = page.locator("#reports > .item").evaluate_all("(all) => all.map((one) => one.dataset.severity)")
    assert set(found) <= {"severe", "extreme"}
    assert len(found) == 100
    person.close()


def test_fifty_more_without_a_connection_leave_what_is_there(crowded: Product, browser: Browser) -> None:
    person = Person(browser, crowded.url).expect("ERR_INTERNET_DISCONNECTED")
    page = turn_to(person.open(NOW_NEAR), "List")
    settle(page)
    person.context.set_offline(True)

    page.locator("#more-reports").click()

    await_that(page, lambda: "No connection" in page.locator("#live").inner_text())
    assert len(ids_of(page)) == 50
    person.context.set_offline(False)
    show_more(page, 1)
    person.close()


def test_street_of_a_link_is_loaded_at_once_and_after_a_reload(crowded: Product, browser: Browser) -> None:
    person = Person(browser, crowded.url)
    page = turn_to(person.open(f"{NOW_NEAR}#map=17/{PLACE['lat']}/{PLACE['lon']}"), "Map")
    element = page.locator("#map")
    await_that(page, lambda: element.get_attribute("data-loaded") == "true")
    before = int(element.get_attribute("data-markers") or 0)

    page.reload()

    await_that(page, lambda: page.locator("#map").get_attribute("data-loaded") == "true")
    assert int(page.locator("#map").get_attribute("data-markers") or 0) == before > 50
    person.close()


def test_all_reports_are_listed_page_by_page_without_scripts(crowded: Product, browser: Browser) -> None:
    person = Person(browser, crowded.url, javascript=False)
    page = person.open(NOW_NEAR)

    page.locator("#more-reports").click()

    assert page.locator("#reports > .item").count() == 50
    assert page.locator("h1").inner_text().startswith("Reports from people within 5 km of")
    person.close()
