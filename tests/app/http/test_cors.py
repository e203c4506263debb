"""Pages of other origins: all may read what is public, those that are listed may write, and none has cookies."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core.config import read_settings, settings
from app.core.environment import BadSettings
from app.http import cors
from app.http.cors import EXPOSED, PATHS
from tests.factories import sign_in_as
from tests.reporting import bearer, body_of, file_report, filed, new_key
from tests.route_list import ROUTES, Route, example_of

LISTED, FOREIGN = "https://map.example.org", "https://elsewhere.example"
# Open to anyone, and answered to the one who may see it: never the same for all.
OWN = {"photo_files.read_own_photo"}
OPEN = [route for route in ROUTES.values() if route.path.startswith(PATHS)]
NEARLY = (
    "https://map.example.org.evil.example https://map.example.orgx http://map.example.org https://map.example.org:8443 "
    "https://MAP.example.org https://sub.map.example.org null * https://map.example.org/"
).split()


@pytest.fixture(autouse=True)
def _listed(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = settings()._replace(origins=frozenset({LISTED, "http://localhost:3000"}))
    monkeypatch.setattr(cors, "settings", lambda: listing)


def preflight(client: FlaskClient, path: str, origin: str, method: str, asked: str = "") -> Any:
    """The question that a browser asks before it sends a request."""
    said = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": asked}
    return client.options(path, headers=said)


def allows(answer: Any, origin: str, method: str, asked: str) -> bool:
    """Whether a browser would send the request (Fetch standard, 4.8: CORS-preflight fetch)."""
    methods = answer.headers.get("Access-Control-Allow-Methods", "").split(", ")
    names = {name.strip().lower() for name in answer.headers.get("Access-Control-Allow-Headers", "").split(",")}
    is_open = answer.headers.get("Access-Control-Allow-Origin") in ("*", origin)
    return answer.status_code == 200 and is_open and method in methods and {asked.lower()} <= names | {""}


def said(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name.startswith("Access-Control")}


def open_all(client: FlaskClient, route: Route, origin: str) -> Any:
    return client.open(example_of(route.path), method=route.method, headers={"Origin": origin}, json=None)


def test_no_answer_of_any_route_lets_cookies_be_sent_or_names_an_origin_that_is_not_listed(client: FlaskClient) -> None:
    for route in ROUTES.values():
        for origin in (FOREIGN, LISTED):
            answer = open_all(client, route, origin)
            own = said(answer)
            assert "Access-Control-Allow-Credentials" not in own, route
            assert own.get("Access-Control-Allow-Origin") in (None, "*", LISTED), route
            assert origin == LISTED or own.get("Access-Control-Allow-Origin") != LISTED, route
            assert not own or route.path.startswith(PATHS) or "static" in route.endpoint, route


def test_public_reads_are_open_to_all_alike_also_where_nothing_is_found(client: FlaskClient) -> None:
    for route in OPEN:
        if route.method != "GET" or route.who != "anyone" or route.endpoint in OWN:
            continue
        answers = [open_all(client, route, origin) for origin in (FOREIGN, LISTED)] + [
            client.get(example_of(route.path))
        ]
        assert {answer.headers.get("Access-Control-Allow-Origin") for answer in answers} == {"*"}, route
        assert {answer.headers["Access-Control-Expose-Headers"] for answer in answers} == {EXPOSED}
        assert not any("Origin" in answer.vary for answer in answers), route


def test_every_write_is_open_to_listed_origins_and_closed_to_others(client: FlaskClient) -> None:
    for route in OPEN:
        path = example_of(route.path)
        asked = "authorization" if route.who != "anyone" else "content-type"
        mine, others = (preflight(client, path, origin, route.method, asked) for origin in (LISTED, FOREIGN))
        assert allows(mine, LISTED, route.method, asked), route
        assert "Origin" in mine.vary, route
        assert "Origin" in others.vary, route
        assert not allows(others, FOREIGN, route.method, asked), route


@pytest.mark.parametrize("origin", [LISTED, FOREIGN, "null"])
def test_preflight_of_a_conditional_read_is_open_to_all(client: FlaskClient, origin: str) -> None:
    for path in ("/v1/reports", "/v1/warnings.geojson", "/tiles/4/8/5", f"/v1/reports/rep_{'a' * 26}"):
        assert allows(preflight(client, path, origin, "GET", "if-none-match"), origin, "GET", "if-none-match"), path


@pytest.mark.parametrize("origin", NEARLY)
def test_origin_that_is_nearly_listed_is_not(client: FlaskClient, origin: str) -> None:
    answer = preflight(client, "/v1/reports", origin, "POST", "content-type")
    sent = file_report(client, headers={"Origin": origin})

    assert not allows(answer, origin, "POST", "content-type")
    assert said(sent) == {}


def test_listed_page_files_reads_its_own_and_changes_it(client: FlaskClient) -> None:
    report = filed(client)
    path, own = f"/v1/reports/{report['id']}", bearer(report["edit_token"]) | {"Origin": LISTED}
    answers = [
        file_report(client, headers={"Origin": LISTED}),
        client.get(path, headers=own),
        client.patch(path, headers=own | {"If-Match": "*"}, json={"title": "Knee-deep"}),
        client.get("/v1/me", headers=sign_in_as("resident") | {"Origin": LISTED}),
        client.delete(path, headers=own),
    ]

    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 204]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == LISTED
        assert answer.headers["Access-Control-Expose-Headers"] == EXPOSED
        assert "Origin" in answer.vary


def test_errors_can_be_read_too(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {"Origin": LISTED}
    wrong = client.post("/v1/reports", headers=listed | {"Idempotency-Key": new_key()}, json={})
    keyless = client.post("/v1/reports", headers=listed, json=body_of())
    unknown = client.post("/v1/nothing", headers=listed, json={})
    nowhere = client.get("/v1/nothing", headers={"Origin": FOREIGN})
    for number in range(40):
        late = client.post("/v1/tokens", headers=listed, json={"username": "ada", "password": f"wrong {number} again"})
        if late.status_code == 429:
            break

    statuses = {answer.status_code: answer for answer in (wrong, keyless, unknown, late)}
    assert statuses.keys() == {422, 428, 404, 429}
    assert {answer.headers["Access-Control-Allow-Origin"] for answer in statuses.values()} == {LISTED}
    assert "Retry-After" in statuses[429].headers
    assert (nowhere.status_code, nowhere.headers["Access-Control-Allow-Origin"]) == (404, "*")


def test_cookie_of_a_session_is_nothing_to_the_api(client: FlaskClient) -> None:
    client.set_cookie("session", "anything-at-all")

    answer = client.get("/v1/me", headers={"Origin": LISTED})

    assert answer.status_code == 401
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    "* null https://map.example.org/ https://map.example.org:443 http://map.example.org https://a.example/x "
    "HTTPS://map.example.org https://Map.example.org ftp://a.example https://u@a.example https://a.example;x "
    "https://käse.example https:// map.example.org https://*.example.org https://[::1 http://localhost:80".split(),
)
def test_origin_that_no_browser_sends_or_no_tls_protects_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(BadSettings, match="FLOOD_ORIGINS"):
        read_settings({"FLOOD_ORIGINS": f"https://good.example,{origin}"})


def test_origins_are_read_as_they_are_written() -> None:
    listed = (
        "https://a.example, https://b.example:8443 ,http://localhost:3000,http://[::1]:5000,,https://xn--ks-xka.example"
    )

    assert read_settings({"FLOOD_ORIGINS": listed}).origins == {
        "https://a.example",
        "https://b.example:8443",
        "http://localhost:3000",
        "http://[::1]:5000",
        "https://xn--ks-xka.example",
    }
    assert read_settings({}).origins == frozenset()
