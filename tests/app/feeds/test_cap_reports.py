"""Reports that a responder has verified as alerts: as a citizen's word, at the public place, while they stand."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.reports import alert_chain
from app.reports.models import Report
from app.warnings.sources.cap.message import messages_of
from app.warnings.sources.message import Act
from tests.app.feeds.alerts import Taken, alert_at, deploy
from tests.factories import delete_account, erase_left, make_account, make_report
from tests.rated import decide, signed_in
from tests.reporting import DOOR, bearer, filed

LATER_S = 600
WHOSE = "Citizen report, verified by a responder, not an official warning"
SECRET = "The Smiths at number 7 are stuck"


def path_of(report_id: str) -> str:
    return f"/feeds/reports/{report_id}.cap.xml"


def alert_of(client: FlaskClient, report: dict[str, Any]) -> Taken:
    return alert_at(client, path_of(report["id"]))


def status_of(client: FlaskClient, report: dict[str, Any]) -> int:
    return client.get(path_of(report["id"])).status_code


def verified(client: FlaskClient, noon: Any, **wanted: Any) -> dict[str, Any]:
    """A report, verified a while after it was filed."""
    report = filed(client, **{"title": SECRET, "description": "In the cellar."} | wanted)
    noon.shift(LATER_S)
    decide(client, report["id"], decision="verified", reason="seen_by_staff")
    noon.shift(LATER_S)
    return report


def test_alert_says_whose_word_it_is(client: FlaskClient, noon: Any) -> None:
    report = verified(client, noon, severity="severe", place="public")

    alert, source, note, _, _ = alert_of(client, report)

    (info,) = alert.infos
    assert note.endswith(f": trial of this service. {WHOSE}.") and source == "Citizen report"
    assert info.headline == f"{WHOSE}: {SECRET}"
    assert info.description.startswith(f"{WHOSE}.") and "In the cellar." in info.description
    assert (info.severity, info.urgency, info.certainty) == ("Severe", "Immediate", "Observed")
    assert clock.rfc3339(info.expires_at_ms or 0) == client.get(f"/v1/reports/{report['id']}").json["expires_at"]
    assert dict(info.parameters)["observed_at"] == report["observed_at"].replace("Z", "-00:00")
    assert (alert.message_type, alert.scope) == ("alert", "public")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\u2028"])
def test_no_line_of_a_reporter_looks_like_ours(client: FlaskClient, noon: Any, end: str) -> None:
    wanted = ("OFFICIAL WARNING", "Evacuate now.", "Checked by a responder")
    report = verified(client, noon, description=end.join(wanted))

    said = alert_of(client, report).alert.infos[0].description.splitlines()

    assert said[-4:] == ["What the reporter wrote:", *(f"> {line}" for line in wanted)]


@pytest.mark.parametrize("decision", [None, ("rejected", "spam")])
def test_there_is_no_alert_about_what_is_not_verified(client: FlaskClient, noon: Any, decision: Any) -> None:
    report = filed(client)
    if decision:
        decide(client, report["id"], decision=decision[0], reason=decision[1])

    answers = [client.get(path_of(name)) for name in (report["id"], "rep_unknown", "no-id", "bookmark:homes")]

    assert {(answer.status_code, answer.mimetype) for answer in answers} == {(404, "application/problem+json")}


@pytest.mark.parametrize(("place", "least_km"), [("public", 0.05), ("home", 0.05 + 0.08), ("area", 0.05 + 0.79)])
def test_circle_covers_the_flood_and_tells_no_private_place(
    client: FlaskClient, noon: Any, place: str, least_km: float
) -> None:
    report = verified(client, noon, place=place)
    shown = client.get(f"/v1/reports/{report['id']}").json["location"]

    (area,) = alert_of(client, report).alert.infos[0].areas

    pair, radius = area.circles[0].split()
    assert tuple(map(float, pair.split(","))) == (shown["lat"], shown["lon"])
    assert float(radius) >= least_km
    assert (str(DOOR["lat"]) in client.get(path_of(report["id"])).text) == (place == "public")


def test_times_and_names_tell_the_minute_only(client: FlaskClient, noon: Any) -> None:
    noon.shift(17)
    report = verified(client, noon)
    noon.shift(29)
    edited = client.patch(
        f"/v1/reports/{report['id']}",
        json={"title": "Another"},
        headers=bearer(report["edit_token"]) | {"If-Match": client.get(f"/v1/reports/{report['id']}").headers["ETag"]},
    )
    assert edited.status_code == 200

    alert = alert_of(client, report).alert

    assert alert.sent_at_ms % clock.MINUTE_MS == 0
    assert str(clock.now_ms() // 1000) not in alert.identifier


def test_edit_ends_the_alert_and_verifying_again_goes_on_with_the_chain(client: FlaskClient, noon: Any) -> None:
    report = verified(client, noon)
    seen = [alert_of(client, report)]
    tag = client.get(f"/v1/reports/{report['id']}").headers["ETag"]
    headers = bearer(report["edit_token"]) | {"If-Match": tag}
    assert client.patch(f"/v1/reports/{report['id']}", json={"title": "Worse"}, headers=headers).status_code == 200
    seen.append(alert_of(client, report))
    noon.shift(LATER_S)
    decide(client, report["id"], decision="verified", reason="photo")
    seen.append(alert_of(client, report))

    assert [taken.alert.message_type for taken in seen] == ["alert", "cancel", "update"]
    identifiers = [taken.alert.identifier for taken in seen]
    names = [[reference.identifier for reference in taken.alert.references] for taken in seen]
    assert names == [identifiers[:number] for number in range(3)]
    assert SECRET not in seen[1].text + seen[2].text


def test_votes_that_change_nothing_shown_send_nothing(client: FlaskClient, noon: Any) -> None:
    report = verified(client, noon)
    first = client.get(path_of(report["id"]))
    vote = {"condition": "flooded"}
    answer = client.put(f"/v1/reports/{report['id']}/votes", json=vote, headers=signed_in(make_account()))
    assert answer.status_code == 200, answer.text

    assert client.get(path_of(report["id"])).data == first.data
    again = client.get(path_of(report["id"]), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("way", ["withdrawn", "rejected", "undone"])
def test_end_is_a_cancel_that_tells_nothing_and_can_be_read_for_a_day(client: FlaskClient, noon: Any, way: str) -> None:
    report = verified(client, noon, severity="extreme")
    first = alert_of(client, report).alert
    path = f"/v1/reports/{report['id']}"
    if way == "withdrawn":
        assert client.delete(path, headers=bearer(report["edit_token"])).status_code == 204
    else:
        decide(client, report["id"], **({"decision": "rejected", "reason": "spam"} if way == "rejected" else {}))

    taken = alert_of(client, report)

    assert taken.alert.message_type == "cancel"
    assert [reference.identifier for reference in taken.alert.references] == [first.identifier]
    body = client.get(path_of(report["id"])).text
    assert not any(told in body for told in (SECRET, "cellar", "Extreme", "51.5", "circle", "observed_at"))
    noon.shift(24 * 3600 - 60)
    assert client.get(path_of(report["id"])).text == body
    noon.shift(60)
    assert status_of(client, report) == 404


def test_report_whose_time_has_passed_is_cancelled_without_a_write(client: FlaskClient, noon: Any) -> None:
    report = verified(client, noon)
    stored = Report.get(report["id"]).alerts
    noon.shift(48 * 3600)

    taken = alert_of(client, report)

    assert taken.alert.message_type == "cancel"
    assert Report.get(report["id"]).alerts == stored
    noon.shift(24 * 3600)
    assert status_of(client, report) == 404


def test_what_a_leaver_has_reported_is_told_again_without_words(client: FlaskClient, noon: Any) -> None:
    account = make_account()
    report = verified(client, noon, headers=signed_in(account))
    first = alert_of(client, report).alert
    delete_account(account.id)
    erase_left(account.id)

    taken = alert_of(client, report)

    assert (taken.alert.message_type, taken.alert.references[0].identifier) == ("update", first.identifier)
    assert SECRET not in client.get(path_of(report["id"])).text


def test_own_reader_takes_in_what_went_out(client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(monkeypatch, prefix="floodmanager-prod")
    report = verified(client, noon, title="Water & mud, 3 < 4 \U0001f30a here", place="public")
    alert = alert_of(client, report).alert

    (read,), _ = messages_of(alert)
    assert client.delete(f"/v1/reports/{report['id']}", headers=bearer(report["edit_token"])).status_code == 204
    (end,), _ = messages_of(alert_of(client, report).alert)

    assert (read.act, read.hazard, read.severity) == (Act.HOLD, "flood", "moderate")
    assert read.places[0].shape is not None and read.expires_at_ms == alert.infos[0].expires_at_ms
    assert (end.act, end.replaces) == (Act.END, (read.source_id,))


class TestRowsOfOtherReleases:
    def test_report_verified_by_an_earlier_release_has_an_alert(self, client: FlaskClient, noon: Any) -> None:
        made = make_report(status="verified")
        first = alert_at(client, path_of(made.id)).alert
        noon.shift(LATER_S)
        decide(client, made.id, decision="rejected", reason="spam")

        second = alert_at(client, path_of(made.id)).alert

        assert (first.message_type, second.message_type) == ("alert", "cancel")
        assert [reference.identifier for reference in second.references] == [first.identifier]

    def test_what_an_earlier_release_has_written_is_told_from_the_row(self, client: FlaskClient, noon: Any) -> None:
        report = verified(client, noon)
        first = alert_of(client, report).alert
        row = Report.get(report["id"])
        row.title, row.version, row.updated_at_ms = "By another release", int(row.version) + 1, clock.now_ms()
        row.save()
        second = alert_of(client, report)
        noon.shift(LATER_S)
        assert client.delete(f"/v1/reports/{row.id}", headers=bearer(report["edit_token"])).status_code == 204

        third = alert_of(client, report)

        assert second.text.count("By another release") and second.alert.message_type == "update"
        names = [reference.identifier for reference in third.alert.references]
        assert names == [first.identifier, second.alert.identifier]

    def test_damaged_column_is_taken_for_none(self) -> None:
        for text in ("", "{", "[]", '{"alerts": 3}', '{"alerts": [[]]}', '{"version": "x"}'):
            assert alert_chain.read(text) == alert_chain.AlertChain()
