"""The pages for people who build on the product: the API's description, and what each error means."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.errors import Problem, every_problem
from app.http.schemas import Blueprint
from app.pages.site.problem_advice import BY_CODE
from tests.app.pages.frame import markup

AS_BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}
KINDS = every_problem()
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_kind_of_problem_has_its_page(client: FlaskClient, kind: type[Problem]) -> None:
    answer = client.get(f"/docs/errors/{kind.code}")

    example = json.loads(markup.named(answer.text, "pre")[0].words())
    assert answer.status_code == 200
    assert markup.named(answer.text, "h1")[0].words() == kind.title
    assert len(markup.named(answer.text, "ol")[0].words()) > 40
    assert (example["type"], example["status"]) == (f"/docs/errors/{kind.code}", kind.status)


def test_list_of_problems_links_each_kind_with_its_status(client: FlaskClient) -> None:
    page = client.get("/docs/errors/").text

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
        ("GET", "/v1/nothing-here"),
        ("DELETE", "/v1/reports"),
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


def test_list_of_operations_is_that_of_the_description(client: FlaskClient) -> None:
    described = client.get("/openapi.json").get_json()["paths"]
    wanted = {(method.upper(), path) for path, item in described.items() for method in METHODS & item.keys()}
    page = client.get("/docs").text

    listed = [tuple(element.words().split()) for element in markup.named(page, "dt")]

    assert len(listed) == len(wanted)
    assert set(listed) == wanted
    assert all(element.words() for element in markup.named(page, "dd")), "an operation without a summary"


def test_summaries_are_escaped(own_app: Flask) -> None:
    planted = Blueprint("planted", __name__)
    planted.get("/planted")(_planted_view)
    own_app.register_blueprint(planted)

    page = own_app.test_client().get("/docs").text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def _planted_view() -> str:
    """<script>alert(1)</script>"""
    return ""
