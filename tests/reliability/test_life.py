"""The rules of a report's life hold in any order: a machine of acts against a model (promise R14)."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from app.accounts import tokens
from app.api import voting
from app.core.config import settings as product_settings
from app.reports.models import Report
from app.review import merging
from handlers import vote_changed
from tests.conftest import PREFIX, _wipe
from tests.factories import PASSWORD, erase_left, make_account, sign_in_as
from tests.forgetting import forget_what_is_known
from tests.moments import NOON
from tests.reporting import bearer, file_report
from tests.rig.life_model import Life
from tests.voices import Visitor

VISITORS, ACCOUNTS = 5, 3
NEIGHBOURS = VISITORS + ACCOUNTS
MOST_REPORTS = 5
RUNS, STEPS, PARTS = 2000, 50, 8
names = st.integers(0, MOST_REPORTS - 1)
people = st.integers(0, NEIGHBOURS - 1)
# Shrinking a failure takes minutes here; the acts that lead to it are printed anyway.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
words = st.sampled_from(["flooded", "receded", "receded", None])
decisions = st.sampled_from([("verified", "photo"), ("rejected", "spam")])


class Town:
    """Neighbours, some with an account and some of one network, and staff: made once, with tables to begin from."""

    def __init__(self, client: FlaskClient, clock: Any) -> None:
        self.client, self.clock = client, clock
        clock.move_to(NOON - 2 * 3600, tick=False)
        accounts = [make_account() for _ in range(ACCOUNTS)]
        self.account_ids = {f"p{VISITORS + number}": account.id for number, account in enumerate(accounts)}
        clock.move_to(NOON, tick=False)
        # Two visitors share a network, two accounts another one, and a visitor and an account a third one.
        networks = [1, 2, 3, 4, 4, 5, 5, 1]
        self.people = {f"p{n}": Visitor(client, address=f"20.9.{network}.7") for n, network in enumerate(networks)}
        self.networks = {person: visitor.address for person, visitor in self.people.items()}
        for account, person in zip(accounts, self.account_ids, strict=True):
            self.people[person].headers = bearer(tokens.issue_access(account))
        self.staff = sign_in_as("admin")
        self.tables = next(
            backend.tables for regions in dynamodb_backends.values() for backend in regions.values() if backend.tables
        )
        self.first = {name: copy.deepcopy(table) for name, table in self.tables.items()}
        self.finished = 0

    def begin(self) -> None:
        """Bring the tables and the clock back to the beginning."""
        self.clock.move_to(NOON, tick=False)
        _wipe()
        forget_what_is_known()
        for name, table in self.first.items():
            self.tables[name].items = copy.deepcopy(table).items

    def forget_streams(self) -> None:
        """Nothing reads moto's streams here, and each transaction copies them."""
        for table in self.tables.values():
            if table.stream_shard:
                table.stream_shard.items.clear()

    def stamp(self, report_id: str) -> tuple[str, str]:
        """Return the versions of a report's row and of its count: without another one its answers are the same."""
        row = self.tables[f"{PREFIX}-reports"].items[DynamoType({"S": report_id})]
        about = self.tables[f"{PREFIX}-votes"].items.get(DynamoType({"S": report_id}), {})
        count = about.get(DynamoType({"S": "#count"}))
        return row.attrs["version"].value, count.attrs["number"].value if count else ""


def deliver(*report_ids: str) -> None:
    """Tell the consumer of the votes' stream that something was said about these reports."""
    records = [
        {"eventSource": "aws:dynamodb", "dynamodb": {"Keys": {"id": {"S": one}}, "SequenceNumber": str(number)}}
        for number, one in enumerate(report_ids, 1)
    ]
    assert vote_changed.handler({"Records": records, "shardId": "shard-1"}, None) == {"batchItemFailures": []}


class Acts(RuleBasedStateMachine):
    """Acts of reporters, neighbours and responders, each done to the product and to the model."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        self.town.begin()
        self.client = self.town.client
        self.life = Life(self.town.networks)
        self.ids: list[str] = []
        self.tokens: dict[str, dict[str, str]] = {}
        self.here = [*self.town.people]
        self.seen: dict[str, Any] = {}
        self.acted_on: set[str] = set()
        self.file_one(None)
        self.file_one(0)

    def pick(self, number: int) -> str:
        """Return the id of one of the reports, which is its name in the model too."""
        report_id = self.ids[number % len(self.ids)]
        self.acted_on.add(report_id)
        return report_id

    def begin(self) -> None:
        self.town.clock.shift(1)
        self.town.forget_streams()
        self.life.step += 1

    @precondition(lambda self: len(self.ids) < MOST_REPORTS)
    @rule(person=st.one_of(st.none(), people))
    def file_one(self, person: int | None) -> None:
        """File a report, without an account or as a neighbour with one."""
        self.begin()
        who = self.here[person % len(self.here)] if person is not None else ""
        if who not in self.town.account_ids:
            who, address, headers = f"reporter {len(self.ids)}", f"20.8.{len(self.ids) // 2}.7", {}
        else:
            address, headers = self.town.people[who].address, self.town.people[who].headers
        answer = file_report(self.client, headers=headers, address=address, place="public", title="Words")
        assert answer.status_code == 201, answer.text
        report_id = answer.json["id"]
        self.life.networks.setdefault(who, address)
        self.life.file(report_id, who)
        self.ids.append(report_id)
        self.acted_on.add(report_id)
        self.tokens[report_id] = headers or bearer(answer.json["edit_token"])

    @rule(number=names, person=people, word=words)
    def vote(self, number: int, person: int, word: str | None) -> None:
        self.begin()
        report_id, who = self.pick(number), self.here[person % len(self.here)]
        row = self.life.row_of(self.life.reports[report_id], who)
        if row.reporter == who and word is None:
            word = "flooded"  # the word of the report itself cannot be taken back
        expected = self.life.vote(report_id, who, word)
        visitor = self.town.people[who]
        answer = visitor.vote(report_id, word) if word else visitor.take_back(report_id)
        assert answer.status_code == expected, answer.text
        if expected == 200:
            told = answer.json["votes"]
            assert (told["flooded"], told["receded"]) == self.life.counts(self.life.reports[report_id])
        deliver(row.name)

    @rule(number=names, word=st.sampled_from(["flooded", "receded"]))
    def vote_on_ones_own(self, number: int, word: str) -> None:
        self.begin()
        report_id = self.pick(number)
        if not self.has_reporter(report_id):
            return
        expected = self.life.vote(report_id, self.life.reports[report_id].reporter, word)
        path, own = f"/v1/reports/{report_id}/votes", self.tokens[report_id]
        address = self.life.networks[self.life.reports[report_id].reporter]
        answer = self.client.put(path, json={"condition": word}, headers=own, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == expected, answer.text
        deliver(report_id)

    def has_reporter(self, report_id: str) -> bool:
        """Return whether the reporter has not left; who has gets a 401."""
        if self.life.networks[self.life.reports[report_id].reporter]:
            return True
        path, own = f"/v1/reports/{report_id}", self.tokens[report_id]
        assert self.client.delete(path, headers=own).status_code == 401
        return False

    @rule(number=names, person=people, reason=st.sampled_from(["not_flooding", "not_flooding", "offensive"]))
    def flag(self, number: int, person: int, reason: str) -> None:
        self.begin()
        report_id, who = self.pick(number), self.here[person % len(self.here)]
        expected = self.life.flag(report_id, who, reason)
        assert self.town.people[who].flag(report_id, reason).status_code == expected

    @rule(number=names, word=decisions)
    def decide(self, number: int, word: tuple[str, str]) -> None:
        self.begin()
        report_id = self.pick(number)
        said = dict(zip(("decision", "reason"), word, strict=True))
        answer = self.client.put(
            f"/v1/reports/{report_id}/verification", json=said, headers=self.town.staff | {"If-Match": "*"}
        )
        assert answer.status_code == self.life.decide(report_id, word[0]), answer.text
        self.follow(report_id)

    @rule(number=names, other=names)
    def merge(self, number: int, other: int) -> None:
        self.begin()
        report_id, into = self.pick(number), self.pick(other)
        path, said = f"/v1/reports/{report_id}/verification", {"decision": "merged", "into": into}
        self.before_merge(report_id)
        answer = self.client.put(path, json=said, headers=self.town.staff | {"If-Match": "*"})
        assert answer.status_code == self.life.merge(report_id, into), answer.text

    def before_merge(self, report_id: str) -> None:
        """Note what a merge makes of a report; for machines that look at more than words."""

    @rule(number=names)
    def undo(self, number: int) -> None:
        self.begin()
        report_id = self.pick(number)
        answer = self.client.delete(
            f"/v1/reports/{report_id}/verification", headers=self.town.staff | {"If-Match": "*"}
        )
        assert answer.status_code == self.life.undo(report_id), answer.text

    @rule(number=names)
    def edit(self, number: int) -> None:
        self.begin()
        report_id = self.pick(number)
        if self.has_reporter(report_id):
            own = self.tokens[report_id] | {"If-Match": "*"}
            answer = self.client.patch(f"/v1/reports/{report_id}", json={"depth_cm": self.life.step}, headers=own)
            assert answer.status_code == self.life.edit(report_id)

    @rule(number=names, sure=st.integers(0, 3))
    def withdraw(self, number: int, sure: int) -> None:
        self.begin()
        report_id = self.pick(number)
        if sure == 0 and self.has_reporter(report_id):
            answer = self.client.delete(f"/v1/reports/{report_id}", headers=self.tokens[report_id])
            assert answer.status_code == self.life.withdraw(report_id)
            self.follow(report_id)

    def follow(self, report_id: str) -> None:
        """Do what the consumer of the reports' stream does with reports that were merged into one that has gone."""
        report = Report.find(report_id)
        assert report is not None
        if merging.may_be_apart(report, None):
            merging.release_apart(report.id)

    @precondition(lambda self: len(self.here) > VISITORS)
    @rule(number=st.integers(0, ACCOUNTS - 1), sure=st.integers(0, 2), times=st.integers(1, 2))
    def erase(self, number: int, sure: int, times: int) -> None:
        """Delete a neighbour's account; what they said stays counted, without a link to them."""
        self.begin()
        who = self.here[VISITORS + number % (len(self.here) - VISITORS)]
        if sure:
            return
        path, own = "/v1/me", self.town.people[who].headers
        assert self.client.delete(path, json={"password": PASSWORD}, headers=own).status_code == 204
        for _ in range(times):
            erase_left(self.town.account_ids[who])
        deliver(*self.ids)
        self.here.remove(who)
        self.life.erase(who)

    @rule(number=names, times=st.integers(1, 2))
    def deliver_again(self, number: int, times: int) -> None:
        report_id = self.pick(number)
        for _ in range(times):
            deliver(report_id)

    @invariant()
    def product_says_what_the_model_says(self) -> None:
        """Look at each report that was acted on, is stored otherwise than before, or is another one to the model."""
        for report_id in self.ids:
            known = (self.town.stamp(report_id), self.modelled(report_id))
            if report_id in self.acted_on or self.seen.get(report_id) != known:
                self.look_at(report_id)
                self.seen[report_id] = known
        self.acted_on.clear()

    def modelled(self, report_id: str) -> tuple[Any, ...]:
        report = self.life.reports[report_id]
        said = (report.status, report.condition, report.is_disputed, list(report.merged))
        return (*said, self.life.counts(report)) if report.is_public else said

    def look_at(self, report_id: str) -> None:
        path, report = f"/v1/reports/{report_id}", self.life.reports[report_id]
        answer = self.client.get(path)
        assert answer.status_code == (200 if report.is_public else 404)
        shown = answer.json if report.is_public else self.client.get(path, headers=self.town.staff).json
        told = (shown["status"], shown["condition"], shown["is_disputed"], shown.get("merged_from", []))
        votes = (shown["votes"]["flooded"], shown["votes"]["receded"])
        assert ((*told, votes) if report.is_public else told) == self.modelled(report_id)

    def teardown(self) -> None:
        for report_id in self.ids:
            self.look_at(report_id)
        self.town.finished += 1


@pytest.fixture
def town(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """The town, without limits on votes and flags."""
    chosen = product_settings()
    much = chosen.vote_limits._replace(
        votes_per_hour=1000, network_votes_per_hour=1000, flags_per_day=1000, network_flags_per_day=1000
    )
    monkeypatch.setattr(voting, "settings", lambda: chosen._replace(vote_limits=much))
    with time_machine.travel(NOON, tick=False) as clock:
        yield Town(client, clock)


def run_machine(town: Town, *, runs: int, steps: int, number: int = 0, acts: type[Acts] = Acts) -> None:
    machine = seed(number)(type("Machine", (acts,), {"town": town}))
    quiet = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=quiet)


def test_rules_hold_in_any_order(town: Town) -> None:
    run_machine(town, runs=10, steps=20)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_rules_hold_in_any_order_at_full_size(town: Town, part: int) -> None:
    run_machine(town, runs=RUNS // PARTS, steps=STEPS, number=part + 1)

    assert town.finished >= RUNS // PARTS
