"""Blocks as admins make, list and end them: mistakes, the record, pages, and what stays secret."""

import json
from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient

from app.accounts import tokens
from app.accounts.models import Account
from app.core import clock
from app.core.retention import VOTE
from app.reports import forget_homes
from app.reports.models import Report
from app.review import audit, blocking
from app.review.block_models import Block
from app.review.vote_models import VoteRow
from app.switches import blocks
from app.switches.models import BLOCKS, SwitchesRow
from tests.blocking import PATH, Blocker
from tests.conftest import PREFIX
from tests.factories import make_account, make_report, sign_in_as
from tests.keyed import item, make_key, make_partner, results_of, send_batch
from tests.reporting import bearer, filed, mistakes_of

TOWN = "198.51.100.7"
HOUR_MS = clock.HOUR_MS


@pytest.fixture
def admin(client: FlaskClient, noon: Any) -> Blocker:
    return Blocker(client)


def of_town(client: FlaskClient, **wanted: Any) -> dict[str, Any]:
    return filed(client, address=TOWN, **wanted)


def test_a_network_is_blocked_by_a_report_and_nothing_tells_which(client: FlaskClient, admin: Blocker) -> None:
    report = of_town(client)

    answer = admin.ask(report=report["id"], hours=6, reason="false_reports")

    assert answer.status_code == 201
    told = answer.json
    assert answer.headers["Location"] == f"{PATH}/{told['id']}"
    assert (told["kind"], told["account"], told["report"]) == ("network", None, report["id"])
    assert (told["made_at"], told["ends_at"]) == ("2026-11-21T12:00:00Z", "2026-11-21T18:00:00Z")
    assert (told["in_force"], told["ended_by"], told["reason"]) == (True, None, "false_reports")
    assert client.get(f"{PATH}/{told['id']}", headers=admin.headers).json == told
    row = audit.history_of(told["id"])[0]
    assert (row.action, row.reason, row.actor) == ("block.made", "false_reports", told["made_by"])
    after = {"kind": "network", "report": report["id"], "ends_at": clock.now_ms() + 6 * HOUR_MS}
    assert row.after == after
    network = str(Report.find(report["id"]).network)  # type: ignore[union-attr]  # it was filed
    kept = json.dumps(boto3.client("dynamodb").scan(TableName=f"{PREFIX}-switches")["Items"])
    assert network in kept, "what the block compares with"
    others = [json.dumps(boto3.client("dynamodb").scan(TableName=f"{PREFIX}-{noun}")["Items"]) for noun in
              ("review", "audit")]  # fmt: skip
    assert not any(secret in text for secret in (network, TOWN) for text in (answer.text, *others))
    assert audit.history_of(report["id"]) == [], "a report's page shows its history to everybody"


def test_an_account_is_blocked_until_a_moment(client: FlaskClient, admin: Blocker) -> None:
    account = make_account()

    answer = admin.ask(account=account.id, until="2026-11-24T12:00:00Z", reason="spam")

    assert (answer.status_code, answer.json["kind"], answer.json["account"]) == (201, "account", account.id)
    assert answer.json["ends_at"] == "2026-11-24T12:00:00Z"
    assert audit.history_of(answer.json["id"])[0].after["account"] == account.id


@pytest.mark.parametrize(
    ("body", "mistake"),
    [
        pytest.param({"hours": 1}, ("/account", "required"), id="nobody"),
        pytest.param({"account": "a", "report": "b", "hours": 1}, ("/report", "conflict"), id="both"),
        pytest.param({"account": "acc_nobody", "hours": 1}, ("/account", "unknown"), id="no such account"),
        pytest.param({"report": "rep_none", "hours": 1}, ("/report", "unknown"), id="no such report"),
        pytest.param({"account": "a"}, ("/hours", "required"), id="no end"),
        pytest.param({"account": "a", "hours": 73}, ("/hours", "range"), id="over 72 hours"),
        pytest.param({"account": "a", "hours": 0}, ("/hours", "range"), id="no time"),
        pytest.param({"account": "a", "hours": 1, "until": "2026-11-21T13:00:00Z"}, ("/until", "conflict"), id="ends"),
        pytest.param({"account": "a", "until": "2026-11-24T12:00:01Z"}, ("/until", "range"), id="too far"),
        pytest.param({"account": "a", "until": "2026-11-21T12:00:00Z"}, ("/until", "range"), id="over already"),
        pytest.param({"account": "a", "hours": 1, "reason": "because"}, ("/reason", "choice"), id="reason in words"),
        pytest.param({"account": "a", "hours": 1, "address": TOWN}, ("/address", "unknown"), id="an address"),
    ],
)
def test_bad_blocks_are_told_and_stored_nowhere(admin: Blocker, body: dict[str, Any], mistake: tuple[str, str]) -> None:
    answer = admin.ask(**{"reason": "abuse"} | body)

    assert mistake in mistakes_of(answer), answer.text
    assert admin.listed() == [] and SwitchesRow.read(BLOCKS, consistent=True).version == 0


def test_staff_are_suspended_and_not_blocked(admin: Blocker) -> None:
    for role in ("responder", "admin"):
        answer = admin.ask(account=make_account(role).id, hours=1, reason="abuse")
        assert (answer.status_code, "staff" in answer.json["detail"]) == (409, True)


def test_the_network_of_a_removed_report_is_known_for_a_week(client: FlaskClient, admin: Blocker, noon: Any) -> None:
    report = of_town(client)
    decided = {"decision": "rejected", "reason": "spam"}
    headers = admin.headers | {"If-Match": "*"}
    answer = client.put(f"/v1/reports/{report['id']}/verification", json=decided, headers=headers)
    assert answer.status_code == 200 and Report.find(report["id"]).network is None  # type: ignore[union-attr]

    assert admin.block(report=report["id"])["in_force"]

    noon.shift(VOTE.seconds)
    VoteRow(report["id"], "reporter").delete()  # as DynamoDB does then
    refused = admin.ask(report=report["id"], hours=1, reason="spam")
    assert (refused.status_code, "not any more" in refused.json["detail"]) == (409, True)


@pytest.mark.parametrize("age_days", [0, 8], ids=["imported", "older than a week"])
def test_a_report_without_a_network_blocks_none(admin: Blocker, age_days: int) -> None:
    created_ms = clock.now_ms() - age_days * clock.DAY_MS
    old = make_report(created_ms=created_ms, network="ab" * 10 if age_days else None, expires_at_ms=created_ms + 1)
    forget_homes._forget([old.id])

    answer = admin.ask(report=old.id, hours=1, reason="spam")

    assert (answer.status_code, answer.json["type"]) == (409, "/docs/errors/conflict")


def test_a_second_block_of_the_same_changes_the_end_of_the_first(client: FlaskClient, admin: Blocker) -> None:
    first = admin.block(report=of_town(client)["id"], hours=48)
    other = of_town(client)["id"]

    again = admin.ask(report=other, hours=1, reason="exercise")

    assert (again.status_code, again.json["id"], again.json["ends_at"]) == (200, first["id"], "2026-11-21T13:00:00Z")
    assert [one["id"] for one in admin.listed()] == [first["id"]]
    rows = audit.history_of(first["id"])
    assert [row.action for row in rows] == ["block.made", "block.made"]
    assert rows[0].before == {"ends_at": clock.now_ms() + 48 * HOUR_MS}


def test_ending_is_repeatable_on_record_and_unknown_ones_are_404(client: FlaskClient, admin: Blocker) -> None:
    made = admin.block(report=of_town(client)["id"])

    assert [admin.end(made["id"]), admin.end(made["id"])] == [204, 204]

    told = admin.listed()[0]
    assert (told["in_force"], told["ends_at"], told["ended_by"]) == (False, "2026-11-21T12:00:00Z", made["made_by"])
    rows = audit.history_of(made["id"])
    assert [row.action for row in rows] == ["block.ended", "block.made"], "one row for one end"
    assert {admin.end(one) for one in (f"blk_{'0' * 26}", "blk_", "x", "rep_1")} == {404}
    assert blocks.read(SwitchesRow.read(BLOCKS, consistent=True)) == [], "the network's hash is gone with it"


def test_the_list_has_those_in_force_and_those_of_the_last_week_in_pages(
    client: FlaskClient, admin: Blocker, noon: Any
) -> None:
    made = []
    for _ in range(5):
        made.append(admin.block(account=make_account().id, hours=24)["id"])
        noon.shift(1)
    admin.end(made[0])

    told = admin.listed(limit=2)

    assert [one["id"] for one in told] == made[::-1]
    assert [one["in_force"] for one in told] == [True, True, True, True, False]
    noon.shift(24 * 3600)
    assert not any(one["in_force"] for one in admin.listed()), "they end by themselves"
    noon.shift(7 * 24 * 3600)
    assert admin.listed() == []
    assert client.get(f"{PATH}/{made[1]}", headers=admin.headers).status_code == 404


def test_as_many_as_there_can_be_are_read_for_half_a_unit(admin: Blocker, noon: Any) -> None:
    for number in range(blocks.MOST):
        report = make_report(network=f"{number:020x}")
        assert admin.block(report=report.id, hours=72)["in_force"]

    refused = admin.ask(report=make_report(network="f" * 20).id, hours=1, reason="abuse")

    assert (refused.status_code, "/v1/admin/switches" in refused.json["detail"]) == (409, True)
    [row] = boto3.client("dynamodb").scan(TableName=f"{PREFIX}-switches")["Items"]
    assert sum(len(name) + len(str(value.popitem()[1])) for name, value in row.items()) <= 4096
    noon.shift(72 * 3600)
    assert admin.block(report=make_report(network="f" * 20).id)["in_force"], "those that have ended make room"
    assert len(blocks.read(SwitchesRow.read(BLOCKS, consistent=True))) == 1


def test_of_admins_who_block_at_once_none_undoes_the_other(
    client: FlaskClient, admin: Blocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, other, accounts = SwitchesRow.replace_in, Blocker(client), [make_account().id for _ in range(2)]

    def late(self: SwitchesRow, *rest: Any) -> None:
        monkeypatch.setattr(SwitchesRow, "replace_in", replace)
        other.block(account=accounts[1])
        replace(self, *rest)

    monkeypatch.setattr(SwitchesRow, "replace_in", late)
    admin.block(account=accounts[0])

    assert {one.account_id for one in blocks.in_force()} == set(accounts)
    assert len(admin.listed()) == 2


def test_who_is_no_admin_any_more_blocks_nobody(
    client: FlaskClient, admin: Blocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    chief = make_account("admin")
    headers, put_in = bearer(tokens.issue_access(chief)), Block.put_in

    def late(self: Block, transaction: Any) -> None:
        chief.change(role="resident")
        monkeypatch.setattr(Block, "put_in", put_in)
        put_in(self, transaction)

    monkeypatch.setattr(Block, "put_in", late)
    body = {"account": make_account().id, "hours": 1, "reason": "abuse"}
    answer = client.post(PATH, json=body, headers=headers)

    assert (answer.status_code, admin.listed(), blocks.in_force()) == (403, [], [])


def test_a_batch_stands_under_a_block_of_its_account_and_of_a_partner_under_no_other(
    client: FlaskClient, admin: Blocker
) -> None:
    accounts = {"partner": make_partner(), "other": make_account()}
    keys = {name: str(make_key(client, one, "reports:import")["key"]) for name, one in accounts.items()}
    first = results_of(send_batch(client, keys["other"], [item()]))[0]["report"]

    def marks(name: str) -> list[bool]:
        results = results_of(send_batch(client, keys[name], [item() for _ in range(3)]))
        return [result["report"]["many_from_one_network"] for result in results]

    admin.block(report=first["id"])
    assert (marks("other"), marks("partner")) == ([True] * 3, [False] * 3)
    admin.block(account=accounts["partner"].id)
    assert marks("partner") == [True] * 3


def test_an_account_reads_its_own_blocks_in_its_export(client: FlaskClient, admin: Blocker) -> None:
    account = make_account()
    own = bearer(tokens.issue_access(account))
    made = admin.block(account=account.id)
    admin.block(report=of_town(client)["id"])

    told = client.get("/v1/me/export", headers=own).json["blocks"]

    assert told == [{name: made[name] for name in ("id", "reason", "made_at", "ends_at")}]
    assert client.get("/v1/me/export", headers=sign_in_as()).json["blocks"] == []
    assert Account.find(account.id) is not None and blocking.MOST_HOURS == 72
