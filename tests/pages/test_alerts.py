"""Alerts as a person uses them, with and without scripts: asked for, confirmed, paused and stopped by links in mail."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.local.local_run import start
from tests.pages.audit import faults_of_markup, violations, wider_than_window
from tests.pages.browser import PHONE, Person
from tests.pages.conftest import CHOSEN, SCREENSHOTS
from tests.pages.product import PLACE, Product, await_that, unique

BATH = "/?lat={lat}&lon={lon}".format(**PLACE)
CONFIRM, MANAGE, STOP = r"\S+/alerts/confirm#\S+", r"\S+/alerts#\S+", r"\S+/alerts/stop\?token=\S+"
SENT = "If alerts can go to this address, a message is on its way to it."
People = Callable[..., Person]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A run that has a mailbox, as `make serve` has it: the packaged product has none on one machine."""
    if CHOSEN:
        yield Product(CHOSEN)
        return
    run = start(tmp_path_factory.mktemp("alerts") / "data", demo=1)
    try:
        yield Product(run.await_ready().url)
    finally:
        run.end()


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def person(request: pytest.FixtureRequest, browser: Browser, product: Product) -> Iterator[Person]:
    one = Person(browser, product.url, javascript=request.param, service_workers="allow")
    yield one
    one.close()


def link(product: Product, page: Page, to: str, wanted: str) -> str:
    """Return a link of the newest message to an address that has one of that form, on the product's own address."""

    def found() -> Any:
        messages = product.listed("/_local/mail.json")["items"]
        links = (re.search(wanted, one["text"]) for one in messages if one["to"] == to)
        return next((match[0] for match in links if match), "")

    return re.sub(r"^https?://[^/]+", product.url, await_that(page, found))


def follow(person: Person, page: Page, address: str, button: str) -> None:
    """Open the link of a message; without scripts copy it into the field of its page."""
    page.goto(address)
    if person.runs_scripts:
        return
    if page.get_by_role("link", name="Use such a link").count():
        page.get_by_role("link", name="Use such a link").click()
    page.get_by_label("Link from the message").fill(address)
    page.get_by_role("button", name=button).click()


def look_over(person: Person, page: Page, name: str) -> None:
    """Check the page as every page is checked, by day and by night, and keep pictures of it on a phone."""
    assert faults_of_markup(page) == [], name
    if person.runs_scripts:  # axe-core waits for timers, which run only then
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert violations(page) == [], (name, theme)
            page.screenshot(path=SCREENSHOTS / f"{name}-{theme}.png", full_page=True)
    page.set_viewport_size({"width": 320, "height": 700})
    assert wider_than_window(page) == [], name
    page.set_viewport_size(PHONE)


def test_alerts_are_asked_for_confirmed_paused_and_stopped(person: Person, product: Product) -> None:
    to = f"{unique('anna').replace(' ', '-')}@example.net"
    page = person.open(BATH)
    page.get_by_role("link", name="Get alerts here").click()
    look_over(person, page, "alerts")
    page.get_by_label("Your e-mail address").fill(to)
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_text(SENT)).to_be_visible()
    look_over(person, page, "alerts-asked")

    follow(person, page, link(product, page, to, CONFIRM), "Show what was asked for")
    expect(page.get_by_text(to)).to_be_visible()
    look_over(person, page, "alerts-confirm")
    page.get_by_role("button", name="Yes, send me these alerts").click()
    expect(page.get_by_role("heading", name="Your alerts are on")).to_be_visible()

    # The first message says what is in force there.
    follow(person, page, link(product, page, to, MANAGE), "Show the alerts")
    expect(page.get_by_text(to)).to_be_visible()
    assert "fs_" not in page.url
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("The alerts are paused.")).to_be_visible()
    look_over(person, page, "alerts-paused")
    page.get_by_role("button", name="Go on now").click()
    expect(page.get_by_text("The alerts go on.")).to_be_visible()

    page.goto(link(product, page, to, STOP))
    look_over(person, page, "alerts-stop")
    page.get_by_role("button", name="Stop these alerts").click()
    expect(page.get_by_role("heading", name="These alerts are stopped")).to_be_visible()


def test_each_page_of_alerts_is_for_everybody_in_spanish_too(browser: Browser, product: Product) -> None:
    person = Person(browser, product.url, locale="es-ES")
    page = person.context.new_page()
    for path in (f"/alerts{BATH[1:]}", "/alerts/manage", "/alerts/confirm", "/alerts/stop"):
        page.goto(path)
        for more in page.get_by_text("Más opciones").all():
            more.click()
        look_over(person, page, f"alerts-es-{re.sub('[^a-z]+', '-', path)}")
        assert page.locator("html").get_attribute("lang") == "es"
    person.close()
