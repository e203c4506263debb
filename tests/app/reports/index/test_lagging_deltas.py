"""`updated_since` while indexes are behind: who follows `next-delta` from the beginning ends with a true copy."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.reports.index import history
from tests.app.reports.index.test_deltas import Mirror, Writers
from tests.followed import Stream
from tests.lagging import LaggingCopy, lagging

FROM_THE_FIRST = "/v1/reports?updated_since=2026-11-01T00:00:00Z&limit=5"
FROM_THE_LIST = "/v1/reports?limit=5"
LONG_SEEDS = [pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 9)]


class Scene:
    """Writers, a follower, and the documents' consumer, all of whom see indexes that are behind."""

    def __init__(self, client: FlaskClient, noon: Any, copy: LaggingCopy, address: str) -> None:
        self.noon, self.copy, self.random = noon, copy, copy.random
        self.writers, self.mirror, self.stream = Writers(self.random), Mirror(client, address), Stream()

    def pass_time(self, most_ms: int) -> None:
        self.noon.shift(timedelta(milliseconds=self.random.randint(0, most_ms)))
        self.writers.land()
        self.copy.look()
        if self.random.random() < 0.3:
            self.stream.run()
            self.copy.look()

    def play(self) -> None:
        """Write and follow at the same time, for some minutes; then let all come to rest."""
        for _ in range(30):
            for _page in self.mirror.follow():
                self.writers.begin()
                self.pass_time(12_000)
        for _ in range(30):
            self.pass_time(20_000)
        for _ in range(3):
            for _page in self.mirror.follow():
                self.pass_time(0)
            self.pass_time(200_000)

    def is_true(self) -> bool:
        """Return whether the copy is the stored reports. What came and went between two looks need not be told."""
        stored = self.writers.stored()
        assert not self.writers.under_way
        assert len(stored) > 5
        return self.mirror.kept | {id_: None for id_, now in stored.items() if now is None} == stored


@pytest.fixture
def late(cloud: Any, tables: None, noon: Any, request: pytest.FixtureRequest) -> Iterator[LaggingCopy]:
    with lagging(cloud, Random(request.param), "reports", at_most_ms=history.INDEX_LAG_MS) as copy:
        yield copy


@pytest.mark.parametrize("address", [FROM_THE_FIRST, FROM_THE_LIST])
@pytest.mark.parametrize("late", [0, *LONG_SEEDS], indirect=True)
def test_copy_by_deltas_is_true_though_indexes_are_a_minute_behind(
    client: FlaskClient, noon: Any, late: LaggingCopy, address: str
) -> None:
    scene = Scene(client, noon, late, address)

    scene.play()

    assert scene.is_true()


@pytest.mark.parametrize("margin_ms", [0, 30_000])
@pytest.mark.parametrize("late", [0], indirect=True)
def test_naive_twins_that_go_on_from_now_or_from_half_a_minute_ago_lose_changes(
    client: FlaskClient, noon: Any, late: LaggingCopy, monkeypatch: pytest.MonkeyPatch, margin_ms: int
) -> None:
    monkeypatch.setattr(history, "SETTLED_MS", margin_ms)
    scene = Scene(client, noon, late, FROM_THE_FIRST)

    scene.play()

    assert not scene.is_true()
