"""Photos that everyone sees by what was decided about their reports; and what a person hid stays hidden."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.reports.imported import ImportedReport, store_imported
from app.reports.models import Report
from app.reports.photo_column import Photo
from app.review import audit
from handlers import report_changed
from tests.configured import settings_of
from tests.factories import make_report, sign_in_as, stream_record
from tests.photo_acts import judge
from tests.photo_rows import add_photo, alter_photo, photos_of
from tests.queueing import Streams
from tests.reporting import bearer, filed
from tests.voices import Visitor

VERIFY = {"decision": "verified", "reason": "seen_by_staff"}
REJECT = {"decision": "rejected", "reason": "not_flooding"}


class Staff:
    """A responder, and what everyone sees of what they decide."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.headers = client, sign_in_as("responder")

    def verification(self, report_id: str, method: str = "PUT", **decision: Any) -> None:
        path = f"/v1/reports/{report_id}"
        etag = self.client.get(path, headers=self.headers).headers["ETag"]
        sent = {"json": decision} if decision else {}
        answer = self.client.open(
            f"{path}/verification", method=method, headers=self.headers | {"If-Match": etag}, **sent
        )
        assert answer.status_code == 200, answer.text

    def photo(self, report_id: str, photo: Photo, decision: str) -> None:
        assert judge(self.client, report_id, photo.id, self.headers, decision=decision).status_code == 200

    def seen(self, report_id: str) -> list[str]:
        """The photos of a report that everyone sees: by the report itself and as the row's derived short form."""
        answer = self.client.get(f"/v1/reports/{report_id}")
        if answer.status_code != 200:
            return []
        listed = Report.find(report_id, consistent=True)
        assert listed is not None and answer.json["photo"] == listed.entry_with_unknown().photo
        return [photo["id"] for photo in answer.json["photos"]]


@pytest.fixture
def staff(client: FlaskClient, noon: Any) -> Staff:
    return Staff(client)


def test_verifying_a_report_shows_what_was_there_then_and_undoing_hides_it(staff: Staff, noon: Any) -> None:
    report = make_report()
    first = add_photo(report.id)
    assert staff.seen(report.id) == []
    noon.shift(60)
    staff.verification(report.id, **VERIFY)
    assert staff.seen(report.id) == [first.id]
    noon.shift(60)
    later = add_photo(report.id)
    assert staff.seen(report.id) == [first.id]
    staff.photo(report.id, later, "shown")
    assert staff.seen(report.id) == [first.id, later.id]

    staff.verification(report.id, "DELETE")

    assert staff.seen(report.id) == [later.id], "A photo that nobody has decided about outlives the verification."


def test_an_etag_that_tells_of_photos_and_a_language_names_its_version(staff: Staff) -> None:
    report = make_report(depth_cm=50)
    add_photo(report.id)
    headers = staff.headers | {"Accept-Language": "es"}
    etag = staff.client.get(f"/v1/reports/{report.id}", headers=headers).headers["ETag"]
    path = f"/v1/reports/{report.id}/verification"
    verified = staff.client.put(path, json=VERIFY, headers=headers | {"If-Match": etag})
    assert verified.status_code == 200, verified.text
    undone = staff.client.delete(path, headers=headers | {"If-Match": verified.headers["ETag"]})

    assert "-p" in etag and "-es" in verified.headers["ETag"]
    assert undone.status_code == 200, undone.text


def test_photos_may_be_held_back_whatever_their_report_is(staff: Staff) -> None:
    report = make_report()
    photo = add_photo(report.id)
    staff.verification(report.id, **VERIFY)
    with settings_of(FLOOD_PHOTOS="held"):
        assert staff.client.get(f"/v1/reports/{report.id}").json["photos"] == []
        staff.photo(report.id, photo, "shown")
        assert staff.seen(report.id) == [photo.id]


def test_a_rejected_report_shows_none_and_undoing_brings_back_what_was_shown(staff: Staff) -> None:
    report = make_report()
    shown, hidden = add_photo(report.id), add_photo(report.id)
    staff.photo(report.id, shown, "shown")
    staff.photo(report.id, hidden, "hidden")

    staff.verification(report.id, **REJECT)
    assert staff.seen(report.id) == []
    assert len(photos_of(report.id)) == 2
    staff.verification(report.id, "DELETE")

    assert staff.seen(report.id) == [shown.id]


def test_a_decision_is_undone_however_often_photos_were_judged_since(staff: Staff) -> None:
    report = make_report()
    photo = add_photo(report.id)
    staff.verification(report.id, **VERIFY)
    staff.verification(report.id, **REJECT)
    for number in range(audit.HISTORY + 2):
        staff.photo(report.id, photo, "hidden" if number % 2 else "shown")

    staff.verification(report.id, "DELETE")

    assert staff.client.get(f"/v1/reports/{report.id}").json["status"] == "verified"


def test_a_folded_report_shows_none_until_it_is_judged(staff: Staff) -> None:
    report = make_report()
    photo = add_photo(report.id)
    staff.photo(report.id, photo, "shown")
    for _ in range(3):
        assert Visitor(staff.client).flag(report.id, note="There is no water here").status_code == 204
    assert staff.seen(report.id) == []

    staff.verification(report.id, **VERIFY)
    assert staff.seen(report.id) == [photo.id]


def test_photos_of_both_show_once_each_after_a_merge_and_undoing_takes_them_back(staff: Staff) -> None:
    report, target = make_report(), make_report()
    own, others = add_photo(report.id), add_photo(target.id)
    hidden = add_photo(report.id)
    for report_id, photo in ((report.id, own), (target.id, others)):
        staff.photo(report_id, photo, "shown")
    staff.photo(report.id, hidden, "hidden")

    staff.verification(report.id, decision="merged", reason="same_flood", into=target.id)
    assert staff.seen(target.id) == [others.id, own.id] and staff.seen(report.id) == []
    staff.verification(target.id, **VERIFY)
    assert staff.seen(target.id) == [others.id, own.id], "A merge or a verification shows what a person hid."
    staff.verification(report.id, "DELETE")

    assert staff.seen(target.id) == [others.id] and staff.seen(report.id) == [own.id]


def test_a_merged_photo_is_hidden_and_shown_through_the_target(staff: Staff) -> None:
    report, target = make_report(), make_report()
    photo = add_photo(report.id)
    staff.verification(report.id, decision="merged", reason="same_flood", into=target.id)

    staff.photo(target.id, photo, "shown")
    assert staff.seen(target.id) == [photo.id]
    staff.photo(target.id, photo, "hidden")
    staff.verification(report.id, "DELETE")

    assert staff.seen(target.id) == staff.seen(report.id) == []


def votes(staff: Staff, report_id: str, _: dict[str, Any]) -> None:
    for condition in ("flooded", "flooded", "receded"):
        assert Visitor(staff.client).vote(report_id, condition).status_code == 200


def flags_taken_back(staff: Staff, report_id: str, _: dict[str, Any]) -> None:
    for _number in range(3):
        assert Visitor(staff.client).flag(report_id, note="No water").status_code == 204
    for _number in range(4):
        assert Visitor(staff.client).vote(report_id).status_code == 200


def edit(staff: Staff, report_id: str, own: dict[str, Any]) -> None:
    headers = own | {"If-Match": "*"}
    answer = staff.client.patch(f"/v1/reports/{report_id}", json={"title": "Deeper now"}, headers=headers)
    assert answer.status_code == 200, answer.text


def description_of_the_photo(staff: Staff, report_id: str, own: dict[str, Any]) -> None:
    (photo,) = photos_of(report_id)
    assert judge(staff.client, report_id, photo.id, own, alt="Look at this").status_code == 200


def import_of_the_same_id(staff: Staff, report_id: str, _: dict[str, Any]) -> None:
    stored = Report.find(report_id)
    assert stored is not None
    now_ms = int(stored.observed_at_ms)
    row = ImportedReport(report_id, 51.5, -0.12, now_ms, "severe", None, "Water", None, 50, now_ms + 10**8, "a file")
    assert not store_imported(row, now_ms)


def verification(staff: Staff, report_id: str, _: dict[str, Any]) -> None:
    staff.verification(report_id, **VERIFY)


def new_pixels(_: Staff, report_id: str, __: dict[str, Any]) -> None:
    (photo,) = photos_of(report_id)
    alter_photo(report_id, photo.id, number=2, blur=None)


def records_of_before(_: Staff, report_id: str, __: dict[str, Any]) -> None:
    """The stream delivers the change that showed the photo once more, after it was hidden."""
    report = Report.find(report_id)
    assert report is not None
    former = Report.find(report_id)
    former.photos = [photo._replace(decision="shown") for photo in report.photos]
    report_changed.handler({"Records": [stream_record(old=report, new=former)], "shardId": "shard-1"}, None)


AUTOMATIC = [
    votes, flags_taken_back, edit, description_of_the_photo, import_of_the_same_id, verification, new_pixels,
    records_of_before,
]  # fmt: skip


@pytest.mark.parametrize("act", AUTOMATIC, ids=lambda act: act.__name__)
def test_nothing_but_a_decision_about_it_shows_what_a_person_hid(
    staff: Staff, streams: Streams, photos_bucket: str, act: Callable[[Staff, str, dict[str, Any]], None]
) -> None:
    made = filed(staff.client)
    report_id, own = made["id"], bearer(made["edit_token"])
    photo = add_photo(report_id)
    staff.photo(report_id, photo, "shown")
    streams.catch_up()
    assert staff.seen(report_id) == [photo.id]
    staff.photo(report_id, photo, "hidden")
    streams.catch_up()

    act(staff, report_id, own)
    streams.catch_up()

    assert staff.seen(report_id) == []
    assert photos_of(report_id)[0].decision == "hidden"
    nearby = staff.client.get("/v1/reports?lat=51.5&lon=-0.12&radius_km=3").json["items"]
    assert [item["photo"] for item in nearby] == [None]


def test_a_photo_that_a_responder_shows_makes_a_report_likely_and_hiding_it_takes_that_back(
    staff: Staff, streams: Streams
) -> None:
    """With neighbours alone a report stays low; a decision is followed however often it was rated before."""
    reports = [make_report(lat=51.5 + n / 1e5, filer=f"v_{n}", network=f"net-{n}", ratings=2) for n in range(4)]
    photo = add_photo(reports[0].id)
    levels = []
    for decision in ("", "shown", "hidden", "shown"):
        if decision:
            staff.photo(reports[0].id, photo, decision)
        streams.catch_up()
        levels.append(staff.client.get(f"/v1/reports/{reports[0].id}").json["confidence"]["level"])

    assert levels == ["low", "likely", "low", "likely"]
