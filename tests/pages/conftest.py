"""The packaged product behind the local gateway, and browsers before it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page

from infra.local.processes import Failed
from infra.local.serve_artifact import OWN_ARTIFACT, build
from tests.local.local_run import LIMITS, START_WITHIN_S, await_true, start
from tests.pages.browser import Person, chromium
from tests.pages.elsewhere import LISTED
from tests.pages.page_list import FOR_MEMBERS
from tests.pages.product import PLACE, Product

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
CHOSEN = os.environ.get("PAGES_URL", "").rstrip("/")
ARTIFACT = Path(os.environ.get("PAGES_ZIP") or OWN_ARTIFACT)
MODULE = "infra.local.serve_artifact"
SHOWN = "/v1/reports?" + urlencode(PLACE | {"radius_km": 20, "limit": 100})
People = Callable[..., Person]
Reader = Callable[..., tuple[Person, Page]]


def pytest_configure(config: pytest.Config) -> None:
    """Once, before workers share the artifact among them."""
    is_needed = not CHOSEN and ARTIFACT == OWN_ARTIFACT and not config.option.collectonly
    if is_needed and not hasattr(config, "workerinput"):
        try:
            build()
        except Failed as failure:
            pytest.exit(str(failure), returncode=1)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)


def served(folder: Path, *options: str, demo: int = 1, **limits: str) -> Iterator[Product]:
    """A product of one's own, with its data in that folder; `options` are those of its command."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in (LIMITS | {"FLOOD_ORIGINS": LISTED} | limits).items():
            environment.setenv(name, value)
        run = start(folder, "--zip", str(ARTIFACT.absolute()), *options, module=MODULE, demo=demo)
    try:
        product = Product(run.await_ready().url, folder)
        if demo:
            await_true(lambda: is_photo_shown(product), START_WITHIN_S, run.process)
        yield product
    finally:
        run.end()


def is_photo_shown(product: Product) -> bool:
    """Return whether the demo's photos are prepared, and those that lists name are public: each takes its time."""
    named = [one["photo"] for one in product.listed(SHOWN)["items"] if one["photo"]]
    return bool(named) and all(product.get(f"/photos/{name}/small.jpg").status == 200 for name in named)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    if CHOSEN:
        yield Product(CHOSEN)
    else:
        yield from served(tmp_path_factory.mktemp("product") / "data")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def reader(browser: Browser, product: Product) -> Iterator[Reader]:
    """`reader(name)` is a person about to come to that page, and their tab: as with a fresh browser, but kept in use.

    There is one of each kind, and one with an account beside it; a page and its tests leave nothing to the next.
    """
    tabs: dict[str, tuple[Person, Page]] = {}

    def come(name: str, **options: object) -> tuple[Person, Page]:
        is_member = name in FOR_MEMBERS
        kind = repr((is_member, options))
        if kind not in tabs:
            person = Person(browser, product.url, store=product.store, **options)
            tabs[kind] = person, person.context.new_page()
        person, page = tabs[kind]
        person.begin_again(page, keeps_session=is_member)
        return person, page

    yield come
    for person, _ in tabs.values():
        person.context.close()


@pytest.fixture
def people(browser: Browser, product: Product) -> Iterator[People]:
    """`people()` is a person with a fresh browser; at the end each one's guard must have nothing to tell."""
    here: list[Person] = []

    def come(**options: object) -> Person:
        here.append(Person(browser, product.url, store=product.store, **options))
        return here[-1]

    yield come
    for person in here:
        person.close()


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def person(request: pytest.FixtureRequest, people: People) -> Person:
    """Once with JavaScript and a service worker, once without."""
    return people(javascript=request.param, service_workers="allow")
