"""`updated_since` of warnings while lists are read from copies that are behind: a follower's copy is true in the end.

The ingest works in another process: what this one keeps of lists for some seconds is not forgotten after a run.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.warnings import board_reading, kept, source_status
from tests.app.api.test_deltas import follow, known
from tests.lagging import LaggingCopy, lagging
from tests.warning_making import announce, message, place, square

LAG_MS = 60_000
EVERYWHERE, IN_A_BOX = "/v1/warnings?source=ea&limit=3", "/v1/warnings?source=ea&bbox=-1,51,1,52&limit=3"
BY_DELTAS_ALONE = "/v1/warnings?source=ea&limit=3&updated_since=2026-11-21T00:00:00Z"
RUNS = 7
LONG_SEEDS = [pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 9)]


class Scene:
    """A source that is read every few minutes, and clients that begin at any moment and then follow the deltas."""

    def __init__(self, client: FlaskClient, noon: Any, copy: LaggingCopy, address: str) -> None:
        self.client, self.noon, self.copy, self.random = client, noon, copy, copy.random
        self.address = address
        self.held: dict[str, Any] = {}
        self.followers: list[tuple[dict[str, Any], str]] = []

    def pass_time(self, seconds: float) -> None:
        self.noon.shift(seconds)
        self.copy.look()

    def run_source(self) -> None:
        """Begin, change or end a warning."""
        name = f"event-{self.random.randint(0, 3)}"
        if self.held.pop(name, None) is None:
            severity = self.random.choice(["minor", "severe"])
            self.held[name] = message(name, severity=severity, places=(place(name, square()),))
        announce(*self.held.values())
        self.copy.look()

    def begin(self) -> None:
        kept_items: dict[str, Any] = {}
        self.followers.append((kept_items, follow(self.client, self.address, kept_items)[0]))

    def follow_all(self) -> None:
        self.followers = [(kept_items, follow(self.client, at, kept_items)[0]) for kept_items, at in self.followers]

    def play(self) -> None:
        announce()
        for number in range(RUNS):
            self.pass_time(self.random.randint(100, 300))
            self.begin()  # what lists need is kept from here on
            self.pass_time(self.random.randint(1, 5))
            self.run_source()
            for _ in range(2):
                self.pass_time(self.random.randint(1, 30))
                self.begin()
            if number == RUNS // 2:
                self.follow_all()
        self.pass_time(600)
        self.follow_all()

    def count_wrong(self) -> int:
        """Return how many followers have not the list as it is now."""
        whole: dict[str, Any] = {}
        follow(self.client, EVERYWHERE, whole)
        assert whole
        wrong = 0
        for kept_items, _ in self.followers:
            shown = {id_: item for id_, item in kept_items.items() if id_ in whole}
            gone = [item for id_, item in kept_items.items() if id_ not in whole]
            wrong += known(shown) != known(whole) or any(item["in_force"] for item in gone)
        return wrong


@pytest.fixture
def late(cloud: Any, tables: None, noon: Any, request: pytest.FixtureRequest) -> Iterator[LaggingCopy]:
    with (
        pytest.MonkeyPatch.context() as patch,
        lagging(cloud, Random(request.param), "warnings", at_most_ms=LAG_MS) as copy,
    ):
        for module in (kept, board_reading):
            patch.setattr(module, "forget", lambda: None)
        yield copy


@pytest.mark.parametrize("address", [EVERYWHERE, IN_A_BOX, BY_DELTAS_ALONE])
@pytest.mark.parametrize("late", [0, *LONG_SEEDS], indirect=True)
def test_copy_by_deltas_is_true_though_lists_are_behind(
    client: FlaskClient, noon: Any, late: LaggingCopy, address: str
) -> None:
    scene = Scene(client, noon, late, address)

    scene.play()

    assert scene.count_wrong() == 0


@pytest.mark.parametrize("address", [IN_A_BOX])  # a list everywhere is read from boards, which are never behind
@pytest.mark.parametrize("late", [3], indirect=True)
def test_naive_twin_that_trusts_the_sources_states_loses_changes(
    client: FlaskClient, noon: Any, late: LaggingCopy, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(source_status, "list_settled_ms", source_status.low_watermark_ms)
    scene = Scene(client, noon, late, address)

    scene.play()

    assert scene.count_wrong() > 0
