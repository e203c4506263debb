"""A command on a leash is asked once to end, and then has its time."""

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from infra.local.processes import ROOT

COUNTING = """
import signal, sys, time
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
print("ready", flush=True)
while not asked:
    time.sleep(0.01)
time.sleep(0.4)
print(len(asked), flush=True)
sys.exit(130)
"""


def ended(*options: str) -> tuple[str, int]:
    """Start the command, close the leash, and return what it said at its end and its exit code."""
    command = [sys.executable, "-m", "infra.local.leash", *options, sys.executable, "-c", COUNTING]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as leash:
        assert leash.stdin and leash.stdout
        assert leash.stdout.readline() == "ready\n"
        leash.stdin.close()
        return leash.stdout.read(), leash.wait(60)


def test_command_is_asked_once_and_tells_its_end() -> None:
    assert ended("--patience", "30") == ("1\n", 130)


def test_command_is_forced_when_its_time_is_over() -> None:
    said, code = ended("--patience", "0")

    assert (said, code != 130) == ("", True)


def wakings(process: int) -> str:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return next(line for line in status.splitlines() if line.startswith("voluntary_ctxt_switches"))


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="this system tells of no process's end")
def test_leash_sleeps_while_nothing_happens_and_wakes_when_the_command_ends() -> None:
    """There is one for each process of a local run."""
    waiting = "import sys; print('ready', flush=True); sys.exit(int(open(sys.argv[1]).read()))"
    command = [sys.executable, "-m", "infra.local.leash", sys.executable, "-c", waiting]
    with TemporaryDirectory() as folder:
        os.mkfifo(pipe := f"{folder}/pipe")
        with subprocess.Popen([*command, pipe], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as leash:
            assert leash.stdout and leash.stdout.readline() == b"ready\n"
            before = ""
            for _ in range(20):
                if before == (before := wakings(leash.pid)):
                    break
                time.sleep(0.3)
            else:
                pytest.fail("it looks again and again")
            Path(pipe).write_text("7", encoding="utf-8")
            assert leash.wait(60) == 7
