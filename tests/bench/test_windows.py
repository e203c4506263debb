"""Cost of one change in the busiest cell for the stream's consumer, by the benchmark's own command."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 1200  # only what hangs takes so long
# By the rows that a document has: what is filed, recent, or changes no count.
KNOWN = ("filed", "newest edited", "old one, its words")


@pytest.fixture(scope="module")
def windows() -> dict[str, dict[str, Any]]:
    command = [sys.executable, "-m", "bench", "--only", "windows", "--sizes", "4000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {one["change"]: one for one in told}


@pytest.mark.parametrize("change", KNOWN)
def test_a_change_that_rows_decide_reads_the_six_documents_over_it(
    windows: dict[str, dict[str, Any]], change: str
) -> None:
    assert windows[change]["read_units_max"] <= 8


def test_every_change_writes_six_documents_and_the_shared_row(windows: dict[str, dict[str, Any]]) -> None:
    """Six of at most four units, and the lease: taken, and given back with the position."""
    assert {one["write_units_max"] for one in windows.values()} <= {*range(20, 27)}
