"""Words of all kinds: long ones, right-to-left ones, markup; and the second language on every page."""

import pytest
import shapely.geometry
from playwright.sync_api import Page, expect

from tests.pages import audit
from tests.pages.browser import Person, turn_to
from tests.pages.conftest import People, Reader
from tests.pages.page_list import FOR_MEMBERS, PAGES, first_warning
from tests.pages.product import Product
from tests.pages.survey import settle

WIDTHS = (320, 375, 1280)
LONG = "Hochwasser" * 12
ARABIC = "المياه تغمر الشارع أمام المدرسة وترتفع بسرعة"
PLACE = {"lat": 53.4321, "lon": -1.2345}
NEAR = "/?lat=53.432&lon=-1.235&radius_km=1"
PLAIN_PAGES = ("/", "/report", "/warnings", "/sign-in", "/status", NEAR)
OVERLAPS = """(root) => {
  const all = [...root.querySelectorAll('header a, header summary')].filter((one) => one.checkVisibility());
  const boxes = all.map((one) => one.getBoundingClientRect()).filter((box) => box.width && box.top >= 0);
  const meets = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return boxes.some((one, at) => boxes.slice(at + 1).some((other) => meets(one, other)));
}"""
# The document itself, as if it were in a language that is written from right to left.
TURN = "(root) => { root.dir = 'rtl'; }"


def is_whole(page: Page) -> list[str]:
    found = audit.wider_than_window(page)
    return found + (["parts of the header overlap"] if page.locator("html").evaluate(OVERLAPS) else [])


def test_page_turned_right_to_left_stays_whole(people: People, product: Product) -> None:
    report = product.file(title=ARABIC, location=PLACE)
    person = people()
    broken = {}

    for path in (*PLAIN_PAGES, f"/reports/{report['id']}"):
        page = person.open(path)
        page.locator("html").evaluate(TURN)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if found := is_whole(page):
                broken[path, width] = found
        page.close()

    assert broken == {}


def test_arabic_title_is_set_from_right_to_left(person: Person, product: Product) -> None:
    report = product.file(title=ARABIC, location=PLACE)

    for path, level in ((NEAR, 3), (f"/reports/{report['id']}", 1)):
        title = turn_to(person.open(path), "List").get_by_role("heading", level=level).filter(has_text=ARABIC).first
        expect(title).to_be_visible()
        direction = title.evaluate("(one) => getComputedStyle(one.querySelector('[dir]') || one).direction")
        assert direction == "rtl", path


def place_in(product: Product, area_id: str) -> dict[str, float]:
    """A place inside the area's outline; its centre may lie beside a winding river."""
    outline = product.listed(f"/v1/areas/{area_id}.geojson")["geometry"]
    inside = shapely.geometry.shape(outline).representative_point()
    return {"lat": round(inside.y, 5), "lon": round(inside.x, 5)}


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_page_of_an_area_is_no_wider_for_a_long_word(people: People, product: Product, width: int) -> None:
    area = product.listed(f"/v1/areas/{first_warning(product)['areas'][0]['id']}")
    product.file(title=LONG, location=place_in(product, area["id"]), place="public")
    page = people(viewport={"width": width, "height": 800}).open(f"/areas/{area['id']}")

    settle(page)

    expect(page.get_by_role("heading", level=4, name=LONG).first).to_be_visible()
    assert is_whole(page) == []


@pytest.mark.parametrize("width", [320, 1280])
def test_title_of_120_letters_without_a_blank_stays_inside(people: People, product: Product, width: int) -> None:
    report = product.file(title=LONG, description=LONG * 3, location=PLACE)
    person = people(viewport={"width": width, "height": 800})

    for path in (NEAR, f"/reports/{report['id']}", f"/reports/{report['id']}/edit?token={report['edit_token']}"):
        page = person.open(path)
        settle(page)
        assert is_whole(page) == [], path
        assert LONG in page.content()


def test_markup_in_words_is_shown_and_does_nothing(person: Person, product: Product) -> None:
    title = "1 < 2 & \"3\" 'four' {{ 5 }} &lt;b&gt;"
    report = product.file(title=title, description=title, location=PLACE)

    page = person.open(f"/reports/{report['id']}")

    assert page.get_by_role("heading", level=1).inner_text() == title
    expect(turn_to(person.open(NEAR), "List").get_by_role("link", name=title).first).to_be_visible()


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("docs", "problems", "problem")])
def test_second_language_is_whole_on_every_page(reader: Reader, product: Product, name: str) -> None:
    visitor, page = reader(name, locale="es-ES", color_scheme="dark", service_workers="allow")
    english, plain = reader(name, javascript=False)
    path = PAGES[name](product, english)
    if name in FOR_MEMBERS:
        visitor.context.add_cookies(english.context.cookies())
    for person in (visitor, english):
        person.expect("404")
    page.goto(path)
    settle(page)

    assert page.locator("html").get_attribute("lang") == "es"
    assert page.get_by_role("heading", level=1).inner_text()
    assert audit.violations(page) == []
    page.set_viewport_size({"width": 320, "height": 600})
    assert is_whole(page) == []
    left = untranslated(page, english.open(path, plain))
    assert left == [], "these words are the same in both languages"
    assert (visitor.guard.found(), english.guard.found()) == ([], [])


def untranslated(page: Page, english: Page) -> list[str]:
    """Headings, labels and buttons that the second language has left as they are."""
    what = "main h1, main h2, main label, main button, main legend, header a, footer a"
    both = [set(texts(one, what)) for one in (page, english)]
    own = set(texts(english, "main [dir=auto], main bdi, main time, main [lang]"))
    same = (both[0] & both[1]) - {"FloodManager", "Español", "English", "JSON", "API"} - own
    return sorted(text for text in same if any(letter.isalpha() for letter in text))


def texts(page: Page, what: str) -> list[str]:
    script = "(root, what) => [...root.querySelectorAll(what)].map((one) => one.innerText.trim())"
    return list(page.locator("html").evaluate(script, what))
