"""One-time codes as an app shows them, and entering the first one on the page."""

import time

import pyotp
from playwright.sync_api import Page

from tests.pages.browser import Person

STEP_S = 30
TRIES = 5


def code_of(secret: str, steps: int) -> str:
    """Return the code of now, or of so many steps later."""
    return pyotp.TOTP(secret).at(int(time.time()) + steps * STEP_S)


def confirm(person: Person, page: Page, secret: str) -> None:
    """Enter the code of now, and again where a slow machine has let it go by. The code of the next step is left."""
    person.expect("422")
    for _ in range(TRIES):
        page.get_by_label("Code that the app shows now").fill(code_of(secret, 0))
        with page.expect_response(lambda response: response.url.endswith("/second-factor/confirm")) as answered:
            page.get_by_role("main").get_by_role("button", name="Confirm", exact=True).click()
        if answered.value.status != 422:
            return
