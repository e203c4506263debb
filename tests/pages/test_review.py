"""A responder judges reports: by keys, by plain forms, many at once; and nothing on the page is out of reach."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.audit import faults_of_markup, violations, wider_than_window
from tests.pages.browser import DESK, Person
from tests.pages.conftest import People
from tests.pages.product import PLACE, Product, await_that
from tests.pages.survey import take_picture

TEN = 10
MOST_PRESSES = 40
CURRENT = "#queue [aria-current]"


def phrase_of(product: Product, role: str) -> str:
    """The pass-phrase of a demo account, as the start has printed and kept it."""
    if product.folder is None:
        pytest.skip("The product was started elsewhere: its demo accounts are not known here.")
    (file,) = product.folder.glob("sign-ins.json")
    return str(json.loads(file.read_text())[role])


def at_the_desk(person: Person, product: Product) -> Page:
    """The page of a responder who has signed in and followed the link of their own page."""
    page = person.open("/sign-in")
    page.get_by_label("User name").fill("responder")
    page.get_by_label("Password", exact=True).fill(phrase_of(product, "responder"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Review reports").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review")
    await_that(page, lambda: has_come(page))
    return page


def has_come(page: Page) -> bool:
    """Look again until the queue of a product that has just started is written."""
    if page.locator("#queue a").count():
        return True
    page.reload()
    return False


def looked_at(page: Page) -> str:
    return page.locator("[data-report]").get_attribute("data-report") or ""


def status_of(product: Product, report_id: str) -> Any:
    answer = product.get(f"/v1/reports/{report_id}", ("Accept", "application/json"))
    return answer.json["status"] if answer.status == 200 else answer.status


def test_ten_reports_are_judged_with_forty_presses(people: People, product: Product) -> None:
    page = at_the_desk(people(viewport=DESK), product)
    judged: dict[str, Any] = {}
    presses = 0
    for number in range(TEN):
        report_id = looked_at(page)
        keys, expected = (["v", "1", "Enter"], "verified") if number % 3 else (["r", "6", "Enter"], 404)
        for key in keys:
            page.keyboard.press(key)
            presses += 1
        page.wait_for_url(re.compile(rf"results={report_id}"))
        expect(page.get_by_text("The decision is stored.")).to_be_visible()
        judged[report_id] = expected

    assert len(judged) == TEN
    assert presses <= MOST_PRESSES
    assert {report_id: status_of(product, report_id) for report_id in judged} == judged


def test_keys_move_undo_and_can_be_switched_off(people: People, product: Product) -> None:
    page = at_the_desk(people(viewport=DESK), product)
    first = looked_at(page)
    page.keyboard.press("j")
    await_that(page, lambda: looked_at(page) not in ("", first))
    page.keyboard.press("k")
    await_that(page, lambda: looked_at(page) == first)

    for key in ("v", "3", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile(rf"results={first}"))
    page.keyboard.press("u")
    page.wait_for_url(re.compile("undone"))
    assert status_of(product, first) == "pending"

    page.locator("#verify summary").focus()  # outside of the queue a key is only a key
    page.keyboard.press("r")
    expect(page.locator("#reject details")).not_to_have_attribute("open", "")

    page.locator("#queue").focus()
    page.keyboard.press("?")
    page.get_by_role("link", name="Switch them on or off").click()
    page.get_by_role("button", name="Switch the keys off").click()
    expect(page.get_by_text("They are off in this browser.")).to_be_visible()
    page.get_by_role("link", name="Review reports").click()
    page.locator("#queue").focus()
    page.keyboard.press("v")
    expect(page.locator("#verify details")).not_to_have_attribute("open", "")


def test_a_hold_that_is_renewed_no_more_is_announced_a_minute_before_it_ends(people: People, product: Product) -> None:
    person = people(viewport=DESK)
    person.context.clock.install()
    with at_hold(person) as answers:
        page = at_the_desk(person, product)
        await_that(page, lambda: len(answers) == 1)
    expect(page.locator("[data-held-until]")).to_be_visible()
    page.evaluate("() => Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'})")
    told = page.locator("#told")

    page.clock.run_for(235_000)
    expect(told).not_to_contain_text("less than a minute")
    page.clock.run_for(6_000)

    expect(told).to_contain_text("You hold this report for less than a minute more.")


@contextmanager
def at_hold(person: Person) -> Iterator[list[str]]:
    """Collect the answers to holds of any page of a person."""
    answers: list[str] = []
    note = lambda response: answers.append(response.url) if response.url.endswith("/review/hold") else None  # noqa: E731
    person.context.on("response", note)
    yield answers
    person.context.remove_listener("response", note)


def test_plain_forms_do_the_same(person: Person, product: Product) -> None:
    page = at_the_desk(person, product)
    report_id = looked_at(page)

    page.locator("#reject summary").click()
    page.locator("#reject").get_by_label("It was a test.").check()
    page.get_by_role("button", name="Remove this report").click()

    page.wait_for_url(re.compile(rf"results={report_id}"))
    assert status_of(product, report_id) == 404
    page.get_by_role("button", name=re.compile("^Undo")).first.click()
    page.wait_for_url(re.compile("undone"))
    assert status_of(product, report_id) == "pending"


def test_all_but_the_unticked_are_verified_and_undone_together(person: Person, product: Product) -> None:
    page = at_the_desk(person, product)
    page.get_by_role("link", name="Verify many at once").click()
    boxes = page.locator("input[name=report]")
    ids = [value.partition("@")[0] for value in boxes.evaluate_all("(all) => all.map((one) => one.value)")]
    for number in range(2, len(ids)):
        boxes.nth(number).uncheck()

    page.get_by_label("Other reports and facts agree with it.").check()
    page.get_by_role("button", name="Verify all that are ticked").click()

    expect(page.get_by_text("2 decisions are stored.")).to_be_visible()
    statuses = [status_of(product, report_id) for report_id in ids]
    assert statuses == ["verified"] * 2 + ["pending"] * (len(ids) - 2)

    if person.runs_scripts:
        page.locator("#queue").press("u")
    else:
        page.get_by_role("button", name="Undo all 2 decisions").click()
    expect(page.get_by_text("2 decisions are undone.")).to_be_visible()
    assert [status_of(product, report_id) for report_id in ids[:2]] == ["pending"] * 2


def test_numbers_on_the_picture_tick_and_untick(people: People, product: Product) -> None:
    page = at_the_desk(people(viewport=DESK), product)
    page.get_by_role("link", name="Verify many at once").click()
    marks, boxes = page.locator("[data-mark]"), page.locator("input[name=report]")
    expect(marks.first).to_have_attribute("aria-checked", "true")

    marks.nth(1).click()
    expect(boxes.nth(1)).not_to_be_checked()
    expect(marks.nth(1)).to_have_attribute("aria-checked", "false")
    expect(marks.nth(1).locator(".out")).to_be_visible()  # crossed out, besides its colour
    expect(marks.nth(0).locator(".out")).not_to_be_visible()

    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(boxes.nth(2)).not_to_be_checked()
    boxes.nth(2).check()
    expect(marks.nth(2)).to_have_attribute("aria-checked", "true")
    assert marks.evaluate_all("(all) => all.filter((one) => one.tabIndex === 0).length") == 1
    title = boxes.nth(1).locator("xpath=..").inner_text()
    assert set(title.split()) == set((marks.nth(1).get_attribute("aria-label") or "").split())


def test_a_place_is_corrected(person: Person, product: Product) -> None:
    report_id = str(product.file(place="public")["id"])
    page = at_the_desk(person, product)
    page.goto(f"/review?report={report_id}")
    page.locator("#correct summary").click()
    form = page.locator("#correct")
    form.get_by_label("Other reports and facts agree with it.").check()
    if person.runs_scripts:
        form.get_by_role("button", name="Choose on the map").click()
        page.locator("#picker[data-ready]").press("ArrowUp")
        expect(page.get_by_text("The pin is set.")).to_be_visible()
    else:
        form.get_by_label("Postcode, town, or latitude and longitude").fill("51.3819, -2.3590")
    form.get_by_role("button", name="Store and verify").click()

    page.wait_for_url(re.compile(rf"results={report_id}"))
    moved = product.listed(f"/v1/reports/{report_id}")["location"]["lat"] - PLACE["lat"]
    assert 0 < moved < 0.01


def test_a_name_of_several_places_is_asked_about_and_nothing_is_lost(person: Person, product: Product) -> None:
    report_id = str(product.file(place="public")["id"])
    page = at_the_desk(person.expect("422", "403"), product)
    page.goto(f"/review?report={report_id}")
    page.locator("#correct summary").click()
    form = page.locator("#correct")
    where = form.get_by_label("Postcode, town, or latitude and longitude")
    form.get_by_label("In short").fill("Water at the quay")
    form.get_by_label("Other reports and facts agree with it.").check()
    where.fill("Newport")
    form.get_by_role("button", name="Find" if person.runs_scripts else "Store and verify").click()

    form.get_by_role("group", name="Which of these places?").get_by_role("radio").first.check()
    form.get_by_role("button", name="Store and verify").click()
    expect(page.get_by_role("link", name="That place lies outside your areas.")).to_be_visible()
    expect(where).to_have_value("Newport")
    where.fill("51.3819, -2.3590")
    form.get_by_role("button", name="Store and verify").click()

    page.wait_for_url(re.compile(rf"results={report_id}"))
    stored = product.listed(f"/v1/reports/{report_id}")
    assert (stored["location"]["lat"], stored["title"]) == (51.3819, "Water at the quay")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_everything_is_within_reach(people: People, product: Product, scheme: str, width: int) -> None:
    page = at_the_desk(people(color_scheme=scheme, viewport={"width": width, "height": 900}), product)
    for details in page.locator(".decision summary, #help summary").all():
        details.click()
    page.get_by_role("button", name="Choose on the map").click()
    page.locator("#picker[data-ready]").wait_for()
    assert (violations(page), faults_of_markup(page), wider_than_window(page)) == ([], [], [])
    take_picture(page, f"review-one-{scheme}-{width}")

    page.goto("/review?together=1")
    page.locator("[data-mark]").nth(1).click()
    assert (violations(page), faults_of_markup(page), wider_than_window(page)) == ([], [], [])
    take_picture(page, f"review-together-{scheme}-{width}")
