"""Photos in popups of the map: small, in words too, those alone that everyone may see, and only once one is open."""

from urllib.parse import urlencode

from playwright.sync_api import Page, Route, expect

from tests.pages.audit import faults_of_markup, violations, wider_than_window
from tests.pages.browser import DESK
from tests.pages.conftest import SCREENSHOTS, People
from tests.pages.product import PLACE, Product, await_that

NEAR = "/?" + urlencode(PLACE | {"radius_km": 5})
IN_POPUP = ".map-popup img"


def open_popup(page: Page, report_id: str) -> None:
    page.locator(f'[data-show-on-map="{report_id}"]').click()
    expect(page.locator(".map-popup")).to_be_visible()


def with_photo(product: Product) -> tuple[str, str]:
    """A report whose photo everyone may see, of the demo or of another test, and the photo's address."""
    reports = product.listed("/v1/reports?" + urlencode(PLACE | {"radius_km": 5, "limit": 100}))["items"]
    one = next(report for report in reports if report["photo"])
    return one["id"], f"/photos/{one['photo']}/small.jpg"


def test_popup_shows_the_photo_of_its_report_and_no_other(people: People, product: Product) -> None:
    report_id, address = with_photo(product)
    page = people(viewport=DESK).open(NEAR)

    open_popup(page, report_id)

    picture = page.locator(IN_POPUP)
    expect(picture).to_have_count(1)
    expect(picture).to_have_attribute("alt", "Photo of this report")
    expect(picture).to_have_attribute("loading", "lazy")
    assert picture.get_attribute("src") == address
    await_that(page, lambda: picture.evaluate("(image) => image.naturalWidth"))
    assert (violations(page), faults_of_markup(page), wider_than_window(page)) == ([], [], [])
    page.locator("#map").screenshot(path=SCREENSHOTS / "photo-popup.png")  # leaves empty styles at fields
    other = page.locator("li.item[data-kind=report]:not(:has(img.thumb)) [data-show-on-map]").first
    open_popup(page, other.get_attribute("data-show-on-map") or "")
    expect(picture).to_have_count(0)


def test_popup_leaves_out_a_photo_whose_file_has_gone(people: People, product: Product) -> None:
    report_id, _ = with_photo(product)
    person = people(viewport=DESK).expect("404")
    held: list[Route] = []
    person.context.route("**/photos/*/small.jpg", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page = person.open(NEAR)
    open_popup(page, report_id)
    expect(page.locator(IN_POPUP)).to_have_count(1)

    while page.locator(IN_POPUP).is_visible():
        while held:
            held.pop().fulfill(status=404)
        page.wait_for_timeout(100)

    expect(page.locator(IN_POPUP)).to_be_hidden()
