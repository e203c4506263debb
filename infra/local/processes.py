"""Start processes that end with us, and notice requests to end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv/bin/python"
LOOPBACK = "127.0.0.1"
LOOK_EVERY_S = 0.1
END_WITHIN_S = 60  # a leash needs some seconds and then forces; only a hanging process takes longer


class Failed(Exception):
    """The local run cannot start or continue. The message says why and what to do."""


class Stopped(Exception):
    """We were asked to end."""


class Ending:
    """Whether the end was requested, by a signal to us or to the `make` above us."""

    def __init__(self) -> None:
        self.asked = False
        self.make = MakeAbove(os.getpid())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True

    def is_asked(self) -> bool:
        return self.asked or self.make.is_ending()

    def wait(self, seconds: float) -> None:
        """Sleep, but raise Stopped as soon as the end is requested."""
        deadline = time.monotonic() + seconds
        while True:
            if self.is_asked():
                raise Stopped
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, LOOK_EVERY_S))


class MakeAbove:
    """The `make` that has started a process; without one, it is never about to end."""

    def __init__(self, process: int) -> None:
        self.process = process
        self.number = _status_of(process).get("PPid", "")
        self.is_there = _status_of(self.number).get("Name") == "make"
        self.caught = self._caught()

    @classmethod
    def seen(cls, process: int, number: str, caught: str) -> Self:
        """State as seen by the process itself: later, make may have ended already."""
        make = cls(process)
        make.number, make.caught, make.is_there = number, caught, bool(number)
        return make

    def is_ending(self) -> bool:
        """Return whether make is ending: it passes SIGTERM on; after SIGINT or SIGHUP it only waits for the process."""
        if not self.is_there:
            return False
        return _status_of(self.process).get("PPid") != self.number or self._caught() != self.caught

    def _caught(self) -> str:
        return _status_of(self.number).get("SigCgt", "")


def _status_of(process: int | str) -> dict[str, str]:
    """Return the status that Linux gives of a process; empty elsewhere."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


class Family:
    """The processes that we started, each on a leash. Leaving the `with` block ends them all."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.members: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self, name: str, command: Sequence[str | Path], *, log: IO[bytes] | None = None, patience_s: float | None = None
    ) -> None:
        """Start a member; `patience_s` is the time that it has between the request to end and force."""
        patience = [] if patience_s is None else ["--patience", str(patience_s)]
        self.members[name] = subprocess.Popen(
            [sys.executable, "-m", "infra.local.leash", *patience, *command],
            cwd=ROOT,
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,
        )

    def code_of(self, name: str) -> int | None:
        """Return the exit code of a member that has ended."""
        return self.members[name].poll()

    def end(self, *names: str) -> None:
        """End these members in parallel."""
        ending = [self.members.pop(name) for name in names]
        for member in ending:
            assert member.stdin
            with contextlib.suppress(BrokenPipeError):
                member.stdin.close()
        deadline = time.monotonic() + END_WITHIN_S
        for member in ending:
            try:
                member.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                member.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end(*self.members)


@contextlib.contextmanager
def kept_port(wanted: int = 0) -> Iterator[int]:
    """Reserve a port while the block lasts; our own server may listen on it. Raises OSError if the wanted is taken."""
    with socket.socket() as keeper:
        if wanted:  # else the connections of a run that has just ended would hold it for a minute
            keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind((LOOPBACK, wanted))
        port: int = keeper.getsockname()[1]
        # Only from now on: Linux gives a port that was shared from the start to the next program that asks for any.
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform != "linux":
            keeper.close()  # elsewhere no server can listen on a reserved port
        yield port


def is_port_free(port: int) -> bool:
    """Return whether a server could listen there, even if another has just ended."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def await_true(is_so: Callable[[], bool], *, ending: Ending, within_s: float) -> bool:
    """Check often until a condition is true; False when the time is over."""
    deadline = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > deadline:
            return False
        ending.wait(LOOK_EVERY_S / 4)
    return True
