"""The switches of staff: who may change them, for whom, how soon it counts, and the record that is kept."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core import clock
from app.reports.models import Report
from app.review import audit
from app.switches import current, known
from app.switches.models import SwitchesRow
from tests.factories import sign_in_as
from tests.reporting import file_report, filed, mistakes_of

HERE = {"name": "Here", "bbox": [-0.2, 51.4, 0, 51.6]}
NOTICE = {"level": "important", "text": {"en": "The bridge is closed."}, "until": "2026-11-21T18:00:00Z"}
ELSEWHERE = {"lat": 52.5, "lon": -0.12}


class Admin:
    """An admin, and the switches as that admin reads and changes them."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.headers = client, sign_in_as("admin")

    def read(self) -> TestResponse:
        return self.client.get("/v1/admin/switches", headers=self.headers)

    def change(self, etag: str = "", **changes: Any) -> TestResponse:
        matched = self.headers | ({"If-Match": etag} if etag else {})
        return self.client.put("/v1/admin/switches", json={"reason": "false_reports"} | changes, headers=matched)


@pytest.fixture
def admin(client: FlaskClient, noon: Any) -> Admin:
    return Admin(client)


def test_everything_is_on_until_somebody_changes_it(admin: Admin) -> None:
    told = admin.read().json

    assert told == {
        "anonymous_reports": "on",
        "off_within": [],
        "registrations": "on",
        "sources": {"ea": "on", "nws": "on"},
        "notice": None,
        "version": 0,
    }


def test_a_change_leaves_the_other_switches_and_an_audit_row_of_codes(admin: Admin) -> None:
    admin.change(registrations="off")

    changed = admin.change(anonymous_reports="off_within", off_within=[HERE], notice=NOTICE).json

    assert (changed["registrations"], changed["off_within"], changed["version"]) == ("off", [HERE], 2)
    row = audit.history_of("switches")[0]
    assert (row.action, row.reason) == ("switch.changed", "false_reports")
    assert (row.before["anonymous_reports"], row.after["anonymous_reports"]) == ("on", "off_within")
    assert "bridge" not in str(row.after) and "51.4" not in str(row.after)


def test_what_is_so_already_makes_no_row(admin: Admin) -> None:
    assert admin.change(registrations="on").json["version"] == 0
    assert audit.history_of("switches") == []


def test_a_change_of_an_older_version_is_refused(admin: Admin) -> None:
    seen = admin.read().headers["ETag"]
    admin.change(seen, registrations="off")

    assert admin.change(seen, registrations="on").status_code == 412
    assert admin.read().json["registrations"] == "off"


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        pytest.param({}, ("", "required"), id="nothing to change"),
        pytest.param({"anonymous_reports": "maybe"}, ("/anonymous_reports", "choice"), id="no such word"),
        pytest.param({"anonymous_reports": "off_within"}, ("/off_within", "required"), id="no areas"),
        pytest.param(
            {"anonymous_reports": "off", "off_within": [HERE]}, ("/anonymous_reports", "conflict"), id="areas for off"
        ),
        pytest.param({"sources": {"bbc": "off"}}, ("/sources/bbc", "unknown"), id="unknown source"),
        pytest.param({"notice": NOTICE | {"text": {}}}, ("/notice/text", "required"), id="notice without a text"),
        pytest.param({"notice": NOTICE | {"text": {"fr": "Non"}}}, ("/notice/text/fr", "unknown"), id="language"),
        pytest.param({"notice": NOTICE | {"text": {"en": "<b>"}}}, ("/notice/text/en", "markup"), id="markup"),
        pytest.param(
            {"notice": NOTICE | {"until": "2026-11-21T11:00:00Z"}}, ("/notice/until", "range"), id="over already"
        ),
        pytest.param({"notice": NOTICE | {"until": "2027-11-21T11:00:00Z"}}, ("/notice/until", "range"), id="too long"),
        pytest.param({"registrations": "off", "reason": "because"}, ("/reason", "choice"), id="reason in words"),
    ],
)
def test_bad_changes_are_told(admin: Admin, changes: dict[str, Any], mistake: tuple[str, str]) -> None:
    answer = admin.change(**changes)

    assert (answer.status_code, mistake in mistakes_of(answer)) == (422, True), answer.text
    assert admin.read().json["version"] == 0


@pytest.mark.parametrize("box", [[-0.2, 51.4, 0, 51.6], [179, 51.4, -0.1, 51.6]], ids=["box", "over the date line"])
def test_anonymous_reports_are_refused_within_the_areas_alone(
    client: FlaskClient, admin: Admin, box: list[float]
) -> None:
    admin.change(anonymous_reports="off_within", off_within=[{"name": "Here", "bbox": box}])

    refused = file_report(client)

    assert (refused.status_code, refused.json["type"]) == (503, "/docs/errors/anonymous-reports-off")
    assert refused.headers["Retry-After"] == "300"
    assert file_report(client, location=ELSEWHERE).status_code == 201
    assert file_report(client, headers=sign_in_as("resident")).status_code == 201, "with an account"


def test_a_report_that_was_stored_before_is_still_answered(client: FlaskClient, admin: Admin) -> None:
    key = {"Idempotency-Key": "a-key-of-at-least-twenty"}
    first = filed(client, headers=key)
    admin.change(anonymous_reports="off")

    again = file_report(client, headers=key)

    assert (again.status_code, again.json["id"]) == (200, first["id"])
    assert Report.find(first["id"]) is not None


def test_no_accounts_are_made_while_registrations_are_off(client: FlaskClient, admin: Admin) -> None:
    admin.change(registrations="off")
    body = {"username": "newcomer", "password": "water under the bridge"}

    refused = client.post("/v1/accounts", json=body)

    assert (refused.status_code, refused.json["type"]) == (503, "/docs/errors/registrations-off")
    admin.change(registrations="on")
    assert client.post("/v1/accounts", json=body).status_code == 201


def test_the_notice_is_public_until_it_ends_by_itself(client: FlaskClient, admin: Admin, noon: Any) -> None:
    admin.change(notice=NOTICE, anonymous_reports="off")
    etag = client.get("/status.json").headers["ETag"]

    told = client.get("/status.json").json
    assert (told["notice"]["text"], told["anonymous_reports"]) == (NOTICE["text"], "off")
    noon.shift(7 * 3600)

    assert client.get("/status.json").json["notice"] is None
    assert client.get("/status.json").headers["ETag"] != etag


def test_another_process_sees_a_change_after_ten_seconds_at_most(
    client: FlaskClient, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    running_s = 1000.0
    monkeypatch.setattr(clock, "running_s", lambda: running_s)
    current.forget()
    assert current.current().has_registrations
    monkeypatch.setattr(current, "forget", lambda: None)  # the change takes place in another process
    admin.change(registrations="off")
    assert current.current().has_registrations, "read once more for each question"

    running_s += known.LIFE_S

    assert not current.current().has_registrations


def test_while_the_row_cannot_be_read_the_last_one_known_counts(
    client: FlaskClient, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.change(anonymous_reports="off")
    assert file_report(client).status_code == 503
    running_s = clock.running_s() + 3600

    def away(*_: Any, **__: Any) -> SwitchesRow:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    monkeypatch.setattr(SwitchesRow, "read", away)
    monkeypatch.setattr(clock, "running_s", lambda: running_s)
    assert file_report(client).status_code == 503

    current.forget()  # a process that never read it

    assert file_report(client).status_code == 201


def test_members_of_a_later_release_are_kept_and_unreadable_ones_count_as_on(client: FlaskClient, admin: Admin) -> None:
    SwitchesRow(content='{"has_registrations":false,"alerts":"off"}', version=4).save()
    current.forget()
    assert admin.read().json["registrations"] == "off"

    admin.change(anonymous_reports="off")

    assert SwitchesRow.read(consistent=True).members()["alerts"] == "off"
    SwitchesRow(content="cut", version=9).save()
    current.forget()
    assert file_report(client).status_code == 201
    assert admin.change(registrations="off").json["version"] == 10


def test_of_admins_who_change_at_once_none_undoes_the_other(
    client: FlaskClient, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, other = SwitchesRow.replace_in, Admin(client)

    def late(self: SwitchesRow, *rest: Any, **named: Any) -> None:
        monkeypatch.setattr(SwitchesRow, "replace_in", replace)
        assert other.change(registrations="off").status_code == 200
        replace(self, *rest, **named)

    monkeypatch.setattr(SwitchesRow, "replace_in", late)

    assert admin.change(anonymous_reports="off").status_code == 200
    told = admin.read().json
    assert (told["anonymous_reports"], told["registrations"], told["version"]) == ("off", "off", 2)
