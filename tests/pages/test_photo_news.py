"""The page of a sent report shows each photo that was sent, by any page or worker, also when messages were lost."""

import re

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from tests.pages.browser import Person
from tests.pages.conftest import People
from tests.pages.photographs import UNSHOWN, choose, expecting, own, photo
from tests.pages.product import QUIET, Product, await_that
from tests.pages.reporting import SENT, WHERE, Taps

PAGE = re.compile(r"/report/sent/\w+\?")
TICKETS = re.compile(r"/report/sent/\w+/photos\?")
BUCKET = re.compile(r"floodmanager-local-photos")
FAILED = "It could not be sent yet."
IS_EMPTY = "FloodPhotos.all().then((all) => !all.length)"
SEND = "FloodPhotos.flush({now: true})"


def waiting(person: Person, refused: re.Pattern[str] = TICKETS) -> Page:
    """Return the page of a sent report whose photo could not be sent yet, for what its requests need is refused."""
    expecting(person, "ERR_").context.route(refused, lambda route: route.abort())
    taps = Taps(person.open("/report"))
    taps.field(WHERE, f"{QUIET['lat']}, {QUIET['lon']}")
    taps.button("Next")
    taps.choice("Up to the knee")
    taps.button("Next")
    choose(taps.page, photo())
    taps.button("Review")
    taps.button("Send report")
    taps.page.wait_for_url(SENT)
    expect(taps.page.locator("#photo-list")).to_contain_text(FAILED)
    person.context.unroute_all()
    return taps.page


def another_tab(person: Person) -> Page:
    """Return another page that can send photos."""
    other = person.context.new_page()
    other.goto("/report")
    await_that(other, lambda: other.evaluate("Boolean(window.FloodPhotos)"))
    return other


@pytest.fixture
def person(people: People) -> Person:
    return people(service_workers="block")


def test_photo_that_another_tab_sent_while_the_page_came_is_on_it(person: Person) -> None:
    """The answer was made before it, and nothing was told to a page that was not there."""
    page = waiting(person)
    person.context.route(TICKETS, lambda route: route.abort())
    held: list[Route] = []
    page.route(PAGE, lambda route: held.append(route), times=1)  # noqa: PLW0108 - Playwright marks it
    page.evaluate("void setTimeout(() => location.reload())")
    other = another_tab(person)
    await_that(other, lambda: held)
    made_before = held[0].fetch()
    assert UNSHOWN not in made_before.text() and "Not here yet" not in made_before.text()
    person.context.unroute_all()
    other.evaluate(SEND)
    assert other.evaluate(IS_EMPTY)

    held[0].fulfill(response=made_before)

    expect(page.get_by_text(UNSHOWN)).to_have_count(1)


def test_page_that_could_not_be_asked_for_once_is_asked_for_again(person: Person) -> None:
    page = waiting(person.expect("503"))
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        if len(refused) == 1:
            route.abort()
        else:
            route.fulfill(status=503, body="not now")

    page.route(PAGE, refuse, times=2)
    page.get_by_role("button", name="Try again: Photo 1").click()

    expect(page.get_by_text(UNSHOWN)).to_have_count(1)
    assert len(refused) == 2


def test_older_answer_does_not_take_the_place_of_a_newer_photo(person: Person, product: Product) -> None:
    """Two photos: the page that is asked for after the first comes only once the second is there."""
    page = waiting(person)
    held: list[Route] = []
    page.route(PAGE, lambda route: held.append(route), times=1)  # noqa: PLW0108 - Playwright marks it
    page.get_by_role("button", name="Try again: Photo 1").click()
    await_that(page, lambda: held)
    with_one = held[0].fetch()
    page.get_by_label("Take or choose a photo").set_input_files(photo("two.jpg", size=(600, 800)))
    await_that(page, lambda: len(own(product, page)) == 2)
    expect(page.locator("#photo-list > li")).to_have_count(0)

    held[0].fulfill(response=with_one)

    expect(page.get_by_text(UNSHOWN)).to_have_count(2)


def test_page_learns_of_a_photo_without_any_message_between_tabs(people: People) -> None:
    person = people(service_workers="block")
    person.context.add_init_script("delete window.BroadcastChannel")
    page = waiting(person)

    another_tab(person).evaluate(SEND)

    expect(page.get_by_text(UNSHOWN)).to_have_count(1)


def test_focus_in_the_list_waits_and_words_that_are_typed_stay(person: Person) -> None:
    page = waiting(person)
    page.get_by_role("button", name="Try again: Photo 1").click()
    expect(page.get_by_text(UNSHOWN)).to_have_count(1)
    words = page.locator("#photos-there").get_by_label("What does it show?")
    words.fill("The ford")
    page.get_by_label("Take or choose a photo").set_input_files(photo("two.jpg", size=(600, 800)))
    expect(page.locator("#photo-told")).to_contain_text("A photo was sent.")
    expect(words).to_be_focused()

    words.blur()

    expect(page.get_by_text(UNSHOWN)).to_have_count(2)
    expect(words.first).to_have_value("The ford")


def test_report_that_is_taken_off_the_phone_leaves_no_photo_there(person: Person) -> None:
    page = waiting(person)
    asked: list[str] = []
    answers = iter([False, True])

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        if next(answers):
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    forget = page.get_by_role("button", name="Remove it from this phone")
    forget.click()
    await_that(page, lambda: asked)
    expect(page.locator("#photo-list > li")).to_have_count(1)
    forget.click()

    expect(page.locator("#photo-list > li")).to_have_count(0)
    assert asked == ["Discard the photos that have not been sent?"] * 2 and page.evaluate(IS_EMPTY)


def test_photo_that_is_removed_before_it_was_sent_is_not_called_sent(person: Person, product: Product) -> None:
    page = waiting(person, BUCKET)
    page.get_by_role("button", name="Remove: Photo 1", exact=True).click()

    expect(page.locator("#photo-told")).to_have_text("The photo was removed.")
    expect(page.locator("#photo-list > li")).to_have_count(0)
    await_that(page, lambda: own(product, page) == [])


def test_photo_that_is_removed_while_it_is_being_sent_does_not_come(person: Person, product: Product) -> None:
    page = waiting(person)
    held: list[Route] = []
    person.context.route(BUCKET, lambda route: held.append(route), times=1)  # noqa: PLW0108 - Playwright marks it
    page.get_by_role("button", name="Try again: Photo 1").click()
    await_that(page, lambda: held)
    page.get_by_role("button", name="Remove: Photo 1", exact=True).click()
    await_that(page, lambda: own(product, page) == [])
    answer = held[0].fetch()
    held[0].fulfill(response=answer)

    page.evaluate(SEND)  # after that try
    assert answer.ok and own(product, page) == []
    expect(page.locator("#photo-told")).to_have_text("The photo was removed.")
    expect(page.locator("#photos-there > li")).to_have_count(0)
