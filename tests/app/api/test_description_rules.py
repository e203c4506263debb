"""Rules of the description for those who generate a client from it; each looks at every part of the document."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator

from app.api import description
from app.api.described_bodies import schemas_of_answers, schemas_of_requests
from app.factory import create_app
from app.http.examples import Unknown, example_of
from tests.factories import sign_in_as

METHODS = ("get", "post", "put", "patch", "delete")
# What a person who reads a sentence needs of it.
SENTENCE = re.compile(r"\S.*\S", re.DOTALL)
KEY = "a-key-of-an-example-0001"


@cache
def spec() -> dict[str, Any]:
    return description.document(create_app(TESTING=True))


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = spec()["components"]["schemas"]
    return found


def operations() -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": item[method]
        for path, item in spec()["paths"].items()
        for method in METHODS
        if method in item
    }


def parameters() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in spec()["paths"].items():
        for parameter in item.get("parameters", ()):
            yield f"{path} {parameter['name']}", parameter
    for name, operation in operations().items():
        for parameter in operation.get("parameters", ()):
            yield f"{name} {parameter['name']}", parameter


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body of a request and of an answer, with its media type."""
    for name, operation in operations().items():
        bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
        for part, body in bodies.items():
            for media_type, content in body.get("content", {}).items():
                yield f"{name} {part} {media_type}", content
    for name, answer in spec()["components"]["responses"].items():
        for media_type, content in answer["content"].items():
            yield f"{name} {media_type}", content


def fields(schema: dict[str, Any], at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, field in schema.get("properties", {}).items():
        yield f"{at}.{name}", field
        yield from fields(field, f"{at}.{name}")
        yield from fields(field.get("items", {}), f"{at}.{name}[]")


def parts(part: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a part of the document."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from parts(inner)


def is_right(schema: dict[str, Any], value: Any) -> bool:
    return bool(OAS31Validator(schema | {"components": spec()["components"]}).is_valid(value))


def why_none(schema: dict[str, Any]) -> str:
    try:
        return f"made now: {example_of(schema, schemas())}"
    except Unknown as unknown:
        return f"`{unknown}` needs an example in its metadata"


def test_every_parameter_has_a_sentence_and_an_example() -> None:
    lacking = {name: sorted({"description", "example"} - each.keys()) for name, each in parameters()}

    assert {name: what for name, what in lacking.items() if what} == {}
    assert [name for name, each in parameters() if not SENTENCE.fullmatch(each["description"])] == []


def test_every_body_and_every_answer_has_an_example() -> None:
    assert {name: why_none(each["schema"]) for name, each in contents() if "example" not in each} == {}


def test_examples_are_of_the_shape_that_they_are_for() -> None:
    examples = [*parameters(), *contents()]

    assert len(examples) > 300
    assert [name for name, each in examples if not is_right(each["schema"], each["example"])] == []


def test_every_schema_and_every_field_is_told_in_words() -> None:
    told = [*schemas().items(), *(each for name, schema in schemas().items() for each in fields(schema, name))]
    told += [each for name, content in contents() for each in fields(content["schema"], name)]

    assert len(told) > 900
    assert [name for name, each in told if not SENTENCE.fullmatch(each.get("description", ""))] == []


def test_every_answer_names_its_headers_and_every_header_is_told_in_words() -> None:
    headers = spec()["components"]["headers"]
    answers = {
        f"{name} {status}": answer
        for name, operation in operations().items()
        for status, answer in operation["responses"].items()
        if "$ref" not in answer
    } | spec()["components"]["responses"]

    assert [name for name, answer in answers.items() if "X-Request-ID" not in answer["headers"]] == []
    assert {"$ref": "#/components/headers/ETag"} in answers["get /v1/reports 200"]["headers"].values()
    assert [name for name, each in headers.items() if not SENTENCE.fullmatch(each["description"])] == []
    assert [name for name, each in headers.items() if not is_right(each["schema"], each["example"])] == []


def test_operations_stand_under_a_noun_that_is_described() -> None:
    tags = {tag["name"]: tag["description"] for tag in spec()["tags"]}
    used = {operation["tags"][0] for operation in operations().values()}

    assert used == tags.keys()
    assert [name for name, sentence in tags.items() if not SENTENCE.fullmatch(sentence)] == []


def test_forms_of_one_list_stand_under_one_noun() -> None:
    nouns: dict[str, set[str]] = {}
    for name, operation in operations().items():
        nouns.setdefault(name.split()[1].partition(".")[0], set()).update(operation["tags"])

    assert {path: tags for path, tags in nouns.items() if len(tags) > 1} == {}
    assert nouns["/v1/reports"] == nouns["/v1/reports/{report_id}"] == {"reports"}


def test_requests_are_closed_and_answers_are_open() -> None:
    of_requests, of_answers = schemas_of_requests(spec()), schemas_of_answers(spec())

    assert of_requests & of_answers == set(), "a schema cannot be closed and open: give the answer one of its own"
    assert [name for name in of_requests if schemas()[name].get("additionalProperties") is not False] == []
    closed = [
        name
        for name in schemas().keys() - of_requests
        for part in parts(schemas()[name])
        if part.get("additionalProperties") is False
    ]
    assert closed == []


def test_no_schema_begins_with_a_choice() -> None:
    choices = {"anyOf", "oneOf", "allOf"}

    assert [name for name, schema in schemas().items() if choices & schema.keys()] == []
    assert [name for name, schema in schemas().items() if schema.get("type") != "object"] == []


def test_new_report_needs_a_severity_only_without_a_depth() -> None:
    place = {"location": {"lat": 51.5, "lon": -0.125}}
    new_report = {"$ref": "#/components/schemas/NewReport"}

    assert is_right(new_report, place | {"depth_cm": 30})
    assert is_right(new_report, place | {"severity": "minor", "depth_cm": None})
    assert not is_right(new_report, place)
    assert not is_right(new_report, place | {"depth_cm": None})
    assert not is_right(new_report, 42)


def test_security_is_empty_just_where_no_token_changes_the_answer() -> None:
    security = {name: operation["security"] for name, operation in operations().items()}
    either = [{}, {"bearer": []}]

    assert security["get /healthz"] == security["get /v1/warnings"] == security["get /v1/nearby"] == []
    assert security["get /v1/reports/{report_id}"] == security["post /v1/reports"] == either
    assert security["post /v1/subscriptions"] == security["post /v1/invitations/accept"] == either
    assert security["get /v1/me"] == [{"bearer": []}]


def test_links_lead_to_operations_with_parameters_that_these_have() -> None:
    by_id = {operation["operationId"]: (name, operation) for name, operation in operations().items()}
    links = [
        link
        for operation in operations().values()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]

    assert len(links) > 50
    for link in links:
        name, target = by_id[link["operationId"]]
        path = spec()["paths"][name.split()[1]]
        own = [*path.get("parameters", ()), *target.get("parameters", ())]
        known = {f"{parameter['in']}.{parameter['name']}" for parameter in own}
        assert link.get("parameters", {}).keys() <= known, name


@pytest.mark.parametrize(
    ("source", "status", "name", "leads"),
    [
        ("post /v1/reports", "201", "read_report", {"path.report_id": "$response.body#/id"}),
        (
            "post /v1/reports",
            "201",
            "edit_report",
            {"path.report_id": "$response.body#/id", "header.If-Match": "$response.header.ETag"},
        ),
        ("get /v1/reports", "200", "put_vote", {"path.report_id": "$response.body#/items/0/id"}),
        ("get /v1/reports", "200", "next_page", {"query.cursor": "$response.body#/next_cursor"}),
        ("get /v1/me/reports", "200", "read_report", {"path.report_id": "$response.body#/items/0/id"}),
        ("post /v1/me/api-keys", "201", "end_key", {"path.key_id": "$response.body#/id"}),
    ],
)
def test_answer_links_to_what_can_be_done_next(source: str, status: str, name: str, leads: dict[str, str]) -> None:
    assert operations()[source]["responses"][status]["links"][name]["parameters"] == leads


def test_examples_of_what_people_file_are_taken(client: FlaskClient) -> None:
    def example(name: str) -> Any:
        return operations()[name]["requestBody"]["content"]["application/json"]["example"]

    filed = client.post("/v1/reports", json=example("post /v1/reports"), headers={"Idempotency-Key": KEY})
    assert filed.status_code == 201
    edited = client.patch(
        f"/v1/reports/{filed.json['id']}",
        json=example("patch /v1/reports/{report_id}"),
        headers={"If-Match": filed.headers["ETag"], "Authorization": f"Bearer {filed.json['edit_token']}"},
    )
    assert edited.status_code == 200
    assert client.post("/v1/accounts", json=example("post /v1/accounts")).status_code == 201
    assert client.post("/v1/tokens", json=example("post /v1/tokens")).status_code == 200
    admin = sign_in_as("admin")
    made = client.post("/v1/admin/invitations", json=example("post /v1/admin/invitations"), headers=admin)
    assert made.status_code == 201
    assert client.put("/v1/admin/switches", json=example("put /v1/admin/switches"), headers=admin).status_code == 200
