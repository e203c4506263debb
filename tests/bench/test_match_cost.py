"""Finding a person whom a warning concerns costs at most 0.2 read and 1.2 write units, where there are many.

The code of the benchmark, in a process of its own: its clock stands still.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 3600  # only what hangs takes so long
MOST_READ, MOST_WRITTEN, MANY = 0.2, 1.2, 150
CODE = """
from bench import environment
environment.enter()
import json
from bench import matching
matching.AREAS = [area for area in matching.AREAS if area.said in %r]
for record in matching.measure(%d): print(json.dumps(record))
"""


def measured(subscribers: int, areas: tuple[str, ...]) -> list[dict[str, Any]]:
    command = [sys.executable, "-c", CODE % (areas, subscribers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


@pytest.mark.parametrize(
    ("subscribers", "areas"),
    [
        (3_000, ("half the country",)),
        pytest.param(50_000, ("a street", "a county"), marks=pytest.mark.long),
    ],
)
def test_search_stays_within_its_cost(subscribers: int, areas: tuple[str, ...]) -> None:
    records = measured(subscribers, areas)

    appears_or_rises = [one for one in records if one["act"] in ("appears", "rises") and one["people"] >= MANY]
    assert len(appears_or_rises) == 2 * len(areas)
    # A few read units of each search are the same for few people and for many.
    allowed = MOST_READ if subscribers > 10_000 else 3 * MOST_READ
    assert [one for one in appears_or_rises if one["read_units_a_person"] > allowed] == []
    assert [one for one in records if one["people"] > MANY and one["write_units_a_person"] > MOST_WRITTEN] == []
