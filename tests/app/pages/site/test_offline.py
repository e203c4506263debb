"""The manifest and the service worker: what a phone keeps, and under which version."""

import gzip
import json
import re
from typing import Any

import pytest
from flask import Response
from flask.testing import FlaskClient

from app.pages.frame import assets
from app.pages.report import form_page
from app.pages.site import offline


def known(client: FlaskClient, **rest: Any) -> dict[str, Any]:
    """Return the configuration that the page gives to the worker."""
    answer = client.get("/service-worker.js", **rest)
    assert answer.status_code == 200
    found = re.match(r"const FLOOD = (.*);\n", answer.text)
    assert found
    return dict(json.loads(found[1]))


def test_worker_reaches_all_pages_and_is_asked_for_anew(client: FlaskClient) -> None:
    answer = client.get("/service-worker.js")

    assert answer.content_type.startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    again = client.get("/service-worker.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_worker_comes_packed(client: FlaskClient) -> None:
    packed = client.get("/service-worker.js", headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == client.get("/service-worker.js").data
    assert len(packed.data) < 6000


def test_worker_has_a_page_for_what_was_sent_and_one_for_what_was_seen(client: FlaskClient) -> None:
    told = known(client)

    assert (told["sent"].count("{reference}"), told["sent"].count("{link}")) == (1, 2)
    assert told["page"].count("<li data-places></li>") == 1
    assert told["page"].count(" data-last-seen hidden") == 1


def test_worker_may_fetch_our_pages_and_nothing_else(client: FlaskClient) -> None:
    """It obeys the policy of its own script: that of data would let it fetch nothing."""
    assert (
        client.get("/service-worker.js").headers["Content-Security-Policy"]
        == "default-src 'self'; frame-ancestors 'none'"
    )


def test_all_that_the_worker_keeps_is_there(client: FlaskClient) -> None:
    told = known(client)

    assert len(told["files"]) > 8
    for path in (*told["files"], told["queue"], told["form"]):
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 200, path
    assert "private" not in client.get(told["form"], headers={"Accept": "text/html"}).headers["Cache-Control"]


def test_form_that_is_kept_finds_all_its_files_kept(client: FlaskClient) -> None:
    told = known(client)
    form = client.get(told["form"], headers={"Accept": "text/html"}).text

    named = set(re.findall(r'(?:src|href|value)="(/static/[^"]+)"', form))

    assert named <= set(told["files"])


def test_page_without_a_connection_says_so(client: FlaskClient) -> None:
    told = known(client)

    assert "No connection" in told["page"]
    assert all("{time}" in told["words"][name] for name in ("offline", "failing"))


def test_link_to_what_was_last_seen_is_shown_by_the_worker_alone(client: FlaskClient) -> None:
    """Nothing may be kept yet: the link shows where the worker finds the mark that it takes away."""
    mark = " data-last-seen hidden"

    assert known(client)["page"].count(mark) == 1
    assert f"FLOOD.page.replace('{mark}', '')" in client.get("/service-worker.js").text


def test_version_changes_with_any_file_and_with_the_form(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    first = known(client)["version"]
    with monkeypatch.context() as patch:
        patch.setattr(assets, "digest_of", lambda content: "0" * 16)
        assets._read.cache_clear()
        other = known(client)["version"]
    assets._read.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(form_page, "shell", lambda: Response("another form"))
        changed = known(client)["version"]

    assert len({first, other, changed, known(client)["version"]}) == 3


def test_worker_works_behind_a_stage_prefix(client: FlaskClient) -> None:
    told = known(client, environ_overrides={"SCRIPT_NAME": "/dev"})

    assert told["root"] == "/dev"
    assert all(path.startswith("/dev/") for path in (*told["files"], told["queue"], told["form"]))


def test_manifest_names_what_there_is(client: FlaskClient) -> None:
    answer = client.get("/manifest.webmanifest", headers={"Accept-Language": "en"})

    said = json.loads(answer.data)
    assert answer.mimetype == "application/manifest+json"
    assert (said["short_name"], said["start_url"], said["display"]) == ("FloodManager", "/", "standalone")
    assert {icon["sizes"] for icon in said["icons"]} == {"192x192", "512x512", "any"}
    for icon in said["icons"]:
        picture = client.get(icon["src"])
        assert (picture.status_code, picture.mimetype) == (200, icon["type"])


@pytest.mark.parametrize("size", offline.ICON_SIZES)
def test_icons_are_as_large_as_the_manifest_says(size: int) -> None:
    picture = assets.find(f"icon-{size}.png")

    assert picture is not None
    assert picture.content[16:24] == size.to_bytes(4, "big") * 2
