"""Without a connection: what was last seen, with its age, and never another's or another place's."""

import re

from playwright.sync_api import expect

from tests.pages.conftest import People
from tests.pages.page_list import first_warning
from tests.pages.phone import connect, visited, visited_first
from tests.pages.product import Product

AGED = "There is no connection. This is how it stood"


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
    person, page = visited_first(people, "/?place=Bath")
    items = page.locator("li.item").count()
    connect(person.context, is_on=False)

    page.reload()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Bath")
    expect(page.get_by_text(AGED)).to_be_visible()
    assert page.locator("li.item").count() == items > 0


def test_kept_page_of_one_place_never_stands_for_another(people: People) -> None:
    person, page = visited_first(people, "/?place=Bath")
    person.expect("503 for GET")
    connect(person.context, is_on=False)

    page.goto("/?place=Jakarta")
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    page.get_by_role("link", name="Bath").click()

    page.wait_for_url("**/?place=Bath*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bath")
    expect(page.get_by_text(AGED)).to_be_visible()


def test_last_five_places_are_kept_each_with_its_age_and_an_older_one_is_not(people: People) -> None:
    places = ["Bath", "Bridgwater", "Taunton", "Glastonbury", "Street", "Yeovil"]
    person, page = visited(people)
    person.expect("503 for GET")
    for name in places:
        page.goto(f"/?place={name}")
        page.wait_for_load_state("networkidle")
    connect(person.context, is_on=False)

    page.goto("/?place=Jakarta")
    listed = page.get_by_role("main").get_by_role("listitem").get_by_role("link").all_inner_texts()
    seen = page.get_by_role("listitem").filter(has_text="Bridgwater").get_by_role("time").inner_text()
    page.get_by_role("link", name="Bridgwater").click()

    assert re.match(r"\w+day,? |\d+ minutes? ago", seen), "by the phone's clock, the weekday first"
    assert [name for name in listed if name in places] == places[:0:-1]
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bridgwater")
    expect(page.get_by_text(AGED)).to_be_visible()
    page.goto("/?place=Bath")
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")


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
