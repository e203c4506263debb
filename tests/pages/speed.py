"""Measure the time until a first visit shows text and map: `make bench-pages`. Times of one machine, so never a test.

Each visit is a browser's first: nothing kept, no worker. Milliseconds since the address was asked for, the answer of
the local gateway included: `fcp` until the first text (First Contentful Paint), `map` until the map has all its marks.
"""

import json
import statistics
import tempfile
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser

from infra.local.serve_artifact import build
from tests.pages.browser import Person, chromium
from tests.pages.conftest import served
from tests.pages.page_list import NOW_NEAR
from tests.pages.survey import settle
from tests.pages.test_crowd import REPORTS, thousand

VISITS = 15
WATCH = """
addEventListener('DOMContentLoaded', () => new MutationObserver((changes, watch) => {
  if (!document.querySelector('#map[data-ready=true]')) return;
  window.mapReadyMs = performance.now();
  watch.disconnect();
}).observe(document, {subtree: true, attributes: true, attributeFilter: ['data-ready']}));
"""
READ = "() => [performance.getEntriesByName('first-contentful-paint')[0].startTime, window.mapReadyMs]"


def visit(browser: Browser, origin: str, path: str) -> tuple[float, float]:
    person = Person(browser, origin, service_workers="block")
    person.context.add_init_script(WATCH)
    page = person.open(path)
    settle(page)
    fcp, ready = page.evaluate(READ)
    person.close()
    return fcp, ready


def tell(browser: Browser, origin: str, reports: str) -> None:
    """One JSON object a line: the median and the worst of the visits."""
    for name, path in {"now, everywhere": "/", "now, 5 km in the flood": NOW_NEAR}.items():
        visit(browser, origin, path)  # the function's own first answer is `cold` in the other bench
        times = [visit(browser, origin, path) for _ in range(VISITS)]
        said = {"page": name, "reports": reports, "visits": VISITS}
        for what, values in zip(("fcp", "map"), zip(*times, strict=True), strict=True):
            said |= {f"{what}_median_ms": round(statistics.median(values)), f"{what}_worst_ms": round(max(values))}
        print(json.dumps(said), flush=True)


def main() -> None:
    build()
    with tempfile.TemporaryDirectory() as kept, chromium() as browser, closing(served(Path(kept) / "data")) as run:
        product = next(run)
        tell(browser, product.url, "the demo's")
        product.load(thousand(Path(kept) / "reports.csv"))
        tell(browser, product.url, f"and {REPORTS} more")


if __name__ == "__main__":
    main()
