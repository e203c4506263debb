"""An open page follows what happens: a short answer tells it that a report has changed, and only then it asks again."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from tests.pages.conftest import People
from tests.pages.page_list import NOW_NEAR
from tests.pages.product import PLACE, Product, await_that, unique
from tests.pages.survey import settle

PULSE = "/v1/pulse"
TWENTY_S = 20_000


class Asked:
    """Requests of an open page."""

    def __init__(self, page: Page) -> None:
        self.paths: list[str] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.paths.append(urlsplit(request.url).path)

    def number(self, path: str) -> int:
        return self.paths.count(path)


@pytest.mark.parametrize("path", ["/", NOW_NEAR])
def test_new_report_comes_to_an_open_page_by_itself(people: People, product: Product, path: str) -> None:
    page = people().open(path)
    settle(page)
    title = unique("Seen by those who watch")

    product.file(title=title, location=PLACE)

    await_that(page, lambda: page.locator("#reports > .item", has_text=title).count() == 1)


def test_page_is_not_asked_again_while_nothing_changes(people: People) -> None:
    person = people()
    person.context.clock.install()
    page = person.context.new_page()
    page.route(f"**{PULSE}*", lambda route: route.fulfill(json={"token": "the same"}))
    page.goto("/?lat=57.5&lon=-4.5&radius_km=5")
    asked = Asked(page)

    page.clock.run_for(TWENTY_S)

    await_that(page, lambda: asked.number(PULSE) >= 3)
    assert asked.number("/") == 0


def test_page_asks_once_in_ten_seconds_however_often_reports_change(people: People) -> None:
    person = people()
    person.context.clock.install()
    page = person.context.new_page()
    page.route(f"**{PULSE}*", lambda route: route.fulfill(json={"token": unique("new")}))
    page.goto("/?lat=57.5&lon=-4.5&radius_km=5")
    asked = Asked(page)

    page.clock.run_for(TWENTY_S)

    await_that(page, lambda: asked.number("/") >= 1)
    assert asked.number("/") <= 2


def test_failing_answers_are_asked_for_less_and_less_and_then_heard_again(people: People) -> None:
    person = people()
    person.guard.expect(PULSE)
    person.context.clock.install()
    page = person.context.new_page()
    page.route(f"**{PULSE}*", lambda route: route.fulfill(status=503))
    page.goto("/?lat=57.5&lon=-4.5&radius_km=5")
    asked = Asked(page)

    for _ in range(12):
        page.clock.run_for(TWENTY_S)  # four minutes, in which an answer that comes would be asked for some fifty times
    expect(page.locator("#now-top")).to_be_visible()

    assert asked.number(PULSE) < 12
