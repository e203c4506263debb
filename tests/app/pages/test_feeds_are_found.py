"""Feed readers find the feeds of the pages whose lists they are, with the same place."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.warnings.area_models import Area
from tests.warning_making import announce, message, place, square

PLACE = "lat=51.500&lon=-0.120&radius_km=5"
LINK = re.compile(r'<link rel="alternate" type="(application/[a-z+]+)" title="[^"]+" href="([^"]+)">')


@pytest.mark.parametrize(
    ("page", "kinds"),
    [
        ("/", {"warnings", "reports"}),
        ("/reports", {"reports"}),
        ("/warnings", {"warnings"}),
        (f"/?{PLACE}", {"warnings", "reports"}),
        (f"/reports?{PLACE}&severity_min=severe", {"reports"}),
        ("/reports?bbox=-1,51,1,52", {"reports"}),
        (f"/warnings?{PLACE}", {"warnings"}),
        ("/areas/ea-A1", {"warnings", "reports"}),
    ],
)
def test_page_links_to_feeds_that_answer(client: FlaskClient, page: str, kinds: set[str]) -> None:
    announce(message("A1", places=(place("A1", square()),)))
    area = Area("ea-A1", source="ea", code="A1", name="River at A1")
    area.put_outline(square(), reason="", centre=None)
    Area.store([area])

    found = LINK.findall(client.get(page, headers={"Accept": "text/html"}).text)

    assert len(found) == 3 * len(kinds)
    for media_type, href in found:
        answer = client.get(unescape(href))
        assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert {href.split("/")[2].split(".")[0] for _, href in found} == kinds
    asked = page.partition("?")[2]
    assert all(all(part.split("=")[0] in href for part in asked.split("&")) for _, href in found)


def test_page_about_the_service_names_all_feeds_and_the_frame(client: FlaskClient) -> None:
    text = client.get("/about").text

    for kind in ("reports", "warnings"):
        assert all(f'href="/feeds/{kind}.{form}"' in text for form in ("atom", "rss", "geojson", "csv"))
    assert "&lt;iframe src=&#34;/embed?place=Langport&#34;" in text.replace('"', "&#34;")
