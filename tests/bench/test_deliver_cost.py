"""Sending an alert costs at most 1.6 read and 3.2 write units on average.

The command of the benchmark, in a process of its own: its clock stands still.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 3600  # only what hangs takes so long
MOST_READ, MOST_WRITTEN = 1.6, 3.2


def measured() -> dict[str, dict[str, Any]]:
    command = [sys.executable, "-m", "bench", "--only", "deliver"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    records = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {one["message"]: one for one in records}


def test_messages_stay_within_their_cost() -> None:
    by_kind = measured()
    warning, digest = by_kind["a warning"], by_kind["a digest"]

    assert (warning["read_units"] <= MOST_READ, warning["write_units"] <= MOST_WRITTEN) == (True, True)
    # An end reads the message before it; a digest reads and ends the messages that it holds.
    assert by_kind["an end"]["read_units"] <= MOST_READ + 1.1
    assert by_kind["an end"]["write_units"] <= MOST_WRITTEN
    assert (digest["messages"], digest["read_units"] <= 4, digest["write_units"] <= 5) == (100, True, True)
    assert by_kind["once more from its queue"]["read_units"] <= 1
    assert by_kind["a minute that releases a fifth of them"]["read_units"] <= 10
