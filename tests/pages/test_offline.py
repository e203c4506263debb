"""Without a connection: a report is stored on the phone, sent once when there is one, and the person is informed."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.local.calling import call
from tests.pages.conftest import People
from tests.pages.phone import DISCONNECTED, SAVED, arrived_posts, connect, number_of, send_offline, visited
from tests.pages.product import QUIET, Product, await_that, unique
from tests.pages.reporting import SENT, WHERE, Taps, fill, fill_rest

LANGPORT = {"lat": 51.0375, "lon": -2.829}


def test_report_waits_through_a_closed_app_and_is_sent_once(people: People, product: Product) -> None:
    title = unique("Sent later")
    person, page = visited(people)

    send_offline(person, page, title)
    page.close()
    page = person.open("/report")
    expect(page.locator("#waiting")).to_contain_text(title)
    expect(page.locator("#waiting")).to_contain_text(SAVED)
    assert number_of(product, title) == 0
    connect(person.context, is_on=True)

    expect(page.locator("#waiting")).to_contain_text("Sent.")
    page.reload()
    page.wait_for_timeout(500)
    assert number_of(product, title) == 1


def test_tab_that_saved_a_report_says_when_it_is_sent(people: People) -> None:
    person, page = visited(people)

    send_offline(person, page, unique("Told once"))
    expect(page.locator("#told")).to_contain_text(SAVED)
    connect(person.context, is_on=True)

    expect(page.locator("#waiting")).to_contain_text("Sent.")
    expect(page.locator("#told")).to_have_text("Sent.")


def test_report_keeps_the_moment_in_which_it_was_seen(people: People, product: Product) -> None:
    title = unique("Seen before")
    person, page = visited(people)

    send_offline(person, page, title)
    shown = page.evaluate("new Promise((done) => FloodQueue.all().then((all) => done(all[0].fields.observed_at)))")
    page.wait_for_timeout(1500)
    connect(person.context, is_on=True)

    await_that(page, lambda: product.titled(title, QUIET))
    page.get_by_role("link", name="Change it or take it back").click()
    page.wait_for_url(SENT)
    [report_id, token] = re.findall(r"/report/sent/(\w+)\?.*token=(.+)", page.url)[0]
    stored = call(product.url, f"/v1/reports/{report_id}", headers=[("Authorization", f"Bearer {token}")]).json
    assert stored["observed_at"][:19] == shown[:19], "others see the minute alone"
    assert stored["created_at"] > stored["observed_at"]


def test_form_opens_and_is_filled_without_a_connection(people: People) -> None:
    person, page = visited(people)
    connect(person.context, is_on=False)

    page.goto("/report")

    expect(page.get_by_label(WHERE)).to_be_visible()
    fill(Taps(page), unique("Begun without a connection"), QUIET)


def test_two_tabs_send_a_waiting_report_once(people: People, product: Product) -> None:
    title = unique("Two tabs")
    person, page = visited(people)
    other = person.open("/report")
    page.bring_to_front()  # a tab behind another draws nothing, and pressing waits for that
    posts = arrived_posts(person.context)

    send_offline(person, page, title)
    connect(person.context, is_on=True)
    for tab in (page, other):
        tab.evaluate("void FloodQueue.flush({now: true})")

    await_that(page, lambda: number_of(product, title))
    page.wait_for_timeout(500)
    assert (number_of(product, title), len(posts)) == (1, 1)


def test_reply_that_is_lost_makes_no_second_report(people: People, product: Product) -> None:
    title = unique("Lost reply")
    person = people().expect(*DISCONNECTED)
    page = person.open("/report")
    fill(Taps(page), title, QUIET)
    tries: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or tries:
            route.continue_()
            return
        tries.append(route.fetch().status)
        route.abort()

    person.context.route("**/report", lose)
    page.get_by_role("button", name="Send report").click()
    expect(page.locator("form#report")).to_be_hidden()
    assert (tries, number_of(product, title)) == ([200], 1)
    page.get_by_role("button", name="Try now").click()

    expect(page.locator("#waiting")).to_contain_text("Sent.")
    assert number_of(product, title) == 1


@pytest.mark.parametrize(
    "signs",
    [
        {"status": 200, "content_type": "text/html", "body": "<p>Sign in to the train's network</p>"},
        {"status": 403, "content_type": "application/json", "body": '{"message": "Forbidden"}'},
        {"status": 404, "content_type": "application/json", "body": '{"message": "Not Found"}'},
    ],
    ids=["a hotspot's page", "a gateway's refusal", "a gateway without our routes"],
)
def test_what_stands_between_is_not_taken_for_our_answer(people: People, product: Product, signs: dict) -> None:
    title = unique("Hotspot")
    person = people().expect(*DISCONNECTED, "403", "404")
    page = person.open("/report")
    fill(Taps(page), title, QUIET)
    person.context.route("**/report", lambda route: route.fulfill(**signs), times=1)

    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_text(SAVED).first).to_be_visible()
    page.get_by_role("button", name="Try now").click()

    await_that(page, lambda: number_of(product, title) == 1)


def test_refused_report_is_told_and_opened_again(people: People, product: Product) -> None:
    title = unique("Nowhere")
    person, page = visited(people)
    person.expect("422")
    connect(person.context, is_on=False)
    taps = Taps(page)
    taps.field(WHERE, "Zzyzxburgh")
    fill_rest(taps, title)
    taps.button("Send report")
    expect(page.get_by_text(SAVED).first).to_be_visible()

    connect(person.context, is_on=True)

    expect(page.locator("#waiting")).to_contain_text("This could not be taken.")
    page.get_by_role("button", name="Open it again").click()
    expect(page.get_by_label(WHERE)).to_have_value("Zzyzxburgh")
    assert number_of(product, title) == 0


def test_discarded_report_is_never_sent(people: People, product: Product) -> None:
    title = unique("Thought better of it")
    person, page = visited(people)
    page.on("dialog", lambda dialog: dialog.accept())

    send_offline(person, page, title)
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("#waiting")).to_be_hidden()
    connect(person.context, is_on=True)
    page.wait_for_timeout(1000)

    assert number_of(product, title) == 0


def test_report_goes_as_soon_as_anything_is_answered_again(people: People, product: Product) -> None:
    """No browser says that the line is back where only our requests were lost; a waiting one has up to ten minutes."""
    title = unique("With the next answer")
    person = people().expect(*DISCONNECTED)
    page = person.open("/report")
    page.wait_for_load_state("networkidle")
    person.context.route(re.compile(r"/(report|v1)"), lambda route: route.abort())
    taps = Taps(page)
    taps.field(WHERE, "Langport")
    fill_rest(taps, title)
    taps.button("Send report")
    expect(page.get_by_text(SAVED).first).to_be_visible()
    page.evaluate("FloodQueue.all().then((all) => FloodQueue.put({...all[0], next_at: Date.now() + 600000}))")
    assert product.titled(title, LANGPORT) == []
    person.context.unroute_all()

    page.goto("/warnings")
    page.get_by_label("Postcode or town").press_sequentially("Langp")

    await_that(page, lambda: product.titled(title, LANGPORT))


def test_confirmation_can_be_read_without_a_connection(people: People, product: Product) -> None:
    person, page = visited(people)
    title = unique("Kept confirmation")
    sent = file_report_from(page, title)
    connect(person.context, is_on=False)

    page.reload()

    expect(page.get_by_role("heading", level=1, name="Your report is sent")).to_be_visible()
    expect(page.get_by_text("There is no connection.")).to_be_visible()
    [stored] = product.titled(title, QUIET)
    reference = product.listed(f"/v1/reports/{stored['id']}")["reference"]
    expect(page.locator("code", has_text=reference)).to_be_visible()
    expect(page.get_by_role("link", name=sent)).to_have_attribute("href", sent)


def file_report_from(page: Page, title: str) -> str:
    """Fill in the open form and send it; gives the address of what tells that it was sent."""
    taps = Taps(page)
    fill(taps, title, QUIET)
    taps.button("Send report")
    page.wait_for_url(SENT)
    page.wait_for_load_state("networkidle")
    return page.url


def test_phone_forgets_the_confirmation_when_it_is_told_to(people: People) -> None:
    person, page = visited(people)
    person.expect("503 for GET .*/report/sent/")
    file_report_from(page, unique("On a shared phone"))

    page.get_by_role("button", name="Remove it from this phone").click()
    expect(page.get_by_text("Removed. Keep the link elsewhere if you need it.")).to_be_visible()
    connect(person.context, is_on=False)
    page.reload()

    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
