"""The picture of a place for people without scripts."""

import re
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.severity import Severity
from app.pages.frame.rendering import TEMPLATES
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
    [ring] = [one for one in svg.iter(f"{SVG}circle") if one.attrib.get("stroke-dasharray") == "3 6"]
    assert 150 <= int(ring.attrib["r"]) < 180
    assert len(list(svg.iter(f"{SVG}text"))) > 1


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
