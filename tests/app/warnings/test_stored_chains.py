"""Chains of messages through everything that is stored of them."""

import random
from typing import Any

import pytest

from app.core import clock
from app.warnings.ingest.roots import warning_id
from app.warnings.models import OfficialWarning
from tests.rig.chains_oracle import Oracle, Said, as_message, runs_of, story
from tests.warning_making import announce


def in_force() -> set[str]:
    rows = OfficialWarning.of_source("cap:x")
    return {row.source_id.partition(",")[2] for row in rows if row.mark().is_in_force(clock.now_ms())}


@pytest.mark.parametrize("seed", range(300, 312))
def test_the_same_through_everything_that_is_stored(noon: Any, tables: None, seed: int) -> None:
    chance = random.Random(seed)
    told = story(chance)
    for listed in runs_of(told, chance):
        announce(*listed, source="cap:x", is_whole=False)
        noon.shift(300)

    oracle = Oracle(told).in_force()
    assert in_force() == ({oracle} if oracle else set()), told


@pytest.mark.parametrize("order", ["first, then the rest", "last, then the rest"])
@pytest.mark.parametrize("length", [2, 12])
def test_cancel_reaches_over_a_whole_chain(noon: Any, tables: None, order: str, length: int) -> None:
    base = clock.now_ms()
    chain = [Said(str(n), [str(n - 1)] if n else [], base + n) for n in range(length)]
    for one in chain:
        announce(as_message(one), source="cap:x", is_whole=False)

    assert in_force() == {str(length - 1)}
    named = "0" if order.startswith("first") else str(length - 1)
    announce(as_message(Said("end", [named], base, is_end=True)), source="cap:x", is_whole=False)
    assert in_force() == set()
    (row,) = OfficialWarning.of_source("cap:x")
    assert row.id == warning_id("cap:x", "s,0", "A")
