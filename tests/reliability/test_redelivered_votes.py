"""Votes, flags and decisions count once, however often, late, cut up or broken off their records come (promise R5)."""

import random
import time
from collections import Counter
from typing import Any

import pytest

from app.accounts import tokens
from app.core import clock
from tests.conftest import PREFIX
from tests.factories import sign_in_as
from tests.reliability.test_redelivery import crashes, deliver, differences, settled, truth
from tests.rig import client, stored
from tests.rig.fleet import CONSUMER, VOTE_CONSUMER, WEB, Fleet, Function
from tests.rig.proxy import Call, FaultProxy, never
from tests.rig.stream import Record, Recorder, keys_record, number_of

NAIVE = "tests.rig.naive:count_each_vote"
REPORTS, NEIGHBOURS, MOST_ROUNDS = 12, 12, 8
PUBLIC = ("pending", "verified")
ACTS = {"vote": 30, "flag": 3, "decide": 2, "merge": 1, "undo": 3}
DECISIONS = [{"decision": "verified", "reason": "photo"}, {"decision": "rejected", "reason": "spam"}]
PLACES = {"lat": 51.5, "lon": -0.12}


class Town:
    """Neighbours on networks of their own who vote and flag, and staff who decide; both streams are written down."""

    def __init__(self, function: Function, seed: int) -> None:
        self.instance, self.dice = function.instance(), random.Random(seed)
        self.staff = sign_in_as("admin")
        self.recorder = Recorder()
        self.rows: dict[str, dict[str, Any]] = {}
        self.votes: list[Record] = []
        self.said: dict[tuple[str, str], Any] = {}
        filings = [client.filing(f"report-{number:04d}", location=PLACES) for number in range(REPORTS)]
        self.ids = [client.ask(self.instance, filing).body["id"] for filing in filings]
        self.note()

    def live(self, acts: int) -> list[Record]:
        """Let them act; return the records of what they said, in order."""
        for _ in range(acts):
            (kind,) = self.dice.choices([*ACTS], [*ACTS.values()])
            getattr(self, kind)(self.dice.choice(self.ids))
            self.note()
        return self.votes

    def vote(self, report_id: str) -> None:
        self.ask("PUT", f"{report_id}/votes", {"condition": self.dice.choice(["flooded", "flooded", "receded"])})

    def flag(self, report_id: str) -> None:
        self.ask("POST", f"{report_id}/flags", {"reason": self.dice.choice(["other", "offensive"])})

    def decide(self, report_id: str) -> None:
        self.ask("PUT", f"{report_id}/verification", self.dice.choice(DECISIONS), is_staff=True)

    def merge(self, report_id: str) -> None:
        said = {"decision": "merged", "into": self.dice.choice(self.ids)}
        self.ask("PUT", f"{report_id}/verification", said, is_staff=True)

    def undo(self, report_id: str) -> None:
        self.ask("DELETE", f"{report_id}/verification", None, is_staff=True)

    def ask(self, method: str, path: str, body: Any, *, is_staff: bool = False) -> None:
        number = self.dice.randrange(NEIGHBOURS)
        since_s = clock.now_ms() // 1000 - 2 * 3600
        token = tokens.sign(tokens.Use.VISITOR, f"vis_{number:016x}", issued_s=since_s)
        said = self.staff | {"If_Match": "*"} if is_staff else {"Authorization": f"Bearer {token}"}
        event = client.event(method, f"/v1/reports/{path}", body, **said)
        event["requestContext"]["http"]["sourceIp"] = f"20.9.{number}.7"
        reply = client.ask(self.instance, event)
        assert reply.status < 500 or reply.status == 503, reply

    def note(self) -> list[Record]:
        """Write down what has changed in both tables since the last time; return all records of reports."""
        at_s = time.time()
        for row in stored.raw_items("reports"):
            report_id = row["id"]["S"]
            if report_id.startswith("rep_") and row != (old := self.rows.get(report_id)):
                self.recorder.note(report_id, old, at_s)
                self.rows[report_id] = row
        for row in stored.items("votes"):
            key = (row["report_id"], row["person"])
            if self.said.get(key) != row:
                self.said[key] = row
                self.votes.append(keys_record(*key, f"{len(self.votes):021d}", at_s))
        return self.recorder.records

    def bring(self, fleet: Fleet) -> None:
        """Bring the records of reports to their consumer, with those of what follows from them, until none is new."""
        done = 0
        for _ in range(MOST_ROUNDS):
            new = self.note()[done:]
            if not new:
                return
            done += len(new)
            deliver(fleet.of(CONSUMER), new)
        raise AssertionError("the consumers' own writes do not end")


def counted() -> dict[str, tuple[int, int]]:
    """The numbers of flooded and receded in the rows of the public reports."""
    return {
        row["id"]: (int(row.get("flooded_votes", 1)), int(row.get("receded_votes", 0)))
        for row in stored.reports()
        if row["status"] in PUBLIC
    }


def true_counts() -> dict[str, tuple[int, int]]:
    """The same from what each person said last about a report or those merged into it; each has a reporter's one."""
    rows = [row for row in stored.items("votes") if row["person"] not in ("#count", "reporter")]
    votes = sorted((row for row in rows if "condition" in row), key=lambda row: row["at"])
    counts = {}
    for report in stored.reports():
        ids = {report["id"], *_ids(report.get("merged_from", ""))}
        latest = {row["person"]: row["condition"] for row in votes if row["report_id"] in ids}
        words = Counter(latest.values())
        if report["status"] in PUBLIC:
            counts[report["id"]] = (words["flooded"] + len(ids), words["receded"])
    return counts


def _ids(told: str) -> list[str]:
    return [part for part in told.split('"') if part.startswith("rep_")]


def queued() -> list[str]:
    rows = [row for row in stored.items("review") if not row["lane"].startswith("hold")]
    return sorted(row["sort"].rpartition("#")[2] for row in rows)


def waiting() -> list[str]:
    """The reports that responders are to look at: unchecked and active, or said to be over."""
    now_ms = int(time.time() * 1000)
    rows = [row for row in stored.reports() if row["status"] in PUBLIC and row["expires"] > now_ms]
    return sorted(row["id"] for row in rows if row["status"] == "pending" or needs_look(row))


def needs_look(row: dict[str, Any]) -> bool:
    return row["condition"] == "may_be_over" or bool(row.get("flags_waiting"))


def check(town: Town, fleet: Fleet) -> None:
    town.bring(fleet)
    assert counted() == true_counts()
    assert differences(settled(), truth()) == {}
    assert queued() == waiting()


def test_votes_and_decisions_count_once_after_repeats_and_cuts(fleet: Fleet, proxy: FaultProxy) -> None:
    town = Town(fleet.of(WEB), seed=1)
    records = town.live(40)
    assert counted() != true_counts()

    shards = deliver(fleet.of(VOTE_CONSUMER), records)

    assert max(times for shard in shards for times in shard.times) > 1
    check(town, fleet)


def test_naive_twin_counts_repeats(fleet: Fleet, proxy: FaultProxy) -> None:
    records = Town(fleet.of(WEB), seed=1).live(40)

    deliver(fleet.of(NAIVE), records)

    assert counted() != true_counts()


def is_write_of_report(call: Call) -> bool:
    return call.operation == "UpdateItem" and b"rep_" in call.body


def test_votes_and_decisions_count_once_when_replies_are_lost(fleet: Fleet, proxy: FaultProxy) -> None:
    """Answers to the consumers' own writes are lost, so that these give up in the middle of a batch."""
    town = Town(fleet.of(WEB), seed=2)
    records = list(town.live(40))
    dice = random.Random(2)
    proxy.rule = lambda call: "err500_after" if is_write_of_report(call) and dice.random() < 0.7 else ""

    deliver(fleet.of(VOTE_CONSUMER), records)

    assert proxy.met["err500_after"] > 0
    proxy.rule = never
    check(town, fleet)


@pytest.mark.long
@pytest.mark.parametrize("seed", [3, 4, 5])
def test_votes_and_decisions_count_once_after_all_that_at_once(
    fleet: Fleet, proxy: FaultProxy, sent: dict[str, list[Any]], seed: int
) -> None:
    town = Town(fleet.of(WEB), seed=seed)
    records = list(town.live(300))
    poisons = set[str]()
    for place in range(0, len(records), 100):
        poison = keys_record("rep_x", "vis_x", f"9{place:020d}", time.time())
        poison["dynamodb"]["Keys"]["report_id"] = {"N": "1"}
        records.insert(place, poison)
        poisons.add(number_of(poison))
    proxy.rule = crashes(every=50)

    shards = deliver(fleet.of(VOTE_CONSUMER), records)

    proxy.rule = never
    assert [number for shard in shards for number in shard.given_up] == []
    letters = sent[f"{PREFIX}-vote-changes-dead-letters"]
    assert {letter["changed"]["sequence"] for letter in letters} == poisons
    check(town, fleet)
