"""Background maps: the one that a deployment sets reaches the map and the security policy, and nothing else does."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.pages.frame import map_words, rendering
from tests.app.pages.frame import markup

AS_BROWSER = {"Accept": "text/html"}
TILES = "https://{s}.tiles.example.org/{z}/{x}/{y}.png"
PACKED = "https://maps.example.net/town.pmtiles"


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Settings of the deployment to override: keys set in this dict take effect."""
    wanted: dict[str, Any] = {}
    usual = rendering.settings()
    for module in (rendering, map_words):
        monkeypatch.setattr(module, "settings", lambda: usual._replace(**wanted))
    rendering._policy.cache_clear()
    yield wanted
    rendering._policy.cache_clear()


def look(client: FlaskClient) -> tuple[dict[str, str], dict[str, set[str]]]:
    """The attributes of the first page's map, and its policy by directive."""
    answer = client.get("/", headers=AS_BROWSER)
    [attributes] = [one.attributes for one in markup.named(answer.text, "div") if one.attributes.get("id") == "map"]
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split("; ")]
    return attributes, {name: set(sources) for name, *sources in parts}


def test_nothing_is_asked_of_others_unless_a_deployment_says_so(client: FlaskClient) -> None:
    attributes, policy = look(client)

    assert not {"data-tile-url", "data-pmtiles-url"} & attributes.keys()
    assert policy["default-src"] == {"'self'"}
    assert policy["img-src"] == {"'self'", "data:"}


def test_raster_tiles_reach_the_map_with_their_credit_and_the_policy(
    client: FlaskClient, chosen: dict[str, Any]
) -> None:
    chosen |= {"tile_url": TILES, "tile_attribution": 'Maps by "A & B"'}

    attributes, policy = look(client)

    assert (attributes["data-tile-url"], attributes["data-tile-attribution"]) == (TILES, 'Maps by "A & B"')
    assert policy["img-src"] == {"'self'", "data:", "https://*.tiles.example.org"}
    assert policy["default-src"] == {"'self'"}
    assert "frame-ancestors" in policy


def test_packed_tiles_reach_the_map_with_the_script_that_reads_them(
    client: FlaskClient, chosen: dict[str, Any]
) -> None:
    chosen |= {"pmtiles_url": PACKED}

    attributes, policy = look(client)

    assert attributes["data-pmtiles-url"] == PACKED
    assert client.get(attributes["data-pmtiles-script"]).status_code == 200
    assert policy["connect-src"] == {"'self'", "https://maps.example.net"}


def test_files_of_a_bucket_are_let_in_by_its_origin_alone(client: FlaskClient, chosen: dict[str, Any]) -> None:
    chosen |= {"static_url": "https://files.example.org/flood"}

    attributes, policy = look(client)

    assert attributes["data-coast"].startswith("https://files.example.org/flood/static/")
    assert policy["default-src"] == {"'self'", "https://files.example.org"}
