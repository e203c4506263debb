"""One's own reports, and what becomes of them when the account is deleted."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from app.reactions import ERASED_AFTER_S
from app.reports.models import Report
from app.reports.unlink_account import unlink_reports
from tests.factories import PASSWORD, erase_left, make_report, sign_in_as
from tests.reporting import DOOR, DOOR_ON_GRID, filed, mistakes_of


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


@pytest.fixture
def newest_gone(tables: None, monkeypatch: pytest.MonkeyPatch, noon: Any) -> str:
    """Of an account's 30 reports the index still holds the newest 25, whose rows have just been deleted; its id."""
    made = []
    for _ in range(30):
        made.append(make_report(account_id="acc_gone").id)
        noon.shift(1)
    gone, find_all = {*made[5:]}, Report.find_all
    monkeypatch.setattr(Report, "find_all", lambda ids: find_all([one for one in ids if one not in gone]))
    return "acc_gone"


def test_page_of_rows_deleted_meanwhile_ends_no_list(newest_gone: str) -> None:
    pages, position = [], "~"
    while position:
        page, position = Report.page_of_account(newest_gone, before=position, limit=10)
        pages.append(len(page))

    assert sum(pages) == 5


def test_page_of_rows_deleted_meanwhile_ends_no_erasure(newest_gone: str) -> None:
    assert unlink_reports(newest_gone, keeps_texts=False, goes_on=lambda done: True)

    assert Report.page_of_account(newest_gone, limit=100)[0] == []


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


def leave(client: FlaskClient, headers: dict[str, str], **wanted: str) -> None:
    """Delete the account, and let all that follows come about."""
    account_id = client.get("/v1/me", headers=headers).json["id"]
    answer = client.delete("/v1/me", headers=headers, json={"password": PASSWORD} | wanted)
    assert answer.status_code == 204, answer.text
    erase_left(account_id)


def test_deleted_account_leaves_coarse_facts_that_lead_to_nobody(client: FlaskClient, resident: dict[str, str]) -> None:
    report = filed(client, headers=resident, place="public", title="Still true")

    leave(client, resident)

    shown = client.get(f"/v1/reports/{report['id']}").json
    assert (shown["location"], shown["location_precision"]) == (DOOR_ON_GRID, "grid")
    exact = client.get(f"/v1/reports/{report['id']}", headers=sign_in_as("responder")).json
    assert exact["location"] == DOOR_ON_GRID
    assert client.get("/v1/me/reports", headers=resident).status_code == 401


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [({}, (None, None)), ({"reports": "blank"}, (None, None)), ({"reports": "keep"}, ("Mine", "All"))],
)
def test_texts_go_unless_their_writer_wants_them_to_stay(
    client: FlaskClient, resident: dict[str, str], wanted: dict[str, str], kept: tuple[str | None, str | None]
) -> None:
    report = filed(client, headers=resident, title="Mine", description="All")

    leave(client, resident, **wanted)

    shown = client.get(f"/v1/reports/{report['id']}").json
    assert (shown["title"], shown["description"]) == kept
    assert shown["severity"] == report["severity"]


@pytest.mark.parametrize(
    ("said", "mistakes"),
    [
        ({}, {("/password", "required")}),
        ({"password": PASSWORD, "reports": "sell"}, {("/reports", "choice")}),
        ({"password": PASSWORD, "really": True}, {("/really", "unknown")}),
    ],
)
def test_nobody_leaves_without_the_password(
    client: FlaskClient, resident: dict[str, str], said: dict[str, Any], mistakes: set[tuple[str, str]]
) -> None:
    """A token that was left lying about is not enough."""
    assert mistakes_of(client.delete("/v1/me", headers=resident, json=said)) == mistakes
    assert client.get("/v1/me", headers=resident).status_code == 200


def test_wrong_password_deletes_nothing(client: FlaskClient, resident: dict[str, str]) -> None:
    answer = client.delete("/v1/me", headers=resident, json={"password": "of somebody else, perhaps"})

    assert (answer.status_code, answer.json["type"]) == (403, "/docs/errors/wrong-password")
    assert client.get("/v1/me", headers=resident).status_code == 200


def test_deletion_reaches_all_reports(client: FlaskClient, resident: dict[str, str]) -> None:
    mine = [filed(client, headers=resident, place="public")["id"] for _ in range(28)]

    leave(client, resident)

    shown = [client.get(f"/v1/reports/{report_id}").json["location_precision"] for report_id in mine]
    assert shown == ["grid"] * 28


def test_report_in_flight_while_its_account_ends_is_cut_loose_too(
    client: FlaskClient, resident: dict[str, str]
) -> None:
    """Its request began before the end, and its write came after it; the message still waits."""
    account_id = client.get("/v1/me", headers=resident).json["id"]
    client.delete("/v1/me", headers=resident, json={"password": PASSWORD})
    late = make_report(account_id=account_id)

    erase_left(account_id)

    stored = Report.find(late.id, consistent=True)
    assert stored is not None and stored.account_id is None


def test_erasure_waits_for_as_long_as_a_request_may_last() -> None:
    """The function's own end, and a second for the index to follow; all but a few requests end far sooner."""
    service = yaml.safe_load((Path(__file__).parents[3] / "serverless.yml").read_text())
    times = [service["functions"][name].get("timeout", service["provider"]["timeout"]) for name in ("api", "sign_in")]

    assert max(times) + 15 <= ERASED_AFTER_S <= 900  # SQS holds a message back for no longer
