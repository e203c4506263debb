"""Printed pages."""

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import People

BLACK, WHITE = "rgb(0, 0, 0)", "rgb(255, 255, 255)"
TAGS = """(tags) => tags.map((tag) => {
  const {color, backgroundColor, borderTopColor, borderTopStyle} = getComputedStyle(tag);
  return [color, backgroundColor, borderTopColor, borderTopStyle].join();
})"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_severities_are_black_on_white_and_buttons_stay_off_the_paper(people: People, theme: str) -> None:
    page = people(color_scheme=theme).open("/")
    expect(page.locator(".tag.extreme").first).to_be_visible()
    expect(page.locator("[data-show-on-map]").first).to_be_visible()

    page.emulate_media(media="print", color_scheme=theme)

    assert set(page.locator("main .tag").evaluate_all(TAGS)) == {f"{BLACK},{WHITE},{BLACK},solid"}
    assert page.locator("[data-show-on-map]").locator("visible=true").count() == 0
