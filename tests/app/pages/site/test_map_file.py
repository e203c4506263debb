"""`/static/map.pmtiles`: the map file of a service on one machine, in ranges of bytes; absent everywhere else."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core.config import settings
from app.pages.frame import map_words
from app.pages.site import map_file
from handlers import api
from tests.app.pages.frame import markup
from tests.handlers.probe import CONTEXT, http_api, rest_api

BYTES = b"PMTiles\x03" + bytes(range(256)) * 8


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "town.pmtiles"
    path.write_bytes(BYTES)
    chosen = settings()._replace(map_file=str(path))
    for module in (map_file, map_words):
        monkeypatch.setattr(module, "settings", lambda: chosen)
    yield path


def test_there_is_none_unless_a_file_is_set(client: FlaskClient) -> None:
    assert client.get("/static/map.pmtiles").status_code == 404


def test_file_that_has_gone_is_not_found(client: FlaskClient, file: Path) -> None:
    file.unlink()

    assert client.get("/static/map.pmtiles", headers={"Range": "bytes=0-9"}).status_code == 404


def test_pages_name_it_and_allow_no_other_host(client: FlaskClient, file: Path) -> None:
    answer = client.get("/", headers={"Accept": "text/html"})

    [attributes] = [one.attributes for one in markup.named(answer.text, "div") if one.attributes.get("id") == "map"]
    assert attributes["data-pmtiles-url"] == "/static/map.pmtiles"
    assert client.get(attributes["data-pmtiles-script"]).status_code == 200
    assert client.get(attributes["data-streets-script"]).status_code == 200
    assert "connect-src" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ({}, 200, 0, None),
        ({"Range": "bytes=0-126"}, 206, 0, 127),
        ({"Range": "bytes=2000-99999"}, 206, 2000, None),
        ({"Range": "bytes=-5"}, 206, -5, None),
        ({"Range": "none"}, 200, 0, None),
        ({"Range": "bytes=9999-"}, 422, 0, 0),
        ({"Range": "bytes=0-1,5-6"}, 422, 0, 0),
        ({"Range": "lines=1-2"}, 422, 0, 0),
    ],
)
def test_range_of_bytes_is_sent(
    client: FlaskClient, file: Path, asked: dict[str, str], status: int, start: int, end: int | None
) -> None:
    answer = client.get("/static/map.pmtiles", headers=asked)

    assert answer.status_code == status
    if status == 206:
        assert answer.headers["Content-Range"].endswith(f"/{len(BYTES)}")
    if status != 422:
        assert answer.data == BYTES[start:end]
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        again = client.get("/static/map.pmtiles", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("asked", [{}, {"Range": "bytes=0-"}])
def test_more_than_a_function_can_answer_is_refused_in_words(
    client: FlaskClient, file: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str]
) -> None:
    monkeypatch.setattr(map_file, "MOST_BYTES", 1000)

    answer = client.get("/static/map.pmtiles", headers=asked)

    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (422, "Range")
    assert client.get("/static/map.pmtiles", headers={"Range": "bytes=100-1099"}).data == BYTES[100:1100]


@pytest.mark.usefixtures("file", "tables")
@pytest.mark.parametrize("kind", ["http", "rest"])
def test_bytes_leave_the_function_unchanged(kind: str) -> None:
    event: dict[str, Any] = (
        http_api("/static/map.pmtiles", headers={"range": "bytes=0-126"})
        if kind == "http"
        else rest_api("/static/map.pmtiles", headers={"Range": ["bytes=0-126"]})
    )

    reply = api.handler(event, CONTEXT)

    assert (reply["statusCode"], reply["isBase64Encoded"]) == (206, True)
    assert b64decode(reply["body"]) == BYTES[:127]
