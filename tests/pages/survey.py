"""One visit to a page that serves many checks: looked at on a phone and a desk, by day and by night."""

import os
import re
from dataclasses import dataclass, field

from playwright.sync_api import CDPSession, Error, Page

from tests.pages import audit
from tests.pages.browser import DESK, PHONE, Person
from tests.pages.conftest import SCREENSHOTS
from tests.pages.page_list import NOT_THERE, PAGES
from tests.pages.product import Product

SIZES = {"375": PHONE, "1280": DESK}
# By day each rule is checked, by night what depends on colours.
THEMES = {"light": audit.violations, "dark": audit.violations_of_colours}
# 320 px wide, and what 400 % leaves of 1280 x 1024: WCAG 1.4.10.
REFLOW = {"width": 320, "height": 256}
# What WCAG 1.4.12 lets a reader set.
SPACING = "* {line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important}"
SPACING += " p {margin-block-end: 2em !important}"
CUT = """(root) => [...root.querySelectorAll('main *, header *, footer *')].filter((one) => {
  const style = getComputedStyle(one);
  const clips = ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY);
  const isQuiet = style.position === 'absolute' || one.closest('#map, .map, svg, #swagger') || !one.innerText;
  return clips && !isQuiet && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
}).map((one) => one.outerHTML.slice(0, 100))"""


# Scripts hear of another theme when the next frame is drawn.
NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
READY = "#map[data-ready=true]"
TAKES_PICTURES = os.environ.get("PAGES_PICTURES", "") not in ("", "0")
PHOTO = re.compile(r"/photos/[^/]+/small\.jpg$")
STREETS = re.compile(r"/(map\.pmtiles|streets\.js|protomaps-leaflet\.js)$")


@dataclass
class Survey:
    """Findings of one visit."""

    status: int
    bytes: int
    streets_bytes: int = 0
    photos_bytes: int = 0
    violations: list[str] = field(default_factory=list)
    markup: list[str] = field(default_factory=list)
    sideways: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    text: str = ""


class Wire:
    """Counts what a page takes from the network, headers included; `cold`: as if the browser had kept nothing."""

    def __init__(self, page: Page, *, cold: bool = False) -> None:
        # The streets come after all else, where the map is in view; photos of people when they are.
        self.bytes = self.streets_bytes = self.photos_bytes = 0
        self.sizes: dict[str, float] = {}
        self._addresses: dict[str, str] = {}
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.on("Network.requestWillBeSent", self._sent)
        self._session.on("Network.loadingFinished", self._finished)
        self._session.send("Network.enable")
        self._session.send("Network.setCacheDisabled", {"cacheDisabled": cold})

    def end(self) -> None:
        self._session.detach()

    def _sent(self, event: dict) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _finished(self, event: dict) -> None:
        size = event["encodedDataLength"]
        address = self._addresses.get(event["requestId"], "?")
        self.sizes[address] = self.sizes.get(address, 0) + size
        if STREETS.search(address):
            self.streets_bytes += int(size)
        elif PHOTO.search(address):
            self.photos_bytes += int(size)
        else:
            self.bytes += int(size)


def settle(page: Page) -> None:
    """Until nothing more is asked for, and the map, where there is one, is drawn."""
    page.wait_for_load_state("networkidle")
    if page.locator("#map").count():
        draw_map(page)


def draw_map(page: Page) -> Page:
    """Wait for the map, which is loaded when it is nearly in view: open its tab for that, and turn back to the list."""
    tabs = page.locator("#map-tab, #list-tab")
    is_behind = page.locator("#map-tab[aria-selected=false]").is_visible()
    if is_behind:
        tabs.first.click()
    page.wait_for_selector(READY, state="attached")
    if is_behind:
        page.wait_for_load_state("networkidle")
        tabs.last.click()
    return page


def wider(page: Page, mode: str) -> list[str]:
    return [f"{mode}: {one}" for one in audit.wider_than_window(page)]


def take_picture(page: Page, name: str) -> None:
    """The whole page, into the folder of screenshots, if asked for: they are for people, and are a third of the time.

    A busy browser may fail to take one, and can the next time.
    """
    if not TAKES_PICTURES:
        return
    file = SCREENSHOTS / f"{name}.png"
    try:
        page.screenshot(path=file, full_page=True)
    except Error:
        page.screenshot(path=file, full_page=True)


def look_at(name: str, product: Product, person: Person, page: Page) -> Survey:
    """Everything that is checked of each page, with scripts."""
    if name in NOT_THERE:
        person.expect("404")
    path = PAGES[name](product, person)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    wire = Wire(page, cold=True)
    status = page.goto(path).status
    settle(page)
    seen = Survey(status, wire.bytes, wire.streets_bytes, wire.photos_bytes, text=page.locator("#main").inner_text())
    seen.markup = audit.faults_of_markup(page)
    for width, size in SIZES.items():
        page.set_viewport_size(size)
        for theme, violations in THEMES.items():
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.evaluate(NEXT_FRAME)
            seen.violations += [f"{width} {theme}: {one}" for one in violations(page)]
            take_picture(page, f"{name}-{width}-{theme}")
        seen.sideways += wider(page, width)
    page.set_viewport_size(PHONE)
    page.evaluate("(size) => {document.documentElement.style.fontSize = size}", "200%")
    seen.sideways += wider(page, "375, text twice as large")
    page.evaluate("(size) => {document.documentElement.style.fontSize = size}", "")
    page.set_viewport_size(REFLOW)
    seen.sideways += wider(page, "320")
    page.evaluate(
        "(text) => {const s = new CSSStyleSheet(); s.replaceSync(text); document.adoptedStyleSheets = [s];}", SPACING
    )
    seen.sideways += wider(page, "320, wider spacing")
    seen.cut = page.locator("html").evaluate(CUT)
    seen.faults = person.guard.found()
    wire.end()
    return seen


def look_without_script(name: str, product: Product, person: Person, page: Page) -> Survey:
    """Return what a page shows without scripts."""
    if name in NOT_THERE:
        person.expect("404")
    path = PAGES[name](product, person)
    status = page.goto(path).status
    seen = Survey(status, 0, text=page.locator("#main").inner_text())
    seen.markup = audit.faults_of_markup(page)
    for width, size in SIZES.items():
        page.set_viewport_size(size)
        take_picture(page, f"{name}-{width}-without-script")
        seen.sideways += wider(page, width)
    page.set_viewport_size(REFLOW)
    seen.sideways += wider(page, "320")
    seen.faults = person.guard.found()
    return seen
