"""A neighbour answers "Is it still flooded?" or flags a report: with scripts, without, and without a connection."""

import re
import secrets
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.pages.audit import faults_of_markup, violations
from tests.pages.browser import Person
from tests.pages.conftest import People
from tests.pages.phone import DISCONNECTED, SAVED, arrived_posts, connect, visited
from tests.pages.product import Product, await_that, unique
from tests.pages.reporting import SENT, Taps, fill

YES, NO = "Yes, it is flooded", "No, the water has gone"
WAITS = "Saved on this phone. Your answer will be sent when there is a connection."
JOIN = "Yes, this one"
SAID_LAST = "FloodQueue.all().then((all) => all.map((item) => (item.fields || {}).condition))"


def lonely(product: Product, **said: Any) -> Any:
    """A report that no other lies near to."""
    # Not of `random`, which may begin with the same number in each test.
    north, east = (secrets.randbelow(10_000) / 10_000 for _ in range(2))
    place = {"lat": round(54.05 + north, 4), "lon": round(-2.79 + east, 4)}
    return product.file(location=place, place="public", **said) | {"at": place}


def votes_of(product: Product, report: Any) -> dict[str, int]:
    """The exact count, from the vote of one more visitor who then takes it back."""
    token = product.send("/v1/visitors", {}).json["visitor_token"]
    address, who = f"/v1/reports/{report['id']}/votes", ("Authorization", f"Bearer {token}")
    counted = product.send(address, {"condition": "flooded"}, who, method="PUT").json["votes"]
    product.send(address, {}, who, method="DELETE")
    return {"flooded": counted["flooded"] - 1, "receded": counted["receded"]}


def told(page: Page) -> Any:
    return page.get_by_role("status").filter(has_text="Thank you")


def test_neighbour_answers_with_one_press(person: Person, product: Product) -> None:
    report = lonely(product)
    page = person.open(f"/reports/{report['id']}")

    page.get_by_label("How deep, in centimetres").fill("45")
    page.get_by_role("button", name=YES).click()

    expect(told(page)).to_be_visible()
    expect(page.locator("#vote-counts")).to_have_text("2 say it is still flooded.")
    page.get_by_role("button", name=NO).click()
    expect(page.locator("#vote-counts")).to_have_text("1 says it is still flooded, 1 says the water has gone.")
    assert votes_of(product, report) == {"flooded": 1, "receded": 1}
    assert (violations(page) if person.runs_scripts else [], faults_of_markup(page)) == ([], [])


def test_reporter_ends_the_own_report_from_its_page(person: Person, product: Product) -> None:
    title = unique("Gone by now")
    taps = Taps(person.open("/report"))
    place = {"lat": 54.8, "lon": -2.79}
    fill(taps, title, place)
    taps.button("Send report")
    taps.page.wait_for_url(SENT)
    taps.link("See it as others do")

    taps.button(NO)

    expect(told(taps.page)).to_be_visible()
    expect(taps.page.locator("#vote-counts")).to_have_text("1 says the water has gone.")
    assert product.titled(title, place) == []


def test_depth_that_is_no_number_is_told_beside_its_field(person: Person, product: Product) -> None:
    person.expect("422")
    report = lonely(product)
    page = person.open(f"/reports/{report['id']}")

    page.get_by_label("How deep, in centimetres").fill("knee")
    page.get_by_role("button", name=YES).click()

    expect(page.locator("#depth_cm-mistake")).to_contain_text("Give the depth as a number")
    assert page.get_by_label("How deep, in centimetres").get_attribute("aria-invalid") == "true"
    assert votes_of(product, report) == {"flooded": 1, "receded": 0}


def test_flag_goes_to_responders_and_says_so(person: Person, product: Product) -> None:
    report = lonely(product)
    page = person.open(f"/reports/{report['id']}")

    page.locator("summary", has_text="Flag this report").click()
    page.locator("label", has=page.get_by_role("radio", name="It is in another place")).click()
    page.get_by_label("A note").fill("It is one street further.")
    if person.runs_scripts:
        page.evaluate("scrollTo(0, 0)")
        assert violations(page) == []
    page.get_by_role("button", name="Send the flag").click()

    expect(page.get_by_text("Thank you, your flag is stored for responders.")).to_be_visible()


def test_answer_waits_without_a_connection_and_is_sent_once(people: People, product: Product) -> None:
    report = lonely(product)
    person, page = visited(people)
    page.goto(f"/reports/{report['id']}")
    page.wait_for_load_state("networkidle")
    connect(person.context, is_on=False)

    page.get_by_role("button", name=YES).click()
    expect(page.locator("#vote-told")).to_have_text(WAITS)
    page.close()
    page = person.open("/report")
    expect(page.locator("#waiting")).to_contain_text(WAITS)
    assert violations(page) == []
    connect(person.context, is_on=True)

    expect(page.locator("#waiting")).to_contain_text("Your answer has been sent.")
    page.reload()
    expect(page.get_by_role("link", name="Open that report")).to_be_visible()
    assert votes_of(product, report) == {"flooded": 2, "receded": 0}
    page.get_by_role("link", name="Open that report").click()
    expect(told(page)).to_contain_text("2 say it is still flooded.")
    await_that(page, lambda: page.evaluate(SAID_LAST) == [])  # what was shown is dropped, a moment later
    page.goto("/warnings")
    expect(page.locator("#queued")).to_be_hidden()


def test_second_answer_replaces_the_one_that_waits(people: People, product: Product) -> None:
    report = lonely(product)
    person, page = visited(people)
    page.goto(f"/reports/{report['id']}")
    page.wait_for_load_state("networkidle")
    posts = arrived_posts(person.context)
    connect(person.context, is_on=False)
    page.get_by_role("button", name=YES).click()
    expect(page.locator("#vote-told")).to_have_text(WAITS)
    page.get_by_role("button", name=NO).click()
    await_that(page, lambda: page.evaluate(SAID_LAST) == ["receded"])

    connect(person.context, is_on=True)

    expect(page.locator("#vote-counts")).to_have_text("1 says it is still flooded, 1 says the water has gone.")
    assert len(posts) == 1


def test_reply_that_is_lost_makes_no_second_vote(people: People, product: Product) -> None:
    report = lonely(product)
    person = people().expect(*DISCONNECTED)
    page = person.open(f"/reports/{report['id']}")
    tries: list[int] = []

    def lose(route: Route) -> None:
        if tries:
            route.continue_()
            return
        tries.append(route.fetch().status)
        person.context.clear_cookies()  # the cookie of the new visitor is lost with the reply
        route.abort()

    person.context.route("**/votes", lose)
    page.get_by_role("button", name=YES).click()
    expect(page.locator("#vote-told")).to_have_text(WAITS)
    page.evaluate("void FloodQueue.atOnce()")

    expect(told(page)).to_contain_text("2 say it is still flooded.")
    assert tries == [200]
    assert votes_of(product, report) == {"flooded": 2, "receded": 0}


def test_answer_about_a_report_that_is_gone_is_told_and_left(people: People, product: Product) -> None:
    report = lonely(product)
    person = people().expect("409", "404 for GET .*/reports/")  # the new worker asks for the open page again
    page = person.open(f"/reports/{report['id']}")
    who = ("Authorization", f"Bearer {report['edit_token']}")
    assert product.send(f"/v1/reports/{report['id']}", {}, who, ("If-Match", "*"), method="DELETE").status == 204

    page.get_by_role("button", name=YES).click()

    expect(page.locator("#vote-told")).to_contain_text("This report is not there any more")
    assert page.evaluate("FloodQueue.all().then((all) => all.length)") == 0


def test_one_that_is_there_already_gets_a_vote_in_place_of_a_report(person: Person, product: Product) -> None:
    there, title = lonely(product, title=unique("There first")), unique("The same")
    taps = Taps(person.open("/report"))
    fill(taps, title, there["at"])
    box = taps.page.locator(".nearby").last
    expect(box).to_contain_text(there["title"])
    if person.runs_scripts:
        taps.page.evaluate("scrollTo(0, 0)")
        assert violations(taps.page) == []
    expect(taps.page.get_by_role("button", name="Send report")).to_be_enabled()

    box.get_by_role("button", name=JOIN).click()

    taps.page.wait_for_url(f"**/reports/{there['id']}**")
    expect(told(taps.page)).to_be_visible()
    expect(taps.page.locator("#vote-counts")).to_have_text("2 say it is still flooded.")
    assert votes_of(product, there) == {"flooded": 2, "receded": 0}
    assert product.titled(title, there["at"]) == []


def test_question_is_never_in_the_way_of_sending(person: Person, product: Product) -> None:
    there, title = lonely(product), unique("Another one")
    taps = Taps(person.open("/report"))
    fill(taps, title, there["at"])
    expect(taps.page.locator(".nearby").last).to_contain_text(there["title"])

    taps.button("Send report")

    taps.page.wait_for_url(SENT)
    assert len(product.titled(title, there["at"])) == 1


def test_yes_waits_without_a_connection_and_is_sent_once(people: People, product: Product) -> None:
    there, title = lonely(product), unique("The same, later")
    person, page = visited(people)
    fill(Taps(page), title, there["at"])
    page.locator("#nearby").get_by_role("button", name=JOIN).wait_for()
    connect(person.context, is_on=False)

    page.locator("#nearby").get_by_role("button", name=JOIN).click()
    expect(page.locator("#waiting")).to_contain_text(WAITS)
    expect(page.get_by_text(SAVED)).to_have_count(0)
    connect(person.context, is_on=True)

    expect(page.locator("#waiting")).to_contain_text("Your answer has been sent.")
    assert votes_of(product, there) == {"flooded": 2, "receded": 0}
    assert product.titled(title, there["at"]) == []


def test_yes_to_a_report_that_has_gone_leaves_the_words_to_send(people: People, product: Product) -> None:
    there, title = lonely(product), unique("Not lost")
    person = people().expect("409")
    taps = Taps(person.open("/report"))
    fill(taps, title, there["at"])
    yes = taps.page.locator("#nearby").get_by_role("button", name=JOIN)
    yes.wait_for()
    who = ("Authorization", f"Bearer {there['edit_token']}")
    assert product.send(f"/v1/reports/{there['id']}", {}, who, ("If-Match", "*"), method="DELETE").status == 204

    yes.click()

    expect(taps.page.locator("#told")).to_contain_text("This report is not there any more")
    taps.button("Send report")
    taps.page.wait_for_url(SENT)
    assert len(product.titled(title, there["at"])) == 1


def test_marks_on_the_map_are_hollow_until_something_supports_them(people: People, product: Product) -> None:
    report = lonely(product)
    at = report["at"]
    page = people().open(f"/?lat={at['lat']}&lon={at['lon']}&radius_km=1#map=16/{at['lat']}/{at['lon']}")

    pin = page.locator("#map .map-pin")
    expect(pin).to_have_class(re.compile(r"\bhollow\b"))
    shape, card = (pin.locator(".map-shape").evaluate("(one) => getComputedStyle(one).fill"), page.locator(":root"))
    assert shape == card.evaluate(
        "(root) => { const probe = root.ownerDocument.createElement('i'); probe.style.color = 'var(--card)';"
        " root.append(probe); const found = getComputedStyle(probe).color; probe.remove(); return found; }"
    )
    await_that(page, lambda: page.get_by_text("Hollow: little supports it yet").is_visible())
