"""Reading a report: the exact place of a home is for its reporter and for responders, and shows nowhere else."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.reports.create import derive_id
from app.reports.imported import ImportedReport, store_imported
from app.review.audit import history_of
from tests.conftest import PREFIX
from tests.factories import sign_in_as
from tests.reporting import DOOR, DOOR_ON_GRID, bearer, file_report, filed

EXACT_DIGITS = ("50041", "12463")
HOUR_MS = 3_600_000


def test_others_see_a_home_on_the_grid(client: FlaskClient) -> None:
    report = filed(client)

    for headers in ({}, sign_in_as("resident")):
        shown = client.get(f"/v1/reports/{report['id']}", headers=headers).json
        assert (shown["location"], shown["location_precision"]) == (DOOR_ON_GRID, "grid")


@pytest.mark.parametrize("role", ["responder", "admin"])
def test_responders_see_the_exact_place_and_it_is_on_record(client: FlaskClient, role: str) -> None:
    report, reader = filed(client), sign_in_as(role)
    account = client.get("/v1/me", headers=reader).json["id"]

    shown = client.get(f"/v1/reports/{report['id']}", headers=reader).json

    assert (shown["location"], shown["location_precision"]) == (DOOR, "exact")
    (noted,) = history_of(account)
    assert (noted.action, noted.actor, noted.after) == ("exact_place.read", account, {"reports": [report["id"]]})
    assert noted.request_id


def test_reporter_sees_the_exact_place_and_no_audit_is_made(
    client: FlaskClient, resident: dict[str, str], cloud: Any
) -> None:
    mine, anonymous = filed(client, headers=resident), filed(client)

    for report, headers in ((mine, resident), (anonymous, bearer(anonymous["edit_token"]))):
        assert client.get(f"/v1/reports/{report['id']}", headers=headers).json["location"] == DOOR
    assert cloud.scan(TableName=f"{PREFIX}-audit")["Items"] == []


def test_edit_token_opens_no_other_home(client: FlaskClient) -> None:
    own, other = filed(client), filed(client)

    assert client.get(f"/v1/reports/{other['id']}", headers=bearer(own["edit_token"])).json["location"] == DOOR_ON_GRID


def test_public_place_is_exact_for_all(client: FlaskClient) -> None:
    report = filed(client, place="public")

    shown = client.get(f"/v1/reports/{report['id']}").json
    assert (shown["location"], shown["location_precision"]) == (DOOR, "exact")


def test_exact_place_of_a_home_is_in_no_public_answer(client: FlaskClient, responder: dict[str, str]) -> None:
    report = filed(client)
    lists = ["/v1/reports", "/v1/reports.geojson", "/v1/reports.csv"]
    queries = ["", "?lat=51.50041&lon=-0.12463&radius_km=1", "?updated_since=2026-01-01T00:00:00Z", "?bbox=-1,51,1,52"]
    paths = [f"{path}{query}" for path in lists for query in queries]
    paths += ["/tiles/13/4093/2724", "/tiles/4/7/5", f"/v1/reports/{report['id']}"]

    for path in paths:
        shown = client.get(path)
        # The asker's own place comes back in links.
        said = [text.replace("lat=51.50041&lon=-0.12463", "") for text in (*shown.headers.values(), shown.text)]
        assert shown.status_code == 200
        assert not any(digits in text for text in said for digits in EXACT_DIGITS), path


def test_lists_show_responders_the_grid_too(client: FlaskClient, responder: dict[str, str]) -> None:
    filed(client)

    assert client.get("/v1/reports", headers=responder).json["items"][0]["location"] == DOOR_ON_GRID


def test_distance_is_that_of_the_place_shown(client: FlaskClient) -> None:
    for lat, lon in ((51.50041, -0.12463), (51.49959, -0.12541), (51.5, -0.125)):
        filed(client, location={"lat": lat, "lon": lon})

    items = client.get("/v1/reports?lat=51.50041&lon=-0.12463&radius_km=1").json["items"]

    assert {item["distance_m"] for item in items} == {52}


def test_no_log_line_tells_where_who_or_how_to_get_in(client: FlaskClient, logged: list[str]) -> None:
    reader = sign_in_as("responder", username="Jane-Doe")
    report = filed(client, title="At Jane's", address="198.51.100.77")
    client.get(f"/v1/reports/{report['id']}?lat=51.50041", headers=reader)
    client.get(f"/v1/reports/{report['id']}", headers=reader)
    file_report(client, location={"lat": 51.50041, "lon": 999})

    secrets = [*EXACT_DIGITS, "Jane", "198.51", report["edit_token"][-40:], reader["Authorization"][-40:], "test-key"]
    assert len(logged) >= 4
    assert [(secret, line) for line in logged for secret in secrets if secret in line] == []


def test_mistakes_do_not_repeat_what_was_said(client: FlaskClient) -> None:
    answer = file_report(client, location={"lat": 51.50041, "lon": 512.463}, title="<b>private</b>")

    assert not any(text in answer.text for text in ("50041", "512.463", "private"))


def test_etag_changes_with_the_report_and_the_reader(client: FlaskClient) -> None:
    report = filed(client)
    path, own = f"/v1/reports/{report['id']}", bearer(report["edit_token"])
    before = [client.get(path, headers=headers).headers["ETag"] for headers in ({}, own)]
    client.patch(path, json={"title": "x"}, headers=own | {"If-Match": "*"})
    after = [client.get(path, headers=headers).headers["ETag"] for headers in ({}, own)]

    assert (before, after) == (['"v1"', '"v1-exact"'], ['"v2"', '"v2-exact"'])


@pytest.mark.parametrize("said", ['"v1"', 'W/"v1"', '"x", "v1"', "*"])
def test_unchanged_report_is_304(client: FlaskClient, said: str) -> None:
    report = filed(client)

    answer = client.get(f"/v1/reports/{report['id']}", headers={"If-None-Match": said})

    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", '"v1"')
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=1"


def test_grid_in_a_cache_does_not_stand_for_the_exact_place(client: FlaskClient) -> None:
    report = filed(client)

    answer = client.get(f"/v1/reports/{report['id']}", headers=bearer(report["edit_token"]) | {"If-None-Match": '"v1"'})

    assert (answer.status_code, answer.json["location"]) == (200, DOOR)


def test_what_is_personal_is_never_shared(client: FlaskClient) -> None:
    report = filed(client)
    path = f"/v1/reports/{report['id']}"

    shared, own = client.get(path), client.get(path, headers=bearer(report["edit_token"]))

    names = {"authorization", "accept-language", "accept-encoding"}
    assert [answer.vary.as_set() for answer in (shared, own)] == [names, names]
    assert shared.headers["Cache-Control"] == "public, max-age=0, s-maxage=1"
    assert own.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "bad",
    [
        "x",
        "days",
        "days:2026",
        f"rep_{'a' * 26}",
        f"REP_{'a' * 26}",
        "x" * 3000,
        "%00",
        "..",
        "%2e%2e",
        "%ff",
        "🌊",
        "rep_",
        "rep_a%0a",
    ],
)
def test_malformed_or_unknown_id_is_not_found(client: FlaskClient, responder: dict[str, str], bad: str) -> None:
    filed(client)

    for headers in ({}, responder):
        answer = client.get(f"/v1/reports/{bad}", headers=headers)
        assert (answer.status_code, answer.json["type"]) == (404, "/docs/errors/not-found")


def test_unknown_parameter_is_refused(client: FlaskClient) -> None:
    report = filed(client)

    answer = client.get(f"/v1/reports/{report['id']}?fields=id")

    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (422, "fields")


def imported(**wanted: Any) -> ImportedReport:
    fields: dict[str, Any] = {
        "id": derive_id("import", "one"), "lat": 51.123456, "lon": 0.5, "observed_at_ms": -14_182_940_000,
        "severity": "severe", "depth_cm": 80.0, "title": "The flood of 1969", "description": None, "radius_m": 75,
        "expires_at_ms": -14_182_940_000 + 48 * HOUR_MS, "source": "archive",
    }  # fmt: skip
    return ImportedReport(**(fields | wanted))


def test_imported_report_counts_as_made_when_it_was_seen(client: FlaskClient) -> None:
    one = imported()

    assert [store_imported(one, clock.now_ms()), store_imported(one, clock.now_ms())] == [True, False]
    shown = client.get(f"/v1/reports/{one.id}").json
    assert shown["created_at"] == shown["observed_at"] == "1969-07-20T20:17:00Z"
    assert shown["expires_at"] == "1969-07-22T20:17:00Z"
    assert (shown["location"], shown["location_precision"]) == ({"lat": 51.12346, "lon": 0.5}, "exact")
    assert "source" not in shown


def test_imported_report_is_in_history_and_in_the_delta(client: FlaskClient) -> None:
    store_imported(imported(), clock.now_ms())

    paths = ["", "?since=1969-01-01T00:00:00Z&until=1970-01-01T00:00:00Z", "?updated_since=2026-01-01T00:00:00Z"]
    assert [len(client.get(f"/v1/reports{path}").json["items"]) for path in paths] == [0, 1, 1]


def test_imported_report_belongs_to_nobody(client: FlaskClient, resident: dict[str, str]) -> None:
    store_imported(imported(), clock.now_ms())

    answer = client.patch(f"/v1/reports/{imported().id}", json={"title": "x"}, headers=resident | {"If-Match": "*"})

    assert answer.status_code == 404
