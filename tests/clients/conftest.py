"""The product as `make serve` runs it, with the demo's data, for clients of other makers to use."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.local_run import LIMITS, WITHOUT_PLACES, LocalRun, start

# Tests that may be skipped, by the end of their id, each with its reason. Any other skip is a failure.
MAY_BE_SKIPPED: dict[str, str] = {}


def _judged(report: Any, node_id: str) -> Any:
    """Turn a skip into a failure: a client that was not run has shown nothing."""
    if report.skipped and not any(node_id.endswith(name) for name in MAY_BE_SKIPPED):
        report.outcome = "failed"
        report.longrepr = f"Skipped, and not listed in MAY_BE_SKIPPED with a reason: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    return _judged((yield), item.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    return _judged((yield), collector.nodeid)


def served(folder: Path, *options: str, demo: int) -> Iterator[LocalRun]:
    """A product of one's own, ready, with its data in that folder."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in LIMITS.items():
            environment.setenv(name, value)
        run = start(folder, *WITHOUT_PLACES, *options, demo=demo)
    try:
        yield run.await_ready()
    finally:
        run.end()


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    """The product with the demo's reports and warnings: `product.url`, `product.request(path)`. Add, remove nothing."""
    yield from served(tmp_path_factory.mktemp("product") / "data", demo=1)


@pytest.fixture(scope="module")
def empty_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    """A product without data, for one file of tests that stores and changes what it likes."""
    yield from served(tmp_path_factory.mktemp("empty") / "data", demo=0)
