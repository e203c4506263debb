"""Hostile and odd input: refused with the reason, or kept as the plain text that it is; never a 5xx.

Each test runs on our own samples, and on the shared recordings where they are at hand; of their many texts only each
third is sent in the short run.
"""

import csv
import io
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.unicode_text import few_marks, without_invisible
from tests.factories import sign_in_as
from tests.reporting import file_report, filed, mistakes_of, new_key

SAMPLES = Path(__file__).parents[1] / "samples" / "hostile"
TEXT_FILES = ("texts.json", "blns.json", "unicode.json", "html-injection.json", "csv-injection.json")
FEW = 100
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# What our reader is stricter about than the grammar: a name that stands twice.
DUPLICATES = ("y_twice.json", "y_object_duplicated_key.json")


@pytest.fixture(params=["ours", "shared"])
def folder(request: pytest.FixtureRequest) -> Path:
    if request.param == "ours":
        return SAMPLES
    shared: Path = request.getfixturevalue("shared_data")
    return shared / "hostile"


@pytest.fixture(params=["ours", "shared", pytest.param("all shared", marks=pytest.mark.long)])
def texts(request: pytest.FixtureRequest) -> list[str]:
    folder = SAMPLES if request.param == "ours" else request.getfixturevalue("shared_data") / "hostile"
    step = 3 if request.param == "shared" else 1
    files = [folder / name for name in TEXT_FILES if (folder / name).exists()]
    lists = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return [text for each in lists for text in (each[::step] if len(each) > FEW else each)]


REPORTERS_TEXTS = 10  # two reports each: no account may file more than 30 in an hour


def kept_of(answer: TestResponse, field: str, text: str) -> list[str]:
    """The text as it was kept, which is as it was said, without what no reader sees; nothing when it was refused."""
    assert answer.status_code in (201, 400, 422), (text, answer.text)
    if answer.status_code != 201:
        return []
    said = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    assert answer.json[field] in (None, few_marks(without_invisible(said)))
    return [answer.json[field]]


def file_texts(client: FlaskClient, texts: list[str]) -> dict[str, list[str]]:
    """File a report with each text, as title and description where it may be both; what was kept of each field."""
    kept: dict[str, list[str]] = {"title": [], "description": []}
    for number, text in enumerate(texts):
        if number % REPORTERS_TEXTS == 0:
            reporter = sign_in_as()
        answer = file_report(client, headers=reporter, title=text, description=text)
        kept["title"] += kept_of(answer, "title", text)
        if answer.status_code != 201:
            answer = file_report(client, headers=reporter, description=text)
        kept["description"] += kept_of(answer, "description", text)
    return kept


def pages(client: FlaskClient, path: str) -> list[str]:
    """The text of each page of a list."""
    found, address = [], f"{path}?limit=100"
    while address:
        answer = client.get(address)
        assert answer.status_code == 200
        found.append(answer.text)
        following = re.search('<([^>]*)>; rel="next"', answer.headers.get("Link", ""))
        address = following[1] if following else ""
    return found


def test_texts_are_kept_as_they_are_or_refused(client: FlaskClient, texts: list[str]) -> None:
    kept = file_texts(client, texts)

    items = [item for page in pages(client, "/v1/reports") for item in json.loads(page)["items"]]
    drawn = [each for page in pages(client, "/v1/reports.geojson") for each in json.loads(page)["features"]]
    rows = [row for page in pages(client, "/v1/reports.csv") for row in csv.DictReader(io.StringIO(page))]
    titles = sorted([*kept["title"], *[""] * (len(kept["description"]) - len(kept["title"]))])
    assert sorted(item["title"] or "" for item in items) == titles
    assert sorted(each["properties"]["title"] or "" for each in drawn) == titles
    assert len(rows) == len(items)
    assert [row["title"] for row in rows if row["title"].startswith(FORMULA_STARTS)] == []
    assert all(None not in row and None not in row.values() for row in rows)
    assert_inert([text for texts in kept.values() for text in texts if text])
    assert len(texts) / 3 < len(kept["title"]) < len(texts)


def assert_inert(kept: list[str]) -> None:
    starts = ("<a", "<b", "<s", "<i", "<!", "</", "<?")
    assert [text for text in kept if any(start in text.lower() for start in starts)] == []
    assert [
        text for text in kept if any(unicodedata.category(each) == "Cc" and each not in "\n\t" for each in text)
    ] == []


def test_texts_in_any_other_place_do_no_harm(client: FlaskClient, texts: list[str]) -> None:
    names = ("bbox", "lat", "severity_min", "since", "cursor")

    for text in texts:
        sane = text.encode("utf-8", "replace").decode()
        for name in names:
            assert client.get("/v1/reports", query_string={name: sane}).status_code in (200, 403, 422), (name, text)
        assert client.get("/v1/reports/" + sane.replace("/", "%2F").replace("?", "%3F")).status_code in (
            200,
            404,
            405,
            422,
        )
    for text in texts[::10]:  # each costs a password's hash
        sane = text.encode("utf-8", "replace").decode()
        assert client.post("/v1/tokens", json={"username": sane, "password": sane}).status_code in (401, 422, 429)


def test_texts_in_headers_do_no_harm(client: FlaskClient, texts: list[str]) -> None:
    names = ("Idempotency-Key", "If-Match", "If-None-Match", "X-Request-ID", "Accept", "Origin", "Content-Type")
    report = filed(client)["id"]

    for text in texts:
        value = text.encode("utf-8", "replace").decode("latin-1").replace("\r", " ").replace("\n", " ")
        everywhere = dict.fromkeys(names, value)
        assert client.get(f"/v1/reports/{report}", headers=everywhere).status_code in (200, 304, 412), text
        assert client.get("/v1/reports?limit=1", headers={"Accept": value or "x"}).status_code in (200, 406), text
        assert client.get("/healthz", headers={"Authorization": value}).status_code == 401, text
        assert client.post("/v1/reports", data="{}", headers=everywhere).status_code in (415, 422), text
        assert file_report(client, key=value or "x").status_code in (201, 422, 429), text


def test_json_files_are_read_or_refused(client: FlaskClient, folder: Path) -> None:
    expected = {"y": (201, 422), "n": (400,), "i": (400, 422)}
    files = sorted((folder / "json").glob("*.json"))

    for file in files:
        answer = client.post(
            "/v1/reports",
            data=file.read_bytes(),
            content_type="application/json",
            headers={"Idempotency-Key": new_key()},
        )
        wanted = (400,) if file.name in DUPLICATES else expected[file.name[0]]
        assert answer.status_code in wanted, (file.name, answer.text)
    assert {file.name[0] for file in files} == {"y", "n", "i"}


def test_points_are_on_the_globe_or_refused(client: FlaskClient, folder: Path) -> None:
    points: list[dict[str, Any]] = json.loads((folder / "points.json").read_text(encoding="utf-8"))

    for point in points:
        place = {"lat": point["lat"], "lon": point["lon"]}
        answer = file_report(client, location=place)
        near = client.get(
            "/v1/reports", query_string={name: f"{value:.12f}" for name, value in place.items()} | {"radius_km": 1}
        )
        if point["what"] == "out" or all(abs(value) < 1e-100 for value in place.values()):
            assert {code for _, code in mistakes_of(answer)} == {"range" if point["what"] == "out" else "nowhere"}
        else:
            assert answer.status_code == 201
            assert answer.json["id"] in {item["id"] for item in near.json["items"]}, point


def test_times_are_read_or_refused(client: FlaskClient, folder: Path) -> None:
    with (folder / "timestamps.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))

    for row in rows:
        is_time = row["expect"] in ("valid", "edge", "invalid-CAP")
        answer = file_report(client, observed_at=row["value"])
        assert answer.status_code == 201 or mistakes_of(answer) == {("/observed_at", "range" if is_time else "time")}, (
            row
        )
        for name in ("since", "until", "updated_since"):
            listed = client.get("/v1/reports", query_string={name: row["value"]})
            assert listed.status_code == (200 if is_time else 422), (name, row)
