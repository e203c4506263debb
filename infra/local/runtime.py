"""Run a function like Lambda: AWS's own runtime client in processes that see the artifact and nothing else.

Workers start when they are needed, stay warm, and are replaced when they die or are ended for exceeding their time.
Lambda starts another worker for each concurrent request; here there are at most `workers`, and further events wait.
"""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from infra.local.processes import Failed
from infra.local.runtime_api import PAYLOAD_BYTES, FunctionFailed, Invocation, RuntimeApi, TimedOut

REGION = "eu-west-2"
ACCOUNT = "123456789012"
CHILD = Path(__file__).with_name("runtime_child.py")
INIT_WITHIN_S = 300  # Lambda gives 10 and then tries again; a busy local machine is slower
LOOK_EVERY_S = 0.05
END_WITHIN_S = 60  # it is killed: only a hanging machine takes so long
STANDARD_ERROR = 2


class Runtime:
    """One function of an unpacked artifact. Leaving the `with` block, or `close`, ends its workers."""

    def __init__(
        self,
        folder: Path,
        handler: str,
        environment: Mapping[str, str],
        *,
        name: str = "function",
        workers: int = 2,
        log: IO[bytes] | None = None,
    ) -> None:
        """Create the function; it sees `environment` and Lambda's own variables and prints to `log` or stderr."""
        self.folder = folder.absolute()
        self.handler = handler
        self.arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
        self.environment = lambda_environment(self.folder, handler, name) | dict(environment)
        self.log = log
        self._places = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._is_closed = False

    def invoke(self, event: Any, timeout_s: float = 300) -> Any:
        """Return the function's answer, JSON as the event. Raises FunctionFailed; TimedOut when it takes longer."""
        return json.loads(self.invoke_bytes(json.dumps(event).encode(), timeout_s))

    def invoke_bytes(self, event: bytes, timeout_s: float) -> bytes:
        if len(event) > PAYLOAD_BYTES:
            message = f"{len(event)} byte payload is too large for the RequestResponse invocation type"
            raise FunctionFailed("RequestTooLargeException", f"{message} (limit {PAYLOAD_BYTES} bytes)")
        if not self._places.acquire(timeout=timeout_s):
            raise FunctionFailed("TooManyRequestsException", "Rate Exceeded.")
        try:
            worker = self._take()
            try:
                return worker.invoke(Invocation(event, self.arn, timeout_s), timeout_s)
            finally:
                self._put_back(worker)
        finally:
            self._places.release()

    def _take(self) -> "_Worker":
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.is_alive():
                    self._busy.add(worker)
                    return worker
                worker.end()
            if self._is_closed:
                raise FunctionFailed("Runtime.Closed", "The function has been ended.")
            worker = _Worker(self)
            self._busy.add(worker)
            return worker

    def _put_back(self, worker: "_Worker") -> None:
        with self._lock:
            self._busy.discard(worker)
            if worker.is_alive() and not self._is_closed:
                self._idle.append(worker)
                return
        worker.end()

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        for worker in workers:
            worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class _Worker:
    """One process and its Runtime API."""

    def __init__(self, runtime: Runtime) -> None:
        self.api = RuntimeApi()
        self.has_ended = False
        self.process = subprocess.Popen(
            # -B: a function's folder cannot be written.
            [sys.executable, "-S", "-s", "-P", "-B", str(CHILD), _libraries(), runtime.handler],
            cwd=runtime.folder,
            env=runtime.environment | {"AWS_LAMBDA_RUNTIME_API": self.api.address},
            stdin=subprocess.PIPE,
            stdout=runtime.log or STANDARD_ERROR,
            stderr=subprocess.STDOUT,
            # A Ctrl-C at the terminal is for us; the worker ends with us.
            start_new_session=True,
        )

    def is_alive(self) -> bool:
        is_well = self.api.init_failure is None and not self.api.has_refused
        return is_well and not self.has_ended and self.process.poll() is None

    def invoke(self, invocation: Invocation, timeout_s: float) -> bytes:
        self._await_init()
        # Only now: a cold start does not count towards the time of an invocation.
        invocation.deadline_ms = int((time.time() + timeout_s) * 1000)
        self.api.hand(invocation)
        deadline = time.monotonic() + timeout_s
        while True:
            left = deadline - time.monotonic()
            try:
                return invocation.answer.result(min(max(left, 0), LOOK_EVERY_S))
            except TimeoutError:
                if left <= 0:
                    self.end()
                    raise TimedOut("Sandbox.Timedout", f"Task timed out after {timeout_s:.2f} seconds") from None
                # An answer sent just before the end still counts.
                if self.process.poll() is not None and not invocation.answer.done():
                    raise self._exit_failure() from None

    def _await_init(self) -> None:
        deadline = time.monotonic() + INIT_WITHIN_S
        while not self.api.is_decided.wait(LOOK_EVERY_S):
            if self.process.poll() is not None:
                raise self._exit_failure()
            if time.monotonic() > deadline:
                self.end()
                raise TimedOut("Sandbox.Timedout", f"Init timed out after {INIT_WITHIN_S} seconds")
        if self.api.init_failure:
            raise self.api.init_failure

    def _exit_failure(self) -> FunctionFailed:
        code = self.process.wait()
        what = f"signal: {-code}" if code < 0 else f"exit status {code}"
        return FunctionFailed("Runtime.ExitError", f"Error: Runtime exited with error: {what}")

    def end(self) -> None:
        if self.has_ended:
            return
        self.has_ended = True
        self.process.kill()
        self.process.wait(END_WITHIN_S)
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.api.close()


def libraries_of(layer: Path) -> dict[str, str]:
    """Return the variable by which a function finds the libraries of an unpacked layer."""
    return {"PYTHONPATH": str(layer.absolute() / "python")}


def lambda_environment(folder: Path, handler: str, name: str) -> dict[str, str]:
    """Return the variables that Lambda sets ("Defined runtime environment variables"); the keys are dummies."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{version}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": str(folder),
        "_HANDLER": handler,
        "LANG": "en_US.UTF-8",
        "PATH": os.defpath,
        "TMPDIR": tempfile.gettempdir(),
        "TZ": ":UTC",
    }


def _libraries() -> str:
    """Return the folder where AWS's runtime client is installed."""
    spec = importlib.util.find_spec("awslambdaric")
    if spec is None or spec.origin is None:
        raise Failed("AWS's runtime client is not installed: run `make local-tools`.")
    return str(Path(spec.origin).parents[1])
