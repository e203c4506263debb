"""A poster of a place: a code that leads to its page, the emergency number, and nothing from a link that is not so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import segno
from flask.testing import FlaskClient

from app.core import config
from app.http import urls
from app.pages.frame import rendering
from tests.app.pages.conftest import HTML
from tests.app.pages.frame import markup
from tests.app.pages.test_canonical import asked, canonical_of, page

ROOT = Path(__file__).parents[4]
ZONE = 4
LOADED = """
import sys
from app.factory import create_app
from app.core.qr_code import QrCode
client = create_app().test_client()
for path in ("/privacy", "/report", "/poster"):
    loaded = "segno" in sys.modules
    client.get(path, headers={"Accept": "text/html"})
QrCode.of("a poster has an address")
print(loaded, "segno" in sys.modules)
"""


def code_of(text: str) -> list[list[int]]:
    """The black and white of the poster's code, as its picture has them."""
    [drawn] = [one.attributes["d"] for one in markup.named(text, "path") if one.attributes["class"] == "ink"]
    [box] = [one.attributes["viewbox"] for one in markup.named(text, "svg") if one.attributes["class"] == "qr"]
    size = int(box.split()[2])
    rows = [[0] * size for _ in range(size)]
    for run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawn):
        x, y, length = map(int, run)
        rows[y][x : x + length] = [1] * length
    return rows


def code_for(address: str) -> list[list[int]]:
    """The code of an address with the white around it that readers need."""
    inside = [[0] * ZONE + list(row) + [0] * ZONE for row in segno.make_qr(address, error="m").matrix]
    around = [[0] * len(inside[0])] * ZONE
    return [*around, *inside, *around]


@pytest.mark.parametrize("query", ["place=Langport", "place=Langport&lang=es", "lat=51.0375949&lon=-2.8284321"])
def test_code_leads_to_the_canonical_address_of_the_place(client: FlaskClient, query: str) -> None:
    here = canonical_of(page(client, f"/?{query}"))

    text = page(client, f"/poster?{query}&severity_min=severe&accuracy_m=10")

    assert code_of(text) == code_for(here)
    assert asked(here)["lang"] == ("es" if "lang=es" in query else "en")


def test_poster_says_what_to_do_in_the_language_of_the_page(client: FlaskClient) -> None:
    english, spanish = page(client, "/poster?place=Langport"), page(client, "/poster?place=Langport&lang=es")

    assert markup.named(english, "h1")[0].words() == "Report flooding here"
    for text, words in ((english, "In danger? Call 999"), (spanish, "¿En peligro? Llame al 999")):
        [sheet] = markup.named(text, "article")
        assert "Langport" in sheet.words()
        assert words in sheet.words()
    assert "open localhost and look for Langport" in english


@pytest.mark.parametrize(
    ("query", "number"),
    [("place=Dublin", "112"), ("place=Houston", "911"), ("lat=50&lon=-20", "your emergency number")],
)
def test_number_is_that_of_the_places_country(client: FlaskClient, query: str, number: str) -> None:
    assert f"In danger? Call {number}" in page(client, f"/poster?{query}")


@pytest.mark.parametrize("query", ["", "?place=Newport", "?place=Danger-to-life-in-Bath", "?lat=900&lon=0"])
def test_without_a_found_place_there_is_no_code_and_a_place_is_asked_for(client: FlaskClient, query: str) -> None:
    text = page(client, f"/poster{query}")

    assert not markup.named(text, "article")
    assert [one.attributes for one in markup.named(text, "form") if one.attributes.get("action") == "/poster"]
    assert "Danger" not in "".join(one.words() for one in markup.named(text, "title"))


def test_several_places_of_a_name_are_offered_for_a_poster(client: FlaskClient) -> None:
    offered = [one for one in markup.addresses(page(client, "/poster?place=Newport")) if one.startswith("/poster?")]

    assert len(offered) > 1
    assert markup.named(page(client, offered[0]), "article")


def test_name_in_a_link_is_on_no_poster_of_another_place(client: FlaskClient) -> None:
    text = page(client, "/poster?place=Granny&lat=51.037&lon=-2.828")

    assert "Granny" not in markup.named(text, "article")[0].words()
    assert "Granny" not in markup.named(text, "title")[0].words()


def test_page_of_a_place_links_to_its_poster(client: FlaskClient) -> None:
    [address] = [one for one in markup.addresses(page(client, "/?place=Langport")) if one.startswith("/poster")]

    assert "Langport" in markup.named(page(client, address), "article")[0].words()


def test_only_the_poster_loads_the_library_of_codes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )

    assert done.stdout.split() == ["False", "True"]


def test_page_and_poster_of_a_place_lead_to_each_other_in_the_language_of_the_link(client: FlaskClient) -> None:
    [poster] = [one for one in markup.addresses(page(client, "/?place=Bath&lang=es")) if one.startswith("/poster")]
    [back] = [one for one in markup.addresses(page(client, poster)) if one.startswith("/?") and "lat=" in one]

    assert (asked(poster)["lang"], asked(back)["lang"]) == ("es", "es")


@pytest.mark.parametrize("query", ["lat=45&lon=-40", "place=45,-40", "place=51.38123,-2.35987", "lat=51.2&lon=-2.9999"])
def test_nobody_is_told_to_look_for_a_position_without_a_name(client: FlaskClient, query: str) -> None:
    text = page(client, f"/poster?{query}")

    assert code_of(text)
    assert "look for " not in text or "look for Bridgwater" in text


def test_position_in_a_town_is_looked_for_with_the_towns_area(client: FlaskClient) -> None:
    assert "look for Langport, Somerset." in page(client, "/poster?lat=51.037&lon=-2.828")


@pytest.mark.parametrize(
    "host", ["a" * 3000, "[", "a:b:c", "[::1", "a" * 64, ".", "\xe9", "a..b", "evil.example:99999"]
)
def test_no_host_breaks_a_page(client: FlaskClient, host: str) -> None:
    for path in ("/", "/poster", "/poster?place=Langport", "/reports", "/nothing-here"):
        answer = client.get(path, headers={"Accept": HTML, "Host": host})
        assert answer.status_code in (200, 400, 404), (path, host[:70])


def test_address_too_long_for_a_code_has_no_poster(client: FlaskClient) -> None:
    answer = client.get("/poster?place=Langport", headers={"Accept": HTML, "Host": ".".join(["a" * 60] * 50)})

    assert answer.status_code == 200
    assert not markup.named(answer.text, "svg")
    assert [one for one in markup.named(answer.text, "form") if one.attributes.get("action") == "/poster"]


def test_address_in_words_has_the_path_of_the_service(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    below = client.get("/poster?place=Langport", headers={"Accept": HTML}, environ_overrides={"SCRIPT_NAME": "/prod"})
    assert "open localhost/prod and look for" in below.text

    chosen = config.settings()._replace(public_base_url="https://x.example/flood")
    for module in (rendering, urls):
        monkeypatch.setattr(module, "settings", lambda: chosen)
    assert "open x.example/flood and look for" in page(client, "/poster?place=Langport")
