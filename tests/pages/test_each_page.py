"""Requirements for every page, each visited once with scripts and once without."""

import pytest

from tests.pages.conftest import Reader
from tests.pages.page_list import NOT_THERE, PAGES, WITH_MAP
from tests.pages.product import Product
from tests.pages.survey import Survey, look_at, look_without_script

KB = 1000
MOST_WITH_MAP = 170 * KB
MOST_OTHERS = 40 * KB
MOST_STREETS = 140 * KB
MOST_PHOTOS = 60 * KB  # small ones near the window
# Swagger UI is another project's program; only developers load it.
WITHOUT_A_BOUND = ("docs",)


@pytest.fixture(scope="module", params=PAGES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def seen(name: str, product: Product, reader: Reader) -> Survey:
    return look_at(name, product, *reader(name))


@pytest.fixture(scope="module")
def plain(name: str, product: Product, reader: Reader) -> Survey:
    return look_without_script(name, product, *reader(name, javascript=False))


def test_nobody_is_shut_out_by_size_or_theme(seen: Survey) -> None:
    assert seen.violations == []


def test_markup_is_sound(seen: Survey, plain: Survey) -> None:
    assert (seen.markup, plain.markup) == ([], [])


def test_nothing_scrolls_sideways_down_to_320_pixels(seen: Survey, plain: Survey) -> None:
    assert (seen.sideways, plain.sideways) == ([], [])


def test_wider_text_spacing_cuts_nothing_off(seen: Survey) -> None:
    assert seen.cut == []


def test_browser_has_nothing_to_complain_of(seen: Survey, plain: Survey) -> None:
    assert (seen.faults, plain.faults) == ([], [])


def test_page_answers_and_says_something_without_scripts(name: str, seen: Survey, plain: Survey) -> None:
    wanted = 404 if name in NOT_THERE else 200

    assert (seen.status, plain.status) == (wanted, wanted)
    assert len(plain.text) > 100


def test_first_visit_is_light(name: str, seen: Survey) -> None:
    if name not in WITHOUT_A_BOUND:
        assert 0 < seen.bytes <= (MOST_WITH_MAP if name in WITH_MAP else MOST_OTHERS)
        assert seen.streets_bytes <= MOST_STREETS
        assert seen.photos_bytes <= MOST_PHOTOS
