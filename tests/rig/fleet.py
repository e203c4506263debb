"""Many instances of Lambda functions, each a process that takes one event at a time, and may be killed."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

ROOT = Path(__file__).parents[2]
# Only what hangs takes so long.
HANGS_S = 600
# The product's function time-out (serverless.yml).
FUNCTION_TIMEOUT_S = 15
# The product's functions and the rig's own.
WEB = "handlers.api:handler"
CONSUMER = "handlers.report_changed:handler"
VOTE_CONSUMER = "handlers.vote_changed:handler"
MODULES = (
    "handlers.api",
    "handlers.report_changed",
    "handlers.vote_changed",
    "tests.rig.naive",
    "tests.rig.stopped_clock",
)
Done = TypeVar("Done")


class Died(Exception):
    """The instance ended before it answered."""


class Raised(Exception):
    """The function raised: Lambda would report an error and, for a stream, send the batch again."""


class Instance:
    """One process. `ask` hands it an event."""

    def __init__(self, path: str, function: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise
        self._socket.settimeout(HANGS_S)
        self._lines = self._socket.makefile("rwb")
        self._lines.write(f"{function}\n".encode())
        self._lines.flush()
        self.pid = int(self._lines.readline())

    def send(self, event: Any) -> None:
        self._lines.write(json.dumps(event).encode() + b"\n")
        self._lines.flush()

    def receive(self) -> Any:
        line = self._lines.readline()
        if not line:
            raise Died
        answer = json.loads(line)
        if "raised" in answer:
            raise Raised(answer["raised"])
        return answer["returned"]

    def ask(self, event: Any) -> Any:
        self.send(event)
        return self.receive()

    def ask_and_kill(self, event: Any, after_s: float) -> Any:
        """Kill the process so long after it got the event; raises Died unless the answer came before."""
        self.send(event)
        if select.select([self._socket], [], [], after_s)[0]:
            return self.receive()
        os.kill(self.pid, signal.SIGKILL)
        raise Died

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


class Fleet:
    """Starts instances, all on one database. Settings are environment variables.

    They have minutes for what the product gives seconds, unless `is_patient` says otherwise.
    """

    def __init__(self, database: str, *, is_patient: bool = True, **settings: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fleet")
        self._path = str(Path(self._folder.name) / "door")
        self._log = (Path(self._folder.name) / "log").open("wb")
        environment = os.environ | {"AWS_ENDPOINT_URL_DYNAMODB": database, "AWS_LAMBDA_FUNCTION_NAME": "rig"}
        environment |= settings | ({"RIG_PATIENCE_S": str(HANGS_S // 10)} if is_patient else {})
        command = [sys.executable, "-m", "tests.rig.worker", self._path, *MODULES]
        self._server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self._log, stderr=self._log)
        self._instances: list[Instance] = []

    def log(self) -> str:
        return Path(self._log.name).read_text(errors="replace")

    def of(self, function: str) -> "Function":
        return Function(self, function)

    def instance(self, function: str) -> Instance:
        """One more process, for a function named `MODULE:FUNCTION`."""
        until = time.monotonic() + HANGS_S
        while True:
            try:
                made = Instance(self._path, function)
            except (FileNotFoundError, ConnectionRefusedError):
                if self._server.poll() is not None or time.monotonic() > until:
                    raise Died(self.log()) from None
                time.sleep(0.02)
            else:
                self._instances.append(made)
                return made

    def close_instances(self) -> None:
        """All processes end; the next ones are as fresh as after a deployment."""
        while self._instances:
            self._instances.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close_instances()
        self._server.terminate()
        self._server.wait(HANGS_S)
        self._log.close()
        self._folder.cleanup()


class Function(NamedTuple):
    """One function of a fleet."""

    fleet: Fleet
    name: str

    def instance(self) -> Instance:
        return self.fleet.instance(self.name)

    def instances(self, count: int) -> list[Instance]:
        return [self.instance() for _ in range(count)]


def side_by_side(tasks: Sequence[Callable[[], Done]]) -> list[Done]:
    """Run all tasks at once, from the same moment on, and give their results in order."""
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], Done]) -> Done:
        start.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def shared_out(instances: Sequence[Instance], work: Sequence[Any], do: Callable[[Instance, Any], Done]) -> list[Done]:
    """Every instance takes the next piece of work as soon as it is free. The results come in no order."""
    left = iter(work)
    lock = threading.Lock()

    def take() -> list[Done]:
        done = []
        while True:
            with lock:
                piece = next(left, None)
            if piece is None:
                return done
            done.append(do(_own.instance, piece))

    _own = threading.local()

    def run(instance: Instance) -> list[Done]:
        _own.instance = instance
        return take()

    return [one for part in side_by_side([lambda i=i: run(i) for i in instances]) for one in part]
