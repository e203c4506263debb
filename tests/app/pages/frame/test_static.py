"""Static files as the artifact holds them: each reader gets the form that it likes best, through both gateways."""

import gzip
import json
import re
import shutil
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask.testing import FlaskClient

from app.core.config import settings
from app.pages.frame import assets, rendering
from handlers import api
from infra import precompressed
from tests.app.pages.frame import markup
from tests.handlers.probe import CONTEXT, http_api, rest_api

SOURCE = assets.FOLDER
STYLE = (SOURCE / "site.css").read_bytes()
UNPACK: dict[str | None, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
IN_SOURCE = assets.names()
STYLES = [name for name in IN_SOURCE if name.endswith(".css") and not name.startswith("vendor/")]


def forget() -> None:
    for kept in (assets._index, assets._paths, assets._read_staged):
        kept.cache_clear()


@pytest.fixture(scope="module")
def staged_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staged") / "static"
    shutil.copytree(SOURCE, folder)
    (folder / "manifest.webmanifest").write_text(json.dumps({"name": "Floods", "icons": ["icon"] * 200}))
    (folder / "icon.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    precompressed.pack(folder)
    return folder


@pytest.fixture
def staged(staged_files: Path, monkeypatch: pytest.MonkeyPatch, site: FlaskClient) -> Iterator[FlaskClient]:
    """The site with its files as the artifact holds them."""
    monkeypatch.setattr(assets, "FOLDER", staged_files)
    forget()
    yield site
    forget()


def over_http_api(path: str, accepted: str) -> dict[str, Any]:
    return api.handler(http_api(path, headers={"accept-encoding": accepted}), CONTEXT)


def over_rest_api(path: str, accepted: str) -> dict[str, Any]:
    return api.handler(rest_api(path, headers={"accept-encoding": [accepted]}), CONTEXT)


def address(name: str) -> str:
    return assets.address(name, base="")


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br", "br"),
        ("*", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0.8, gzip;q=0.5", "br"),
        ("gzip;q=0, *", "br"),
        ("identity;q=0.5, gzip;q=0.8", "gzip"),
        ("identity, gzip;q=0.5, br;q=0.5", None),
        ("br;q=0, gzip;q=0", None),
        ("*;q=0", None),
        ("deflate, zstd", None),
        ("", None),
        (None, None),
    ],
)
def test_each_reader_gets_the_form_that_it_likes_best(
    staged: FlaskClient, accepted: str | None, encoding: str | None
) -> None:
    answer = staged.get(address("site.css"), headers={} if accepted is None else {"Accept-Encoding": accepted})

    assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, encoding)
    assert UNPACK[encoding](answer.data) == STYLE
    assert answer.vary.as_set() >= {"accept-encoding"}
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.mimetype == "text/css"


def test_artifact_serves_the_files_of_the_source_tree_under_the_same_addresses(
    staged: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in IN_SOURCE:
        there = address(name)
        for accepted, encoding in (("br, gzip", {"br", "gzip", None}), ("gzip", {"gzip", None}), ("", {None})):
            answer = staged.get(there, headers={"Accept-Encoding": accepted})
            sent_as = answer.headers.get("Content-Encoding")
            assert (answer.status_code, sent_as in encoding) == (200, True), name
            assert UNPACK[sent_as](answer.data) == (SOURCE / name).read_bytes()
        with monkeypatch.context() as source:
            source.setattr(assets, "FOLDER", SOURCE)
            forget()
            assert address(name) == there
        forget()


def test_forms_have_validators_of_their_own_and_a_known_one_is_not_sent_again(staged: FlaskClient) -> None:
    known = {}
    for accepted in ("br", "gzip", "identity"):
        asked = {"Accept-Encoding": accepted}
        tag = known[accepted] = staged.get(address("site.css"), headers=asked).headers["ETag"]
        again = staged.get(address("site.css"), headers=asked | {"If-None-Match": tag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert again.vary.as_set() >= {"accept-encoding"}

    assert len(set(known.values())) == 3
    other = staged.get(address("site.css"), headers={"Accept-Encoding": "br", "If-None-Match": known["gzip"]})
    assert other.status_code == 200


@pytest.mark.parametrize("accepted", ["br", "gzip", "identity"])
def test_head_tells_what_get_would_send_and_sends_nothing(staged: FlaskClient, accepted: str) -> None:
    asked = {"Accept-Encoding": accepted}
    got, told = staged.get(address("site.css"), headers=asked), staged.head(address("site.css"), headers=asked)

    wanted = ("Content-Length", "Content-Encoding", "ETag", "Content-Type")
    assert (told.status_code, told.data) == (200, b"")
    assert [told.headers.get(name) for name in wanted] == [got.headers.get(name) for name in wanted]


@pytest.mark.parametrize("name", ["site.css.br", "site.css.gz", "../static.json", "static.json"])
def test_packed_forms_and_the_index_have_no_address_of_their_own(staged: FlaskClient, name: str) -> None:
    digest = address("site.css").split("/")[2]

    assert staged.get(f"/static/{digest}/{name}").status_code == 404
    assert name not in assets.names()


def test_old_address_leads_to_the_present_one(staged: FlaskClient) -> None:
    answer = staged.get("/static/0123456789abcdef/site.css")

    assert (answer.status_code, answer.headers["Location"]) == (302, address("site.css"))
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("accepted", ["br, gzip", "gzip"])
def test_packed_forms_leave_the_function_as_base64(staged: FlaskClient, accepted: str) -> None:
    reply = over_http_api(address("site.css"), accepted)

    headers = reply["headers"]
    encoding = accepted.partition(",")[0]
    assert (reply["statusCode"], reply["isBase64Encoded"], headers["Content-Encoding"]) == (200, True, encoding)
    assert UNPACK[encoding](b64decode(reply["body"])) == STYLE


@pytest.mark.parametrize(("call", "accepted"), [(over_http_api, "identity"), (over_rest_api, "br, gzip")])
def test_plain_form_leaves_the_function_as_text(
    staged: FlaskClient, call: Callable[[str, str], dict[str, Any]], accepted: str
) -> None:
    """Always from a REST API: without binary media types it would hand base64 on as such."""
    reply = call(address("site.css"), accepted)

    assert (reply["statusCode"], reply["isBase64Encoded"], reply["body"].encode()) == (200, False, STYLE)


@pytest.mark.parametrize(
    ("name", "media_type"), [("manifest.webmanifest", "application/manifest+json"), ("icon.png", "image/png")]
)
def test_other_kinds_have_the_type_that_browsers_insist_on(staged: FlaskClient, name: str, media_type: str) -> None:
    assert staged.get(address(name)).headers["Content-Type"] == media_type


def test_pages_of_another_origin_may_fetch_files_and_carry_no_cookies_there(staged: FlaskClient) -> None:
    for there in (address("site.css"), "/static/0123456789abcdef/site.css"):
        answer = staged.get(there, headers={"Origin": "https://floods.example.org"})

        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_one_setting_has_pages_name_a_bucket_and_their_policy_allow_it(
    site: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = settings()._replace(static_url="https://files.example.org/floods")
    monkeypatch.setattr(rendering, "settings", lambda: elsewhere)
    rendering._policy.cache_clear()
    page = site.get("/docs/errors/", headers={"Accept": "text/html"})
    rendering._policy.cache_clear()

    files = [link for link in markup.addresses(page.text) if "/static/" in link]
    assert files and all(link.startswith("https://files.example.org/floods/static/") for link in files)
    assert assets.address("site.css", base="https://files.example.org/floods") in files
    policy = page.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'self' https://files.example.org" in policy
    assert any(one.startswith("img-src 'self' https://files.example.org") for one in policy)
    assert site.get(address("site.css")).status_code == 200  # the function goes on serving what it names


@pytest.mark.parametrize("name", STYLES)
def test_styles_name_no_other_file_for_a_bucket_knows_no_address_below_theirs(name: str) -> None:
    named = re.findall(r"""url\(\s*["']?([^"')]+)""", (SOURCE / name).read_text())

    assert [one for one in named if not one.startswith(("data:", "#"))] == []
    assert "@import" not in (SOURCE / name).read_text()
