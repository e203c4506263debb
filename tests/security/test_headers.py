"""Protective headers of every answer, errors too; and no header of a caller changes what others read."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.http.headers import MAX_BODY_BYTES
from app.reports.models import Report
from tests.factories import sign_in_as
from tests.reporting import bearer, body_of, file_report, filed, new_key
from tests.route_list import example_of

NOBODY = f"/v1/reports/rep_{'a' * 26}"
FORGED = [
    {"Host": "evil.example"},
    {"Host": "evil.example:99999"},
    {"Host": "[::1]"},
    {"Host": "<script>"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "javascript", "X-Forwarded-Prefix": "/evil"},
    {
        "X-Forwarded-For": "127.0.0.1",
        "X-Real-IP": "127.0.0.1",
        "Forwarded": "for=127.0.0.1;host=evil.example;proto=http",
    },
    {"X-Original-URL": "/v1/me", "X-Rewrite-URL": "/v1/me"},
    {"X-HTTP-Method-Override": "DELETE", "X-Forwarded-Method": "DELETE"},
    {"X-Account-Id": "acc_1", "X-Role": "admin", "X-Amzn-Oidc-Identity": "admin"},
    {"Cookie": "session=admin; role=admin"},
]


FRAMED = "/embed"  # the one page that other sites may show in a frame


def assert_protected(answer: TestResponse, referrers: str = "strict-origin-when-cross-origin") -> None:
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    if answer.request.path == FRAMED and answer.status_code == 200 and answer.mimetype == "text/html":
        policy = policy.replace("frame-ancestors *", "frame-ancestors 'none'")
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == referrers
    assert "camera=()" in headers["Permissions-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert not any(word in policy for word in ("unsafe", "*", "http:"))
    assert headers["Cache-Control"]
    assert len(headers["X-Request-ID"]) >= 8
    assert not {"Server", "X-Powered-By", "Set-Cookie"} & set(headers.keys())


def assert_problem(answer: TestResponse) -> None:
    assert answer.mimetype == "application/problem+json"
    said: dict[str, Any] = answer.json or {}
    assert said.keys() - {"errors"} == {"type", "title", "status", "detail", "instance", "request_id"}
    assert said["status"] == answer.status_code
    assert said["request_id"] == answer.headers["X-Request-ID"]
    assert said["type"].startswith("/docs/errors/")
    assert ("errors" in said) == (answer.status_code == 422)
    assert answer.headers["Cache-Control"] in ("no-store", "private, no-store")


def assert_told(answer: TestResponse, *, is_old: bool) -> None:
    """The old clients read one sentence where all others read a problem document."""
    if is_old:
        assert (answer.mimetype, list(answer.json or {})) == ("application/json", ["error"])
    else:
        assert_problem(answer)


def test_every_route_protects_its_answers(app: Flask, client: FlaskClient) -> None:
    filed(client)
    for rule in app.url_map.iter_rules():
        path = example_of(rule.rule)
        for method in (rule.methods or set()) | {"BREW"}:
            answer = client.open(path, method=method)
            is_quieter = path == "/invitation" and method in ("GET", "HEAD", "POST")
            assert_protected(answer, *(["no-referrer"] if is_quieter else []))
            if rule.endpoint.startswith("pages.") and answer.mimetype == "text/html":  # a form shows itself again
                assert "public" not in answer.headers["Cache-Control"] or answer.status_code == 200
            elif answer.status_code >= 400 and method != "HEAD":
                assert_told(answer, is_old=rule.endpoint.startswith("legacy") and method in (rule.methods or set()))


def too_many(client: FlaskClient) -> TestResponse:
    resident = sign_in_as()
    return [file_report(client, headers=resident) for _ in range(31)][-1]


def withdrawn(client: FlaskClient) -> TestResponse:
    report = filed(client)
    own = bearer(report["edit_token"])
    client.delete(f"/v1/reports/{report['id']}", headers=own)
    return client.patch(f"/v1/reports/{report['id']}", headers=own | {"If-Match": "*"}, json={"title": "x"})


def stale(client: FlaskClient) -> TestResponse:
    report = filed(client)
    own = bearer(report["edit_token"])
    return client.patch(f"/v1/reports/{report['id']}", headers=own | {"If-Match": '"v9"'}, json={"title": "x"})


JSON = {"content_type": "application/json"}
REFUSALS: dict[int, Callable[[FlaskClient], TestResponse]] = {
    400: lambda client: client.post("/v1/reports", data="{", **JSON),
    401: lambda client: client.get("/v1/me"),
    403: lambda client: client.get("/v1/reports?status=rejected"),
    404: lambda client: client.get("/v1/nothing"),
    405: lambda client: client.put("/v1/reports"),
    406: lambda client: client.get("/v1/reports", headers={"Accept": "image/png"}),
    409: withdrawn,
    412: stale,
    413: lambda client: client.post("/v1/reports", data="x" * (MAX_BODY_BYTES + 1), **JSON),
    415: lambda client: client.post("/v1/reports", data="<report/>", content_type="text/xml"),
    422: lambda client: file_report(client, radius_m=0),
    428: lambda client: client.post("/v1/reports", json=body_of()),
    429: too_many,
}


@pytest.mark.parametrize("status", REFUSALS)
def test_every_refusal_is_a_protected_problem(client: FlaskClient, noon: Any, status: int) -> None:
    answer = REFUSALS[status](client)

    assert answer.status_code == status
    assert_problem(answer)
    assert_protected(answer)


@pytest.mark.parametrize("forged", FORGED, ids="-".join)
def test_public_answers_do_not_follow_what_a_caller_says_of_himself(
    client: FlaskClient, forged: dict[str, str], noon: Any
) -> None:
    report = filed(client)
    paths = [
        "/v1/reports",
        "/v1/reports.geojson",
        "/v1/reports.csv",
        f"/v1/reports/{report['id']}",
        "/openapi.json",
    ]
    # Pages name themselves by the host: tests/security/test_page_caches.py holds them to the same.
    paths += ["/v1/reports?lat=51.5&lon=-0.1&radius_km=9", "/healthz"]

    for path in paths:
        plain, odd = client.get(path), client.get(path, headers=forged)
        assert (odd.status_code, odd.data, odd.headers["ETag"]) == (200, plain.data, plain.headers["ETag"]), path
        kept = ("Cache-Control", "Vary", "Link", "Location", "Access-Control-Allow-Origin")
        assert [odd.headers.get(name) for name in kept] == [plain.headers.get(name) for name in kept]


@pytest.mark.parametrize("forged", FORGED, ids="-".join)
def test_no_claim_opens_a_door(client: FlaskClient, forged: dict[str, str]) -> None:
    report = filed(client)

    assert client.get("/v1/me", headers=forged).status_code == 401
    assert client.get(f"/v1/reports/{report['id']}", headers=forged).json["location_precision"] == "grid"
    assert client.get(f"/v1/reports/{report['id']}", headers=forged).status_code == 200
    assert Report.find(report["id"]) is not None


@pytest.mark.parametrize("forged", FORGED[:5], ids="-".join)
def test_links_and_locations_stay_on_this_site(client: FlaskClient, forged: dict[str, str]) -> None:
    for _ in range(2):
        filed(client)
    created = client.post("/v1/reports", json=body_of(), headers=forged | {"Idempotency-Key": new_key()})
    page = client.get("/v1/reports?limit=1", headers=forged)

    assert created.headers["Location"].startswith("/v1/reports/rep_")
    assert page.headers["Link"].startswith("</v1/reports?")
    assert "evil" not in str(page.headers) + page.text + str(created.headers) + created.text


@pytest.mark.parametrize("split", ["x\r\nSet-Cookie: a=b", "x%0d%0aSet-Cookie:%20a=b", "\u560d\u560aSet-Cookie: a=b"])
def test_no_header_can_be_smuggled_in(client: FlaskClient, split: str) -> None:
    for _ in range(2):
        filed(client)
    for path in (f"/v1/reports?limit=1&since=2020-01-01T00:00:00Z&x={split}", f"/v1/reports/{split}", f"/{split}"):
        assert "Set-Cookie" not in client.get(path.replace("\r", "%0d").replace("\n", "%0a")).headers


def test_responder_pages_and_lists_are_not_for_caches(client: FlaskClient) -> None:
    report, responder = filed(client), sign_in_as("responder")

    for path in ("/v1/reports?status=rejected", "/v1/reports", f"/v1/reports/{report['id']}"):
        assert client.get(path, headers=responder).headers["Cache-Control"] == "private, no-store"
