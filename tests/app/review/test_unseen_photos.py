"""Photos that who decided about their report had not before them wait for a decision of their own."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.reports.models import Report
from tests.factories import make_report, sign_in_as
from tests.photo_acts import judge
from tests.photo_rows import add_photo

VERIFY = {"decision": "verified", "reason": "seen_by_staff"}


@pytest.fixture
def staff(client: FlaskClient, noon: Any) -> dict[str, str]:
    return sign_in_as("responder")


def etag_of(client: FlaskClient, report: Report, headers: dict[str, str] | None = None) -> str:
    return client.get(f"/v1/reports/{report.id}", headers=headers or {}).headers["ETag"]


def verify(client: FlaskClient, report: Report, etag: str, staff: dict[str, str], **decision: Any) -> None:
    path = f"/v1/reports/{report.id}/verification"
    answer = client.put(path, json=VERIFY | decision, headers=staff | {"If-Match": etag})
    assert answer.status_code == 200, answer.text


def public(client: FlaskClient, report: Report) -> list[str]:
    return [photo["id"] for photo in client.get(f"/v1/reports/{report.id}").json["photos"]]


def test_photo_that_came_after_the_responder_read_the_report_is_not_shown_by_verifying(
    client: FlaskClient, staff: dict[str, str], noon: Any
) -> None:
    report = make_report()
    before = etag_of(client, report, staff)
    noon.shift(60)
    photo = add_photo(report.id)
    noon.shift(60)

    verify(client, report, before, staff)
    assert public(client, report) == []
    noon.shift(60)
    verify(client, report, etag_of(client, report, staff), staff)

    assert public(client, report) == [photo.id]


def test_verifying_again_shows_what_was_read_then_and_undoing_takes_that_back(
    client: FlaskClient, staff: dict[str, str], noon: Any
) -> None:
    report = make_report()
    before = etag_of(client, report, staff)
    photo = add_photo(report.id)
    verify(client, report, before, staff)
    noon.shift(60)
    verify(client, report, etag_of(client, report, staff), staff)
    assert public(client, report) == [photo.id]

    path, etag = f"/v1/reports/{report.id}/verification", etag_of(client, report, staff)
    assert client.delete(path, headers=staff | {"If-Match": etag}).status_code == 200

    assert public(client, report) == []


def test_etag_that_tells_of_no_photos_shows_all_that_were_ready(
    client: FlaskClient, staff: dict[str, str], noon: Any
) -> None:
    report = make_report()
    etag, photo = etag_of(client, report), add_photo(report.id)
    noon.shift(60)

    verify(client, report, etag, staff)

    assert public(client, report) == [photo.id]


def test_decisions_about_many_reports_show_no_photo(client: FlaskClient, staff: dict[str, str], noon: Any) -> None:
    report = make_report()
    photo = add_photo(report.id)
    noon.shift(60)
    decisions = [{"report_id": report.id, "version": 1} | VERIFY]

    [result] = client.post("/v1/review/decisions", json={"decisions": decisions}, headers=staff).json["results"]

    assert (result["status"], public(client, report)) == (200, [])
    assert [one["id"] for one in client.get(f"/v1/reports/{report.id}", headers=staff).json["photos"]] == [photo.id]


def test_joining_to_a_verified_report_shows_no_photo_that_was_not_shown_before(
    client: FlaskClient, staff: dict[str, str], noon: Any
) -> None:
    report, shown, target = make_report(), make_report(), make_report()
    new, seen = add_photo(report.id), add_photo(shown.id)
    noon.shift(60)
    for one in (shown, target):
        verify(client, one, etag_of(client, one, staff), staff)

    for one in (report, shown):
        merged = {"decision": "merged", "reason": "same_flood", "into": target.id}
        verify(client, one, etag_of(client, one, staff), staff, **merged)
    assert public(client, target) == [seen.id]

    noon.shift(60)
    verify(client, target, etag_of(client, target, staff), staff)
    assert public(client, target) == [seen.id]
    assert judge(client, target.id, new.id, staff, decision="shown").status_code == 200
    assert sorted(public(client, target)) == sorted([new.id, seen.id])
