"""Measure gestures on the map under 10,000 reports on an old phone: `python -m tests.pages.gestures [URL]`.

Times of one machine, so never a test; tests/pages/test_crowd.py holds the counts that make them. One JSON object for
each kind of gesture: `longest_ms`, the longest task of the main thread after a gesture, with what it has loaded, and
`to_paint_ms`, the longest time from a tap to the next paint (Event Timing), each the median and the worst. A URL is
that of a product that has the reports already.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, Page

from infra.local.serve_artifact import build
from tests.pages.browser import Person, chromium
from tests.pages.conftest import served
from tests.pages.page_list import NOW_NEAR
from tests.pages.product import PLACE
from tests.pages.survey import draw_map
from tests.pages.test_crowd import await_documents, rows_of_reports

REPORTS = 10_000
SLOWER = (4, 6)
OLD_PHONE = {"width": 360, "height": 740}
TIMES = 5
QUIET_MS = 1200  # after a gesture the map loads what is in view
WATCH = """
window.tasks = [];
window.taps = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => window.tasks.push(one.duration)))
  .observe({type: 'longtask', buffered: true});
new PerformanceObserver((list) => list.getEntries().forEach((one) => window.taps.push(one.duration)))
  .observe({type: 'event', durationThreshold: 16, buffered: true});
"""
TAKE = "() => { const found = [window.tasks, window.taps]; window.tasks = []; window.taps = []; return found; }"
Gesture = Callable[[Page], None]


def drag(page: Page) -> None:
    """Move the map by a finger's length, in steps as a finger does."""
    box = page.locator("#map").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2 + 37, box["y"] + box["height"] - 30
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(x - 11 * step, y - 14 * step)
    page.mouse.up()


def closer(page: Page) -> None:
    page.get_by_role("button", name="Zoom in").click()


def wider(page: Page) -> None:
    page.get_by_role("button", name="Zoom out").click()


GESTURES: dict[str, Gesture] = {"drag": drag, "zoom in": closer, "zoom out": wider}


def measure(browser: Browser, origin: str, slower: int, zoom: int) -> None:
    """Print what each kind of gesture takes, on a map that begins at a zoom."""
    person = Person(browser, origin, service_workers="block", viewport=OLD_PHONE, reduced_motion="no-preference")
    person.context.add_init_script(WATCH)
    page = person.open(f"{NOW_NEAR}#map={zoom}/{PLACE['lat']}/{PLACE['lon']}")
    draw_map(page)
    page.wait_for_timeout(QUIET_MS)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in GESTURES}
    for _ in range(TIMES):
        for name, gesture in GESTURES.items():
            page.evaluate(TAKE)
            gesture(page)
            page.wait_for_timeout(QUIET_MS)
            page.wait_for_load_state("networkidle")
            tasks, taps = page.evaluate(TAKE)
            found[name].append((max(tasks, default=0), max(taps, default=0)))
    marks = page.locator("#map .map-pin, #map .map-cluster").count()
    for name, times in found.items():
        said = {"gesture": name, "zoom": zoom, "cpu": f"/ {slower}", "reports": REPORTS, "marks": marks}
        for what, values in zip(("longest", "to_paint"), zip(*times, strict=True), strict=True):
            said |= {f"{what}_median_ms": round(statistics.median(values)), f"{what}_worst_ms": round(max(values))}
        print(json.dumps(said), flush=True)
    person.close()


def measure_all(browser: Browser, origin: str) -> None:
    for slower in SLOWER:
        for zoom in (12, 14, 16):
            measure(browser, origin, slower, zoom)


def main(arguments: list[str]) -> None:
    if arguments:
        with chromium() as browser:
            measure_all(browser, arguments[0])
        return
    build()
    with tempfile.TemporaryDirectory() as kept, chromium() as browser, closing(served(Path(kept) / "data")) as run:
        product = next(run)
        print(product.url, file=sys.stderr)
        product.load(rows_of_reports(Path(kept) / "reports.csv", REPORTS))
        await_documents(product)
        time.sleep(5)
        measure_all(browser, product.url)


if __name__ == "__main__":
    main(sys.argv[1:])
