"""One's own reports, and what becomes of them when the account is deleted."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import sign_in_as
from tests.reporting import DOOR, DOOR_ON_GRID, filed


def pages_of(client: FlaskClient, headers: dict[str, str], limit: int) -> list[list[str]]:
    """The ids of each page, from the first to the last."""
    pages, address = [], f"/v1/me/reports?limit={limit}"
    while address:
        page = client.get(address, headers=headers).json
        pages.append([item["id"] for item in page["items"]])
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    return pages


def test_own_reports_come_newest_first_with_exact_places(
    client: FlaskClient, noon: Any, resident: dict[str, str]
) -> None:
    mine = []
    for _ in range(3):
        mine.append(filed(client, headers=resident))
        noon.shift(1)
    filed(client)
    filed(client, headers=sign_in_as("resident"))

    answer = client.get("/v1/me/reports", headers=resident)

    assert [item["id"] for item in answer.json["items"]] == [report["id"] for report in reversed(mine)]
    assert {str(item["location"]) for item in answer.json["items"]} == {str(DOOR)}
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 8])
def test_own_reports_page_to_their_end(client: FlaskClient, resident: dict[str, str], limit: int) -> None:
    """Also with several made in one millisecond."""
    mine = {filed(client, headers=resident)["id"] for _ in range(7)}

    pages = pages_of(client, resident, limit)

    assert sorted(found for page in pages for found in page) == sorted(mine)
    assert max(map(len, pages)) <= limit


def test_cursor_is_of_one_person_only(client: FlaskClient, resident: dict[str, str]) -> None:
    for _ in range(2):
        filed(client, headers=resident)
    cursor = client.get("/v1/me/reports?limit=1", headers=resident).json["next_cursor"]

    answer = client.get(f"/v1/me/reports?limit=1&cursor={cursor}", headers=sign_in_as("resident"))

    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "cursor")


def test_deleted_account_leaves_coarse_facts_that_lead_to_nobody(client: FlaskClient, resident: dict[str, str]) -> None:
    report = filed(client, headers=resident, place="public", title="Still true")

    assert client.delete("/v1/me", headers=resident).status_code == 204

    shown = client.get(f"/v1/reports/{report['id']}").json
    assert (shown["location"], shown["location_precision"]) == (DOOR_ON_GRID, "grid")
    exact = client.get(f"/v1/reports/{report['id']}", headers=sign_in_as("responder")).json
    assert exact["location"] == DOOR_ON_GRID
    assert client.get("/v1/me/reports", headers=resident).status_code == 401


def test_deletion_reaches_all_reports(client: FlaskClient, resident: dict[str, str]) -> None:
    mine = [filed(client, headers=resident, place="public")["id"] for _ in range(30)]

    client.delete("/v1/me", headers=resident)

    shown = [client.get(f"/v1/reports/{report_id}").json["location_precision"] for report_id in mine]
    assert shown == ["grid"] * 30
