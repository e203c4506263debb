"""No key of any index takes more than a partition may, when 1,000 reports a second come from one city."""

import random
from collections import Counter

import pytest

from app.core import clock
from app.reports.create import derive_id
from app.reports.entry import sort_key
from app.reports.models import Report

A_SECOND = 1000
PARTITION_WRITES_A_SECOND = 1000


def arrive_from_one_city(count: int) -> list[Report]:
    """Reports of one second, about neighbourhoods that lie within some 5 km, as in a real flood."""
    chance = random.Random(1)
    now_ms = clock.now_ms()
    neighbourhoods = [(chance.gauss(-6.2, 0.03), chance.gauss(106.83, 0.03)) for _ in range(20)]
    made = []
    for number in range(count):
        lat, lon = chance.choice(neighbourhoods)
        created_ms = now_ms + number * 1000 // count
        report = Report(
            derive_id("hot", str(number)),
            status="pending",
            observed_at_ms=created_ms,
            expires_at_ms=created_ms + clock.HOUR_MS,
        )
        report.sort = sort_key(created_ms, report.id)
        report.put_at(lat=chance.gauss(lat, 0.006), lon=chance.gauss(lon, 0.006), visibility="home")
        report.index(created_ms, is_change=False)
        made.append(report)
    return made


@pytest.mark.parametrize("key", ["id", "cell", "day_shard", "place_shard", "changed_shard"])
def test_no_key_is_hot(key: str) -> None:
    reports = arrive_from_one_city(A_SECOND)

    writes = Counter(getattr(report, key) for report in reports if getattr(report, key) is not None)

    assert max(writes.values(), default=0) <= 0.6 * PARTITION_WRITES_A_SECOND
