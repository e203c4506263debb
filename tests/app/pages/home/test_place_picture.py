"""The picture of a place for people without scripts."""

import re
from xml.etree import ElementTree as ET

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core import clock
from app.core.severity import Severity
from app.http.headers import PUBLIC_LIST
from app.pages.frame.rendering import TEMPLATES
from app.situation import overview
from tests.app.pages.home.test_page import page
from tests.factories import make_report
from tests.warning_making import announce_at, square

pytestmark = pytest.mark.usefixtures("tables", "noon")
LONDON = "?place=London&lat=51.5&lon=-0.12&radius_km=5"
STATIC = TEMPLATES.parent / "static"
SVG = "{http://www.w3.org/2000/svg}"


def drawn(client: FlaskClient, query: str = LONDON) -> ET.Element:
    answer: TestResponse = client.get(f"/picture.svg{query}")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    return ET.fromstring(answer.data)


def test_page_without_scripts_has_the_picture_of_its_place(client: FlaskClient) -> None:
    assert '<noscript><img class="place-picture" src="/picture.svg?place=London&amp;lat=51.500' in page(client, LONDON)
    assert "/picture.svg" not in page(client, "")


def test_picture_has_the_place_with_its_circle_outlines_reports_and_towns(client: FlaskClient) -> None:
    announce_at(square(), "now", severity="severe")
    make_report(lat=51.51, severity="minor", status="verified")
    make_report(lat=51.49, severity="extreme")

    svg = drawn(client)

    circles = [one for one in svg.iter(f"{SVG}circle") if one.attrib.get("class") == "report"]
    assert [(one.attrib["fill"], one.attrib["stroke"]) for one in circles] == [("#4a90c4", "#fff"), ("#fff", "#0a2a55")]
    assert [one.attrib["stroke"] for one in svg.iter(f"{SVG}path")] == ["#c62828", "#14222e"]  # and the scale
    assert notes(svg) == ["Streets are not known here."]
    [ring] = [one for one in svg.iter(f"{SVG}circle") if one.attrib.get("stroke-dasharray") == "3 6"]
    assert 150 <= int(ring.attrib["r"]) < 180
    assert len(list(svg.iter(f"{SVG}text"))) > 1


def notes(svg: ET.Element) -> list[str]:
    return [one.text or "" for one in svg.iter(f"{SVG}text") if one.attrib.get("class") == "note"]


def test_picture_shows_what_the_filters_leave(client: FlaskClient) -> None:
    announce_at(square(), "now", severity="minor")
    make_report(lat=51.51, severity="minor")
    make_report(lat=51.49, severity="extreme", observed_at_ms=clock.now_ms() - 3 * clock.HOUR_MS)
    counts = {}

    for query in ("", "&severity_min=severe", "&hours=1", "&show=warnings", "&show=reports"):
        svg = drawn(client, LONDON + query)
        classes = [one.attrib.get("class") for one in svg.iter()]
        counts[query] = (classes.count("report"), classes.count("area"), len(notes(svg)))

    assert counts == {
        "": (2, 1, 1),
        "&severity_min=severe": (1, 0, 2),
        "&hours=1": (1, 1, 2),
        "&show=warnings": (0, 1, 2),
        "&show=reports": (2, 0, 2),
    }


def test_picture_says_which_part_could_not_be_read(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(overview, "_newest", fail)

    answer = client.get(f"/picture.svg{LONDON}")

    assert "Reports of flooding cannot be read at the moment." in answer.text
    assert answer.headers["Cache-Control"] == PUBLIC_LIST


@pytest.mark.parametrize("query", ["?lat=90&lon=0&radius_km=50", "?lat=-17&lon=180&radius_km=50", "?lat=0&lon=-180"])
def test_picture_is_drawn_at_the_ends_of_the_globe(client: FlaskClient, query: str) -> None:
    make_report(lat=-17.0, lon=-179.95)

    assert drawn(client, query).attrib["viewBox"] == "0 0 640 360"


@pytest.mark.parametrize("query", ["", "?place=Nowhereham", "?lat=x&lon=1", "?lat=91&lon=0"])
def test_no_place_no_picture(client: FlaskClient, query: str) -> None:
    assert client.get(f"/picture.svg{query}").status_code == 404


def test_colours_are_those_of_the_pages() -> None:
    """An image has no style sheet of its own: what the frame's light colours are is written in it again."""
    frame = (STATIC / "site.css").read_text(encoding="utf-8").partition("}")[0]
    template = (TEMPLATES / "place_picture.html").read_text(encoding="utf-8")

    for severity in Severity:
        colours = [re.search(rf"--{name}: (#\w+);", frame) for name in (severity, f"water-{severity}")]
        assert [found and f'"{severity}": "{found[1]}"' in template for found in colours] == [True, True]


def test_colours_of_streets_and_waters_are_those_of_the_map() -> None:
    style = (STATIC / "map.css").read_text(encoding="utf-8").partition("@media")[0]
    template = (TEMPLATES / "place_picture.html").read_text(encoding="utf-8")

    for name in ("water", "water-name", "street", "street-edge", "street-name"):
        found = re.search(rf"--map-{name}: (#\w+);", style)
        assert found, name
        assert f'"{found[1]}"' in template or f"'{found[1]}'" in template, name
