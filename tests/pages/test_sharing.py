"""Shared parts of a report or warning: on paper, in a preview of a link, and the parts that are never shared."""

import re

import pytest

from tests.pages.conftest import People
from tests.pages.page_list import PAGES, first_warning
from tests.pages.product import PAGE, Product, unique

PLAIN = ("Accept-Encoding", "identity")
HOME = {"lat": 51.18523, "lon": -2.75917}
# A place on the public grid has three decimals.
FINER = re.compile(r"-?\d+\.\d{4,}")


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
    assert told["url"].endswith(path.split("?")[0])
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
