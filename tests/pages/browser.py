"""A person's browser, and the guard that watches it: what no page may ever do."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Nothing outside answers, so that a page which asks there fails on every machine alike.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
PHONE, DESK = {"width": 375, "height": 812}, {"width": 1280, "height": 900}
# Far longer than any answer takes, on the busiest machine: only what fails waits so long.
WAIT_MS = 120_000
# What a page may have stored beside cookies; the session's own storage belongs to its tab.
STORED = "local_storage,indexeddb,cache_storage,file_systems,websql"
TELL_VIOLATIONS = """
addEventListener('securitypolicyviolation', (event) => {
  const {violatedDirective, blockedURI, sourceFile, lineNumber} = event;
  console.error(`policy: ${violatedDirective} refused ${blockedURI} in ${sourceFile}:${lineNumber}`);
});
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert program, "Chromium is needed: install it, or name one with CHROMIUM="
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


def turn_to(page: Page, name: str) -> Page:
    """The map or the list, where a screen has room for one of them only."""
    tab = page.get_by_role("tab", name=name, exact=True)
    if tab.is_visible():
        tab.click()
    return page


class Guard:
    """Gathers what goes wrong in a context. A test names beforehand what it provokes on purpose.

    `store`: the origin where photos are sent to, and to which nothing else goes.
    """

    def __init__(self, context: BrowserContext, origin: str, store: str = "") -> None:
        self.origin, self.store = origin, store
        self.faults: list[str] = []
        self.expected: list[str] = []
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("requestfailed", self._failed)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"error in a script: {error.error}"))

    def expect(self, *patterns: str) -> None:
        """Faults that match one of these are no faults in this test."""
        self.expected += patterns

    def begin_again(self) -> None:
        self.faults.clear()
        self.expected.clear()

    def found(self) -> list[str]:
        return [fault for fault in self.faults if not any(re.search(each, fault) for each in self.expected)]

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        wanted = f"{parts.scheme}://{parts.netloc}"
        is_photo = wanted == self.store and request.method == "POST"
        if parts.scheme not in ("data", "blob") and wanted != self.origin and not is_photo:
            self.faults.append(f"leaves the origin: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status} for {response.request.method} {response.url}")

    def _failed(self, request: Request) -> None:
        # A browser aborts what a page that is being left no longer needs.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.failure} for {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")


class Person:
    """A person with a browser of their own: no cookies, nothing stored.

    Without a service worker, which costs as much as a page does, unless `service_workers` is "allow": where a test is
    about what is kept on a phone, and where people go through the product from page to page (the fixture `person`).
    """

    def __init__(
        self, browser: Browser, origin: str, *, javascript: bool = True, store: str = "", **options: Any
    ) -> None:
        chosen = {
            "viewport": PHONE,
            "locale": "en-GB",
            "reduced_motion": "reduce",
            "service_workers": "block",
        } | options
        self.origin, self.runs_scripts = origin, javascript
        self.context = browser.new_context(base_url=origin, java_script_enabled=javascript, **chosen)
        self.context.set_default_timeout(WAIT_MS)
        self.context.add_init_script(TELL_VIOLATIONS)
        self.guard = Guard(self.context, origin, store)

    def open(self, path: str, page: Page | None = None) -> Page:
        """Go there, in a new tab unless one is given."""
        page = page or self.context.new_page()
        page.goto(path)
        return page

    def begin_again(self, page: Page, *, keeps_session: bool = False) -> None:
        """Turn to the next page as with a fresh browser: in the same tab, whose process has what judges pages at hand.

        Nothing stored is left, but the session where it is kept; the guard has nothing to tell of pages before.
        """
        page.goto("/healthz")  # without scripts, so that nothing is stored after this
        cookies = self.context.cookies() if keeps_session else []
        self.context.clear_cookies()
        self.context.add_cookies(cookies)
        session = self.context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", {"origin": self.origin, "storageTypes": STORED})
        tab = {"securityOrigin": self.origin, "isLocalStorage": False}
        session.send("DOMStorage.clear", {"storageId": tab})
        session.detach()
        page.set_viewport_size(PHONE)
        self.guard.begin_again()

    def expect(self, *patterns: str) -> "Person":
        self.guard.expect(*patterns)
        return self

    def close(self) -> None:
        self.context.close()
        found = self.guard.found()
        assert found == [], "\n".join(found)
