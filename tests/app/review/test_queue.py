"""The responders' queue: which reports are in it, in which order, and what each of its rows shows."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.core import clock
from app.reports import edit
from app.reports.models import Report
from app.review import audit
from tests.conftest import PREFIX
from tests.factories import make_report, sign_in_as
from tests.queueing import Responder, Streams, queue_rows
from tests.reporting import DOOR, bearer, filed
from tests.voices import Visitor

HOUR_S = 3600


def fold(client: FlaskClient, report: Report) -> None:
    for _ in range(3):
        assert Visitor(client).flag(report.id, note="There is no water here").status_code == 204


def test_a_filed_report_waits_until_it_is_decided(client: FlaskClient, responder: Responder, streams: Streams) -> None:
    report = filed(client)
    streams.catch_up()

    assert responder.ids() == [report["id"]]
    assert responder.verify(report["id"]).status_code == 200
    streams.catch_up()
    assert responder.ids() == [] and queue_rows() == []


def test_a_withdrawn_and_a_deleted_report_leave_the_queue(
    client: FlaskClient, responder: Responder, streams: Streams
) -> None:
    withdrawn, gone = filed(client), make_report()
    streams.catch_up()

    client.delete(f"/v1/reports/{withdrawn['id']}", headers=bearer(withdrawn["edit_token"]))
    gone.delete()
    streams.catch_up()

    assert queue_rows() == []


def test_what_is_unjudged_when_its_flood_is_over_leaves_by_itself(
    client: FlaskClient, responder: Responder, streams: Streams, noon: Any
) -> None:
    report = make_report()
    streams.catch_up()
    [row] = queue_rows()

    noon.shift(49 * HOUR_S)

    assert queue_rows() == [row]  # the database deletes late
    assert Responder(client).ids() == []
    assert int(row["purge_at"]["N"]) == int(report.expires_at_ms) // 1000


def test_older_reports_come_first_and_graver_ones_before_them(
    client: FlaskClient, responder: Responder, streams: Streams
) -> None:
    now_ms = clock.now_ms()
    young = make_report(created_ms=now_ms, severity="minor")
    old = make_report(created_ms=now_ms - 3 * clock.HOUR_MS, severity="minor")
    grave = make_report(created_ms=now_ms, severity="extreme")
    streams.catch_up()

    assert responder.ids() == [grave.id, old.id, young.id]
    assert responder.item(grave.id)["priority"] == {"reasons": [{"code": "severity", "hours": 9}]}


def test_people_and_flags_move_a_report_forward(client: FlaskClient, responder: Responder, streams: Streams) -> None:
    alone, flagged, folded = make_report(), make_report(lat=51.6), make_report(lat=51.7)
    voted = make_report(lat=51.8)
    streams.catch_up()
    Visitor(client).vote(voted.id)
    Visitor(client).flag(flagged.id)
    fold(client, folded)
    streams.catch_up()

    assert responder.ids() == [folded.id, flagged.id, voted.id, alone.id]
    assert len(queue_rows()) == 4


def test_a_folded_report_shows_responders_what_it_hides_from_others(
    client: FlaskClient, responder: Responder, streams: Streams
) -> None:
    report = make_report(title="Water in the road")
    fold(client, report)
    streams.catch_up()

    item = responder.item(report.id)

    assert client.get(f"/v1/reports/{report.id}").json["title"] is None
    assert item["report"]["title"] == "Water in the road" and item["report"]["is_disputed"]
    assert (item["state"], item["flags"]) == ("disputed", {"count": 3, "reasons": {"not_flooding": 3}})
    assert responder.one(report.id).json["flags"]["notes"] == ["There is no water here"] * 3


def test_states_are_lists_of_their_own(client: FlaskClient, responder: Responder, streams: Streams) -> None:
    waiting, disputed, verified = make_report(), make_report(), make_report(status="verified")
    fold(client, disputed)
    for _ in range(3):
        Visitor(client).vote(verified.id, "receded")
    streams.catch_up()

    asked = {state: responder.ids(state=state) for state in ("waiting", "disputed", "may_be_over", "photos")}

    assert asked == {
        "waiting": [waiting.id],
        "disputed": [disputed.id],
        "may_be_over": [verified.id],
        "photos": [],
    }
    assert set(responder.ids()) == {waiting.id, disputed.id, verified.id}


def test_a_verified_report_is_not_in_the_queue_unless_flags_or_votes_bring_it(
    client: FlaskClient, responder: Responder, streams: Streams
) -> None:
    report = make_report(status="verified")
    streams.catch_up()
    assert responder.ids() == []

    Visitor(client).flag(report.id)
    streams.catch_up()

    assert responder.ids(state="disputed") == [report.id]


def test_neighbours_and_similar_ones_are_named_and_follow_changes(
    client: FlaskClient, responder: Responder, streams: Streams
) -> None:
    first = make_report(lat=51.5)
    streams.catch_up()
    assert responder.item(first.id)["neighbours"] == {"count": 0, "ids": []}

    near, further, far = (make_report(lat=51.5 + away / 111_195) for away in (100, 400, 550))
    streams.catch_up()

    item = responder.item(first.id)
    assert (item["neighbours"], item["similar"]) == ({"count": 2, "ids": [near.id, further.id]}, [near.id])
    assert responder.item(far.id)["neighbours"]["count"] == 2
    responder.verify(near.id)
    edit.take_back(further)
    streams.catch_up()
    assert responder.item(first.id)["neighbours"] == {"count": 1, "ids": [near.id]}
    whole = responder.one(first.id).json["neighbours"]
    assert ([other["id"] for other in whole["items"]], whole["is_whole"]) == ([near.id], True)


def test_the_exact_place_is_shown_and_noted_in_one_row(
    client: FlaskClient, responder: Responder, streams: Streams
) -> None:
    homes = [filed(client, place="home")["id"] for _ in range(2)]
    filed(client, place="public")
    streams.catch_up()

    items = responder.items()

    assert {item["report"]["location"]["lat"] for item in items} == {DOOR["lat"]}
    assert {item["report"]["location_precision"] for item in items} == {"exact"}
    account_id = client.get("/v1/me", headers=responder.headers).json["id"]
    [noted] = audit.history_of(account_id)
    assert noted.action == "exact_place.read" and sorted(noted.after["reports"]) == sorted(homes)


def test_without_a_note_only_public_places_are_shown(
    client: FlaskClient, responder: Responder, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = filed(client, place="home")
    streams.catch_up()

    def away(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    monkeypatch.setattr(audit, "note_exact_places", away)

    [item] = responder.items()
    assert item["report"]["location"]["lat"] == 51.5 and item["report"]["location_precision"] == "grid"
    assert responder.one(home["id"]).json["report"]["location"]["lat"] == 51.5


def test_an_edit_and_an_erasure_change_what_the_row_holds(
    client: FlaskClient, responder: Responder, streams: Streams
) -> None:
    report = filed(client, title="Water at number 12")
    streams.catch_up()
    headers = bearer(report["edit_token"]) | {"If-Match": '"v1"'}
    client.patch(f"/v1/reports/{report['id']}", headers=headers, json={"title": None, "severity": "extreme"})

    streams.catch_up()

    assert [item["report"]["title"] for item in responder.items()] == [None]
    assert len(queue_rows()) == 1


def test_a_row_that_cannot_be_read_is_passed_over(client: FlaskClient, responder: Responder, streams: Streams) -> None:
    good, bad = make_report(), make_report()
    streams.catch_up()
    row = next(row for row in queue_rows() if row["sort"]["S"].endswith(bad.id))
    boto3.client("dynamodb").put_item(TableName=f"{PREFIX}-review", Item=row | {"about": {"B": b"nonsense"}})

    assert responder.ids() == [good.id]


def test_the_reporters_record_is_counted_without_a_name(
    client: FlaskClient, responder: Responder, streams: Streams
) -> None:
    headers = sign_in_as()
    first, second = filed(client, headers=headers), filed(client, headers=headers)
    anonymous = filed(client)
    responder.verify(first["id"])
    rejected = {"report_id": second["id"], "version": 1, "decision": "rejected", "reason": "test"}
    assert responder.decide(rejected).json["results"][0]["status"] == 200

    record = {"kind": "account", "filed": 2, "verified": 1, "rejected": 1, "is_blocked": False}
    assert responder.one(first["id"]).json["reporter"] == record
    assert responder.one(anonymous["id"]).json["reporter"]["kind"] == "anonymous"


def test_what_neighbours_or_the_reporter_end_leaves_the_queue(
    client: FlaskClient, responder: Responder, streams: Streams, noon: Any
) -> None:
    by_neighbours, by_reporter = filed(client), filed(client)
    streams.catch_up()
    assert set(responder.ids()) == {by_neighbours["id"], by_reporter["id"]}

    for _ in range(3):
        Visitor(client).vote(by_neighbours["id"], "receded")
    path, own = f"/v1/reports/{by_reporter['id']}/votes", bearer(by_reporter["edit_token"])
    assert client.put(path, json={"condition": "receded"}, headers=own).status_code == 200
    streams.catch_up()

    assert responder.ids() == [] and queue_rows() == []
