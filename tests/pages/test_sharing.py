"""Shared parts of a report or warning: on paper, in a preview of a link, and the parts that are never shared."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import SCREENSHOTS, People
from tests.pages.page_list import PAGES, first_warning
from tests.pages.product import PAGE, Product, await_that, unique

PLAIN = ("Accept-Encoding", "identity")
HOME = {"lat": 51.18523, "lon": -2.75917}
# A place on the public grid has three decimals.
FINER = re.compile(r"-?\d+\.\d{4,}")
SHARED = ("now-near", "report", "warning")
# In the place of the browser's own: what is shared or copied is kept, or refused with the name of an error.
STAND_IN = """
window.kept = [];
Object.defineProperty(navigator, 'share', {configurable: true, value: %s});
Object.defineProperty(navigator, 'clipboard', {configurable: true, value: %s});
"""
NONE = "undefined"


def takes(what: str) -> str:
    return f"(given) => {{ window.kept.push(['{what}', given.url || given]); return Promise.resolve(); }}"


def refuses(error: str) -> str:
    return f"() => Promise.reject(new DOMException('no', '{error}'))"


def clipboard(write: str) -> str:
    return f"{{writeText: {write}}}"


def shown(people: People, product: Product, name: str, *, share: str, copier: str) -> Page:
    """A page in a browser that shares and copies so."""
    person = people()
    path = PAGES[name](product, person)
    person.context.add_init_script(STAND_IN % (share, copier))
    return person.open(path)


def press(page: Page) -> str:
    """Press the button; say what the page calls its own address."""
    page.get_by_role("button", name="Share this").click()
    return str(page.locator("link[rel=canonical]").get_attribute("href"))


def kept(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.evaluate("window.kept")
    return found


def test_paper_has_the_words_and_no_navigation(people: People, product: Product) -> None:
    for name in ("report", "warning"):
        person = people()
        page = person.open(PAGES[name](product, person))
        title = page.get_by_role("heading", level=1).inner_text()
        page.emulate_media(media="print")

        assert page.get_by_role("heading", level=1).is_visible()
        assert not page.get_by_role("navigation").first.is_visible()
        assert not page.get_by_role("link", name="Skip to the content").is_visible()
        paper = page.pdf()
        assert paper.startswith(b"%PDF")
        assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 3, title


@pytest.mark.parametrize("name", ["now", "report", "warning", "area"])
def test_link_preview_says_what_it_is(people: People, product: Product, name: str) -> None:
    person = people(javascript=False)
    path = PAGES[name](product, person)
    html = product.get(path, PAGE, PLAIN).body.decode()

    told = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)"', html))

    assert {"title", "description", "url", "image"} <= set(told)
    assert all(told[part].strip() for part in ("title", "description"))
    assert urlsplit(told["url"]).path == path.partition("?")[0]
    picture = product.get(re.sub(r"^https?://[^/]+", "", told["image"]))
    assert (picture.status, picture.header("content-type")[0].split("/")[0]) == (200, "image")


def test_home_is_nowhere_told_finer_than_the_grid(product: Product) -> None:
    report = product.file(location=HOME, place="home", title=unique("Water in our cellar"))
    around = f"lat={HOME['lat']:.2f}&lon={HOME['lon']:.2f}&radius_km=5"

    for path in (f"/reports/{report['id']}", f"/?{around}", f"/outlines.geojson?{around}"):
        text = product.get(path, PAGE, PLAIN).body.decode()
        near = [one for one in FINER.findall(text) if min(abs(float(one) - each) for each in HOME.values()) < 0.01]
        assert near == [], path
    assert report["title"] in product.get(f"/?{around}", PAGE, PLAIN).body.decode()


def test_link_to_a_report_tells_no_token_and_private_pages_send_no_referrer(product: Product) -> None:
    report = product.file()

    public = product.get(f"/reports/{report['id']}", PAGE, PLAIN)
    own = product.get(f"/report/sent/{report['id']}?token={report['edit_token']}", PAGE, PLAIN)

    assert report["edit_token"] not in public.body.decode()
    assert own.status == 200
    assert own.header("referrer-policy")[0] in ("no-referrer", "same-origin", "strict-origin", "origin")
    assert "no-store" in own.header("cache-control")[0]


def test_warning_page_names_its_issuer_and_links_to_it(people: People, product: Product) -> None:
    warning = first_warning(product)
    page = people().open(f"/warnings/{warning['id']}")

    assert page.get_by_role("main").inner_text()
    for area in warning["areas"][:1]:
        assert area["name"] in page.get_by_role("main").inner_text()


@pytest.mark.parametrize("name", SHARED)
def test_share_button_hands_the_canonical_address_to_the_browser(people: People, product: Product, name: str) -> None:
    page = shown(people, product, name, share=takes("shared"), copier=clipboard(takes("copied")))
    expect(page.get_by_label("Link to share")).to_be_hidden()

    address = press(page)

    assert await_that(page, lambda: kept(page)) == [["shared", address]]
    assert "lang=en" in address
    expect(page.get_by_text("Link copied")).to_have_count(0)


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("share", [NONE, refuses("NotAllowedError")], ids=["cannot share", "may not share"])
def test_link_is_copied_where_a_browser_cannot_share(people: People, product: Product, name: str, share: str) -> None:
    page = shown(people, product, name, share=share, copier=clipboard(takes("copied")))

    address = press(page)

    expect(page.get_by_role("status").filter(has_text="Link copied")).to_be_visible()
    assert kept(page) == [["copied", address]]


def test_who_thinks_better_of_sharing_gets_nothing_copied(people: People, product: Product) -> None:
    page = shown(people, product, "now-near", share=refuses("AbortError"), copier=clipboard(takes("copied")))

    press(page)

    page.wait_for_timeout(300)
    assert kept(page) == []
    expect(page.get_by_label("Link to share")).to_be_hidden()


def test_link_that_can_be_neither_shared_nor_copied_is_there_to_be_read(people: People, product: Product) -> None:
    plain = shown(people, product, "now-near", share=NONE, copier=NONE)
    expect(plain.get_by_role("button", name="Share this")).to_be_hidden()
    expect(plain.get_by_label("Link to share")).to_be_visible()

    refused = shown(people, product, "now-near", share=NONE, copier=clipboard(refuses("NotAllowedError")))
    address = press(refused)
    expect(refused.get_by_label("Link to share")).to_have_value(address)
    assert refused.evaluate("getSelection().toString()") == address


def test_share_button_lasts_when_the_page_is_brought_up_to_date(people: People, product: Product) -> None:
    page = shown(people, product, "now-near", share=NONE, copier=clipboard(takes("copied")))
    page.locator("select[name=show]").select_option("reports")
    await_that(page, lambda: "show=reports" in page.url)

    address = press(page)

    assert await_that(page, lambda: kept(page)) == [["copied", address]]
    assert "show=" not in address


def test_poster_is_one_sheet_of_a4_without_navigation(people: People, product: Product) -> None:
    page = people(color_scheme="dark").open(PAGES["now-near"](product, people()))
    page.get_by_role("link", name="Poster to print").click()
    page.wait_for_url("**/poster?**")
    page.emulate_media(media="print", color_scheme="dark")

    paper = page.pdf(prefer_css_page_size=True, path=SCREENSHOTS / "poster.pdf")

    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12]", paper)
    expect(page.get_by_role("img", name="QR code of the page of this place")).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)
    sheet = page.locator(".poster").evaluate(
        "(one) => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]"
    )
    assert sheet == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
