"""CloudFront's function, run by node: what differs without meaning becomes one key, and what has a meaning stays."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.core.translations import LANGUAGES
from app.http.answers import accepted_language
from app.http.page_parameters import OF_PAGES
from infra.template import Template
from tests.factories import make_report

ROOT = Path(__file__).parents[2]
CODE = ROOT / "infra" / "viewer_request.txt"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
ENGLISH, SPANISH = "en-GB,en;q=0.9,es;q=0.5", "es-MX,es;q=0.9,en;q=0.5"
WORDLESS = (
    "/v1/reports",
    "/v1/reports.csv",
    "/v1/reports.geojson",
    "/v1/pulse?lat=51&lon=0&radius_km=1",
    "/tiles/4/7/5",
)
Request = dict[str, Any]


def run(*requests: Request) -> list[Request]:
    events = [{"viewer": {"ip": "198.51.100.7"}, "request": request} for request in requests]
    tells = f"\nconsole.log(JSON.stringify({json.dumps(events)}.map(handler)))"
    script = CODE.read_text(encoding="utf-8") + tells
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, timeout=600, check=True)
    return list(json.loads(done.stdout))


def request(uri: str = "/", method: str = "GET", query: str = "", **headers: str) -> Request:
    pairs = [part.split("=") for part in query.split("&") if part]
    said = {name.replace("_", "-"): {"value": value} for name, value in headers.items()}
    return {"uri": uri, "method": method, "querystring": {name: {"value": to} for name, to in pairs}, "headers": said}


def key(one: Request) -> tuple[Any, ...]:
    """The key by the cache policy, without cookies and Authorization."""
    headers = {name: one["headers"].get(name, {}).get("value") for name in ("accept", "accept-language")}
    return one["uri"], list(one["querystring"].items()), headers


def test_two_languages_are_kept_apart_and_spellings_of_one_are_not() -> None:
    said = (ENGLISH, "en", "en-US,en;q=0.5", "fr, en;q=0.1", "de", SPANISH, "es", "en;q=0.2, ES-ar;q=0.8", "en;q=0, es")

    told = [one["headers"]["accept-language"]["value"] for one in run(*(request(accept_language=one) for one in said))]

    assert told == ["en"] * 5 + ["es"] * 4


def test_the_function_chooses_the_language_that_the_product_would(app: Flask) -> None:

    said = (ENGLISH, SPANISH, "fr;q=0.9, es;q=0.4, en;q=0.6", "en;q=0, es", "*", "es;q=0.5, en;q=0.5", "xx")
    told = [one["headers"]["accept-language"]["value"] for one in run(*(request(accept_language=one) for one in said))]

    for header, language in zip(said, told, strict=True):
        with app.test_request_context(headers={"Accept-Language": header}):
            assert accepted_language() == language, header


def test_it_knows_the_languages_and_parameters_of_the_pages() -> None:
    [known] = run(request("/", query="&".join(f"{name}=1" for name in [*OF_PAGES, "fbclid", "utm_source"])))

    assert list(known["querystring"]) == sorted(OF_PAGES)
    assert f"var LANGUAGES = {json.dumps(list(LANGUAGES)).replace(chr(34), chr(39))};" in CODE.read_text("utf-8")


def test_what_networks_add_to_a_link_and_the_order_of_parameters_make_no_other_page() -> None:
    one, other = run(
        request("/reports", query="lat=51&lon=0&hours=2", accept=FIREFOX, accept_language=ENGLISH),
        request("/reports", query="hours=2&fbclid=x&lon=0&lat=51&utm_source=y", accept=CHROME, accept_language="en"),
    )

    assert key(one) == key(other)


def test_the_api_is_asked_with_every_parameter_that_it_may_refuse() -> None:
    [one] = run(request("/v1/reports", query="severity_mni=3"))

    assert one["querystring"] == {"severity_mni": {"value": "3"}}


def test_the_form_of_an_answer_is_the_one_that_was_asked_for(app: Flask, tables: None) -> None:
    alone = ("application/json", "application/geo+json", "text/csv", "application/atom+xml", "text/html")
    types = (*alone, FIREFOX, CHROME, "*/*", "image/png")
    headers = [one + more for one in types for more in ("", ";q=0.9", ", application/json;q=0.5, text/csv;q=0.8")]
    passed = run(*(request("/v1/reports", accept=one) for one in headers), request("/v1/reports"))
    client, forms = app.test_client(), set()

    for header, told in zip([*headers, None], passed, strict=True):
        first = client.get("/v1/reports", headers={"Accept": header} if header else {})
        second = client.get("/v1/reports", headers={"Accept": told["headers"]["accept"]["value"]})
        assert (first.status_code, first.mimetype) == (second.status_code, second.mimetype), header
        forms.add(first.mimetype)
    assert len(forms) == 5


@pytest.mark.parametrize("path", WORDLESS)
def test_answers_without_our_words_are_the_same_in_both_languages(app: Flask, tables: None, path: str) -> None:
    make_report()
    english, spanish = (app.test_client().get(path, headers={"Accept-Language": one}) for one in (ENGLISH, SPANISH))
    told = run(*(request(path.partition("?")[0], accept_language=one) for one in (ENGLISH, SPANISH)))

    assert english.status_code == spanish.status_code == 200, english.text
    assert "Accept-Language" not in spanish.vary
    assert {one["headers"]["accept-language"]["value"] for one in told} == {"en"}


def test_a_write_passes_as_it_is_and_names_the_viewer() -> None:
    [one] = run(request("/v1/reports", "POST", query="x=1", accept=CHROME, accept_language=SPANISH))

    assert one["headers"] == {
        "accept": {"value": CHROME},
        "accept-language": {"value": SPANISH},
        "x-viewer-address": {"value": "198.51.100.7"},
    }
    assert one["querystring"] == {"x": {"value": "1"}}


def test_what_is_deployed_is_this_function(templates: dict[str, Template]) -> None:
    deployed = templates["prod"]["Resources"]["CdnViewerAddress"]["Properties"]["FunctionCode"]

    assert deployed.strip() == CODE.read_text(encoding="utf-8").strip()
    assert len(deployed.encode()) < 10_240  # CloudFront takes no more
