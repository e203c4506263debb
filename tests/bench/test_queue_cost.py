"""A page of the responders' queue costs at most 16 queries and 16 read units, however many reports wait.

The command of the benchmark, in a process of its own: its clock stands still.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 3600  # only what hangs takes so long
MOST = 16


def measured(waiting: int) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "bench", "--only", "queue", "--sizes", str(waiting)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("waiting", [4000, pytest.param(100_000, marks=pytest.mark.long)])
def test_page_stays_within_its_cost(waiting: int) -> None:
    measures = measured(waiting)
    pages = [one for one in measures if "pages" not in one]

    assert len(pages) >= 8
    assert [page for page in pages if page["read_units"] > MOST or page["queries"] > MOST] == []
    assert all(page["items"] for page in pages)
    by_village = {one["asked"]: one for one in measures if "pages" in one}
    assert by_village["a village with 20"]["pages"] <= 4
    assert all(one["items"] >= 20 and one["read_units"] <= MOST * one["pages"] for one in by_village.values())
