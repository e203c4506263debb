"""`warnings[]` of a report: the official warnings in force that cover its public place."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.core import clock, dynamodb
from app.warnings.sources.message import Act
from tests.reporting import DOOR, bearer, file_report, filed
from tests.rig.calls import counted
from tests.warning_making import announce, announce_at, message, place, square


def shown(client: FlaskClient, report: dict[str, Any]) -> tuple[list[str], str]:
    answer = client.get(f"/v1/reports/{report['id']}")
    return answer.json["warnings"], answer.headers["ETag"]


def test_report_names_the_warnings_over_it(client: FlaskClient) -> None:
    covering = sorted([announce_at(square()), announce_at(square(-1, 51, side=1), source="nws")])
    announce_at(square(0.5, 51.4))

    report = filed(client)

    assert report["warnings"] == shown(client, report)[0] == covering


def test_warnings_are_not_counted_by_a_place_that_nobody_may_know(client: FlaskClient) -> None:
    """The exact door lies inside, the grid place outside: only the latter is asked about."""
    announce_at(square(-0.1249, 51.5002, side=0.0005))

    assert filed(client, location={"lat": 51.50041, "lon": -0.12463})["warnings"] == []
    assert len(filed(client, location={"lat": 51.50041, "lon": -0.12463}, place="public")["warnings"]) == 1


def test_etag_follows_the_warnings(client: FlaskClient) -> None:
    report = filed(client)
    etags = [shown(client, report)[1]]
    announce(message("E1"))
    etags.append(shown(client, report)[1])
    announce(message("E1", severity="extreme"))
    etags.append(shown(client, report)[1])
    announce(message("E1", act=Act.END))
    etags.append(shown(client, report)[1])

    assert etags[1] == etags[2] != etags[0] == etags[3]
    said = {"If-None-Match": etags[3]}
    assert client.get(f"/v1/reports/{report['id']}", headers=said).status_code == 304


def test_warning_past_its_end_is_left_out(client: FlaskClient, noon: time_machine.Traveller) -> None:
    announce(message("E1", ends_at_ms=clock.now_ms() + 60_000))
    report = filed(client)

    assert len(shown(client, report)[0]) == 1
    noon.shift(timedelta(seconds=61))
    assert shown(client, report)[0] == []


@pytest.mark.parametrize("is_weak", [False, True])
def test_if_match_takes_the_etag_of_a_report_under_warnings(client: FlaskClient, is_weak: bool) -> None:
    announce_at(square())
    answer = file_report(client)
    etag = ("W/" if is_weak else "") + answer.headers["ETag"]
    assert "-w" in etag
    announce(), announce()  # the warning has ended since; the version has not changed

    said = bearer(answer.json["edit_token"]) | {"If-Match": etag}
    edited = client.patch(f"/v1/reports/{answer.json['id']}", headers=said, json={"title": "Deeper now"})
    late = client.patch(f"/v1/reports/{answer.json['id']}", headers=said, json={"title": "Deeper yet"})

    assert (edited.status_code, edited.json["warnings"], late.status_code) == (200, [], 412)


def test_own_reports_name_theirs_in_two_calls_for_all(client: FlaskClient, resident: dict[str, str]) -> None:
    warning = announce_at(square())
    for number in range(5):
        filed(client, headers=resident, title=str(number))
    far = filed(client, headers=resident, location={"lat": 10, "lon": 10})

    with counted() as calls:
        items = client.get("/v1/me/reports", headers=resident).json["items"]

    assert {item["id"]: item["warnings"] for item in items}[far["id"]] == []
    assert sum(item["warnings"] == [warning] for item in items) == 5
    assert calls.made["BatchGetItem"] <= 3


def test_report_is_stored_and_answered_while_warnings_cannot_be_read(client: FlaskClient) -> None:
    announce_at(square())
    events = dynamodb.connection().client.meta.events

    def fail(params: dict[str, Any], **_: Any) -> None:
        if "-warnings" in str(params["body"]):
            raise dynamodb.OutOfTime("the database is slow")

    events.register("before-call.dynamodb.BatchGetItem", fail, unique_id="fail")
    answer = file_report(client)
    read = client.get(f"/v1/reports/{answer.json['id']}")
    events.unregister("before-call.dynamodb.BatchGetItem", unique_id="fail")

    assert (answer.status_code, read.status_code, "warnings" in read.json) == (201, 200, False)
    assert len(shown(client, answer.json)[0]) == 1


def test_report_on_the_rim_is_inside(client: FlaskClient) -> None:
    announce(message(places=(place("A", square(DOOR["lon"], DOOR["lat"])),)))

    assert len(filed(client, place="public")["warnings"]) == 1
