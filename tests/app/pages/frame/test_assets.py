"""The files of the pages: hashed, kept for ever, packed, and never from outside their folder."""

import gzip
import re
from base64 import b64encode
from hashlib import sha256

import pytest
from flask.testing import FlaskClient

from app.pages.frame import assets
from app.pages.site import developers
from tests.app.pages.frame import markup

BUNDLE = f"{developers.SWAGGER}/swagger-ui-bundle.js"
LEAFLET = "vendor/leaflet-1.9.4"
PROTOMAPS = "vendor/protomaps-leaflet-5.1.0"
# Of the files in the npm packages: a vendored file is replaced, never edited.
AS_PUBLISHED = {
    f"{developers.SWAGGER}/swagger-ui-bundle.js": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
    f"{developers.SWAGGER}/swagger-ui.css": "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
    f"{LEAFLET}/leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    f"{LEAFLET}/leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
    f"{PROTOMAPS}/protomaps-leaflet.js": "26af014f7b1af308ec120b791cff76657bb9c3383633b52033e6edf9e5e4cdb5",
}
LICENCES = [
    (developers.SWAGGER, "Apache License", "swagger-ui-dist 5.35.0"),
    (LEAFLET, "BSD 2-Clause License", "Leaflet 1.9.4"),
    (PROTOMAPS, "Redistribution and use in source and binary forms", "protomaps-leaflet 5.1.0"),
]
OURS = [name for name in assets.names() if not name.startswith("vendor/")]
PICTURES = (".png", ".webp", ".ico", ".woff2")
LAMBDA_REPLY_BYTES = 6_000_000


def _address(name: str) -> str:
    asset = assets.find(name)
    assert asset
    return f"/static/{asset.digest}/{name}"


def test_files_are_kept_for_ever_under_the_hash_of_their_content(site: FlaskClient) -> None:
    for name in assets.names():
        answer = site.get(_address(name))

        digest = answer.request.path.split("/")[2]
        assert answer.status_code == 200, name
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", name
        assert sha256(answer.data).hexdigest().startswith(digest), name
        assert len(digest) >= 12, name


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("site.css", "text/css"),
        ("docs.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
        ("coast/index.json", "application/json"),
    ],
)
def test_files_have_the_type_that_browsers_insist_on(site: FlaskClient, name: str, media_type: str) -> None:
    assert site.get(_address(name)).mimetype == media_type


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/errors/", "/docs/errors/invalid"])
def test_pages_use_only_present_addresses(site: FlaskClient, path: str) -> None:
    found = markup.addresses(site.get(path, headers={"Accept": "text/html"}).text)

    static = [link for link in found if link.startswith("/static/")]

    assert static
    assert all(site.get(link).status_code == 200 for link in static)


def test_an_old_address_leads_to_the_present_one(site: FlaskClient) -> None:
    answer = site.get("/static/0123456789abcdef/site.css")

    assert answer.status_code == 302
    assert answer.headers["Location"] == _address("site.css")
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "name",
    [
        "no-such.css",
        "../assets.py",
        "..%2fassets.py",
        "%2e%2e/assets.py",
        "/etc/passwd",
        "vendor",
        "vendor/",
        "site.css%00.js",
        "site.css/",
        ".",
    ],
)
def test_nothing_else_is_served(site: FlaskClient, name: str) -> None:
    answer = site.get(f"/static/{'0' * 16}/{name}")

    assert answer.status_code in (404, 308)
    assert answer.status_code == 404 or site.get(answer.headers["Location"]).status_code == 404


def test_packed_form_is_sent_to_those_who_read_it(site: FlaskClient) -> None:
    answer = site.get(_address(BUNDLE), headers={"Accept-Encoding": "gzip, deflate, br"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 500_000
    assert sha256(gzip.decompress(answer.data)).hexdigest() == AS_PUBLISHED[BUNDLE]


@pytest.mark.parametrize("encodings", [None, "", "identity", "gzip;q=0", "br"])
def test_plain_form_is_sent_to_the_others(site: FlaskClient, encodings: str | None) -> None:
    answer = site.get(_address("site.css"), headers={} if encodings is None else {"Accept-Encoding": encodings})

    assert "Content-Encoding" not in answer.headers
    assert answer.data.startswith(b"/*")


def test_caches_tell_the_two_forms_apart(site: FlaskClient) -> None:
    packed = site.get(_address("site.css"), headers={"Accept-Encoding": "gzip"})
    plain = site.get(_address("site.css"))

    assert packed.vary.as_set() >= {"accept-encoding"}
    assert plain.vary.as_set() >= {"accept-encoding"}
    assert packed.headers["ETag"] != plain.headers["ETag"]


def test_a_known_file_is_not_sent_again(site: FlaskClient) -> None:
    first = site.get(_address("site.css"), headers={"Accept-Encoding": "gzip"})

    again = site.get(_address("site.css"), headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_every_file_fits_into_a_reply_of_lambda() -> None:
    found = {name: assets.find(name) for name in assets.names()}
    sizes = {name: len(b64encode(asset.content)) for name, asset in found.items() if asset}

    assert sizes.keys() == set(assets.names())
    assert {name: size for name, size in sizes.items() if size >= LAMBDA_REPLY_BYTES} == {}


@pytest.mark.parametrize("name", AS_PUBLISHED)
def test_vendored_files_are_as_published(name: str) -> None:
    assert sha256((assets.FOLDER / name).read_bytes()).hexdigest() == AS_PUBLISHED[name]


def test_every_vendored_file_is_as_published_or_a_licence() -> None:
    vendored = {name for name in assets.names() if name.startswith("vendor/")}

    others = {name.rpartition("/")[2] for name in vendored - set(AS_PUBLISHED)}

    assert {name for name in others if "LICENSE" not in name and name != "NOTICE"} == set()


@pytest.mark.parametrize(("folder", "licence", "named"), LICENCES)
def test_vendored_files_come_with_their_licence(folder: str, licence: str, named: str) -> None:
    assert licence in (assets.FOLDER / folder / "LICENSE").read_text()
    assert f"{named}, in app/pages/static/{folder}/\n" in (assets.FOLDER.parents[2] / "NOTICE").read_text()


def test_our_own_files_name_no_other_host() -> None:
    read = [name for name in OURS if not name.endswith(PICTURES)]

    assert len(read) > 50, "nothing was looked at"
    for name in read:
        # The name of a language, which no browser asks for.
        content = re.sub(r"""(['"])http://www\.w3\.org/2000/svg\1""", "", (assets.FOLDER / name).read_text())
        said = re.sub(r"(^|\s)//( .*)?$", "", content, flags=re.MULTILINE)
        assert re.findall(r"(?:\w:|[\"'`(=,\s])//[^\s]*", said) == [], name


def test_vendored_style_asks_for_nothing() -> None:
    style = (assets.FOLDER / developers.SWAGGER / "swagger-ui.css").read_text()

    assert set(re.findall(r"url\(\s*[\"']?(\w+:)", style)) == {"data:"}
    assert len(re.findall(r"url\(", style)) == len(re.findall(r"url\(\s*[\"']?data:", style))
    assert "@import" not in style


def test_style_of_the_map_asks_for_no_picture_that_is_used() -> None:
    """Leaflet names pictures of its layer switch and its own pins, which our maps do not have."""
    style = (assets.FOLDER / LEAFLET / "leaflet.css").read_text()
    scripts = "".join((assets.FOLDER / name).read_text() for name in OURS if name.endswith(".js"))

    named = set(re.findall(r"url\(([^)]*)\)", style))

    assert named == {"images/layers.png", "images/layers-2x.png", "images/marker-icon.png", "#default#VML"}
    assert "control.layers" not in scripts
    assert "Icon.Default" not in scripts
    assert all("icon:" in call for call in re.findall(r"L\.marker\([^)]*\)", scripts))
