"""Trust in accounts ends with a suspension and comes back with its end: for new reports at once, for others soon."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.core import clock
from app.reactions import minute_passed
from app.reports.models import Report
from app.review import trusted as trusting
from app.review.unrated_models import MOST, Unrated
from handlers import account_changed
from tests.factories import make_report, sign_in_as
from tests.followed import Stream
from tests.rated import by_neighbour, confidence, decide, make_trusted, of_trusted, signed_in


@pytest.fixture
def stream(client: FlaskClient, noon: Any) -> Stream:
    return Stream()


@pytest.fixture
def account(client: FlaskClient, noon: Any, stream: Stream) -> Account:
    return make_trusted(client, noon, stream)


def change(client: FlaskClient, account: Account, *, is_suspended: bool) -> None:
    """Suspend or restore an account as an admin, and bring the change to its consumer."""
    headers, path = sign_in_as("admin"), f"/v1/admin/accounts/{account.id}"
    body = {"is_suspended": is_suspended, "reason": "abuse" if is_suspended else "resolved"}
    answer = client.patch(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    bring(account.id)


def bring(account_id: str, kind: str = "MODIFY") -> None:
    """Bring a record of the accounts table's stream to its function: keys only."""
    told = {"Keys": {"id": {"S": account_id}}, "SequenceNumber": "1"}
    record = {"eventSource": "aws:dynamodb", "eventName": kind, "dynamodb": told}
    assert account_changed.handler({"Records": [record]}, None) == {"batchItemFailures": []}


def level(client: FlaskClient, report_id: str) -> Any:
    return confidence(client, report_id)["level"]


def test_a_suspended_account_gives_new_reports_no_trust_at_once(
    client: FlaskClient, account: Account, stream: Stream
) -> None:
    for number in range(3):
        by_neighbour(client, number)
    report = of_trusted(client, signed_in(account))
    change(client, account, is_suspended=True)
    stream.run()

    assert level(client, report) == "low"


def test_earlier_reports_lose_their_level_with_the_suspension_and_regain_it_with_its_end(
    client: FlaskClient, noon: Any, account: Account, stream: Stream
) -> None:
    reports = [of_trusted(client, signed_in(account)) for _ in range(2)]
    for number in range(3):
        by_neighbour(client, number)
    stream.run()
    assert [level(client, report) for report in reports] == ["likely"] * 2

    for is_suspended, wanted in ((True, "low"), (False, "likely")) * 3:
        change(client, account, is_suspended=is_suspended)
        minute_passed()
        stream.run()
        assert [level(client, report) for report in reports] == [wanted] * 2, is_suspended
        noon.shift(61)
    assert Unrated.read_accounts() == []


def test_what_a_responder_has_verified_stays_so_when_its_account_is_suspended(
    client: FlaskClient, account: Account, stream: Stream
) -> None:
    report = of_trusted(client, signed_in(account))
    decide(client, report, decision="verified", reason="photo")

    change(client, account, is_suspended=True)
    minute_passed()
    stream.run()

    assert level(client, report) == "high"


def test_other_changes_of_an_account_write_no_report(client: FlaskClient, account: Account, stream: Stream) -> None:
    report = of_trusted(client, signed_in(account))
    for number in range(3):
        by_neighbour(client, number)
    stream.run()
    version = Report.get(report).version

    for _ in range(3):
        bring(account.id)
        minute_passed()

    assert Report.get(report).version == version
    assert Unrated.read_accounts() == []


def test_a_long_list_of_reports_is_done_a_page_in_each_run_of_the_minute(
    client: FlaskClient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trusting, "PAGE", 4)
    now_ms = clock.now_ms()
    levels = {"confidence": "likely", "confidence_tenths": 7, "account_id": account.id}
    reports = [make_report(created_ms=now_ms - number * 1000, **levels) for number in range(10)]
    make_report(created_ms=now_ms - 9 * clock.DAY_MS, account_id=account.id)  # over: nothing older is looked at
    change(client, account, is_suspended=True)

    left = []
    for _ in range(4):
        minute_passed()
        left.append(sum(Report.get(report.id).confidence == "likely" for report in reports))

    assert left == [6, 2, 0, 0]
    assert Unrated.read_accounts() == []


def test_names_and_new_accounts_are_no_reason_to_look(client: FlaskClient, noon: Any) -> None:
    bring("name:ada")
    bring("acc_1", kind="INSERT")

    assert Unrated.read_accounts() == []


def test_at_most_so_many_accounts_wait(client: FlaskClient, noon: Any) -> None:
    Unrated("unrated/1", accounts={f"acc_{number}" for number in range(MOST)}).save()

    bring("acc_more")

    assert len(Unrated.read_accounts()) == MOST
