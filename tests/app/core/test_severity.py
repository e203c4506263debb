"""Scripts, style sheets and pictures cannot import the severities: theirs are the same, with the same colours."""

import re
from pathlib import Path

import pytest

from app.core.severity import Severity

PAGES = Path(__file__).parents[3] / "app" / "pages"
WORDS = [str(severity) for severity in Severity]


def test_script_of_markers_has_the_severities_in_their_order() -> None:
    [order] = re.findall(r"const ORDER = \[(.*?)\];", (PAGES / "static" / "markers.js").read_text())

    assert re.findall(r"'(\w+)'", order) == WORDS


@pytest.mark.parametrize(("kind", "prefix"), [("officials", "--"), ("people", "--water-")])
def test_picture_of_a_place_has_the_light_colours_of_the_pages(kind: str, prefix: str) -> None:
    [members] = re.findall(rf"set {kind} = {{(.*?)}} %}}", (PAGES / "templates" / "place_picture.html").read_text())
    light, *_ = (PAGES / "static" / "site.css").read_text().split("@media (prefers-color-scheme: dark)")

    colours = dict(re.findall(r'"(\w+)": "(#\w+)"', members))

    assert colours == {word: re.findall(rf"{prefix}{word}: (#\w+);", light)[0] for word in WORDS}
