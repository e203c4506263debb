"""Coordinates that were typed exactly: what is shown, offered or passed on of them is rounded to about 100 m."""

import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.app.pages.frame import markup
from tests.app.pages.test_canonical import page, told

EXACT = quote("51.38123, -2.35987")
# The address of the page itself and the field that was typed into may hold what was typed.
_OF_THE_PERSON = re.compile(r'<input type="text" id="place"[^>]*>|href="/language[^"]*"')
_IS_EXACT = re.compile(r"(?:38123|35987)")


@pytest.mark.parametrize("page_path", ["/", "/poster", "/reports", "/warnings"])
@pytest.mark.parametrize("query", [f"place={EXACT}", f"place={EXACT}&lat=51.38123&lon=-2.35987"])
def test_typed_position_is_shown_rounded_everywhere(client: FlaskClient, page_path: str, query: str) -> None:
    text = page(client, f"{page_path}?{query}")

    assert not _IS_EXACT.search(_OF_THE_PERSON.sub("", text))
    assert "51.381, -2.36" in text


def test_preview_of_a_typed_position_is_rounded(client: FlaskClient) -> None:
    text = page(client, f"/?place={EXACT}")

    assert "near 51.381, -2.36" in told(text, "og:title")
    assert "of 51.381, -2.36:" in told(text, "og:description")


def test_position_with_swapped_degrees_is_offered_rounded(client: FlaskClient) -> None:
    text = page(client, f"/?place={quote('-2.35987, 51.38123')}")

    [offered] = [one for one in markup.named(text, "p") if one.attributes.get("class") == "others"]
    assert "51.381, -2.36" in offered.words()
    assert not [one for one in markup.addresses(text) if one.startswith("/?place=51") and _IS_EXACT.search(one)]
    assert not _IS_EXACT.search(told(text, "og:title") + told(text, "og:description"))
