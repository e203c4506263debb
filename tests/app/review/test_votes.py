"""Votes: one for each person, counted exactly, and what they do to the life of a report."""

from typing import Any

from flask.testing import FlaskClient

from app.reports.models import Report
from app.review import audit
from app.review.settle import settle
from app.review.vote_models import COUNT, VoteRow
from tests.factories import make_report, sign_in_as
from tests.reporting import bearer, filed
from tests.voices import Visitor

HOUR_S = 3600


def shown(client: FlaskClient, report_id: str) -> dict[str, Any]:
    settle(report_id)  # as the stream's consumer does within seconds
    answer = client.get(f"/v1/reports/{report_id}")
    assert answer.status_code == 200
    assert isinstance(answer.json, dict)
    return answer.json


def ids_listed(client: FlaskClient) -> set[str]:
    answer = client.get("/v1/reports?lat=51.5&lon=-0.12&radius_km=2")
    assert answer.json is not None
    return {item["id"] for item in answer.json["items"]}


def test_a_report_begins_with_its_reporters_vote(client: FlaskClient, noon: Any) -> None:
    assert filed(client)["votes"] == {"flooded": 1, "receded": 0, "depths_cm": []}


def test_each_person_has_one_vote_and_the_second_replaces_the_first(client: FlaskClient, noon: Any) -> None:
    report, neighbour = make_report(), Visitor(client)

    first, second = neighbour.vote(report.id, depth_cm=20), neighbour.vote(report.id, "receded")

    assert (first.status_code, first.json["votes"]) == (200, {"flooded": 2, "receded": 0})
    assert (second.status_code, second.json["votes"]) == (200, {"flooded": 1, "receded": 1})
    assert neighbour.vote(report.id, "receded").json["votes"] == {"flooded": 1, "receded": 1}
    assert shown(client, report.id)["votes"] == {"flooded": 1, "receded": 1, "depths_cm": []}


def test_the_newest_three_depths_are_shown(client: FlaskClient, noon: Any) -> None:
    report = make_report()
    for depth in (10, 20, 30, 40):
        noon.shift(1)
        Visitor(client).vote(report.id, depth_cm=depth)

    assert shown(client, report.id)["votes"] == {"flooded": 5, "receded": 0, "depths_cm": [40, 30, 20]}


def test_each_of_many_hundred_voters_counts_and_the_last_ones_may_end_a_report(client: FlaskClient, noon: Any) -> None:
    report = make_report()
    keep_voted(report, 700, "flooded")
    keep_voted(report, 698, "receded")

    assert shown(client, report.id)["votes"] == {"flooded": 701, "receded": 698, "depths_cm": []}
    answers = [Visitor(client).vote(report.id, "receded") for _ in range(5)]

    assert answers[-1].json["votes"] == {"flooded": 701, "receded": 703}
    assert [answer.json["condition"] for answer in answers[-2:]] == ["flooded", "receded"]
    assert report.id not in ids_listed(client)


def keep_voted(report: Report, number: int, condition: str) -> None:
    """Store votes of so many persons on networks of their own, with their count, as the votes one by one leave them."""
    counted = VoteRow.find(report.id, COUNT) or VoteRow(report.id, COUNT, flooded=1, receded=0, number=0)
    with VoteRow.batch_write() as batch:
        for one in range(number):
            row = VoteRow(report.id, f"v_{condition}_{one:04d}", condition=condition, network=f"{condition}_{one:04d}")
            row.at_ms = row.first_at_ms = report.created_at_ms
            row.changes = 1
            batch.save(row)
        setattr(counted, condition, int(getattr(counted, condition)) + number)
        counted.number = int(counted.number) + number
        batch.save(counted)


def test_a_vote_that_is_taken_back_is_not_counted(client: FlaskClient, noon: Any) -> None:
    report, neighbour = make_report(), Visitor(client)
    neighbour.vote(report.id)

    assert [neighbour.take_back(report.id).status_code for _ in range(2)] == [204, 204]
    assert Visitor(client).vote(report.id).json["votes"] == {"flooded": 2, "receded": 0}


def test_who_is_nobody_is_told_how_to_become_somebody(client: FlaskClient, noon: Any) -> None:
    answer = client.put(f"/v1/reports/{make_report().id}/votes", json={"condition": "flooded"})

    assert answer.status_code == 401
    assert "POST /v1/visitors" in answer.json["detail"]


def test_a_vote_prolongs_a_report_by_a_day_at_most_every_six_hours(client: FlaskClient, noon: Any) -> None:
    report, neighbour = make_report(), Visitor(client)
    noon.shift(40 * HOUR_S)

    assert neighbour.vote(report.id).json["expires_at"] == "2026-11-24T04:00:00Z"
    noon.shift(5 * HOUR_S)
    assert neighbour.vote(report.id).json["expires_at"] == "2026-11-24T04:00:00Z"
    noon.shift(2 * HOUR_S)
    assert neighbour.vote(report.id).json["expires_at"] == "2026-11-24T11:00:00Z"
    assert shown(client, report.id)["expires_at"] == "2026-11-24T11:00:00Z"


def test_no_vote_keeps_a_report_for_more_than_seven_days(client: FlaskClient, noon: Any) -> None:
    report = make_report()
    for _ in range(7):
        noon.shift(23 * HOUR_S)
        latest = Visitor(client).vote(report.id)

    assert latest.json["expires_at"] == "2026-11-28T12:00:00Z"


def test_two_more_networks_end_a_pending_report_at_once(client: FlaskClient, noon: Any) -> None:
    report = make_report()
    for _ in range(2):
        assert Visitor(client).vote(report.id, "receded").json["condition"] == "flooded"
    assert report.id in ids_listed(client)

    last = Visitor(client).vote(report.id, "receded")

    assert last.json["condition"] == "receded"
    assert report.id not in ids_listed(client)
    assert shown(client, report.id)["condition"] == "receded"


def test_many_persons_of_one_network_end_nothing(client: FlaskClient, noon: Any) -> None:
    report = make_report()
    for number in range(9):
        answer = Visitor(client, address=f"20.1.1.{number}").vote(report.id, "receded")

    assert answer.json == {
        "condition": "flooded",
        "votes": {"flooded": 1, "receded": 9},
        "expires_at": "2026-11-23T12:00:00Z",
    }


def test_a_verified_report_may_be_over_and_stays(client: FlaskClient, noon: Any) -> None:
    report = make_report(status="verified")
    for _ in range(3):
        answer = Visitor(client).vote(report.id, "receded")

    assert answer.json["condition"] == "may_be_over"
    assert report.id in ids_listed(client)


def test_vote_with_a_depth_too_small_to_be_stored_counts(client: FlaskClient) -> None:
    report = filed(client)

    answer = Visitor(client).vote(report["id"], depth_cm=2.2e-309)

    assert answer.json["votes"] == {"flooded": 2, "receded": 0}


def test_the_reporters_own_word_ends_the_report_and_no_vote_revives_it(client: FlaskClient, noon: Any) -> None:
    report = filed(client)
    own = client.put(
        f"/v1/reports/{report['id']}/votes", json={"condition": "receded"}, headers=bearer(report["edit_token"])
    )

    assert own.json["condition"] == "receded"
    assert own.json["votes"] == {"flooded": 0, "receded": 1}
    assert Visitor(client).vote(report["id"]).status_code == 409


def test_the_visitor_who_filed_is_the_reporter_and_no_neighbour(client: FlaskClient, noon: Any) -> None:
    sender = Visitor(client)
    report = filed(client, headers=sender.headers)

    assert sender.vote(report["id"]).json["votes"] == {"flooded": 1, "receded": 0}
    assert sender.vote(report["id"], "receded").json["condition"] == "receded"


def test_the_account_that_filed_is_the_reporter(client: FlaskClient, noon: Any) -> None:
    account = sign_in_as("resident")
    report = filed(client, headers=account)

    answer = client.put(f"/v1/reports/{report['id']}/votes", json={"condition": "flooded"}, headers=account)

    assert answer.json["votes"] == {"flooded": 1, "receded": 0}


def test_a_report_that_ended_less_than_a_day_ago_is_revived(client: FlaskClient, noon: Any) -> None:
    report = make_report()
    noon.shift(60 * HOUR_S)
    assert report.id not in ids_listed(client)

    assert Visitor(client).vote(report.id, "receded").status_code == 409
    assert Visitor(client).vote(report.id).json["expires_at"] == "2026-11-25T00:00:00Z"
    assert report.id in ids_listed(client)


def test_a_report_that_ended_a_day_ago_is_over(client: FlaskClient, noon: Any) -> None:
    report = make_report()
    noon.shift(72 * HOUR_S)

    assert Visitor(client).vote(report.id).status_code == 409


def test_votes_move_the_second_half_of_the_etag_only(client: FlaskClient, noon: Any) -> None:
    report = filed(client)
    before = client.get(f"/v1/reports/{report['id']}")
    Visitor(client).vote(report["id"])
    after = shown(client, report["id"])

    assert after["version"] == 1
    assert client.get(f"/v1/reports/{report['id']}").headers["ETag"] != before.headers["ETag"]
    edited = client.patch(
        f"/v1/reports/{report['id']}",
        json={"title": "Higher now"},
        headers=bearer(report["edit_token"]) | {"If-Match": before.headers["ETag"]},
    )
    assert (edited.status_code, edited.json["version"]) == (200, 2)
    assert edited.json["votes"]["flooded"] == 2


def test_the_votes_of_one_network_end_five_reports_an_hour(client: FlaskClient, noon: Any) -> None:
    conditions = []
    for _ in range(6):
        report = make_report()
        for address in ("20.9.1.1", "20.9.2.1"):
            Visitor(client, address=address).vote(report.id, "receded")
        last = Visitor(client).vote(report.id, "receded")
        conditions.append(last.json["condition"])

    assert conditions == ["receded"] * 5 + ["may_be_over"]
    assert Report.find(report.id).is_active(report.created_at_ms + 1)


def test_what_is_gone_cannot_be_voted_on(client: FlaskClient, noon: Any) -> None:
    assert Visitor(client).vote("rep_" + "a" * 26).status_code == 404
    assert Visitor(client).vote(make_report(status="rejected").id).status_code == 404
    assert Visitor(client).vote("no-report").status_code == 404


def test_a_responders_word_ends_a_verified_report_on_record(client: FlaskClient, noon: Any) -> None:
    report, responder = make_report(status="verified"), sign_in_as("responder")

    ended = client.put(f"/v1/reports/{report.id}/votes", json={"condition": "receded"}, headers=responder)

    assert ended.json["condition"] == "receded"
    assert report.id not in ids_listed(client)
    assert [row.after for row in audit.history_of(report.id)] == [{"condition": "receded"}]
    assert Visitor(client).vote(report.id).status_code == 409


def test_a_verification_answers_the_votes_before_it(client: FlaskClient, noon: Any) -> None:
    report = make_report(status="verified")
    for _ in range(3):
        Visitor(client).vote(report.id, "receded")
    noon.shift(1)
    staff = sign_in_as("responder")
    seen = staff | {"If-Match": client.get(f"/v1/reports/{report.id}", headers=staff).headers["ETag"]}

    said = {"decision": "verified", "reason": "seen_by_staff"}
    client.put(f"/v1/reports/{report.id}/verification", json=said, headers=seen)

    assert shown(client, report.id)["condition"] == "flooded"
    noon.shift(1)
    assert Visitor(client).vote(report.id, "receded").json["condition"] == "flooded"


def test_a_responders_word_brings_back_what_a_responder_has_ended(client: FlaskClient, noon: Any) -> None:
    report, responder = make_report(), sign_in_as("responder")
    path = f"/v1/reports/{report.id}/votes"
    client.put(path, json={"condition": "receded"}, headers=responder)
    noon.shift(1)

    again = client.put(path, json={"condition": "flooded"}, headers=responder)

    assert again.json["condition"] == "flooded"
    assert report.id in ids_listed(client)


def test_ids_of_any_length_are_no_fault_of_ours(client: FlaskClient, noon: Any) -> None:
    assert Visitor(client).vote("rep_" + "a" * 3000).status_code == 404
    assert Visitor(client).take_back("rep_" + "a" * 3000).status_code == 404
