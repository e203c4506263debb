"""The rules of a report's life hold in any order: a machine of acts against a model (promise R14)."""

from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.review.settle import settle
from tests.factories import sign_in_as
from tests.moments import NOON
from tests.reporting import bearer, filed
from tests.rig.life_model import Life
from tests.voices import Visitor

NEIGHBOURS = 7
MOST_REPORTS = 5
names = st.integers(0, MOST_REPORTS - 1)
people = st.integers(0, NEIGHBOURS - 1)
# Shrinking a failure takes minutes here; the acts that lead to it are printed anyway.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
words = st.sampled_from(["flooded", "receded", "receded", None])


class Acts(RuleBasedStateMachine):
    """Acts of reporters, neighbours and responders, each done to the product and to the model."""

    client: FlaskClient
    clock: Any

    def __init__(self) -> None:
        super().__init__()
        self.life = Life()
        self.clock.move_to(NOON, tick=False)
        self.people = [Visitor(self.client) for _ in range(NEIGHBOURS)]
        self.staff = sign_in_as("admin")
        self.ids: list[str] = []
        self.tokens: dict[str, dict[str, str]] = {}
        self.file_one()
        self.file_one()

    def pick(self, number: int) -> str:
        """Return the id of one of the reports, which is its name in the model too."""
        return self.ids[number % len(self.ids)]

    def begin(self) -> None:
        self.clock.shift(1)
        self.life.step += 1

    @precondition(lambda self: len(self.ids) < MOST_REPORTS)
    @rule()
    def file_one(self) -> None:
        self.begin()
        report = filed(self.client, place="public", title="Words")
        self.life.file(report["id"])
        self.ids.append(report["id"])
        self.tokens[report["id"]] = bearer(report["edit_token"])

    @rule(number=names, person=people, word=words)
    def vote(self, number: int, person: int, word: str | None) -> None:
        self.begin()
        name = report_id = self.pick(number)
        expected = self.life.vote(name, f"p{person}", word)
        visitor = self.people[person]
        answer = visitor.vote(report_id, word) if word else visitor.take_back(report_id)
        assert answer.status_code == expected, answer.text
        if expected == 200:
            settle(report_id)  # a count over merged reports, or one that others changed meanwhile, follows
            told = answer.json["votes"]
            assert (told["flooded"], told["receded"]) == self.life.counts(self.life.reports[name])

    @rule(number=names, word=st.sampled_from(["flooded", "receded"]))
    def vote_on_ones_own(self, number: int, word: str) -> None:
        self.begin()
        name = report_id = self.pick(number)
        expected = self.life.vote(name, f"me of {name}", word)
        path, own = f"/v1/reports/{report_id}/votes", self.tokens[name]
        answer = self.client.put(path, json={"condition": word}, headers=own)
        # Its reporter sees a hidden report: the answer says that it takes no votes.
        assert answer.status_code == (409 if expected == 404 else expected), answer.text

    @rule(number=names, person=people)
    def flag(self, number: int, person: int) -> None:
        self.begin()
        name = report_id = self.pick(number)
        assert self.people[person].flag(report_id).status_code == self.life.flag(name, f"p{person}")

    def etag(self, report_id: str) -> dict[str, str]:
        return self.staff | {
            "If-Match": self.client.get(f"/v1/reports/{report_id}", headers=self.staff).headers["ETag"]
        }

    @rule(number=names, word=st.sampled_from([("verified", "photo"), ("rejected", "spam")]))
    def decide(self, number: int, word: tuple[str, str]) -> None:
        self.begin()
        name = report_id = self.pick(number)
        said = dict(zip(("decision", "reason"), word, strict=True))
        path = f"/v1/reports/{report_id}/verification"
        answer = self.client.put(path, json=said, headers=self.etag(report_id))
        assert answer.status_code == self.life.decide(name, word[0]), answer.text

    @rule(number=names, other=names)
    def merge(self, number: int, other: int) -> None:
        self.begin()
        name, into = self.pick(number), self.pick(other)
        path, said = f"/v1/reports/{name}/verification", {"decision": "merged", "into": into}
        answer = self.client.put(path, json=said, headers=self.etag(name))
        assert answer.status_code == self.life.merge(name, into), answer.text

    @rule(number=names)
    def undo(self, number: int) -> None:
        self.begin()
        name = report_id = self.pick(number)
        answer = self.client.delete(f"/v1/reports/{report_id}/verification", headers=self.etag(report_id))
        assert answer.status_code == self.life.undo(name), answer.text

    @rule(number=names)
    def edit(self, number: int) -> None:
        self.begin()
        name = report_id = self.pick(number)
        own = self.tokens[name] | {"If-Match": "*"}
        answer = self.client.patch(f"/v1/reports/{report_id}", json={"depth_cm": self.life.step}, headers=own)
        assert answer.status_code == self.life.edit(name)

    @rule(number=names, sure=st.integers(0, 3))
    def withdraw(self, number: int, sure: int) -> None:
        if sure == 0:
            self.begin()
            name = report_id = self.pick(number)
            own = self.tokens[name]
            assert self.client.delete(f"/v1/reports/{report_id}", headers=own).status_code == self.life.withdraw(name)

    @rule(number=names, times=st.integers(1, 2))
    def deliver_again(self, number: int, times: int) -> None:
        name = report_id = self.pick(number)
        for _ in range(times):
            settle(report_id)
        self.life.settle(self.life.reports[name])

    @invariant()
    def product_says_what_the_model_says(self) -> None:
        for report_id in self.ids:
            report = self.life.reports[report_id]
            shown = self.client.get(f"/v1/reports/{report_id}", headers=self.staff).json
            told = (shown["status"], shown["condition"], shown["is_disputed"], shown.get("merged_from", []))
            assert told == (report.status, report.condition, report.is_disputed, report.merged)
            assert self.client.get(f"/v1/reports/{report_id}").status_code == (200 if report.is_public else 404)
            if report.is_public:
                settle(report_id)
                votes = self.client.get(f"/v1/reports/{report_id}").json["votes"]
                assert (votes["flooded"], votes["receded"]) == self.life.counts(report)


@pytest.mark.parametrize("size", [(5, 20), pytest.param((2000, 50), marks=pytest.mark.long)])
def test_rules_hold_in_any_order(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    runs, steps = size
    with time_machine.travel(NOON, tick=False) as clock:
        machine = type("Machine", (Acts,), {"client": client, "clock": clock})
        quiet = settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(machine, settings=quiet)
