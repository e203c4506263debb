"""Messages to a reporter about decisions: with the reason, once, and never of one that is not in force any more."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.mail.models import Delivery
from app.reports.index.consume import Change
from app.reports.models import Report
from app.review.decision_letters import tell_of
from handlers import report_changed
from tests.factories import sign_in_as, stream_record
from tests.mailing import ADDRESS, Person, confirmed, newcomer
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture

FLOOD = {"location": {"lat": 51.5, "lon": -0.12}, "severity": "minor", "title": "Water & mud, depth < 30 cm"}


class Desk:
    """A reporter with an address, their report, and a responder."""

    def __init__(self, client: FlaskClient, post: Post, noon: Any, reporter: Person) -> None:
        self.client, self.post, self.noon, self.reporter = client, post, noon, reporter
        self.staff = sign_in_as("responder")
        self.report_id = self.file(reporter.headers, "a-report-of-anna-0001")

    def file(self, headers: dict[str, str], key: str) -> str:
        answer = self.client.post("/v1/reports", headers=headers | {"Idempotency-Key": key}, json=FLOOD)
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    @property
    def address(self) -> str:
        return f"/v1/reports/{self.report_id}/verification"

    def act(self, method: str, **body: str) -> None:
        """Decide, and let the reports' stream tell of it, twice."""
        old = Report.find(self.report_id, consistent=True)
        etag = self.client.get(f"/v1/reports/{self.report_id}", headers=self.staff).headers["ETag"]
        rest: dict[str, Any] = {"json": body} if body else {}
        answer = self.client.open(self.address, method=method, headers=self.staff | {"If-Match": etag}, **rest)
        assert answer.status_code == 200, answer.text
        new = Report.find(self.report_id, consistent=True)
        for _ in range(2):
            report_changed.handler({"Records": [stream_record(old=old, new=new)], "shardId": "s"}, None)
        self.noon.shift(timedelta(seconds=1))

    def later(self) -> list[str]:
        """Return the subjects that the reporter has got two minutes later."""
        self.post.work()
        self.noon.shift(timedelta(minutes=3))
        self.post.work()
        return [subject.removeprefix("[test] ") for subject in self.post.subjects(ADDRESS)]


@pytest.fixture
def desk(client: FlaskClient, post: Post, noon: Any) -> Desk:
    return Desk(client, post, noon, confirmed(client, post))


def test_a_verified_report_is_told_with_the_reason(desk: Desk) -> None:
    desk.act("PUT", decision="verified", reason="photo")

    assert desk.later() == ["Your report was verified"]
    assert "A responder decided: A photo shows it." in desk.post.text()
    assert f"https://floods.example.org/reports/{desk.report_id}" in desk.post.text()
    assert "Water &amp; mud, depth &lt; 30 cm" in desk.post.html()


def test_a_removed_report_is_told_and_leads_to_ones_own_page(desk: Desk) -> None:
    desk.act("PUT", decision="rejected", reason="not_flooding")

    assert desk.later() == ["Your report was removed"]
    assert "https://floods.example.org/me" in desk.post.text()


def test_a_joined_report_leads_to_the_other_one(desk: Desk) -> None:
    other = desk.file(newcomer(desk.client).headers, "a-report-of-bob-00001")
    desk.act("PUT", decision="merged", into=other)

    assert desk.later() == ["Your report was joined to another one"]
    assert f"https://floods.example.org/reports/{other}" in desk.post.text()


def test_a_decision_that_was_taken_back_is_not_told(desk: Desk) -> None:
    desk.act("PUT", decision="rejected", reason="spam")
    desk.act("DELETE")

    assert desk.later() == []


def test_the_same_decision_is_told_once_and_another_one_again(desk: Desk) -> None:
    for decision, reason in (("verified", "photo"), ("verified", "photo"), ("rejected", "test"), ("verified", "photo")):
        desk.act("PUT", decision=decision, reason=reason)
        desk.later()
        desk.act("DELETE")

    told = ["Your report was verified", "Your report was removed", "Your report was verified"]
    assert desk.later() == told


def test_a_reporter_without_a_confirmed_address_is_not_told(client: FlaskClient, post: Post, noon: Any) -> None:
    desk = Desk(client, post, noon, newcomer(client))
    desk.act("PUT", decision="verified", reason="photo")

    assert desk.later() == []


def test_reports_without_an_account_are_told_to_nobody(desk: Desk) -> None:
    desk.report_id = desk.file({}, "6f1f7c1e-0000-4000-8000-000000000001")
    desk.act("PUT", decision="verified", reason="photo")

    assert desk.later() == []


def test_a_change_that_comes_a_day_later_is_no_news(desk: Desk) -> None:
    desk.act("PUT", decision="verified", reason="photo")
    desk.noon.shift(timedelta(hours=25))
    report = Report.find(desk.report_id, consistent=True)
    for row in list(Delivery.scan()):
        row.delete()
    tell_of([Change(None, report, 0)])

    assert list(Delivery.scan()) == []
