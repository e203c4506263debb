"""Withdrawing a report: it is gone for all but its reporter and responders, and asking twice is no mistake."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.reports.models import Report
from tests.factories import sign_in_as
from tests.reporting import bearer, filed


def withdraw(client: FlaskClient, report: dict[str, Any], headers: dict[str, str], match: str = "") -> int:
    condition = {"If-Match": match} if match else {}
    return client.delete(f"/v1/reports/{report['id']}", headers=headers | condition).status_code


@pytest.fixture
def mine(client: FlaskClient, resident: dict[str, str]) -> dict[str, Any]:
    return filed(client, headers=resident)


def test_withdrawal_has_no_body(client: FlaskClient, mine: dict[str, Any], resident: dict[str, str]) -> None:
    answer = client.delete(f"/v1/reports/{mine['id']}", headers=resident)

    assert (answer.status_code, answer.data, answer.headers["Cache-Control"]) == (204, b"", "private, no-store")
    assert "Content-Type" not in answer.headers


def test_withdrawn_report_leaves_all_that_is_public(client: FlaskClient, mine: dict[str, Any], resident: Any) -> None:
    withdraw(client, mine, resident)

    assert client.get(f"/v1/reports/{mine['id']}").status_code == 404
    queries = ["", "?lat=51.5&lon=-0.125&radius_km=5", "?since=2026-01-01T00:00:00Z", "?bbox=-1,51,1,52"]
    assert [client.get(f"/v1/reports{query}").json["items"] for query in queries] == [[]] * 4
    assert client.get("/tiles/13/4093/2724").json["features"] == []


def test_delta_shows_the_public_a_tombstone(client: FlaskClient, mine: dict[str, Any], resident: Any) -> None:
    withdraw(client, mine, resident)

    items = client.get("/v1/reports?updated_since=2026-01-01T00:00:00Z").json["items"]

    assert [(item.keys(), item["id"], item["gone"]) for item in items] == [
        ({"id", "gone", "updated_at"}, mine["id"], True)
    ]


def test_reporter_and_responders_still_see_it(
    client: FlaskClient, mine: dict[str, Any], resident: dict[str, str], responder: dict[str, str]
) -> None:
    withdraw(client, mine, resident)

    seen = [client.get(f"/v1/reports/{mine['id']}", headers=headers) for headers in (resident, responder)]
    assert [(answer.status_code, answer.json["status"]) for answer in seen] == [(200, "withdrawn")] * 2
    assert client.get("/v1/me/reports", headers=resident).json["items"][0]["status"] == "withdrawn"


def test_withdrawing_twice_is_no_mistake(client: FlaskClient, mine: dict[str, Any], resident: dict[str, str]) -> None:
    assert [withdraw(client, mine, resident, match) for match in ("", "", '"v1"')] == [204] * 3
    assert client.get(f"/v1/reports/{mine['id']}", headers=resident).json["version"] == 2


@pytest.mark.parametrize(
    ("match", "status"), [('"v1"', 204), ('W/"v1-exact"', 204), ("*", 204), ('"v2"', 412), ("x", 412)]
)
def test_version_that_is_named_must_be_the_present_one(
    client: FlaskClient, mine: dict[str, Any], resident: dict[str, str], match: str, status: int
) -> None:
    assert withdraw(client, mine, resident, match) == status


@pytest.mark.parametrize("role", ["resident", "responder", "admin"])
def test_report_of_another_is_not_found(client: FlaskClient, mine: dict[str, Any], role: str) -> None:
    assert withdraw(client, mine, sign_in_as(role)) == 404
    assert client.get(f"/v1/reports/{mine['id']}").status_code == 200


def test_stranger_is_asked_to_sign_in(client: FlaskClient, mine: dict[str, Any]) -> None:
    assert withdraw(client, mine, {}) == 401


def test_edit_token_withdraws_its_own_report_only(client: FlaskClient) -> None:
    own, other = filed(client), filed(client)

    assert [withdraw(client, report, bearer(own["edit_token"])) for report in (other, own)] == [404, 204]


def test_withdrawn_report_is_kept_for_thirty_days(client: FlaskClient, noon: Any, resident: dict[str, str]) -> None:
    report = filed(client, headers=resident)
    withdraw(client, report, resident)

    stored = Report.find(report["id"])
    assert stored is not None
    assert stored.purge_at_s - stored.updated_at_ms / 1000 == 30 * 24 * 3600


def test_edit_at_the_same_moment_does_not_stop_a_withdrawal(dynoxide_client: FlaskClient) -> None:
    reporter = sign_in_as("resident")
    reports = [filed(dynoxide_client, headers=reporter) for _ in range(12)]

    def edit(report: dict[str, Any]) -> int:
        said = reporter | {"If-Match": "*"}
        own_client = dynoxide_client.application.test_client()
        return own_client.patch(f"/v1/reports/{report['id']}", json={"title": "x"}, headers=said).status_code

    def delete(report: dict[str, Any]) -> int:
        return withdraw(dynoxide_client.application.test_client(), report, reporter)

    with ThreadPoolExecutor(4) as threads:
        pairs = [(threads.submit(edit, report), threads.submit(delete, report)) for report in reports]

    assert {withdrawal.result() for _, withdrawal in pairs} == {204}
    assert {edited.result() for edited, _ in pairs} <= {200, 409, 412}
