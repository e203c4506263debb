"""Votes and flags of people who have left: they stay counted, and weigh no more than before."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts import tokens
from app.accounts.models import Account
from app.reports.models import Report
from app.review import tally
from tests.factories import PASSWORD, erase_left, make_account, make_report, sign_in_as
from tests.queueing import Streams
from tests.reporting import bearer, filed
from tests.voices import Visitor

ONE_NETWORK = "20.30.1.1"
HOUR_S = 3600


@pytest.fixture
def accounts(tables: None, noon: Any) -> list[Account]:
    """Three accounts that are older than an hour."""
    made = [make_account() for _ in range(3)]
    noon.shift(2 * HOUR_S)
    return made


def of(client: FlaskClient, account: Account, address: str = ONE_NETWORK) -> Visitor:
    person = Visitor(client, address=address)
    person.headers = bearer(tokens.issue_access(account))
    return person


def leave(client: FlaskClient, accounts: list[Account]) -> None:
    """Delete the accounts, and let the erasure and the consumers of the streams do their part."""
    for account in accounts:
        headers = bearer(tokens.issue_access(account))
        assert client.delete("/v1/me", json={"password": PASSWORD}, headers=headers).status_code == 204
        erase_left(account.id)
    Streams().catch_up()


def shown(client: FlaskClient, report_id: str) -> Any:
    return client.get(f"/v1/reports/{report_id}").json


def test_accounts_of_one_network_end_nothing_by_leaving(client: FlaskClient, accounts: list[Account]) -> None:
    report = make_report()
    for account in accounts:
        assert of(client, account).vote(report.id, "receded").status_code == 200

    leave(client, accounts)

    told = shown(client, report.id)
    assert (told["condition"], told["votes"]["receded"]) == ("flooded", 3)


def test_accounts_of_one_network_fold_nothing_by_leaving(client: FlaskClient, accounts: list[Account]) -> None:
    report = make_report(title="Words")
    for account in accounts:
        assert of(client, account).flag(report.id, "offensive").status_code == 204

    leave(client, accounts)

    assert shown(client, report.id)["title"] == "Words"


def test_what_votes_have_ended_stays_ended_when_those_leave(client: FlaskClient, accounts: list[Account]) -> None:
    report = make_report()
    Visitor(client).vote(report.id)
    for number, account in enumerate(accounts):
        of(client, account, f"20.31.{number}.1").vote(report.id, "receded")
    assert Visitor(client).vote(report.id, "receded").json["condition"] == "receded"

    leave(client, accounts)

    assert shown(client, report.id)["condition"] == "receded"


def test_what_flags_have_folded_stays_folded_when_those_leave(client: FlaskClient, accounts: list[Account]) -> None:
    report = make_report(title="Words")
    for number, account in enumerate(accounts):
        person = of(client, account, f"20.31.{number}.1")
        person.vote(report.id)
        person.flag(report.id)
    assert shown(client, report.id)["is_disputed"] is True

    leave(client, accounts)

    assert shown(client, report.id)["is_disputed"] is True


def test_naive_twin_ends_a_report_by_leaving(
    client: FlaskClient, accounts: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of those who have left as a network of their own."""
    monkeypatch.setattr(tally.Tally, "ends", lambda told, *, without=(): told.stays_ended())
    report = make_report()
    for account in accounts:
        of(client, account).vote(report.id, "receded")

    leave(client, accounts)

    assert shown(client, report.id)["condition"] == "receded"


def decide(client: FlaskClient, staff: dict[str, str], report_id: str, **said: str) -> None:
    path = f"/v1/reports/{report_id}/verification"
    assert client.put(path, json=said, headers=staff | {"If-Match": "*"}).status_code == 200


def undo(client: FlaskClient, staff: dict[str, str], report_id: str) -> Any:
    path = f"/v1/reports/{report_id}/verification"
    return client.delete(path, headers=staff | {"If-Match": "*"}).json


def test_the_same_decision_twice_is_undone_twice(client: FlaskClient, noon: Any) -> None:
    report, staff = make_report(), sign_in_as("admin")
    for _ in range(2):
        decide(client, staff, report.id, decision="verified", reason="photo")
        noon.shift(1)

    assert [undo(client, staff, report.id)["status"] for _ in range(2)] == ["verified", "pending"]


def test_votes_are_counted_again_when_merged_reports_come_back(client: FlaskClient, noon: Any) -> None:
    target, merged = (Report.find(filed(client, place="public")["id"]) for _ in range(2))
    assert target and merged
    staff, streams, neighbour = sign_in_as("admin"), Streams(), Visitor(client)
    neighbour.vote(merged.id)
    decide(client, staff, merged.id, decision="merged", into=target.id)
    assert neighbour.vote(target.id, "receded").json["votes"] == {"flooded": 2, "receded": 1}
    streams.catch_up()

    decide(client, staff, target.id, decision="rejected", reason="spam")
    streams.catch_up()
    decide(client, staff, target.id, decision="verified", reason="photo")

    votes = [shown(client, one.id)["votes"] for one in (target, merged)]
    assert [(told["flooded"], told["receded"]) for told in votes] == [(1, 0), (1, 1)]
