"""A storm of false reports is stopped by staff: by the switch within an area and by blocks, while people are served."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.reports import under_block
from app.reports.models import Report
from app.switches import blocks, current
from tests.blocking import Blocker
from tests.factories import sign_in_as
from tests.reporting import file_report, new_key
from tests.rig.strangers import EAST, NORTH, SMALL, SOUTH, WEST, Size, Storm, address_of, sizes

MIDDLE = (WEST + EAST) / 2
HALF = [MIDDLE, SOUTH, EAST, NORTH]  # of the storm's region
INSIDE, OUTSIDE = {"lat": 51.25, "lon": -0.4}, {"lat": 51.25, "lon": -0.9}
WITHIN_S = 30
SENT_MEANWHILE = 60
OFF = "/docs/errors/anonymous-reports-off"
PHONE = "203.0.113.7"  # of a person who has nothing to do with the storm


@pytest.fixture
def storm(dynoxide_client: FlaskClient, noon: Any, size: Size) -> Storm:
    return Storm(dynoxide_client, noon, size)


class Elsewhere:
    """The process of the admin: what it changes reaches this one only by the tables."""

    def __init__(self, storm: Storm, monkeypatch: pytest.MonkeyPatch) -> None:
        self.admin, self.noon, self.running_s = Blocker(storm.client), storm.noon, 1000.0
        monkeypatch.setattr(clock, "running_s", lambda: self.running_s)
        for known in (current, blocks):
            known.forget()
            monkeypatch.setattr(known, "forget", lambda: None)
        file_report(storm.client, address=PHONE, location=OUTSIDE)  # this process now knows how things stand

    def switch(self, **changes: Any) -> None:
        """Change switches, and let half a minute pass."""
        body = {"reason": "false_reports"} | changes
        answer = self.admin.client.put("/v1/admin/switches", json=body, headers=self.admin.headers)
        assert answer.status_code == 200, answer.text
        self.wait()

    def block_network_of(self, report_id: str) -> str:
        block_id = str(self.admin.block(report=report_id, hours=12)["id"])
        self.wait()
        return block_id

    def wait(self) -> None:
        self.noon.shift(WITHIN_S)
        self.running_s += WITHIN_S


@pytest.fixture
def elsewhere(storm: Storm, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    return Elsewhere(storm, monkeypatch)


def go_on(storm: Storm) -> dict[str, set[int]]:
    """Let the storm send more; the statuses of what has an account, and of what has none inside and outside."""
    statuses: dict[str, set[int]] = {"account": set(), "inside": set(), "outside": set()}
    for number in range(SENT_MEANWHILE):
        headers = storm.sign_ins()
        place = storm.dice.choice(("inside", "outside"))
        location = INSIDE if place == "inside" else OUTSIDE
        own = {"headers": headers[number % len(headers)]} if number % 2 else {}
        answer = file_report(storm.client, address=address_of(number % storm.size.networks), location=location, **own)
        statuses["account" if own else place].add(answer.status_code)
        if answer.status_code == 503:
            assert (answer.json["type"], answer.headers["Retry-After"]) == (OFF, "300")
        storm.noon.shift(1.5)
    return statuses


def is_served(storm: Storm) -> None:
    """A real reporter with an account inside: the report is found, judged, and then shown as verified."""
    filed = file_report(storm.client, headers=sign_in_as(), address=PHONE, location=INSIDE, place="public")
    assert filed.status_code == 201
    report_id, near = filed.json["id"], "/v1/nearby?lat=51.25&lon=-0.4&radius_km=1"
    storm.follow([report_id])
    path, said = f"/v1/reports/{report_id}/verification", {"decision": "verified", "reason": "seen_by_staff"}
    judged = storm.client.put(path, json=said, headers=sign_in_as("responder") | {"If-Match": "*"})
    assert judged.status_code == 200
    found = {item["report"]["id"]: item["report"]["status"] for item in storm.client.get(near).json["items"]}
    assert found[report_id] == "verified"


@sizes
def test_the_switch_stops_the_storm_where_it_is_off_and_serves_people(storm: Storm, elsewhere: Elsewhere) -> None:
    assert go_on(storm)["inside"] == {201}

    elsewhere.switch(anonymous_reports="off_within", off_within=[{"name": "Half", "bbox": HALF}])

    key = new_key()
    waiting = file_report(storm.client, key=key, address=PHONE, location=INSIDE)
    assert (waiting.status_code, waiting.json["type"]) == (503, OFF)
    assert go_on(storm) == {"account": {201}, "inside": {503}, "outside": {201}}
    is_served(storm)
    elsewhere.switch(anonymous_reports="on", reason="resolved")
    arrived = [file_report(storm.client, key=key, address=PHONE, location=INSIDE) for _ in range(2)]
    assert [answer.status_code for answer in arrived] == [201, 200], "what waited on the phone arrives, once"
    assert arrived[0].json["many_from_one_network"] is False
    assert go_on(storm)["inside"] == {201}


def send_from(storm: Storm, network: int, number: int) -> list[Report]:
    """Let one of the storm's networks send some reports to one place."""
    answers = [file_report(storm.client, address=address_of(network), location=OUTSIDE) for _ in range(number)]
    assert {answer.status_code for answer in answers} == {201}
    ids = [answer.json["id"] for answer in answers]
    storm.follow(ids)
    return Report.find_all(ids, consistent=True)


def entries_of(storm: Storm, reports: list[Report]) -> int:
    """Number of the entries that these reports are shown in, near their place."""
    near = f"/v1/nearby?lat={OUTSIDE['lat']}&lon={OUTSIDE['lon']}&radius_km=1"
    ids = {report.id for report in reports}
    items = storm.client.get(near).json["items"]
    shown = [{*item.get("ids", [item["report"]["id"]])} & ids for item in items]
    assert set().union(*shown) == ids, "none is hidden"
    return sum(map(bool, shown))


@sizes
def test_a_block_folds_what_one_network_sends_and_nothing_of_others(storm: Storm, elsewhere: Elsewhere) -> None:
    before = send_from(storm, 0, 3)
    block_id = elsewhere.block_network_of(before[0].id)

    after, others = send_from(storm, 0, 12), send_from(storm, 1, 3)

    assert (entries_of(storm, before), entries_of(storm, after), entries_of(storm, others)) == (3, 1, 3)
    assert [bool(report.under_block) for report in (*before, *after, *others)] == [False] * 3 + [True] * 12 + [
        False
    ] * 3
    is_served(storm)
    assert elsewhere.admin.end(block_id) == 204
    elsewhere.wait()
    assert entries_of(storm, send_from(storm, 0, 3)) == 3


@pytest.mark.parametrize("size", [SMALL], ids=["small"])
def test_naive_twins_stop_nothing(storm: Storm, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "require_anonymous", lambda **_: None)
    monkeypatch.setattr(under_block, "block_over", lambda *_: None)

    elsewhere.switch(anonymous_reports="off_within", off_within=[{"name": "Half", "bbox": HALF}])
    before = send_from(storm, 0, 1)
    elsewhere.block_network_of(before[0].id)

    assert go_on(storm)["inside"] == {201}
    assert entries_of(storm, send_from(storm, 0, 5)) == 5
