"""The pages: what they say, to whom, and that nothing in them leads nowhere."""

import json
import subprocess
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_smorest import Blueprint

from app.errors import Problem, every_problem
from app.web import pages
from app.web.problem_advice import BY_CODE
from tests.app.web import markup

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
AS_BROWSER = {"Accept": BROWSER}
KINDS = every_problem()
PAGES = ["/", "/docs", "/docs/errors/", *(f"/docs/errors/{kind.code}" for kind in KINDS)]
TEMPLATES = sorted((Path(pages.__file__).parent / "templates").rglob("*.html"))
METHODS = {"get", "post", "put", "patch", "delete"}
HEALTH = {"message": "Flood Reporting API is running"}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/*", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/json, text/html;q=0.9", "application/json"),
        ("text/html;q=0.5, */*", "application/json"),
        ("text/html;q=0, */*", "application/json"),
        ("image/png", "application/json"),
        ("text/plain, */*", "application/json"),
        ("text/html;q=nonsense", "application/json"),
        (BROWSER, "text/html"),
        ("text/html", "text/html"),
        ("TEXT/HTML", "text/html"),
        ("text/*", "text/html"),
        ("text/html, application/json", "text/html"),
        ("text/html, application/json;q=0.9", "text/html"),
        ("text/html, */*", "text/html"),
        ("application/json;q=0, */*", "text/html"),
    ],
)
def test_home_is_a_page_only_for_those_who_prefer_one(site: FlaskClient, accept: str | None, media_type: str) -> None:
    answer = site.get("/", headers={} if accept is None else {"Accept": accept})

    assert answer.status_code == 200
    assert answer.mimetype == media_type
    assert answer.vary.as_set() >= {"accept"}


def test_programs_get_the_health_answer(site: FlaskClient) -> None:
    assert site.get("/").get_json() == HEALTH


def test_home_never_sends_one_form_for_the_validator_of_the_other(site: FlaskClient) -> None:
    page = site.get("/", headers=AS_BROWSER)

    data = site.get("/", headers={"If-None-Match": page.headers["ETag"]})

    assert data.status_code == 200
    assert data.get_json() == HEALTH


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(client: FlaskClient, path: str) -> None:
    found = markup.addresses(client.get(path, headers=AS_BROWSER).text)

    answers = {link: client.get(link, headers=AS_BROWSER).status_code for link in found if not link.startswith("#")}

    assert len(answers) >= 6
    assert set(answers.values()) == {200}, answers


@pytest.mark.parametrize("path", PAGES)
def test_pages_name_no_other_host(site: FlaskClient, path: str) -> None:
    found = markup.addresses(site.get(path, headers=AS_BROWSER).text)

    assert [link for link in found if urlsplit(link).netloc or not link.startswith(("/", "#"))] == []


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_no_inline_script_or_style(site: FlaskClient, path: str) -> None:
    answer = site.get(path, headers=AS_BROWSER)

    for element in markup.read(answer.text):
        assert element.name != "style"
        assert not [name for name in element.attributes if name == "style" or name.startswith("on")]
        assert element.name != "script" or (element.attributes["src"] and not element.words())
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_a_language_a_title_and_one_heading(site: FlaskClient, path: str) -> None:
    page = site.get(path, headers=AS_BROWSER).text

    assert markup.named(page, "html")[0].attributes["lang"] == "en"
    assert markup.named(page, "title")[0].words()
    assert len(markup.named(page, "h1")) == 1


def test_pages_work_behind_a_stage_prefix(site: FlaskClient) -> None:
    for path in ("/", "/docs", "/docs/errors/invalid"):
        page = site.get(path, headers=AS_BROWSER, environ_overrides={"SCRIPT_NAME": "/dev"}).text

        assert [link for link in markup.addresses(page) if not link.startswith(("/dev/", "#"))] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_templates_switch_no_escaping_off(template: Path) -> None:
    source = template.read_text().replace(" ", "")

    for forbidden in ("|safe", "autoescape", "|tojson", "Markup", "<style", "style=", "<script>"):
        assert forbidden not in source


def test_a_hostile_host_is_escaped(site: FlaskClient) -> None:
    answer = site.get("/", headers=AS_BROWSER | {"Host": 'a"><script>alert(1)</script>'})

    assert "<script>alert" not in answer.text
    assert answer.status_code < 500


def test_home_may_not_be_reused_unasked_for_another_host(site: FlaskClient) -> None:
    assert site.get("/", headers=AS_BROWSER).headers["Cache-Control"] == "no-cache"


def test_curl_examples_of_home_work_as_printed(client: FlaskClient) -> None:
    client.post("/v1/accounts", json={"username": "resident", "password": "your pass-phrase"})
    examples = [element.words() for element in markup.named(client.get("/", headers=AS_BROWSER).text, "pre")]

    statuses = [_run(client, example) for example in examples]

    assert statuses == [200, 201, 200]


def _run(client: FlaskClient, command: str) -> int:
    """The status of a curl command, its words as the shell would hand them over, sent to the app."""
    script = "curl() { printf '%s\\0' \"$@\"; }\n" + command
    words = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.split("\0")
    pairs = list(pairwise(words))
    headers = dict(value.split(": ", 1) for option, value in pairs if option == "-H")
    body = next((value for option, value in pairs if option == "-d"), None)
    method = next((value for option, value in pairs if option == "-X"), "GET")
    address = next(word for word in words if word.startswith("http://localhost/"))
    return client.open(address, method=method, headers=headers, data=body).status_code


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_kind_of_problem_has_its_page(site: FlaskClient, kind: type[Problem]) -> None:
    answer = site.get(f"/docs/errors/{kind.code}")

    example = json.loads(markup.named(answer.text, "pre")[0].words())
    assert answer.status_code == 200
    assert markup.named(answer.text, "h1")[0].words() == kind.title
    assert len(markup.named(answer.text, "ol")[0].words()) > 40
    assert (example["type"], example["status"]) == (f"/docs/errors/{kind.code}", kind.status)


def test_list_of_problems_links_each_kind_with_its_status(site: FlaskClient) -> None:
    page = site.get("/docs/errors/").text

    for kind in KINDS:
        assert f"/docs/errors/{kind.code}" in markup.addresses(page)
        assert f">{kind.status}<" in page


def test_codes_of_problems_are_unique() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS) >= 14


def test_no_advice_is_kept_for_a_problem_that_is_gone() -> None:
    assert set(BY_CODE) == {kind.code for kind in KINDS}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/docs/errors/no-such-kind"),
        ("GET", "/v1/nothing-here"),
        ("DELETE", "/"),
        ("POST", "/v1/reports"),
        ("GET", "/v1/reports?no_such_parameter=1"),
        ("GET", "/v1/me"),
    ],
)
def test_type_of_a_real_problem_resolves(client: FlaskClient, method: str, path: str) -> None:
    problem = client.open(path, method=method, headers=AS_BROWSER)

    page = client.get(problem.get_json()["type"])

    assert problem.status_code >= 400
    assert problem.mimetype == "application/problem+json"
    assert str(problem.status_code) in page.text
    assert page.status_code == 200


def test_list_of_operations_is_that_of_the_description(site: FlaskClient) -> None:
    described = site.get("/openapi.json").get_json()["paths"]
    wanted = {(method.upper(), path) for path, item in described.items() for method in METHODS & item.keys()}
    page = site.get("/docs").text

    listed = [tuple(element.words().split()) for element in markup.named(page, "dt")]

    assert len(listed) == len(wanted)
    assert set(listed) == wanted
    assert all(element.words() for element in markup.named(page, "dd")), "an operation without a summary"


def test_summaries_are_escaped(app: Flask) -> None:
    planted = Blueprint("planted", __name__)
    planted.get("/planted")(_planted_view)
    app.register_blueprint(planted)

    page = app.test_client().get("/docs").text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def _planted_view() -> str:
    """<script>alert(1)</script>"""
    return ""
