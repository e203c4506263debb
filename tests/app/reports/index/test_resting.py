"""A few changes each of many shards become one pass, and a single report does not wait."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from app.core import clock
from app.reports.index import shared_state
from app.reports.index.models import ROOT, Document, TileDocument
from app.reports.index.shared_state import KEY, SharedRow
from app.reports.models import Report
from tests.app.reports.index.test_consumers import PLACE, items_handed_over, sweep, tell
from tests.factories import make_report

REST_MS = shared_state.REST_MS
pytestmark = pytest.mark.usefixtures("dynoxide")


class Pauses:
    """The pauses made (ms), and what happens in the next one."""

    def __init__(self, noon: Any) -> None:
        self.noon = noon
        self.made: list[int] = []
        self.meanwhile: Callable[[], object] | None = None

    def pause(self, seconds: float) -> None:
        self.made.append(round(seconds * 1000))
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        self.noon.shift(seconds)


@pytest.fixture
def pauses(noon: Any, monkeypatch: pytest.MonkeyPatch) -> Pauses:
    made = Pauses(noon)
    monkeypatch.setattr(time, "sleep", made.pause)
    return made


def root() -> Document:
    return TileDocument.read([ROOT])[ROOT]


def counted() -> int:
    return sum(root().counts.values())


def tell_one(shard: str) -> Report:
    report = make_report(**PLACE)
    tell([report], shard=shard)
    return report


def test_report_of_a_quiet_town_waits_for_nobody(pauses: Pauses, noon: Any) -> None:
    tell_one("a")
    noon.shift(REST_MS / 1000)
    tell_one("b")

    assert (pauses.made, counted()) == ([], 2)


def test_consumer_does_not_wait_for_its_own_pass(pauses: Pauses) -> None:
    tell_one("a")
    tell_one("a")

    assert (pauses.made, counted()) == ([], 2)


def test_the_minutes_sweep_lets_nobody_wait(pauses: Pauses) -> None:
    sweep()
    tell_one("a")

    assert (pauses.made, counted()) == ([], 1)


def test_report_right_after_another_shards_is_in_the_documents_within_a_second(pauses: Pauses, noon: Any) -> None:
    tell_one("a")
    noon.shift(0.2)
    tell_one("b")

    assert (pauses.made, counted()) == ([REST_MS - 200], 2)
    assert pauses.made[0] < 1000


def test_reports_of_many_shards_at_one_moment_are_one_pass(pauses: Pauses) -> None:
    tell_one("a")
    before = root().version
    pauses.meanwhile = lambda: [tell_one(f"shard {number}") for number in range(15)]
    tell_one("b")

    assert (counted(), root().version) == (17, before + 1)
    assert len(root().stream_shards) == 17
    assert items_handed_over() == []


def test_what_comes_while_a_pass_goes_on_is_taken_by_its_consumer_after_a_rest(
    pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    build, others = shared_state.take_oldest, ["c", "b"]

    def slow(*given: Any, **named: Any) -> Any:
        if others:
            tell_one(others.pop())
        return build(*given, **named)

    monkeypatch.setattr(shared_state, "take_oldest", slow)
    tell_one("a")

    assert pauses.made == [REST_MS, REST_MS]
    assert (counted(), items_handed_over()) == (3, [])


def test_consumer_whose_lease_ends_in_its_rest_leaves_its_batch_to_the_next(pauses: Pauses, noon: Any) -> None:
    """Its process stood still."""

    def stand_still() -> None:
        noon.shift(2 * shared_state.LEASE_MS / 1000)
        assert shared_state.take_lease("another", "z", is_paced=False)

    tell_one("a")
    pauses.meanwhile = stand_still
    tell_one("b")

    assert (counted(), len(items_handed_over())) == (1, 1)
    noon.shift(shared_state.LEASE_MS / 1000)
    sweep()
    assert (counted(), items_handed_over()) == (2, [])


def test_clock_that_is_behind_lets_nobody_wait_longer(pauses: Pauses) -> None:
    tell_one("a")
    SharedRow(KEY).update(actions=[SharedRow.last_pass_at_ms.set(clock.now_ms() + clock.HOUR_MS)])
    tell_one("b")

    assert (pauses.made, counted()) == ([REST_MS], 2)


def test_row_of_the_previous_release_lets_nobody_wait(pauses: Pauses) -> None:
    """It does not write when the last pass was, and keeps what it does not know."""
    tell_one("a")
    SharedRow(KEY).update(actions=[SharedRow.last_pass_at_ms.remove(), SharedRow.last_pass_by.remove()])
    tell_one("b")

    assert (pauses.made, counted()) == ([], 2)
