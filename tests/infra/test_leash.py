"""A command on a leash is asked once to end, and then has its time."""

import subprocess
import sys

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
