"""A phone that keeps what the pages gave it, with a connection and without."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.pages.browser import WAIT_MS, Person
from tests.pages.conftest import People
from tests.pages.product import QUIET, Product
from tests.pages.reporting import Taps, fill

TAKEN_OVER = f"""() => new Promise((done, failed) => {{
  setTimeout(() => failed(new Error('no worker has taken over')), {WAIT_MS});
  navigator.serviceWorker.ready.then(({{active}}) => {{
    if (active.state === 'activated') done();
    else active.addEventListener('statechange', () => done());
  }});
}})"""
SAVED = "Saved on this phone. It will be sent when there is a connection."
DISCONNECTED = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_EMPTY_RESPONSE", "Failed to load", "ERR_CONNECTION")


def with_worker(person: Person) -> Page:
    """The form, as the second time it is opened: with a worker that answers for it."""
    page = person.open("/report")
    page.evaluate(TAKEN_OVER)
    page.reload()
    assert page.evaluate("Boolean(navigator.serviceWorker.controller)")
    page.wait_for_load_state("networkidle")
    return page


def visited(people: People) -> tuple[Person, Page]:
    """A person who has been here before, so that the phone has stored the form."""
    person = people(service_workers="allow").expect(*DISCONNECTED)
    return person, with_worker(person)


def visited_first(people: People, path: str) -> tuple[Person, Page]:
    """A person who has seen one page once, before there was a worker."""
    person = people(service_workers="allow").expect(*DISCONNECTED)
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


def arrived_posts(context: BrowserContext) -> list[str]:
    """The addresses of posts answered from now on: a try without a connection has no answer, and may come late."""
    addresses: list[str] = []
    context.on("response", lambda answer: addresses.append(answer.url) if answer.request.method == "POST" else None)
    return addresses
