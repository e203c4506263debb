"""A storm of alerts by the real functions in virtual time: no message is lost or doubled, and naive twins fail.

The command of `make storm`, in a process of its own: its clock is virtual.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.alert_storm.size import KILLS

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 4 * 3600  # only what hangs takes so long


def storms(subscribers: int, *more: str) -> tuple[int, list[dict[str, Any]]]:
    command = [sys.executable, "-m", "bench.alert_storm", "--subscribers", str(subscribers), *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode in (0, 1), done.stderr[-3000:]
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_some_hundred_people_hear_of_everything_once() -> None:
    _, (told,) = storms(300, "--rates", "300", "--twins", "0")

    assert (told["lost"], told["doubled"], told["strange"]) == (0, 0, 0), told
    assert (told["errors"], told["dead_letters"]) == ({}, {}), told
    assert told["messages"] > 50
    assert {*KILLS} - {"mail_events"} <= {*told["killed"]}


@pytest.mark.long
def test_thousands_of_people_hear_of_everything_once_and_naive_twins_lose_or_double() -> None:
    code, told = storms(9000, "--processes", "1")
    twins = {(one["twin"], one["rate"]): one["lost"] + one["doubled"] for one in told if one["twin"]}

    assert code == 0, told
    assert len(twins) == 9
    assert min(twins.values()) > 0, twins
