"""Files that robots and browsers ask for at fixed paths: robots.txt, the sitemap and icons, through the function."""

import re
from base64 import b64decode
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from app.core.config import settings
from app.http import urls
from app.pages.frame import canonical, rendering
from handlers import api
from tests.app.pages.conftest import HTML
from tests.handlers.probe import CONTEXT, http_api, rest_api
from tests.route_list import PAGES

MAP, LINK = "{http://www.sitemaps.org/schemas/sitemap/0.9}", "{http://www.w3.org/1999/xhtml}link"
ICONS = {"/favicon.ico": ("image/x-icon", b"\0\0\1\0"), "/apple-touch-icon.png": ("image/png", b"\x89PNG\r\n\x1a\n")}
MAY_READ = (
    "/", "/?place=Langport&lat=51.037&lon=-2.828&radius_km=5&lang=en", "/warnings", "/reports/rep_a", "/warnings/wrn_a",
    "/areas/ea-A1", "/about", "/docs", "/docs/errors/", "/report", "/register", "/r", "/static/abc/preview.png",
    "/manifest.webmanifest", "/sitemap.xml", "/favicon.ico", "/messages", "/media",
)  # fmt: skip
MAY_NOT = (
    "/me", "/me/export", "/v1/reports", "/tiles/1/1/1", "/outlines.geojson?lat=1&lon=1", "/language?to=es&next=/",
    "/r/7K3M-9QXA", "/?severity_min=severe", "/?place=Bath&show=reports", "/?lat=1&lon=1&accuracy_m=10",
    "/warnings?cursor=abc",
)  # fmt: skip


def is_closed(robots: str, path: str) -> bool:
    """Return whether a path matches a rule as RFC 9309 reads them."""
    rules = [line.removeprefix("Disallow: ") for line in robots.splitlines() if line.startswith("Disallow: ")]
    patterns = [re.escape(rule).replace(r"\*", ".*").replace(r"\$", "$") for rule in rules]
    return any(re.match(pattern, path) for pattern in patterns)


@pytest.mark.parametrize("path", [*MAY_READ, *MAY_NOT])
def test_robots_read_pages_and_forms_but_nothing_personal_or_costly(client: FlaskClient, path: str) -> None:
    answer = client.get("/robots.txt")

    assert answer.mimetype == "text/plain"
    assert answer.text.startswith("User-agent: *\n")
    assert is_closed(answer.text, path) is (path in MAY_NOT)
    assert "\nSitemap: http://localhost/sitemap.xml\n" in answer.text


def test_robots_behind_a_stage_prefix_name_its_paths(client: FlaskClient) -> None:
    text = client.get("/robots.txt", environ_overrides={"SCRIPT_NAME": "/dev"}).text

    assert "Disallow: /dev/v1/\n" in text
    assert "Sitemap: http://localhost/dev/sitemap.xml\n" in text


def entries(text: str) -> dict[str, dict[str, str]]:
    """The alternates of each address."""
    return {
        one.findtext(f"{MAP}loc", ""): {link.attrib["hreflang"]: link.attrib["href"] for link in one.findall(LINK)}
        for one in ET.fromstring(text)
    }


def test_sitemap_lists_public_pages_once_in_each_language(client: FlaskClient) -> None:
    answer = client.get("/sitemap.xml")
    listed = entries(answer.text)

    assert answer.mimetype == "application/xml"
    assert {urlsplit(address).path for address in listed} >= {
        "/",
        "/warnings",
        "/about",
        "/privacy",
        "/status",
        "/docs",
    }
    assert {urlsplit(address).path for address in listed} <= set(PAGES)
    assert len(listed) == 3 * len(canonical.LISTED)
    for address, others in listed.items():
        assert set(others) == {"en", "es", "x-default"}
        assert address in others.values(), "each names itself"
        shown = client.get(address, headers={"Accept": HTML})
        assert shown.status_code == 200
        assert "noindex" not in shown.text


def test_addresses_follow_the_host_only_where_no_public_one_is_set(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/robots.txt", "/sitemap.xml"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert answer.headers["Cache-Control"] == "no-cache", "another reader must not get this host"

    chosen = settings()._replace(public_base_url="https://flood.example.org")
    for module in (rendering, urls):
        monkeypatch.setattr(module, "settings", lambda: chosen)
    for path in ("/robots.txt", "/sitemap.xml"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert "https://flood.example.org/" in answer.text
        assert "evil" not in answer.text
        assert answer.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("path", ICONS)
def test_icon_is_sent_with_its_type_and_kept_for_a_day(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert (answer.mimetype, answer.headers["Cache-Control"]) == (ICONS[path][0], "public, max-age=86400")
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.post(path).status_code == 405


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("kind", ["http", "rest"])
@pytest.mark.parametrize("path", ICONS)
def test_bytes_of_an_icon_leave_the_function_unchanged(client: FlaskClient, path: str, kind: str) -> None:
    event: dict[str, Any] = http_api(path) if kind == "http" else rest_api(path)

    reply = api.handler(event, CONTEXT)

    assert (reply["statusCode"], reply["isBase64Encoded"]) == (200, True)
    assert b64decode(reply["body"]) == client.get(path).data
    assert b64decode(reply["body"]).startswith(ICONS[path][1])


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml"])
def test_text_leaves_the_function_as_text(path: str) -> None:
    reply = api.handler(http_api(path), CONTEXT)

    assert (reply["statusCode"], reply["isBase64Encoded"]) == (200, False)
    assert "sitemap" in reply["body"]
