"""Decisions of responders: one winner, the original words kept, merges that lose no voice, and undo."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.areas import Area
from app.geo.box_circle import Box
from app.reports.models import Report
from app.review import audit
from handlers import report_changed
from tests.factories import make_account, make_report, sign_in_as, stream_record
from tests.reporting import DOOR, bearer, filed, mistakes_of
from tests.voices import Visitor

VERIFY = {"decision": "verified", "reason": "seen_by_staff"}
REJECT = {"decision": "rejected", "reason": "not_flooding"}
HOUR_S = 3600
STREET = (51.509, 51.493)


class Responder:
    """A responder who may judge everywhere, and what they send."""

    def __init__(self, client: FlaskClient, role: str = "admin", **areas: Any) -> None:
        self.client, self.headers = client, sign_in_as(role, **areas)

    def read(self, report_id: str) -> TestResponse:
        return self.client.get(f"/v1/reports/{report_id}", headers=self.headers)

    def decide(self, report_id: str, etag: str = "", **decision: Any) -> TestResponse:
        matched = self.headers | {"If-Match": etag or self.read(report_id).headers["ETag"]}
        return self.client.put(f"/v1/reports/{report_id}/verification", json=decision, headers=matched)

    def merge(self, report_id: str, into: str) -> TestResponse:
        return self.decide(report_id, decision="merged", into=into)

    def undo(self, report_id: str) -> TestResponse:
        matched = self.headers | {"If-Match": self.read(report_id).headers["ETag"]}
        return self.client.delete(f"/v1/reports/{report_id}/verification", headers=matched)


@pytest.fixture
def responder(client: FlaskClient, noon: Any) -> Responder:
    return Responder(client)


def listed(client: FlaskClient) -> dict[str, dict[str, Any]]:
    answer = client.get("/v1/reports?lat=51.5&lon=-0.12&radius_km=3")
    return {item["id"]: item for item in answer.json["items"]}  # type: ignore[index]


def test_a_verified_report_says_so_everywhere(client: FlaskClient, responder: Responder) -> None:
    report = make_report()

    answer = responder.decide(report.id, **VERIFY, note="Crew 7 was there")

    assert answer.status_code == 200
    told = answer.json["verification"]
    assert (told["decision"], told["reason"], told["by"], told["note"]) == (
        *VERIFY.values(),
        "staff",
        "Crew 7 was there",
    )
    public = client.get(f"/v1/reports/{report.id}").json
    assert (public["status"], public["version"]) == ("verified", 2)
    assert set(public["verification"]) == {"decision", "reason", "decided_at", "by"}
    assert listed(client)[report.id]["status"] == "verified"


def test_a_rejected_report_is_gone_for_all_but_its_reporter_who_is_told_why(
    client: FlaskClient, responder: Responder
) -> None:
    report = filed(client)
    responder.decide(report["id"], **REJECT)

    assert client.get(f"/v1/reports/{report['id']}").status_code == 404
    assert report["id"] not in listed(client)
    own = client.get(f"/v1/reports/{report['id']}", headers=bearer(report["edit_token"])).json
    assert (own["status"], own["verification"]["reason"]) == ("rejected", "not_flooding")
    assert "note" not in own["verification"]


def test_the_second_of_two_responders_is_told_and_the_first_decision_stays(
    client: FlaskClient, responder: Responder
) -> None:
    report = make_report()
    seen = responder.read(report.id).headers["ETag"]

    first, second = responder.decide(report.id, seen, **VERIFY), Responder(client).decide(report.id, seen, **REJECT)

    assert (first.status_code, second.status_code) == (200, 412)
    assert client.get(f"/v1/reports/{report.id}").json["status"] == "verified"


def test_votes_between_reading_and_deciding_do_no_harm(client: FlaskClient, responder: Responder) -> None:
    report = make_report()
    seen = responder.read(report.id).headers["ETag"]
    Visitor(client).vote(report.id, depth_cm=12)

    assert responder.decide(report.id, seen, **VERIFY).status_code == 200


def test_refusals_come_in_their_order(client: FlaskClient, responder: Responder) -> None:
    report = make_report()
    path = f"/v1/reports/{report.id}/verification"
    resident = sign_in_as("resident")
    stale = responder.headers | {"If-Match": '"v7"'}

    assert client.put(path, json={}).status_code == 401
    assert client.put(path, json={}, headers=resident).status_code == 403
    assert client.put(path.replace(report.id, "rep_" + "a" * 26), json={}, headers=responder.headers).status_code == 404
    assert client.put(path, json={}, headers=responder.headers).status_code == 428
    assert client.put(path, json={}, headers=stale).status_code == 412
    assert responder.decide(make_report(status="withdrawn").id).status_code == 409
    assert mistakes_of(responder.decide(report.id)) == {("/decision", "required")}


@pytest.mark.parametrize(
    ("decision", "wrong"),
    [
        pytest.param({"decision": "verified"}, ("/reason", "required"), id="no reason"),
        pytest.param(
            {"decision": "rejected", "reason": "photo"}, ("/reason", "word"), id="a reason of another decision"
        ),
        pytest.param({"decision": "merged"}, ("/into", "required"), id="merged into nothing"),
        pytest.param(VERIFY | {"into": "rep_1"}, ("/into", "unexpected"), id="verified into something"),
        pytest.param(VERIFY | {"note": "x" * 1001}, ("/note", "length"), id="a long note"),
        pytest.param(
            VERIFY | {"corrections": {"place": "public"}}, ("/corrections/place", "unknown"), id="unknown field"
        ),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(
    responder: Responder, decision: dict[str, Any], wrong: tuple[str, str]
) -> None:
    assert wrong in mistakes_of(responder.decide(make_report().id, **decision))


def test_corrections_are_shown_and_the_own_words_kept(client: FlaskClient, responder: Responder) -> None:
    report = filed(client, title="Watter", depth_cm=10)
    corrections = {"title": "Water", "depth_cm": 20, "location": {"lat": 51.50141, "lon": -0.12363}}
    responder.decide(report["id"], **VERIFY, corrections=corrections)

    public = client.get(f"/v1/reports/{report['id']}").json
    own = client.get(f"/v1/reports/{report['id']}", headers=bearer(report["edit_token"])).json
    assert (public["title"], public["depth_cm"], public["location"]) == ("Water", 20, {"lat": 51.501, "lon": -0.124})
    assert "original" not in public
    assert own["original"] == {
        "title": "Watter",
        "depth_cm": 10,
        "location": {"lat": 51.50041, "lon": -0.12463},
    }


def test_undo_restores_what_was_before(client: FlaskClient, responder: Responder) -> None:
    report = filed(client, title="Watter")
    responder.decide(report["id"], **VERIFY, corrections={"title": "Water"})
    responder.decide(report["id"], **REJECT)

    assert responder.undo(report["id"]).json["status"] == "verified"
    again = responder.undo(report["id"]).json
    assert (again["status"], again["title"], again["verification"]) == ("pending", "Watter", None)
    assert responder.undo(report["id"]).status_code == 409
    actions = [row.action for row in audit.history_of(report["id"])]
    assert sorted(actions) == sorted(
        ["report.verified", "report.corrected", "report.rejected", "report.undone", "report.undone"]
    )


def test_a_decision_stays_after_seven_days(client: FlaskClient, responder: Responder, noon: Any) -> None:
    report = make_report()
    responder.decide(report.id, **VERIFY)
    noon.shift(8 * 24 * HOUR_S)

    assert Responder(client).undo(report.id).status_code == 409


def test_a_merge_leads_on_and_counts_each_person_once(client: FlaskClient, responder: Responder) -> None:
    target, merged, both = make_report(), make_report(lat=51.5003), Visitor(client)
    for report in (target, merged):
        both.vote(report.id)
        Visitor(client).vote(report.id)

    assert responder.merge(merged.id, target.id).json["merged_into"] == target.id

    gone = client.get(f"/v1/reports/{merged.id}")
    assert (gone.status_code, gone.json["merged_into"]) == (404, target.id)
    shown = client.get(f"/v1/reports/{target.id}").json
    assert shown["merged_from"] == [merged.id]
    # Two reporters, two neighbours of one report each, one of both.
    assert shown["votes"]["flooded"] == 5
    assert both.vote(target.id, "receded").json["votes"] == {"flooded": 4, "receded": 1}


def test_undoing_a_merge_gives_each_report_its_voices_back(client: FlaskClient, responder: Responder) -> None:
    target, merged = make_report(), make_report(lat=51.5003)
    Visitor(client).vote(merged.id)
    responder.merge(merged.id, target.id)

    responder.undo(merged.id)

    assert client.get(f"/v1/reports/{target.id}").json["votes"]["flooded"] == 1
    assert client.get(f"/v1/reports/{merged.id}").json["votes"]["flooded"] == 2
    assert "merged_from" not in client.get(f"/v1/reports/{target.id}").json


def test_what_is_merged_into_a_merged_report_goes_to_its_target(client: FlaskClient, responder: Responder) -> None:
    first, second, third = (make_report(lat=51.5 + number / 10000) for number in range(3))
    responder.merge(second.id, first.id)

    assert responder.merge(third.id, second.id).json["merged_into"] == first.id
    assert client.get(f"/v1/reports/{first.id}").json["votes"]["flooded"] == 3


@pytest.mark.parametrize(
    ("other", "code"),
    [
        pytest.param({"lat": 52.0}, "far", id="across the country"),
        pytest.param({"status": "rejected"}, "gone", id="what is gone"),
        pytest.param({"observed_at_ms": 1}, "time", id="another day"),
    ],
)
def test_a_merge_is_refused_into(responder: Responder, other: dict[str, Any], code: str) -> None:
    assert mistakes_of(responder.merge(make_report().id, make_report(**other).id)) == {("/into", code)}


def test_merges_make_no_circle(client: FlaskClient, responder: Responder) -> None:
    one, other = make_report(), make_report()
    responder.merge(one.id, other.id)

    assert mistakes_of(responder.merge(other.id, one.id)) == {("/into", "self")}
    assert mistakes_of(responder.merge(other.id, other.id)) == {("/into", "self")}


def test_a_merged_report_takes_no_further_decision(responder: Responder) -> None:
    one, other = make_report(), make_report()
    responder.merge(one.id, other.id)

    assert responder.decide(one.id, **VERIFY).status_code == 409


def test_at_most_twenty_reports_are_merged_into_one(responder: Responder) -> None:
    target = make_report()
    statuses = [responder.merge(make_report().id, target.id).status_code for _ in range(21)]

    assert statuses == [200] * 20 + [409]


def test_flags_before_a_decision_fold_no_more(client: FlaskClient, responder: Responder) -> None:
    report = make_report(title="Words")
    for _ in range(3):
        Visitor(client).flag(report.id)
    assert client.get(f"/v1/reports/{report.id}").json["title"] is None

    responder.decide(report.id, **VERIFY)

    Visitor(client).flag(report.id)
    assert client.get(f"/v1/reports/{report.id}").json["title"] == "Words"


def test_the_audit_tells_who_decided_and_no_words(client: FlaskClient, responder: Responder) -> None:
    report = make_report()
    responder.decide(report.id, **VERIFY, note="At 12 High Street", corrections={"title": "Deep"})

    rows = audit.history_of(report.id)
    assert {row.action for row in rows} == {"report.verified", "report.corrected"}
    assert "High Street" not in str([row.attribute_values for row in rows])
    assert make_account("admin").id not in {row.actor for row in rows}


def test_one_who_filed_both_reports_without_an_account_counts_once(client: FlaskClient, responder: Responder) -> None:
    sender = Visitor(client)
    target = filed(client, headers=sender.headers, place="public")
    merged = filed(client, headers=sender.headers, place="public")
    neighbour = Visitor(client)
    theirs = filed(client, headers=neighbour.headers, place="public")
    neighbour.vote(target["id"])

    for report in (merged, theirs):
        responder.merge(report["id"], target["id"])

    assert client.get(f"/v1/reports/{target['id']}").json["votes"]["flooded"] == 2


def test_an_edit_of_a_verified_report_waits_for_a_responder_again(client: FlaskClient, responder: Responder) -> None:
    report = filed(client, title="Water at the mill")
    responder.decide(report["id"], **VERIFY)

    edited = client.patch(
        f"/v1/reports/{report['id']}",
        json={"title": "Dam burst"},
        headers=bearer(report["edit_token"]) | {"If-Match": "*"},
    ).json

    assert (edited["status"], edited["verification"], edited["confidence"]["level"]) == ("pending", None, "low")


def change_and_tell(client: FlaskClient, target: dict[str, Any], **change: Any) -> None:
    """Let a reporter change a report, and the stream's consumer hear of it twice."""
    before = Report.find(target["id"], consistent=True)
    own = bearer(target["edit_token"]) | {"If-Match": "*"}
    assert client.open(f"/v1/reports/{target['id']}", headers=own, **change).status_code < 300
    record = stream_record(old=before, new=Report.find(target["id"], consistent=True))
    for _ in range(2):
        report_changed.handler({"Records": [record], "shardId": "s1"}, None)


def moved_to(lat: float) -> dict[str, Any]:
    return {"method": "PATCH", "json": {"location": {"lat": lat, "lon": -0.12}}}


def test_what_was_merged_comes_back_when_its_target_goes_or_moves(client: FlaskClient, responder: Responder) -> None:
    for change in ({"method": "DELETE"}, moved_to(10)):
        target, merged = filed(client, place="public"), filed(client, place="public")
        responder.merge(merged["id"], target["id"])

        change_and_tell(client, target, **change)

        assert client.get(f"/v1/reports/{merged['id']}").json["status"] == "pending"


def test_what_was_merged_and_then_taken_back_stays_gone_when_its_target_goes(
    client: FlaskClient, responder: Responder
) -> None:
    target, merged = filed(client, place="public"), filed(client, place="public")
    responder.merge(merged["id"], target["id"])
    change_and_tell(client, merged, method="DELETE")

    change_and_tell(client, target, method="DELETE")

    assert client.get(f"/v1/reports/{merged['id']}").status_code == 404
    assert responder.read(merged["id"]).json["status"] == "withdrawn"


def test_what_was_merged_comes_back_when_its_target_moves_away_in_small_steps(
    client: FlaskClient, responder: Responder
) -> None:
    sender, both = Visitor(client), Visitor(client)
    target = filed(client, place="public")
    near, far = (filed(client, headers=sender.headers, place="public", location=DOOR | {"lat": lat}) for lat in STREET)
    for merged in (near, far):
        both.vote(merged["id"])
        responder.merge(merged["id"], target["id"])
    assert client.get(f"/v1/reports/{target['id']}").json["votes"]["flooded"] == 3

    for lat in (51.51, 51.52):
        change_and_tell(client, target, **moved_to(lat))

    shown = client.get(f"/v1/reports/{target['id']}").json
    assert (shown["merged_from"], shown["votes"]["flooded"]) == ([near["id"]], 3)
    assert client.get(f"/v1/reports/{far['id']}").json["votes"]["flooded"] == 2
    assert sender.vote(far["id"], "receded").json["condition"] == "receded", "no longer the reporter"


def test_undo_takes_back_only_what_the_decision_had_changed(client: FlaskClient, responder: Responder) -> None:
    report = filed(client, title="Watter")
    responder.decide(report["id"], **VERIFY, corrections={"title": "Water"})
    responder.decide(report["id"], **REJECT)

    again = responder.undo(report["id"]).json

    assert (again["status"], again["title"], again["original"]) == ("verified", "Water", {"title": "Watter"})


def test_verifying_brings_back_what_votes_have_ended(client: FlaskClient, responder: Responder) -> None:
    report = make_report()
    for _ in range(3):
        Visitor(client).vote(report.id, "receded")
    assert report.id not in listed(client)

    responder.decide(report.id, **VERIFY)

    assert listed(client)[report.id]["condition"] == "flooded"


def test_nothing_is_moved_or_joined_beyond_ones_areas(client: FlaskClient, noon: Any) -> None:
    here = Responder(client, "responder", within=[Area("Here", Box(-0.13, 51.49, -0.11, 51.505))])
    report, beyond = make_report(), make_report(lat=51.51)

    moved = here.decide(report.id, **VERIFY, corrections={"location": {"lat": 52.0, "lon": -0.12}})

    assert (moved.status_code, here.merge(report.id, beyond.id).status_code) == (403, 403)


def test_a_visitor_stays_the_reporter_after_a_decision_is_undone(client: FlaskClient, responder: Responder) -> None:
    sender = Visitor(client)
    report = filed(client, headers=sender.headers)
    responder.decide(report["id"], **REJECT)
    assert sender.vote(report["id"]).status_code == 409
    responder.undo(report["id"])

    assert sender.vote(report["id"], "receded").json["condition"] == "receded"
