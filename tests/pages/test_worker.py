"""The service worker while the service fails, when a newer one comes, and when the browser wakes it to send."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.browser import Person
from tests.pages.conftest import People
from tests.pages.front import Front, front_of
from tests.pages.page_list import first_warning
from tests.pages.phone import DISCONNECTED, connect, number_of, send_offline, visited, with_worker
from tests.pages.product import Product, await_that, unique
from tests.pages.reporting import WHERE

FAILING = "The service does not answer properly. This is how it stood"
LATER = "later"
UPDATE = "navigator.serviceWorker.ready.then((one) => one.update()).then(() => true, () => false)"


@pytest.fixture
def front(product: Product) -> Iterator[Front]:
    with front_of(product.url) as one:
        yield one


@pytest.fixture
def person(front: Front, browser: Browser) -> Iterator[Person]:
    one = Person(browser, front.url, service_workers="allow").expect(*DISCONNECTED, "503 for GET", "status of 503")
    yield one
    one.close()


@pytest.fixture
def page(person: Person) -> Page:
    return with_worker(person)


def caches(page: Page) -> set[str]:
    return set(page.evaluate("caches.keys()"))


def test_warning_that_was_read_stays_while_the_service_fails(page: Page, front: Front, product: Product) -> None:
    warning = f"/warnings/{first_warning(product)['id']}"
    page.goto(warning)
    title = page.get_by_role("heading", level=1).inner_text()
    page.wait_for_load_state("networkidle")
    front.broken.add(warning)

    page.goto(warning)

    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_text(FAILING)).to_be_visible()
    expect(page.locator("main .note [data-age]").first).to_be_visible()


def test_form_opens_while_the_service_fails(page: Page, front: Front) -> None:
    front.broken.add("/report")

    page.goto("/report")

    expect(page.get_by_label(WHERE)).to_be_visible()


def test_failure_is_shown_as_it_is_where_nothing_was_kept(page: Page, front: Front) -> None:
    front.broken.add("/status")

    page.goto("/status")

    expect(page.get_by_role("heading", level=1)).to_have_text("Broken")


def test_newer_worker_takes_the_place_of_the_older_one(page: Page, person: Person, front: Front) -> None:
    page.goto("/")
    page.wait_for_load_state("networkidle")
    before = caches(page)
    front.version = LATER

    assert page.evaluate(UPDATE)

    await_that(page, lambda: caches(page) == {f"floodmanager-kept-{LATER}", "floodmanager-seen"})
    assert len(before) == 2 and f"floodmanager-kept-{LATER}" not in before
    connect(person.context, is_on=False)
    page.goto("/report")
    expect(page.get_by_label(WHERE)).to_be_visible()


def test_worker_that_cannot_keep_the_form_does_not_come(page: Page, person: Person, front: Front) -> None:
    before = caches(page)
    front.version = LATER
    front.broken.add("/report")

    page.evaluate(UPDATE)
    await_that(
        page, lambda: page.evaluate("navigator.serviceWorker.ready.then((one) => !one.installing && !one.waiting)")
    )

    connect(person.context, is_on=False)
    page.goto("/report")
    expect(page.get_by_label(WHERE)).to_be_visible()
    assert before <= caches(page)


def test_report_is_sent_by_the_worker_alone_once_the_browser_wakes_it(people: People, product: Product) -> None:
    title = unique("Woken")
    person, page = visited(people)
    send_offline(person, page, title)
    page.close()
    empty = person.context.new_page()
    devices = person.context.new_cdp_session(empty)
    found: list[str] = []
    devices.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: found.extend(one["registrationId"] for one in said["registrations"]),
    )
    devices.send("ServiceWorker.enable")
    await_that(empty, lambda: found)
    connect(person.context, is_on=True)

    said = {"origin": product.url, "registrationId": found[0], "tag": "reports", "lastChance": False}
    devices.send("ServiceWorker.dispatchSyncEvent", said)

    await_that(empty, lambda: number_of(product, title) == 1)
