"""Cost of one change in the busiest cell for the stream's consumer, by the benchmark's own command."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 1200  # only what hangs takes so long
CHANGES = ("filed", "newest edited", "old one, its words", "old one, its severity", "old one withdrawn")


@pytest.fixture(scope="module")
def windows() -> dict[str, dict[str, Any]]:
    command = [sys.executable, "-m", "bench", "--only", "windows", "--sizes", "4000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {one["change"]: one for one in told}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_reads_the_six_documents_over_it_and_one_segment(
    windows: dict[str, dict[str, Any]], change: str
) -> None:
    assert windows[change]["read_units_max"] <= 8


def test_every_change_writes_six_documents_one_segment_and_the_shared_row(windows: dict[str, dict[str, Any]]) -> None:
    """Seven of at most four units, and the lease: taken, and given back with the position. An end is three more."""
    assert {one["write_units"] <= 31 and one["write_units_max"] <= 33 for one in windows.values()} == {True}
