"""Measure the time until a first visit shows text and map: `make bench-pages`. Times of one machine, so never a test.

Each visit is a browser's first: nothing kept, no worker. Milliseconds since the address was asked for, the answer of
the local gateway included: `fcp` until the first text (First Contentful Paint), `map` until the map has all its marks.
Lines with `line` are of an old phone with one bar of signal (tests/pages/slow_phone.py): `lcp` until the largest text,
`cls` what has shifted, and what was asked for before the map's own files.
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
from tests.pages.slow_phone import WATCH as WATCH_PAINTS
from tests.pages.slow_phone import Line
from tests.pages.survey import settle
from tests.pages.test_crowd import REPORTS, thousand

VISITS = 15
SLOW_VISITS = 5
WATCH = """
addEventListener('DOMContentLoaded', () => new MutationObserver((changes, watch) => {
  if (!document.querySelector('#map[data-ready=true]')) return;
  window.mapReadyMs = performance.now();
  watch.disconnect();
}).observe(document, {subtree: true, attributes: true, attributeFilter: ['data-ready']}));
"""
READ = "() => [performance.getEntriesByName('first-contentful-paint')[0].startTime, window.mapReadyMs]"


def visit(browser: Browser, origin: str, path: str) -> tuple[float, float]:
    person = Person(browser, origin)
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


def tell_slow(browser: Browser, origin: str) -> None:
    """One JSON object a page, over a slow line: the median and the worst of the visits."""
    for name, path in {"now, 5 km in the flood": NOW_NEAR, "report form": "/report"}.items():
        visits = [_visit_slowly(browser, origin, path) for _ in range(SLOW_VISITS)]
        paints, shifts, requests, sizes = zip(*visits, strict=True)
        said = {
            "page": name, "line": "400 kb/s, 400 ms, CPU / 4", "visits": SLOW_VISITS,
            "lcp_median_ms": round(statistics.median(paints)), "lcp_worst_ms": round(max(paints)),
            "cls_worst": round(max(shifts), 3), "requests_before_map": max(requests), "bytes_before_map": max(sizes),
        }  # fmt: skip
        print(json.dumps(said), flush=True)


def _visit_slowly(browser: Browser, origin: str, path: str) -> tuple[float, float, int, int]:
    person = Person(browser, origin)
    person.context.add_init_script(WATCH_PAINTS)
    page = person.context.new_page()
    line = Line(page, is_slow=True)
    page.goto(path)
    settle(page)
    painted, shifted = page.evaluate("[window.painted, window.shifted]")
    before = line.before_map()
    person.close()
    return painted[-1][0], shifted, len(before), sum(one.bytes for one in before)


def main() -> None:
    build()
    with tempfile.TemporaryDirectory() as kept, chromium() as browser, closing(served(Path(kept) / "data")) as run:
        product = next(run)
        tell(browser, product.url, "the demo's")
        tell_slow(browser, product.url)
        product.load(thousand(Path(kept) / "reports.csv"))
        tell(browser, product.url, f"and {REPORTS} more")


if __name__ == "__main__":
    main()
