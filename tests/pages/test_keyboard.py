"""Keys alone: everything can be reached, in order, seen, and left again."""

import pytest

from tests.pages.conftest import People
from tests.pages.page_list import PAGES
from tests.pages.product import Product
from tests.pages.survey import settle

MOST_STOPS = 150
WALKED = ("now-near", "report-form", "report", "warning", "sign-in", "registration", "me", "status", "edit-form")
WANTED = """() => {
  const known = new Set();
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')];
  const stops = all.filter((one) => {
    if (one.disabled || one.type === 'hidden' || one.tabIndex < 0 || !one.checkVisibility({visibilityProperty: true})) {
      return false;
    }
    if (one.type !== 'radio') return true;
    const isFirst = !known.has(one.name);  // a group of radio buttons is one stop
    known.add(one.name);
    return isFirst;
  });
  window.wanted = stops;
  return stops.length;
}"""
STOP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const around = [one, one.closest('label'), ...(one.labels || []), one.nextElementSibling, one.parentElement];
  const isMarked = around.filter(Boolean).some((each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== 'none';
  });
  const box = one.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const twin = (each) => each === one || (each.type === 'radio' && each.type === one.type && each.name === one.name);
  return {at: window.wanted.findIndex(twin), isMarked, inside, html: one.outerHTML.slice(0, 120)};
}"""


@pytest.mark.parametrize("name", WALKED)
def test_tab_reaches_everything_in_order_and_shows_where_it_is(people: People, product: Product, name: str) -> None:
    person = people(viewport={"width": 1280, "height": 800})
    page = person.open(PAGES[name](product, person))
    settle(page)
    number = page.evaluate(WANTED)
    stops = []

    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None or (stops and stop["at"] == stops[0]["at"]):
            break
        stops.append(stop)

    reached = [stop["at"] for stop in stops]
    assert [stop["html"] for stop in stops if stop["at"] < 0] == [], "not expected to have the focus"
    assert [stop["html"] for stop in stops if not stop["isMarked"]] == [], "focus is not seen"
    assert [stop["html"] for stop in stops if not stop["inside"]] == [], "focus is out of view"
    assert set(range(number)) - set(reached) == set(), "never reached, or a trap before it"
    assert reached == sorted(reached), "not in the order of the page"


@pytest.mark.parametrize("path", ["/", "/report", "/warnings", "/docs/errors/"])
def test_skip_link_comes_first_and_leads_to_the_content(people: People, path: str) -> None:
    page = people().open(path)

    page.keyboard.press("Tab")
    first = page.locator(":focus")
    assert (first.inner_text(), first.is_visible()) == ("Skip to the content", True)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("Boolean(document.activeElement.closest('#main'))")


def test_menu_opens_and_closes_by_keys(people: People) -> None:
    page = people().open("/warnings")
    menu = page.locator("summary", has_text="More")

    menu.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.more a").first.is_visible()
    page.keyboard.press("Escape")

    assert not page.locator("details.more a").first.is_visible()
    assert page.locator("summary:focus").count() == 1
