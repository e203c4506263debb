"""One Idempotency-Key makes one report, however many send it at once, to however many instances."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.rig import client, stored
from tests.rig.fleet import WEB, Fleet, Function, side_by_side
from tests.rig.proxy import FaultProxy

NAIVE = "tests.rig.naive:file_after_looking"
STOPPED_CLOCK = "tests.rig.stopped_clock:handler"


@dataclass(frozen=True)
class Outcome:
    replies: int
    statuses: Counter[int]
    ids_told: int
    stored: int


@pytest.fixture(scope="module")
def web(dynoxide_address: str) -> Iterator[Function]:
    """With the limits that the product has by default: a replay never counts."""
    with Fleet(dynoxide_address) as started:
        yield started.of(WEB)


def send_the_same(function: Function, *, times: int, processes: int) -> Outcome:
    instances = function.instances(processes)
    request = client.filing("the-same-key-for-all")

    def send(instance):
        return [client.ask(instance, request) for _ in range(times // processes)]

    parts = side_by_side([lambda instance=instance: send(instance) for instance in instances])
    replies = [reply for part in parts for reply in part]
    ids = {reply.body.get("id") for reply in replies}
    return Outcome(len(replies), Counter(reply.status for reply in replies), len(ids), len(stored.reports()))


def test_many_identical_submissions_make_one_report(dynoxide: str, web: Function) -> None:
    outcome = send_the_same(web, times=400, processes=4)

    assert outcome == Outcome(400, Counter({200: 399, 201: 1}), ids_told=1, stored=1)


def test_replays_do_not_count_against_the_senders_network(dynoxide: str, web: Function) -> None:
    send_the_same(web, times=80, processes=4)

    assert [row["taken"] for row in stored.items("throttles")] == [1]


def test_submissions_of_one_millisecond_are_told_apart(fleet: Fleet, proxy: FaultProxy) -> None:
    outcome = send_the_same(fleet.of(STOPPED_CLOCK), times=40, processes=4)

    assert outcome == Outcome(40, Counter({200: 39, 201: 1}), ids_told=1, stored=1)


def test_naive_twin_stores_several(fleet: Fleet, proxy: FaultProxy) -> None:
    proxy.delay_s = 0.05

    outcome = send_the_same(fleet.of(NAIVE), times=40, processes=4)

    assert outcome.stored > 1
    assert outcome.ids_told > 1


@pytest.mark.long
def test_ten_thousand_identical_submissions_make_one_report(dynoxide: str, web: Function) -> None:
    outcome = send_the_same(web, times=10_000, processes=8)

    assert outcome == Outcome(10_000, Counter({200: 9_999, 201: 1}), ids_told=1, stored=1)
