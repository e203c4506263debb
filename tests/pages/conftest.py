"""The packaged product behind the local gateway, and browsers before it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from infra.local.processes import Failed
from infra.local.serve_artifact import OWN_ARTIFACT, build
from tests.local.local_run import start
from tests.pages.browser import Person, chromium
from tests.pages.product import LIMITS, Product

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
CHOSEN = os.environ.get("PAGES_URL", "").rstrip("/")
ARTIFACT = Path(os.environ.get("PAGES_ZIP") or OWN_ARTIFACT)
People = Callable[..., Person]


def pytest_configure(config: pytest.Config) -> None:
    """Once, before workers share the artifact among them."""
    is_needed = not CHOSEN and ARTIFACT == OWN_ARTIFACT and not config.option.collectonly
    if is_needed and not hasattr(config, "workerinput"):
        try:
            build()
        except Failed as failure:
            pytest.exit(str(failure), returncode=1)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)


def served(folder: Path, demo: int = 1, **limits: str) -> Iterator[Product]:
    """A product of one's own, with its data in that folder."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in (LIMITS | limits).items():
            environment.setenv(name, value)
        run = start(folder, "--zip", str(ARTIFACT.absolute()), module="infra.local.serve_artifact", demo=demo)
    try:
        yield Product(run.await_ready().url, folder)
    finally:
        run.end()


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


@pytest.fixture
def people(browser: Browser, product: Product) -> Iterator[People]:
    """`people()` is a person with a fresh browser; at the end each one's guard must have nothing to tell."""
    here: list[Person] = []

    def come(**options: object) -> Person:
        here.append(Person(browser, product.url, **options))
        return here[-1]

    yield come
    for person in here:
        person.close()


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def person(request: pytest.FixtureRequest, people: People) -> Person:
    """Once with JavaScript, once without."""
    return people(javascript=request.param)
