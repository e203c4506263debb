"""No feed is larger than 900 kB, whatever is written in it, and each is XML that a strict reader takes."""

import json
from math import cos, pi, sin
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.core.unicode_text import BIDI_CONTROLS
from app.feeds import xml_text
from app.geo.polygon_geojson import from_rings
from app.warnings.sources.message import Text
from tests.app.feeds.reading import ATOM, entries, items, links, root_of
from tests.factories import make_report
from tests.warning_making import announce, message, place

SAMPLES = Path(__file__).parents[2] / "samples" / "hostile"
MOST_BYTES = 900_000
FORMS = ("atom", "rss", "geojson", "csv")


def texts(shared_data: Path) -> list[str]:
    own = json.loads((SAMPLES / "texts.json").read_text())
    shared = shared_data / "hostile" / "blns.json"
    every = own + (json.loads(shared.read_text()) if shared.exists() else [])
    # The database holds no half of a pair of surrogates, and nothing reads one in.
    return [text for text in every if text.encode("utf-8", "ignore").decode() == text != ""]


@pytest.mark.parametrize("form", FORMS)
def test_pages_of_very_long_warnings_stay_small_and_lose_none(client: FlaskClient, form: str) -> None:
    long = Text("en", "Flood", "Flood", "&<水>" * 9_000, "<&>" * 9_000)
    announce(*(message(f"E{number}", texts=(long,)) for number in range(60)))

    found, address = set(), f"/feeds/warnings.{form}?limit=100"
    for _ in range(60):
        answer = client.get(address)
        assert len(answer.data) <= MOST_BYTES
        found |= {
            word for word in answer.text.replace('"', " ").replace("/", " ").replace(",", " ").split() if is_id(word)
        }
        following = [part for part in answer.headers.get("Link", "").split(", ") if 'rel="next"' in part]
        if not following:
            break
        address = following[0].partition("<")[2].partition(">")[0]

    assert len({word.partition("<")[0].removesuffix(".cap.xml") for word in found}) == 60


def is_id(word: str) -> bool:
    return word.startswith("wrn_") and not word.endswith((".geojson", ".cap.xml"))


def test_outline_of_very_many_corners_is_drawn_with_few(client: FlaskClient) -> None:
    corners = [(0.5 * cos(2 * pi * n / 93_000), 51 + 0.3 * sin(2 * pi * n / 93_000)) for n in range(93_000)]
    announce(message("Bath", places=(place("A1", from_rings([corners])),)))

    feature = client.get("/feeds/warnings.geojson").json["features"][0]
    [entry] = [one for one in entries(client.get("/feeds/warnings.atom?bbox=0,50.9,0.1,51.1")) if one.polygon]

    [ring] = feature["geometry"]["coordinates"]
    assert 100 < len(ring) <= 20_001 and ring[0] == ring[-1]
    assert 8 <= len(entry.polygon.split()) <= 202


def test_titles_of_every_kind_are_told_as_they_are(client: FlaskClient, shared_data: Path) -> None:
    written = sorted({text[:120] for text in texts(shared_data)})
    names = {make_report(title=title).id: title for title in written}

    found: dict[str, str] = {}
    address = "/feeds/reports.atom?limit=100"
    while address:
        answer = client.get(address)
        found |= {entry.id.rpartition("/")[2]: entry.title for entry in entries(answer)}
        address = links(answer).get("next", "")

    assert {key: " ".join(text.split()) for key, text in found.items()} == {
        key: " ".join(f"Report: {xml_text.fit(title)}".split()) for key, title in names.items()
    }


def test_description_of_an_item_is_no_markup_of_a_resident(client: FlaskClient) -> None:
    make_report(title="<img src=x onerror=steal()>")

    [item] = items(client.get("/feeds/reports.rss"))

    assert item.title == "Report: <img src=x onerror=steal()>"
    assert "<img" not in item.html


def test_words_of_an_issuer_are_shown_without_what_hides_or_turns_text(client: FlaskClient, shared_data: Path) -> None:
    for number, text in enumerate(texts(shared_data)[:80]):
        announce(message(f"E{number}", texts=(Text("en", text, text, text, text),)), is_whole=False)

    root = root_of(client.get("/feeds/warnings.atom?limit=100"))

    shown = [one.findtext(f"{ATOM}title", "") + one.findtext(f"{ATOM}content", "") for one in root.iter(f"{ATOM}entry")]
    assert len(shown) >= 80
    assert BIDI_CONTROLS.isdisjoint("".join(shown))


def test_places_at_poles_and_the_date_line_are_points(client: FlaskClient) -> None:
    places = [(90.0, 0.0), (-90.0, -180.0), (0.5, 180.0), (0.0, -179.999999), (1e-7, 1e-7)]
    for lat, lon in places:
        make_report(lat=lat, lon=lon)

    points = {entry.point for entry in entries(client.get("/feeds/reports.atom"))}

    read = sorted(tuple(map(float, point.split())) for point in points)
    assert len(read) == len(places) and not any("e" in point for point in points)
    assert all(abs(lat) <= 90 and abs(lon) <= 180 for lat, lon in read)


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\U0001ffff", "\ufdd0"])
def test_sign_that_xml_cannot_hold_is_left_out(sign: str) -> None:
    assert xml_text.fit(f"a{sign}b\t洪水🌊\n") == "ab\t洪水🌊\n"
