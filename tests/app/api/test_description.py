"""The API's description: valid, complete, and true."""

import json
import re
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from app.api import description
from app.factory import create_app
from tests.closed_description import closed
from tests.factories import sign_in_as
from tests.reporting import bearer, file_report, filed

METHODS = {"get", "post", "put", "patch", "delete"}
WRITES = ("post", "put", "patch", "delete")


@cache
def spec() -> dict[str, Any]:
    return description.document(create_app(TESTING=True))


@cache
def closed_spec() -> dict[str, Any]:
    return closed(deepcopy(spec()))


def operations() -> list[tuple[str, str]]:
    return [(method, path) for path, item in spec()["paths"].items() for method in item if method in METHODS]


def operation(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = spec()["paths"][path][method]
    return found


def test_description_is_valid() -> None:
    assert spec()["openapi"] == "3.1.0"
    assert [server["url"] for server in spec()["servers"]] == ["/"]
    assert list(OpenAPIV31SpecValidator(spec()).iter_errors()) == []


def test_description_is_served_as_it_is_made(client: FlaskClient) -> None:
    answer = client.get("/openapi.json")

    assert (answer.json, answer.mimetype) == (spec(), "application/json")


def test_description_is_made_anew_without_growing(app: Flask) -> None:
    first = json.dumps(description.document(app))

    assert json.dumps(description.document(app)) == first


def test_every_route_is_described_and_no_other(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if not rule.endpoint.startswith("pages.")]
    served = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in rules
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }

    assert set(operations()) == served


def test_every_reference_leads_somewhere_and_nothing_is_left_over() -> None:
    text = str(spec())
    used = set(re.findall(r"#/components/(\w+)/([\w-]+)", text))
    kept = {(kind, name) for kind, parts in spec()["components"].items() for name in parts if kind != "securitySchemes"}

    assert used <= kept
    assert kept == used


@pytest.mark.parametrize(("method", "path"), operations())
def test_operation_says_what_it_is_and_who_may_call(method: str, path: str) -> None:
    said = operation(method, path)

    assert said["summary"].endswith(".")
    assert len(said["tags"]) == 1
    assert said["security"] in ([], [{"bearer": []}], [{}, {"bearer": []}])
    assert re.search(
        r"\bFor (anyone|signed-in|the (reporter|subscriber)|responders|admins|programs)", said["description"]
    )
    assert re.search(
        r" Takes (access(, edit and visitor| and (edit|manage))? tokens)?((, and )?API keys with the scope [^.]+)?\.$",
        said["description"],
    )


ANSWERS = {
    "post /register": "200 400 401 413 429 503",
    "post /authenticate": "200 400 401 413 429 503",
    "post /report_flood": "201 400 401 413 429 503",
    "get /view_floods": "200 304 401 503",
    "get /flood_warnings": "200 304 401 404 503",
    "get /simplified_flood_areas": "200 304 401 404 503",
    "get /healthz": "200 304 400 401 422",
    "get /status.json": "200 304 400 401 422 503",
    "get /openapi.json": "200 304 400 401 422",
    "post /v1/accounts": "201 400 401 409 413 415 422 429 503",
    "get /v1/admin/accounts": "200 304 400 401 403 422 503",
    "get /v1/admin/audit": "200 304 400 401 403 406 422 503",
    "get /v1/admin/audit.csv": "200 304 400 401 403 422 503",
    "get /v1/admin/invitations": "200 304 400 401 403 422 503",
    "post /v1/admin/invitations": "201 400 401 403 413 415 422 503",
    "get /v1/admin/invitations/{invitation_id}": "200 304 400 401 403 404 422 503",
    "delete /v1/admin/invitations/{invitation_id}": "204 400 401 403 404 409 422 503",
    "post /v1/invitations/accept": "200 201 400 401 403 404 409 413 415 422 429 503",
    "get /v1/admin/blocks": "200 304 400 401 403 422 503",
    "post /v1/admin/blocks": "200 201 400 401 403 409 413 415 422 503",
    "get /v1/admin/blocks/{block_id}": "200 304 400 401 403 404 422 503",
    "delete /v1/admin/blocks/{block_id}": "204 400 401 403 404 422 503",
    "get /v1/admin/figures": "200 304 400 401 403 422 503",
    "get /v1/admin/switches": "200 304 400 401 403 422 503",
    "put /v1/admin/switches": "200 400 401 403 412 413 415 422 503",
    "patch /v1/admin/accounts/{account_id}": "200 400 401 403 404 409 412 413 415 422 503",
    "delete /v1/admin/accounts/{account_id}/totp": "204 400 401 403 404 409 422 503",
    "post /v1/password-resets": "202 400 401 409 413 415 422 429 503",
    "post /v1/password-resets/use": "204 400 401 403 409 413 415 422 429 503",
    "post /v1/me/email/confirmation": "202 400 401 403 409 422 503",
    "post /v1/email-confirmations": "200 400 401 403 409 413 415 422 503",
    "post /v1/tokens": "200 400 401 403 413 415 422 429 503",
    "post /v1/visitors": "201 400 401 422 429 503",
    "delete /v1/tokens": "204 400 401 403 422 503",
    "post /v1/tokens/refresh": "200 400 401 413 415 422 503",
    "get /v1/me": "200 304 400 401 403 422 503",
    "patch /v1/me": "200 400 401 403 409 412 413 415 422 429 503",
    "delete /v1/me": "204 400 401 403 413 415 422 429 503",
    "get /v1/me/totp": "200 304 400 401 403 422 503",
    "post /v1/me/totp": "201 400 401 403 409 413 415 422 429 503",
    "put /v1/me/totp": "200 400 401 403 409 413 415 422 429 503",
    "delete /v1/me/totp": "204 400 401 403 409 413 415 422 429 503",
    "get /v1/me/api-keys": "200 304 400 401 403 422 503",
    "post /v1/me/api-keys": "201 400 401 403 409 413 415 422 503",
    "get /v1/me/api-keys/{key_id}": "200 304 400 401 403 404 422 503",
    "delete /v1/me/api-keys/{key_id}": "204 400 401 403 404 409 422 503",
    "post /v1/reports/batch": "200 400 401 403 413 415 422 503",
    "get /v1/me/export": "200 304 400 401 403 422 503",
    "get /v1/me/reports": "200 304 400 401 403 422 503",
    "get /v1/me/sessions": "200 304 400 401 403 422 503",
    "delete /v1/me/sessions": "204 400 401 403 409 422 503",
    "delete /v1/me/sessions/{session_id}": "204 400 401 403 404 422 503",
    "post /v1/reports": "200 201 400 401 403 413 415 422 428 429 503",
    "get /v1/reports": "200 304 307 400 401 403 406 422 503",
    "get /v1/reports.geojson": "200 304 400 401 403 422 503",
    "get /v1/reports.atom": "200 304 400 401 422 503",
    "get /v1/reports.csv": "200 304 400 401 403 422 503",
    "get /v1/reports/{report_id}": "200 304 400 401 403 404 422 503",
    "patch /v1/reports/{report_id}": "200 400 401 403 404 409 412 413 415 422 428 429 503",
    "delete /v1/reports/{report_id}": "204 400 401 403 404 412 422 503",
    "get /v1/reports/similar": "200 304 400 401 422 503",
    "put /v1/reports/{report_id}/votes": "200 400 401 404 409 413 415 422 429 503",
    "delete /v1/reports/{report_id}/votes": "204 400 401 404 409 422 503",
    "post /v1/reports/{report_id}/flags": "204 400 401 404 409 413 415 422 429 503",
    "post /v1/reports/{report_id}/photos": "201 400 401 403 404 409 413 415 422 429 503",
    "put /v1/reports/{report_id}/photos/{photo_id}": "200 400 401 403 404 409 413 415 422 429 503",
    "delete /v1/reports/{report_id}/photos/{photo_id}": "204 400 401 403 404 409 422 503",
    "get /v1/reports/{report_id}/photos/{photo_name}/{size}.jpg": "200 304 400 401 403 404 422 503",
    "get /photos/{photo_name}/{size}.jpg": "200 304 400 401 404 422 503",
    "put /v1/reports/{report_id}/verification": "200 400 401 403 404 409 412 413 415 422 428 503",
    "delete /v1/reports/{report_id}/verification": "200 400 401 403 404 409 412 422 428 503",
    "get /v1/review/queue": "200 304 400 401 403 422 503",
    "get /v1/review/queue/{report_id}": "200 304 400 401 403 404 422 503",
    "put /v1/review/holds/{report_id}": "200 400 401 403 404 409 422 503",
    "delete /v1/review/holds/{report_id}": "204 400 401 403 404 422 503",
    "post /v1/review/decisions": "200 400 401 403 413 415 422 503",
    "post /v1/subscriptions": "202 400 401 409 413 415 422 503",
    "get /v1/subscriptions": "200 304 400 401 403 422 503",
    "get /v1/subscriptions/{subscription_id}": "200 304 400 401 403 404 422 503",
    "patch /v1/subscriptions/{subscription_id}": "200 400 401 403 404 409 413 415 422 503",
    "delete /v1/subscriptions/{subscription_id}": "204 400 401 403 404 409 422 503",
    "get /v1/subscriptions/{subscription_id}/deliveries": "200 304 400 401 403 404 422 503",
    "get /v1/warnings": "200 304 307 400 401 406 422 503",
    "get /v1/warnings.geojson": "200 304 400 401 422 503",
    "get /v1/warnings.atom": "200 304 400 401 422 503",
    "get /v1/warnings.csv": "200 304 400 401 422 503",
    "get /v1/warnings/{warning_id}": "200 304 400 401 404 422 503",
    "get /v1/warnings/{warning_id}.geojson": "200 304 400 401 404 422 503",
    **{f"get /feeds/reports.{form}": "200 304 400 401 403 422 503" for form in ("atom", "rss", "geojson", "csv")},
    **{f"get /feeds/warnings.{form}": "200 304 400 401 422 503" for form in ("atom", "rss", "geojson", "csv")},
    "get /feeds/cap.atom": "200 304 400 401 422 503",
    "get /feeds/reports/{report_id}.cap.xml": "200 304 400 401 404 422 503",
    "get /feeds/warnings/{warning_id}.cap.xml": "200 304 400 401 404 422 503",
    "get /v1/areas": "200 304 400 401 422 503",
    "get /v1/areas/{area_id}": "200 304 400 401 404 422 503",
    "get /v1/areas/{area_id}.geojson": "200 304 400 401 404 422 503",
    "get /v1/nearby": "200 304 400 401 422 503",
    "get /v1/places": "200 304 400 401 422 503",
    "get /v1/pulse": "200 304 400 401 422 503",
    "get /tiles/{z}/{x}/{y}": "200 304 400 401 404 422 503",
}


def test_operation_names_the_answers_it_can_give_and_no_other() -> None:
    assert {
        f"{method} {path}": " ".join(operation(method, path)["responses"]) for method, path in operations()
    } == ANSWERS


def test_operation_ids_are_there_and_differ() -> None:
    names = [operation(*each).get("operationId") for each in operations()]

    assert None not in names
    assert len(set(names)) == len(names)


def test_operations_name_their_headers() -> None:
    def headers_of(method: str, path: str) -> dict[str, bool]:
        return {
            each["name"]: each["required"] for each in operation(method, path)["parameters"] if each["in"] == "header"
        }

    assert headers_of("post", "/v1/reports") == {"Idempotency-Key": True}
    assert headers_of("patch", "/v1/reports/{report_id}") == {"If-Match": True}
    assert headers_of("delete", "/v1/reports/{report_id}") == {"If-Match": False}
    assert headers_of("patch", "/v1/me") == {"If-Match": False}


def test_every_read_takes_what_the_caller_has() -> None:
    reads = [operation(*each) for each in operations() if each[0] == "get"]

    assert len(reads) == 59
    for read in reads:
        assert [each["name"] for each in read["parameters"] if each["in"] == "header"] == ["If-None-Match"]
        assert "content" not in read["responses"]["304"]


def check(name: str, value: Any) -> None:
    """Fails unless the value has the shape that the description gives under this name."""
    resource = Resource.from_contents(closed_spec(), default_specification=DRAFT202012)
    schema = {"$ref": f"urn:spec#/components/schemas/{name}"}
    OAS31Validator(schema, registry=Registry().with_resource("urn:spec", resource)).validate(value)


def test_answers_have_the_shapes_described(client: FlaskClient) -> None:
    resident = sign_in_as("resident")
    check("Report", filed(client, depth_cm=5))
    check("Report", file_report(client, headers=resident, title="x").json)
    check("Page", client.get("/v1/reports?lat=51.5&lon=-0.125&radius_km=5").json)
    check("FeaturePage", client.get("/v1/reports.geojson").json)
    check("Tile", client.get("/tiles/13/4093/2724").json)
    check("Export", client.get("/v1/me/export", headers=resident).json)
    check("OwnReports", client.get("/v1/me/reports", headers=resident).json)
    check("SessionPage", client.get("/v1/me/sessions", headers=resident).json)
    check("Me", client.get("/v1/me", headers=resident).json)
    check("Status", client.get("/status.json").json)
    check("Nearby", client.get("/v1/nearby?lat=51.5&lon=-0.125").json)
    check("WarningPage", client.get("/v1/warnings").json)
    check("AreaPage", client.get("/v1/areas").json)
    check("Problem", file_report(client, radius_m=0).json)
    check("Problem", client.get("/v1/me").json)


def test_tombstone_has_the_shape_described(client: FlaskClient) -> None:
    report = filed(client)
    client.delete(f"/v1/reports/{report['id']}", headers=bearer(report["edit_token"]))

    check("Page", client.get("/v1/reports?updated_since=2026-01-01T00:00:00Z").json)
    check("FeaturePage", client.get("/v1/reports.geojson?updated_since=2026-01-01T00:00:00Z").json)
