"""Decisions and votes by many at once, with and without faults: one winner a report, and no lost vote (promise R4)."""

import itertools
from collections import Counter
from typing import Any

import pytest

from app.accounts import tokens
from app.core import clock
from tests.factories import sign_in_as
from tests.rig import client, stored
from tests.rig.fleet import WEB, Fleet, Function, shared_out
from tests.rig.proxy import FaultProxy, never, sometimes

NAIVE_DECISION = "tests.rig.naive:decide_after_looking"
NAIVE_VOTE = "tests.rig.naive:vote_after_looking"
DECISIONS = {
    "verified": {"decision": "verified", "reason": "seen_by_staff"},
    "rejected": {"decision": "rejected", "reason": "spam"},
}
MODERATORS = 8
FAULTS = pytest.mark.parametrize("rate", [0.0, 0.3])


def file_reports(function: Function, count: int) -> list[str]:
    """File reports without faults; return their ids."""
    keys = [f"report-{number:04d}" for number in range(count)]
    replies = shared_out(function.instances(4), keys, lambda instance, key: client.ask(instance, client.filing(key)))
    return [reply.body["id"] for reply in replies]


def decide_all(function: Function, proxy: FaultProxy, ids: list[str], rate: float) -> dict[str, list[str]]:
    """Let each moderator decide about each report as it was filed, all at once; the acknowledged ones by report."""
    staff = [sign_in_as("admin") for _ in range(MODERATORS)]
    asked = list(itertools.product(ids, range(MODERATORS)))
    proxy.rule = sometimes(rate, seed=11)

    def decide(instance: Any, one: tuple[str, int]) -> tuple[str, str]:
        report_id, number = one
        word = ("verified", "rejected")[number % 2]
        path = f"/v1/reports/{report_id}/verification"
        reply = client.ask(instance, client.event("PUT", path, DECISIONS[word], If_Match='"v1"', **staff[number]))
        assert reply.status in (200, 412, 503), reply
        return report_id, word if reply.status == 200 else ""

    told: dict[str, list[str]] = {report_id: [] for report_id in ids}
    for report_id, word in shared_out(function.instances(MODERATORS), asked, decide):
        told[report_id] += [word] if word else []
    proxy.rule = never
    return told


def wrongly_decided(told: dict[str, list[str]]) -> list[str]:
    """Reports with several winners, with a winner that is not stored, or without just one audit row for a decision."""
    rows = {row["id"]: row for row in stored.reports()}
    acts = Counter(row["subject"] for row in stored.items("audit"))
    wrong = []
    for report_id, words in told.items():
        status = rows[report_id]["status"]
        is_right = len(words) <= 1 and (not words or words == [status])
        if not is_right or acts[report_id] != (status != "pending"):
            wrong.append(report_id)
    return wrong


@FAULTS
def test_one_of_many_decisions_wins_with_its_audit_row(fleet: Fleet, proxy: FaultProxy, rate: float) -> None:
    ids = file_reports(fleet.of(WEB), 6)

    told = decide_all(fleet.of(WEB), proxy, ids, rate)

    assert wrongly_decided(told) == []
    assert sum(map(len, told.values())) >= (6 if rate == 0 else 1)


@pytest.mark.long
@FAULTS
def test_one_of_many_decisions_wins_at_full_size(fleet: Fleet, proxy: FaultProxy, rate: float) -> None:
    ids = file_reports(fleet.of(WEB), 200)

    told = decide_all(fleet.of(WEB), proxy, ids, rate)

    assert wrongly_decided(told) == []


def test_naive_twin_lets_several_win(fleet: Fleet, proxy: FaultProxy) -> None:
    ids = file_reports(fleet.of(WEB), 6)

    assert wrongly_decided(decide_all(fleet.of(NAIVE_DECISION), proxy, ids, 0.0)) != []


def vote_all(function: Function, proxy: FaultProxy, report_id: str, voters: int, rate: float) -> int:
    """Let this many visitors vote at once, each until it is settled; return how many got a 200."""
    proxy.rule = sometimes(rate, seed=3)

    def vote(instance: Any, number: int) -> int:
        token = tokens.sign(tokens.Use.VISITOR, f"vis_{number:016x}", issued_s=clock.now_ms() // 1000)
        said = client.event("PUT", f"/v1/reports/{report_id}/votes", {"condition": "flooded"})
        said["headers"]["authorization"] = f"Bearer {token}"
        return client.ask_until_settled(instance, said).status

    statuses = shared_out(function.instances(12), list(range(voters)), vote)
    proxy.rule = never
    return statuses.count(200)


def counted(report_id: str) -> int:
    """The count of a report without its reporter's own vote."""
    rows = [row for row in stored.items("votes") if row["report_id"] == report_id]
    (count,) = (row for row in rows if row["person"] == "#count")
    assert len(rows) - 1 == count["flooded"] - 1, "the count differs from the votes that are stored"
    return int(count["flooded"]) - 1


@FAULTS
@pytest.mark.parametrize("voters", [30, pytest.param(100, marks=pytest.mark.long)])
def test_no_vote_is_lost_or_doubled_when_many_vote_at_once(
    fleet: Fleet, proxy: FaultProxy, rate: float, voters: int
) -> None:
    (report_id,) = file_reports(fleet.of(WEB), 1)

    assert vote_all(fleet.of(WEB), proxy, report_id, voters, rate) == voters
    assert counted(report_id) == voters


def test_naive_twin_loses_votes(fleet: Fleet, proxy: FaultProxy) -> None:
    (report_id,) = file_reports(fleet.of(WEB), 1)

    vote_all(fleet.of(NAIVE_VOTE), proxy, report_id, 60, 0.0)

    row = next(row for row in stored.reports() if row["id"] == report_id)
    assert int(row["flooded_votes"]) < 61
