"""Measure gestures on the map under 10,000 reports on an old phone: `python -m tests.pages.gestures [URL]`.

Times of one machine, so never a test; tests/pages/test_crowd.py holds the count that makes them. One JSON object for
each kind of gesture and zoom: the CPU time in milliseconds of the main thread's longest task from the gesture until all
that it has loaded is drawn, times six, as on a phone whose CPU is six times slower: the median and the worst. CPU time
and not Chrome's own throttling, which on a busy machine measures the other work too. A URL is that of a product that
has the reports already.
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
from tests.pages.product import PLACE, Product
from tests.pages.survey import draw_map
from tests.pages.test_crowd import rows_of_reports

REPORTS = 10_000
SLOWER = 6
ZOOMS = (12, 14, 16, 17)
OLD_PHONE = {"width": 360, "height": 740}
TIMES = 5
QUIET_MS = 2000  # after a gesture the map loads what is in view
TRACED = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
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


GESTURES: dict[str, Gesture] = {"drag": drag, "zoom out": wider, "zoom in": closer}


def longest_task_ms(trace: bytes) -> float:
    """Return the most CPU time that a task of a page's main thread took."""
    events = json.loads(trace)["traceEvents"]
    names = {(one["pid"], one["tid"]): one["args"]["name"] for one in events if one.get("name") == "thread_name"}
    tasks = [
        one.get("tdur", 0) / 1000
        for one in events
        if one.get("ph") == "X" and "RunTask" in one["name"] and names.get((one["pid"], one["tid"])) == "CrRendererMain"
    ]
    return max(tasks, default=0.0)


def measure(browser: Browser, origin: str, zoom: int) -> None:
    """Print what each kind of gesture takes, on a map that begins at a zoom."""
    person = Person(browser, origin, viewport=OLD_PHONE, reduced_motion="no-preference")
    page = person.open(f"{NOW_NEAR}#map={zoom}/{PLACE['lat']}/{PLACE['lon']}")
    draw_map(page)
    page.wait_for_timeout(QUIET_MS)
    found: dict[str, list[float]] = {name: [] for name in GESTURES}
    for _ in range(TIMES):
        for name, gesture in GESTURES.items():
            browser.start_tracing(page=page, categories=TRACED)
            gesture(page)
            page.wait_for_timeout(QUIET_MS)
            page.wait_for_load_state("networkidle")
            found[name].append(longest_task_ms(browser.stop_tracing()) * SLOWER)
    marks, data = (
        page.locator("#map .map-pin, #map .map-cluster").count(),
        page.locator("#map").evaluate("one => one.dataset"),
    )
    for name, times in found.items():
        said = {
            "gesture": name, "zoom": zoom, "median_ms": round(statistics.median(times)), "worst_ms": round(max(times)),
            "marks": marks, "reports": data["reports"], "known": data["markers"],
        }  # fmt: skip
        print(json.dumps(said), flush=True)
    person.close()


def measure_all(browser: Browser, origin: str) -> None:
    for zoom in ZOOMS:
        measure(browser, origin, zoom)


def await_counts(product: Product) -> None:
    """Wait until the map's documents count no more reports; full ones say "at least", so their sum is not all."""
    counts = [-1, 0]
    while counts[-1] != counts[-2]:
        time.sleep(10)
        counts.append(sum(cluster["count"] for cluster in product.listed("/clusters")["clusters"] or []))


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
        await_counts(product)
        measure_all(browser, product.url)


if __name__ == "__main__":
    main(sys.argv[1:])
