"""Rights of responders end at their areas: outside them they see what the public sees."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient
from pynamodb.connection import Connection
from pynamodb.exceptions import PutError

from app.accounts.areas import Area
from app.geo.box_circle import Box, Circle
from app.reports.entry import Status
from app.reports.models import Report
from tests.conftest import PREFIX
from tests.factories import make_report, sign_in_as
from tests.reporting import DOOR, DOOR_ON_GRID, filed

HERE, AWAY = {"lat": 51.38, "lon": -2.36}, {"lat": 53.48, "lon": -2.24}
OWN = (Area("Bath", Box(-2.5, 51.3, -2.2, 51.5)), Area("a town", Circle(52.0, 0.0, 5), "plc_1"))
LONDON = (Area("London", Box(-0.5, 51.3, 0.3, 51.7)),)
HIDDEN = (Status.REJECTED, Status.MERGED, Status.WITHDRAWN)
SINCE = "2026-01-01T00:00:00Z"


@pytest.fixture
def readers(tables: None) -> Iterator[dict[str, dict[str, str]]]:
    yield {
        "anonymous": {},
        "resident": sign_in_as(),
        "without areas": sign_in_as("responder", within=()),
        "responder": sign_in_as("responder", within=OWN),
        "admin": sign_in_as("admin"),
    }


def audited() -> list[dict[str, Any]]:
    return boto3.client("dynamodb").scan(TableName=f"{PREFIX}-audit")["Items"]  # type: ignore[return-value]


@pytest.mark.parametrize("status", HIDDEN)
def test_hidden_report_is_there_for_staff_of_its_area_only(
    client: FlaskClient, readers: dict[str, dict[str, str]], status: Status
) -> None:
    own, foreign = make_report(**HERE, status=status), make_report(**AWAY, status=status)

    def answers(report: Report) -> dict[str, int]:
        path = f"/v1/reports/{report.id}"
        return {name: client.get(path, headers=headers).status_code for name, headers in readers.items()}

    nobody = dict.fromkeys(readers, 404)
    assert answers(own) == nobody | {"responder": 200, "admin": 200}
    assert answers(foreign) == nobody | {"admin": 200}


def test_exact_place_is_shown_within_ones_areas_only(client: FlaskClient, readers: dict[str, dict[str, str]]) -> None:
    report = filed(client)  # in London
    readers |= {"of London": sign_in_as("responder", within=LONDON)}

    shown = {name: client.get(f"/v1/reports/{report['id']}", headers=who).json for name, who in readers.items()}

    exact = {name for name, answer in shown.items() if answer["location"] == DOOR}
    assert exact == {"of London", "admin"}
    assert {answer["location_precision"] for name, answer in shown.items() if name not in exact} == {"grid"}
    assert len(audited()) == len(exact)


def test_exact_place_is_not_shown_when_it_cannot_be_noted(
    client: FlaskClient, readers: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    report, put = filed(client), Connection.put_item

    def refuse_audit(self: Connection, table_name: str, *told: Any, **named: Any) -> Any:
        if table_name.endswith("-audit"):
            raise PutError("the table is away")
        return put(self, table_name, *told, **named)

    monkeypatch.setattr(Connection, "put_item", refuse_audit)
    answer = client.get(f"/v1/reports/{report['id']}", headers=readers["admin"])

    assert (answer.status_code, answer.json["location"]) == (200, DOOR_ON_GRID)
    assert (answer.json["location_precision"], "exact" in answer.headers["ETag"]) == ("grid", False)
    assert audited() == []


def test_public_place_needs_no_note(client: FlaskClient, readers: dict[str, dict[str, str]]) -> None:
    report = filed(client, place="public")

    assert client.get(f"/v1/reports/{report['id']}", headers=readers["admin"]).json["location"] == DOOR
    assert audited() == []


def test_list_of_hidden_reports_holds_those_of_ones_areas(
    client: FlaskClient, readers: dict[str, dict[str, str]]
) -> None:
    own, foreign = make_report(**HERE, status="rejected"), make_report(**AWAY, status="rejected")
    path = f"/v1/reports?status=rejected&since={SINCE}"

    answers = {name: client.get(path, headers=headers) for name, headers in readers.items()}

    refused = {name for name, answer in answers.items() if answer.status_code == 403}
    assert refused == {"resident", "without areas", "anonymous"}
    assert ids_of(answers["responder"]) == {own.id}
    assert ids_of(answers["admin"]) == {own.id, foreign.id}
    for suffix in (".csv", ".geojson"):
        text = client.get(path.replace("?", f"{suffix}?"), headers=readers["responder"]).text
        assert (own.id in text, foreign.id in text) == (True, False)


def ids_of(answer: Any) -> set[str]:
    return {item["id"] for item in answer.json["items"]}


def test_delta_has_tombstones_of_what_is_hidden_elsewhere(
    client: FlaskClient, readers: dict[str, dict[str, str]]
) -> None:
    own, foreign = make_report(**HERE, status="rejected"), make_report(**AWAY, status="rejected")
    path = f"/v1/reports?updated_since={SINCE}"

    def gone(name: str) -> dict[str, bool]:
        items = client.get(path, headers=readers[name]).json["items"]
        return {item["id"]: item.get("gone", False) for item in items}

    assert gone("responder") == {own.id: False, foreign.id: True}
    assert gone("without areas") == gone("resident") == gone("anonymous") == {own.id: True, foreign.id: True}
    assert gone("admin") == {own.id: False, foreign.id: False}


@pytest.mark.parametrize("reader", ["responder", "admin"])
def test_staff_change_no_foreign_report_by_the_reporters_routes(
    client: FlaskClient, readers: dict[str, dict[str, str]], reader: str
) -> None:
    for place in (HERE, AWAY):
        path, headers = f"/v1/reports/{make_report(**place).id}", readers[reader] | {"If-Match": "*"}
        assert client.patch(path, headers=headers, json={"title": "Mine"}).status_code == 404
        assert client.delete(path, headers=headers).status_code == 404


def test_changed_areas_count_from_the_next_request_on(client: FlaskClient, readers: dict[str, dict[str, str]]) -> None:
    report, responder = make_report(**AWAY, status="rejected"), readers["responder"]
    account_id = client.get("/v1/me", headers=responder).json["id"]
    path, admin = f"/v1/admin/accounts/{account_id}", readers["admin"]
    asked = [client.get(f"/v1/reports/{report.id}", headers=responder).status_code]

    for areas in ([{"name": "Manchester", "bbox": [-2.4, 53.3, -2.1, 53.6]}], []):
        changed = client.patch(path, headers=admin, json={"areas": areas, "reason": "area_moved"})
        assert changed.status_code == 200
        asked.append(client.get(f"/v1/reports/{report.id}", headers=responder).status_code)

    assert asked == [404, 200, 404]
