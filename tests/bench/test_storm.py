"""Storms of writes from one city, told to several consumers at once in virtual time: no count lost, no batch failed.

The command of the benchmark, in a process of its own: its clock is virtual. It compares lists while the storm goes on,
and every tile document after it, with a search of all reports, and stops at the first wrong one.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 4 * 3600  # only what hangs takes so long


def storms(*, rate: int, seconds: int, consumers: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "bench", "--only", "storm", "--rates", str(rate)]
    command += ["--seconds", str(seconds), "--consumers", consumers]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def small() -> list[dict[str, Any]]:
    return storms(rate=20, seconds=8, consumers="1,4,16")


@pytest.fixture(scope="module")
def calm(small: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Those without faults, by the number of consumers."""
    return {storm["consumers"]: storm for storm in small if not storm["faults"]}


def test_no_batch_fails_but_for_an_outage(small: list[dict[str, Any]], calm: dict[int, dict[str, Any]]) -> None:
    assert [storm["failed"] for storm in small] == [0] * len(small)
    assert [storm["outages"] for storm in calm.values()] == [0, 0, 0]


def test_faults_are_really_met(small: list[dict[str, Any]]) -> None:
    faults = [storm for storm in small if storm["faults"]]

    assert all(storm["outages"] for storm in faults)
    assert sum(storm["killed"] for storm in faults) > 0


def test_consumers_do_not_write_over_each_other(calm: dict[int, dict[str, Any]]) -> None:
    assert [(storm["conflicts"], storm["wasted_units"]) for storm in calm.values()] == [(0, 0)] * 3


@pytest.mark.parametrize(("consumers", "times"), [(4, 1.6), (16, 2.7)])
def test_many_consumers_of_few_changes_each_write_little_more_than_one_of_all(
    calm: dict[int, dict[str, Any]], consumers: int, times: float
) -> None:
    """It was five times as much for sixteen, when each made a pass of its own."""
    assert calm[consumers]["document_write_units"] <= times * calm[1]["document_write_units"]


def test_documents_are_seconds_behind(calm: dict[int, dict[str, Any]]) -> None:
    assert [storm["lag_max_s"] <= 5 for storm in calm.values()] == [True] * 3  # of virtual time


@pytest.mark.long
@pytest.mark.parametrize("consumers", [1, 4, 16])
@pytest.mark.parametrize("rate", [200, 1000])
def test_great_storms_lose_nothing(rate: int, consumers: int) -> None:
    told = storms(rate=rate, seconds=60, consumers=str(consumers))

    assert [storm["failed"] for storm in told] == [0, 0]
    assert [storm["conflicts"] for storm in told if not storm["faults"]] == [0]
