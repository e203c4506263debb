"""Reports that a partner sends with its key: they count for more, and no account gives itself that."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.reactions import account_altered, minute_passed
from app.reports.models import Report
from app.reports.unlink_account import unlink_reports
from app.review import staff
from app.review.audit import BY_COMMAND
from tests.factories import make_account, sign_in_as
from tests.followed import Stream
from tests.keyed import item, make_key, make_partner, results_of, send_batch
from tests.rated import HERE, confidence, reasons
from tests.reporting import bearer, filed
from tests.warning_making import announce_at, square


@pytest.fixture
def stream(client: FlaskClient, noon: Any) -> Stream:
    announce_at(square())
    return Stream()


def sent_by(client: FlaskClient, account: Account) -> str:
    """Return the id of a report that an account has sent with its key, where a warning is in force."""
    key = make_key(client, account, "reports:import")["key"]
    (result,) = results_of(send_batch(client, key, [item(location=dict(HERE), place="public")]))
    return str(result["report"]["id"])


def change(client: FlaskClient, noon: Any, stream: Stream, account: Account, **values: Any) -> None:
    staff.change(account.id, {"reason": "other", **values}, by=BY_COMMAND)
    account_altered(account.id)
    noon.shift(61)
    minute_passed()
    stream.run()


def test_partners_report_under_a_warning_is_likely_and_says_why(client: FlaskClient, stream: Stream) -> None:
    report = sent_by(client, make_partner())

    stream.run()

    assert (confidence(client, report)["level"], reasons(client, report)) == (
        "likely",
        {"partner_key": 0.5, "in_warning": 0.2},
    )


def test_own_key_makes_no_partner(client: FlaskClient, stream: Stream) -> None:
    partner = make_partner()
    key = make_key(client, partner, "reports:write")["key"]
    reports = [sent_by(client, make_account(role)) for role in ("resident", "responder", "admin")]
    reports.append(filed(client, headers=bearer(key), location=dict(HERE), place="public")["id"])

    stream.run()

    assert {confidence(client, report)["level"] for report in reports} == {"low"}
    assert [bool(row.is_from_partner) for row in Report.find_all(reports)] == [False] * 4


def test_mark_that_is_taken_away_lowers_what_was_sent_before(client: FlaskClient, noon: Any, stream: Stream) -> None:
    partner = make_partner()
    report = sent_by(client, partner)
    stream.run()

    change(client, noon, stream, partner, is_partner=False)

    assert confidence(client, report)["level"] == "low"
    change(client, noon, stream, partner, is_partner=True)
    assert confidence(client, report)["level"] == "likely"
    change(client, noon, stream, partner, is_suspended=True)
    assert confidence(client, report)["level"] == "low"


def test_responders_see_that_a_partner_sent_it(client: FlaskClient, stream: Stream) -> None:
    report = sent_by(client, make_partner())
    stream.run()

    seen = client.get(f"/v1/review/queue/{report}", headers=sign_in_as("admin")).json["reporter"]

    assert seen == {"kind": "partner", "filed": 1, "verified": 0, "rejected": 0, "is_blocked": False}


def test_report_of_a_partner_that_has_left_is_nobodys(client: FlaskClient, stream: Stream) -> None:
    partner = make_partner()
    report = sent_by(client, partner)
    stored = Report.find(report)
    assert stored
    assert stored.is_from_partner

    assert unlink_reports(partner.id, keeps_texts=False, goes_on=lambda _: True)

    stored.refresh(consistent_read=True)
    assert (stored.account_id, stored.is_from_partner) == (None, None)
