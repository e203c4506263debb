"""An instance that dies in the middle of a request loses nothing: the client sends again, and another one answers."""

import random
from itertools import count

import pytest

from tests.rig import client
from tests.rig.fleet import WEB, Died, Fleet, Function, Instance, side_by_side
from tests.rig.outcome import Outcome, judge
from tests.rig.proxy import FaultProxy

NAIVE = "tests.rig.naive:file_after_looking"
SLOTS = 4
LONGEST_LIFE_S = 0.03
ROAD_S = 0.003  # so that most of a request is waiting for the database, wherever it runs
LONGER = 1.25
PLACE = {"lat": 51.5, "lon": 0.001}


class Slot:
    """Files one report after another, each until it is acknowledged, and kills who is at work on it at first.

    The longest life follows how long requests last here: about each second one is killed, at any of its moments.
    """

    def __init__(self, function: Function, number: int, name: str) -> None:
        self.function, self.number, self.name = function, number, name
        self.dice = random.Random(number)
        self.longest_life_s = LONGEST_LIFE_S
        self.kills = 0

    def file_until(self, kills: int) -> dict[str, client.Reply]:
        replies: dict[str, client.Reply] = {}
        instance = self.function.instance()
        for number in count():
            if self.kills >= kills or number > 20 * kills:
                return replies
            key = f"{self.name}-slot-{self.number}-report-{number}"
            replies[key], instance = self._file(client.filing(key, location=PLACE), instance)
        raise AssertionError("count() does not end")

    def _file(self, request, instance: Instance) -> tuple[client.Reply, Instance]:
        try:
            answer = instance.ask_and_kill(request, self.dice.uniform(0, self.longest_life_s))
            self.longest_life_s /= LONGER
            return client.read(answer), instance
        except Died:
            self.kills += 1
            self.longest_life_s *= LONGER
            instance.close()
            other = self.function.instance()
            return client.ask_until_settled(other, request), other


def file_and_kill(function: Function, proxy: FaultProxy, *, kills: int, name: str = "first") -> tuple[Outcome, int]:
    """The outcome, and how many instances died in the middle of their work."""
    proxy.delay_s = ROAD_S
    slots = [Slot(function, number, name) for number in range(SLOTS)]
    parts = side_by_side([lambda slot=slot: slot.file_until(kills // SLOTS) for slot in slots])
    replies = {key: reply for part in parts for key, reply in part.items()}
    return judge(replies, dict.fromkeys(replies, PLACE["lat"])), sum(slot.kills for slot in slots)


def test_killed_instances_lose_and_double_nothing(fleet: Fleet, proxy: FaultProxy) -> None:
    outcome, kills = file_and_kill(fleet.of(WEB), proxy, kills=24)

    assert outcome == Outcome()
    assert kills >= 24


def test_naive_twin_doubles_reports(fleet: Fleet, proxy: FaultProxy) -> None:
    """A kill doubles a report only between its write and its reply: where that is rarely hit, more are tried."""
    naive = fleet.of(NAIVE)

    assert any(file_and_kill(naive, proxy, kills=24, name=f"round-{number}")[0].doubled for number in range(20))


@pytest.mark.long
def test_five_hundred_killed_instances_lose_and_double_nothing(fleet: Fleet, proxy: FaultProxy) -> None:
    outcome, kills = file_and_kill(fleet.of(WEB), proxy, kills=500)

    assert outcome == Outcome()
    assert kills >= 500
