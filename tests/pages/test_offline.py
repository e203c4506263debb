"""Without a connection: a report is kept on the phone, sent once when there is one, and one is told so."""

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.pages.browser import Person
from tests.pages.conftest import People
from tests.pages.page_list import first_warning
from tests.pages.product import QUIET, Product, await_that, unique
from tests.pages.reporting import WHERE, Taps, fill, fill_rest

SAVED = "Saved on this phone. It will be sent when there is a connection."
AGED = "There is no connection. This is how it stood"
TAKEN_OVER = """() => new Promise((done) => {
  navigator.serviceWorker.ready.then(({active}) => {
    if (active.state === 'activated') done();
    else active.addEventListener('statechange', () => done());
  });
})"""
DISCONNECTED = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_EMPTY_RESPONSE", "Failed to load", "ERR_CONNECTION")


def visited(people: People) -> tuple[Person, Page]:
    """Somebody who has been here before, so that the phone keeps the form."""
    person = people().expect(*DISCONNECTED)
    page = person.open("/report")
    page.wait_for_function("navigator.serviceWorker.ready.then((one) => Boolean(one.active))")
    page.reload()
    page.wait_for_function("Boolean(navigator.serviceWorker.controller)")
    page.wait_for_load_state("networkidle")
    return person, page


def visited_first(people: People, path: str) -> tuple[Person, Page]:
    """Somebody who has seen one page, once: it came before there was a worker."""
    person = people().expect(*DISCONNECTED)
    page = person.open(path)
    page.evaluate(TAKEN_OVER)
    return person, page


def connect(context: BrowserContext, *, is_on: bool) -> None:
    context.set_offline(not is_on)


def send_offline(person: Person, page: Page, title: str) -> None:
    connect(person.context, is_on=False)
    fill(Taps(page), title, QUIET)
    page.get_by_role("button", name="Send report").click()
    expect(page.locator("form#report")).to_be_hidden()  # so the first try is over
    expect(page.get_by_text(SAVED).first).to_be_visible()


def number_of(product: Product, title: str) -> int:
    return len(product.titled(title, QUIET))


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

    [stored] = await_that(lambda: product.titled(title, QUIET))
    assert stored["observed_at"][:19] == shown[:19]
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
    posts: list[str] = []
    person.context.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)

    send_offline(person, page, title)
    posts.clear()
    connect(person.context, is_on=True)
    for tab in (page, other):
        tab.evaluate("void FloodQueue.flush({now: true})")

    await_that(lambda: number_of(product, title))
    page.wait_for_timeout(500)
    assert (number_of(product, title), len(posts)) == (1, 1)


def test_reply_that_is_lost_makes_no_second_report(people: People, product: Product) -> None:
    title = unique("Lost reply")
    person = people(service_workers="block").expect(*DISCONNECTED)
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
    person = people(service_workers="block").expect(*DISCONNECTED, "403", "404")
    page = person.open("/report")
    fill(Taps(page), title, QUIET)
    person.context.route("**/report", lambda route: route.fulfill(**signs), times=1)

    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_text(SAVED).first).to_be_visible()
    page.get_by_role("button", name="Try now").click()

    await_that(lambda: number_of(product, title) == 1)


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


def test_first_page_shows_what_was_last_seen_and_says_how_old_it_is(people: People) -> None:
    person, page = visited(people)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    items = page.locator("li.item").count()
    connect(person.context, is_on=False)

    page.reload()

    assert page.locator("li.item").count() == items > 0
    expect(page.get_by_text("No connection").first).to_be_visible()


def test_page_of_a_first_visit_is_kept(people: People) -> None:
    person, page = visited_first(people, "/?place=Langport")
    items = page.locator("li.item").count()
    connect(person.context, is_on=False)

    page.reload()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Langport")
    expect(page.get_by_text(AGED)).to_be_visible()
    assert page.locator("li.item").count() == items > 0


def test_kept_page_of_one_place_never_stands_for_another(people: People) -> None:
    person, page = visited_first(people, "/?place=Langport")
    person.expect("503 for GET")
    connect(person.context, is_on=False)

    page.goto("/?place=Jakarta")
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    page.get_by_role("link", name="What was last seen").click()

    page.wait_for_url("**/?place=Langport*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Langport")
    expect(page.get_by_text(AGED)).to_be_visible()


def test_nothing_leads_to_what_was_last_seen_where_nothing_was(people: People) -> None:
    person, page = visited_first(people, "/privacy")
    person.expect("503 for GET")
    connect(person.context, is_on=False)

    for path in ("/", "/status"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
        expect(page.get_by_text("What was last seen")).to_be_hidden()


def test_warning_that_was_read_can_be_read_again(people: People, product: Product) -> None:
    warning = f"/warnings/{first_warning(product)['id']}"
    person, page = visited(people)
    page.goto(warning)
    title = page.get_by_role("heading", level=1).inner_text()
    page.wait_for_load_state("networkidle")
    connect(person.context, is_on=False)

    page.goto("/report")
    page.goto(warning)

    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_text(AGED)).to_be_visible()


def test_other_pages_say_that_there_is_no_connection(people: People) -> None:
    person, page = visited(people)
    person.expect("503 for GET .*/status")
    connect(person.context, is_on=False)

    page.goto("/status")

    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    expect(page.get_by_role("main").get_by_role("link", name="Report flooding")).to_be_visible()


def test_service_worker_keeps_nothing_of_ones_own(people: People, product: Product) -> None:
    name, _ = product.register()
    _, page = visited(people)
    page.goto("/sign-in")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill("a wet november evening")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/me")

    kept = page.evaluate("""async () => {
      const all = [];
      for (const name of await caches.keys()) {
        for (const one of await (await caches.open(name)).keys()) all.push(new URL(one.url).pathname);
      }
      return all;
    }""")

    assert [path for path in kept if path.startswith(("/me", "/sign-in", "/v1", "/report/sent"))] == []
    assert kept
