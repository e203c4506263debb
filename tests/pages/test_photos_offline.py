"""Photos without a connection: kept on the phone with their report, and sent once after it, by a page or the worker."""

import re

from playwright.sync_api import Page, expect

from tests.local.calling import call
from tests.pages.browser import Person
from tests.pages.conftest import People
from tests.pages.phone import SAVED, connect, number_of, visited
from tests.pages.photographs import UNSHOWN, choose, expecting, own, photo
from tests.pages.product import QUIET, Product, await_that, unique
from tests.pages.reporting import SENT, WHERE, Taps

IS_EMPTY = "FloodPhotos.all().then((all) => !all.length)"
ADDRESS = "FloodQueue.all().then((all) => all.length ? all[0].sent : '')"


def saved_offline(person: Person, page: Page, title: str, *, photos: int = 1) -> None:
    """Report with photos while there is no connection."""
    connect(person.context, is_on=False)
    taps = Taps(page)
    taps.field(WHERE, f"{QUIET['lat']}, {QUIET['lon']}")
    taps.button("Next")
    taps.choice("Up to the knee")
    taps.button("Next")
    taps.field("In short (not required)", title)
    choose(page, *(photo(f"{number}.jpg", size=(800, 600)) for number in range(photos)))
    taps.button("Review")
    taps.button("Send report")
    expect(page.locator("form#report")).to_be_hidden()
    expect(page.get_by_text(SAVED).first).to_be_visible()


def ready(product: Product, address: str) -> int:
    """Return how many photos of a report have been sent and prepared."""
    found = re.search(r"/report/sent/(\w+)\?.*token=([^&#]+)", address)
    assert found, address
    report = call(product.url, f"/v1/reports/{found[1]}", headers=[("Authorization", f"Bearer {found[2]}")]).json
    return sum(one["state"] == "ready" for one in report["photos"])


def test_photos_wait_through_a_closed_app_and_are_sent_once(people: People, product: Product) -> None:
    title = unique("Photos later")
    person, page = visited(people)
    expecting(person)

    saved_offline(person, page, title, photos=2)
    expect(page.locator("#waiting")).to_contain_text("With it: 2 photos.")
    page.close()
    page = person.open("/report")
    expect(page.locator("#waiting")).to_contain_text(title)
    expect(page.locator("#photo-list > li")).to_have_count(0)
    connect(person.context, is_on=True)

    expect(page.locator("#waiting")).to_contain_text("Sent.")
    await_that(page, lambda: page.evaluate(IS_EMPTY))
    expect(page.locator("#waiting")).not_to_contain_text("Not sent yet")
    address = page.evaluate(ADDRESS)
    await_that(page, lambda: ready(product, address) == 2)
    page.get_by_role("link", name="Change it or take it back").click()
    page.wait_for_url(SENT)
    expect(page.get_by_text(UNSHOWN)).to_have_count(2)
    assert (number_of(product, title), len(own(product, page))) == (1, 2)


def test_page_without_a_field_leaves_photos_to_the_worker(people: People, product: Product) -> None:
    title = unique("By the worker")
    person, page = visited(people)
    expecting(person)
    saved_offline(person, page, title)
    page.close()
    about = person.context.new_page()
    connect(person.context, is_on=True)

    about.goto("/about")

    address = await_that(about, lambda: about.evaluate(ADDRESS))
    await_that(about, lambda: ready(product, address) == 1)
    assert number_of(product, title) == 1


def test_two_tabs_send_a_photo_once(people: People, product: Product) -> None:
    title = unique("Two tabs")
    person, page = visited(people)
    expecting(person)
    other = person.open("/report")
    page.bring_to_front()

    saved_offline(person, page, title)
    connect(person.context, is_on=True)
    for tab in (page, other):
        tab.evaluate("void FloodQueue.flush({now: true})")

    await_that(page, lambda: page.evaluate(IS_EMPTY))
    address = page.evaluate(ADDRESS)
    await_that(page, lambda: ready(product, address))
    page.wait_for_timeout(500)
    assert ready(product, address) == 1


def test_discarded_report_takes_its_photos_along(people: People, product: Product) -> None:
    title = unique("Discarded")
    person, page = visited(people)
    saved_offline(person, page, title)
    page.on("dialog", lambda dialog: dialog.accept())

    page.get_by_role("button", name="Discard").click()

    await_that(page, lambda: page.evaluate(IS_EMPTY))
    connect(person.context, is_on=True)
    page.reload()
    assert number_of(product, title) == 0
