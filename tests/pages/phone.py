"""A phone that keeps what the pages gave it, with a connection and without."""

from playwright.sync_api import BrowserContext, Page

from tests.pages.browser import Person
from tests.pages.conftest import People

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
    page.evaluate(TAKEN_OVER)
    page.reload()
    assert page.evaluate("Boolean(navigator.serviceWorker.controller)")
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
