"""An open page follows what happens: a short answer tells it that a report has changed, and only then it asks again."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route

from tests.pages.browser import Person
from tests.pages.conftest import People
from tests.pages.page_list import NOW_NEAR
from tests.pages.product import PLACE, Product, await_that, unique
from tests.pages.survey import settle

PULSE = "/v1/pulse"
QUIET = "/?lat=57.5&lon=-4.5&radius_km=5"
START = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Watched:
    """An open page whose clock the test moves, and the number of its requests to each path."""

    def __init__(self, person: Person, answer: Callable[[Route], None]) -> None:
        person.context.clock.install(time=START)
        person.context.clock.pause_at(START + timedelta(seconds=1))
        self.page, self.passed_s, self.paths = person.context.new_page(), 0, Counter[str]()
        self.page.route(f"**{PULSE}*", answer)
        self.page.goto(QUIET)
        self.page.on("request", lambda request: self.paths.update([urlsplit(request.url).path]))

    def pass_a_second(self) -> None:
        self.page.clock.run_for(1000)
        self.passed_s += 1

    def until(self, path: str, number: int) -> None:
        """Let time pass until the page has asked so often."""
        await_that(self.page, lambda: self.pass_a_second() or self.paths[path] >= number)


@pytest.mark.parametrize("path", ["/", NOW_NEAR])
def test_new_report_comes_to_an_open_page_by_itself(people: People, product: Product, path: str) -> None:
    page = people().open(path)
    settle(page)
    title = unique("Seen by those who watch")

    product.file(title=title, location=PLACE)

    await_that(page, lambda: page.locator("#reports > .item", has_text=title).count() == 1)


def test_page_is_not_asked_again_while_nothing_changes(people: People) -> None:
    watched = Watched(people(), lambda route: route.fulfill(json={"token": "the same"}))

    watched.until(PULSE, 3)

    assert watched.paths["/"] <= watched.passed_s // 59  # the refresh of each minute, on a machine that is so slow


def test_page_asks_once_in_ten_seconds_however_often_reports_change(people: People) -> None:
    watched = Watched(people(), lambda route: route.fulfill(json={"token": unique("new")}))

    watched.until("/", 3)

    assert watched.paths["/"] <= 1 + watched.passed_s // 10
    assert watched.paths[PULSE] >= watched.paths["/"]


def test_failing_answers_are_asked_for_less_and_less(people: People) -> None:
    watched = Watched(people().expect(PULSE), lambda route: route.fulfill(status=503))

    watched.until(PULSE, 4)
    for _ in range(240):
        watched.pass_a_second()

    # After 5, 10, 20, 40, 80 and 120 seconds, each a fifth less at least.
    assert watched.paths[PULSE] <= 4 + 240 // 32
