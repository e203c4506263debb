"""Previews of links: a picture of the rank only where the title names the place, and a link to copy on the page."""

import re

import pytest
from flask.testing import FlaskClient

from app.pages.frame import assets
from app.pages.frame.preview import SHAPES, file_of
from app.situation.plain_words import Standing
from tests.app.pages.frame import markup
from tests.app.pages.test_canonical import canonical_of, page, told
from tests.factories import make_report
from tests.moments import NOON
from tests.warning_making import announce_at, square

LONDON = "/?place=London&lat=51.5&lon=-0.12"
# They name no place of which a rank would be; the last is asked about, for it is at sea.
NOWHERE = (
    "/",
    "/?place=Newport",
    "/?place=Nowhere-at-all",
    "/warnings?place=London",
    "/status",
    "/about",
    "/?lat=50&lon=-20&accuracy_m=10",
)


def picture(text: str) -> str:
    return told(text, "og:image").rpartition("/")[2]


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height, from the header."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


@pytest.mark.parametrize("rank", SHAPES)
def test_place_and_warning_have_the_picture_of_their_rank_beside_their_name(
    client: FlaskClient, rank: Standing
) -> None:
    warning = announce_at(square(), severity=rank)

    for path, name in ((LONDON, "London"), (f"/warnings/{warning}", "River at A1"), ("/areas/ea-A1", "River at A1")):
        text = page(client, path)
        assert picture(text) == file_of(rank), path
        assert name in told(text, "og:title")
        assert name in told(text, "og:image:alt"), "a rank is said with its place"


@pytest.mark.parametrize("path", NOWHERE)
def test_without_a_found_place_the_picture_has_no_rank(client: FlaskClient, path: str) -> None:
    announce_at(square(), "london", severity="extreme")
    announce_at(square(-20.1, 49.9), "sea", severity="extreme")

    text = page(client, path)

    assert picture(text) == "preview.png"
    assert told(text, "og:image:alt") == "FloodManager: flooding near you"


def test_report_of_a_resident_has_no_authoritys_picture(client: FlaskClient) -> None:
    announce_at(square(), severity="extreme")
    report = make_report(lat=51.5, lon=-0.12, severity="extreme")

    assert picture(page(client, f"/reports/{report.id}")) == "preview.png"


@pytest.mark.parametrize("said", [{"onset_at_ms": NOON * 1000 + 9e7}, {"urgency": "past"}, {"severity": "unknown"}])
def test_what_is_later_past_or_unranked_lends_no_picture(
    client: FlaskClient, noon: object, said: dict[str, object]
) -> None:
    announce_at(square(), **({"severity": "extreme"} | said))

    assert picture(page(client, LONDON)) == "preview.png"


def test_pictures_are_as_large_as_the_pages_say_and_light(client: FlaskClient) -> None:
    text = page(client, "/")
    said = (int(told(text, "og:image:width")), int(told(text, "og:image:height")))
    for name in map(file_of, (None, *SHAPES)):
        content = client.get(f"/{assets.path_of(name)}").data
        assert size_of(content) == said == (1200, 630), name
        assert len(content) <= 15_000, name
    assert told(text, "twitter:card") == "summary_large_image"


def test_link_can_be_read_and_copied_without_scripts(client: FlaskClient) -> None:
    warning, report = announce_at(square()), make_report(lat=51.5, lon=-0.12)

    for path in (LONDON, f"/warnings/{warning}", f"/reports/{report.id}"):
        text = page(client, path)
        block = text[text.index("data-share>") : text.index("Link copied")]
        assert re.search(r"<button[^>]* hidden>Share this", block), path
        [field] = [one for one in markup.named(text, "input") if "readonly" in one.attributes]
        assert field.attributes["value"] == canonical_of(text), path
        assert 'role="status"' in block, path
    assert "data-share" not in page(client, "/"), "there is no place to share"
