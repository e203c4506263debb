"""A thousand reports at once: the first page stays light, and its map shows what the list says."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.pages.audit import violations
from tests.pages.browser import Person
from tests.pages.conftest import CHOSEN, served
from tests.pages.page_list import NOW_NEAR
from tests.pages.product import PLACE, Product
from tests.pages.survey import Wire, settle

REPORTS = 1000
MOST_BYTES = 170_000
MOST_BYTES_AGAIN = 25_000
pytestmark = pytest.mark.skipif(bool(CHOSEN), reason="fills a database of its own")


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("crowd")
    for product in served(folder / "data"):
        product.load(thousand(folder / "reports.csv"))
        yield product


def thousand(file: Path) -> Path:
    now = datetime.now(UTC)
    with file.open("w", newline="") as written:
        rows = csv.writer(written)
        rows.writerow(["id", "lat", "lon", "depth_cm", "title", "observed_at"])
        for number in range(REPORTS):
            lat, lon = PLACE["lat"] + (number % 40 - 20) / 2000, PLACE["lon"] + (number // 40 - 12) / 1500
            seen = (now - timedelta(minutes=number % 90)).isoformat(timespec="seconds")
            rows.writerow([f"crowd-{number}", f"{lat:.5f}", f"{lon:.5f}", 5 + number % 120, f"Water, {number}", seen])
    return file


@pytest.mark.parametrize("path", ["/", NOW_NEAR])
def test_first_page_stays_light_and_its_map_is_there(crowded: Product, browser: Browser, path: str) -> None:
    person = Person(browser, crowded.url, service_workers="block")
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
    assert page.locator("#map").get_attribute("data-markers") == str(shown)
    assert first <= MOST_BYTES, wire.sizes
    assert second.bytes <= MOST_BYTES_AGAIN, second.sizes
    person.close()


def test_crowded_map_shuts_nobody_out(crowded: Product, browser: Browser) -> None:
    person = Person(browser, crowded.url)
    page = person.open(NOW_NEAR)
    settle(page)

    assert violations(page) == []
    person.close()
