"""A responder judges reports: by keys, by plain forms, many at once; and nothing on the page is out of reach."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.audit import faults_of_markup, violations
from tests.pages.browser import DESK, Person
from tests.pages.conftest import People
from tests.pages.product import Product, await_that

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
    return page


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
        page.wait_for_url(re.compile(rf"done={report_id}"))
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
    page.wait_for_url(re.compile(rf"done={first}"))
    page.keyboard.press("u")
    page.wait_for_url(re.compile("told=undone"))
    assert status_of(product, first) == "pending"

    page.keyboard.press("?")
    page.get_by_label("Use these keys on this device").uncheck()
    page.locator("#queue").focus()
    page.keyboard.press("v")
    expect(page.locator("#verify details")).not_to_have_attribute("open", "")


def test_a_hold_that_is_renewed_no_more_is_announced_a_minute_before_it_ends(people: People, product: Product) -> None:
    person = people(viewport=DESK)
    person.context.clock.install()
    with at_hold(person) as answers:
        page = at_the_desk(person, product)
        await_that(page, lambda: len(answers) == 1)
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

    page.wait_for_url(re.compile(rf"done={report_id}"))
    assert status_of(product, report_id) == 404
    page.get_by_role("button", name=re.compile("^Undo")).first.click()
    page.wait_for_url(re.compile("told=undone"))
    assert status_of(product, report_id) == "pending"


def test_all_but_the_unticked_are_verified(person: Person, product: Product) -> None:
    page = at_the_desk(person, product)
    page.get_by_role("link", name="Verify many at once").click()
    boxes = page.locator("input[name=report]")
    ids = [value.partition("@")[0] for value in boxes.evaluate_all("(all) => all.map((one) => one.value)")]
    for number in range(2, len(ids)):
        boxes.nth(number).uncheck()

    page.get_by_label("Other reports and facts agree with it.").check()
    page.get_by_role("button", name="Verify all that are ticked").click()

    expect(page.get_by_text("The decision is stored.")).to_be_visible()
    statuses = [status_of(product, report_id) for report_id in ids]
    assert statuses == ["verified"] * 2 + ["pending"] * (len(ids) - 2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_is_within_reach(people: People, product: Product, scheme: str) -> None:
    page = at_the_desk(people(color_scheme=scheme), product)
    for details in page.locator(".decision summary, #help summary").all():
        details.click()

    assert (violations(page), faults_of_markup(page)) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
