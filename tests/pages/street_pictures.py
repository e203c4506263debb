"""Take pictures of a town's map at zoom 16: `python -m tests.pages.street_pictures URL FILE TOWN [light|dark]`.

URL is that of a running service with any map file; FILE is the one that is drawn instead. The places are those of
infra/basemap/named.py, which says what must be named there. They are to be looked at, in build/screenshots/: streets-*.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Route

from infra.basemap.named import PLACES, ZOOM
from tests.pages.browser import Person, chromium
from tests.pages.conftest import SCREENSHOTS
from tests.pages.survey import draw_map

PHONE = {"width": 360, "height": 740}


def ranges_of(file: Path) -> Callable[[Route], None]:
    """Return what answers requests for the service's map file with ranges of another one."""
    content = file.read_bytes()

    def answer(route: Route) -> None:
        first, last = map(int, route.request.headers["range"].removeprefix("bytes=").split("-"))
        part = content[first : last + 1]
        headers = {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(content)}", "Content-Type": "x/y"}
        route.fulfill(status=206, body=part, headers=headers)

    return answer


def main(arguments: list[str]) -> None:
    url, file, town, *scheme = arguments
    with chromium() as browser:
        colours = {"color_scheme": scheme[0] if scheme else "light"}
        person = Person(browser, url, viewport=PHONE, device_scale_factor=2, **colours)
        person.context.route("**/map.pmtiles", ranges_of(Path(file)))
        for number, (lat, lon) in enumerate(PLACES[town], 1):
            page = person.open(f"/?lat={lat:.3f}&lon={lon:.3f}&radius_km=1#map={ZOOM}/{lat}/{lon}")
            draw_map(page)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(500)
            page.locator("#map").screenshot(path=SCREENSHOTS / f"streets-{town}-{number}{''.join(scheme)}.png")
            page.close()
        person.close()


if __name__ == "__main__":
    main(sys.argv[1:])
