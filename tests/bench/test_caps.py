"""No public GET costs more than reading.md allows, and what still does costs no more than it did.

`above_caps.json` names what is above its cap with its figures: read units, calls, rounds. A change that brings one down
writes the new figures there, as the failing test tells them, or takes it out.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.route_list import ROUTES

ROOT = Path(__file__).parents[2]
ABOVE = Path(__file__).with_name("above_caps.json")
TIMEOUT_S = 1200  # only what hangs takes so long
STORED = 10_000
# Files: static ones and photos ask the database for nothing, private photos for one row.
FILES = ("static", "<photo_name>")
PUBLIC = [
    route.path
    for route in ROUTES.values()
    if route.method == "GET" and route.who == "anyone" and not any(part in route.path for part in FILES)
]


class Cost(NamedTuple):
    read_units: float
    calls: int
    rounds: int

    def is_within(self, most: "Cost") -> bool:
        return all(own <= other for own, other in zip(self, most, strict=True))


FIRST_PAGE = Cost(15, 10, 3)
ANY_PAGE = Cost(20, 10**9, 10**9)


def run() -> dict[str, Cost]:
    """The benchmark's own command, in a process of its own: its clock stands still."""
    command = [sys.executable, "-m", "bench", "--only", "caps", "--sizes", str(STORED)]
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {name_of(one): Cost(one["read_units"], one["calls"], one["rounds"]) for one in told}


def name_of(one: dict[str, Any]) -> str:
    return f"{one['rule']}, {one['way']}, {one['page']} page"


def cap_of(name: str) -> Cost:
    return FIRST_PAGE if name.endswith(", first page") else ANY_PAGE


def known_above() -> dict[str, Cost]:
    return {name: Cost(*figures) for name, figures in json.loads(ABOVE.read_text()).items()}


@pytest.fixture(scope="module")
def costs() -> dict[str, Cost]:
    return run()


@pytest.mark.parametrize("rule", PUBLIC)
def test_public_get_stays_within_its_cap_or_does_not_grow(costs: dict[str, Cost], rule: str) -> None:
    own = {name: cost for name, cost in costs.items() if name.startswith(f"{rule}, ")}
    above = known_above()

    assert own, "bench/caps.py does not ask it"
    grown = {name: cost for name, cost in own.items() if not cost.is_within(above.get(name, cap_of(name)))}
    assert grown == {}


def test_list_of_what_is_above_is_as_low_as_it_can_be(costs: dict[str, Cost]) -> None:
    """A reduced cost stays reduced, and no case within its cap, or no longer asked, is on the list of exceptions."""
    above = {name: cost for name, cost in costs.items() if not cost.is_within(cap_of(name))}

    assert {name: list(cost) for name, cost in above.items()} == json.loads(ABOVE.read_text())
