"""The Runtime API of one worker, from which AWS's runtime client gets its next event and to which it posts its answer.

Paths, headers and limits are those of "Using the Lambda runtime API" in AWS's documentation; not compared with AWS.
"""

import contextlib
import json
import queue
import threading
import time
import uuid
from concurrent.futures import Future, InvalidStateError
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local.processes import LOOPBACK

# "Invocation payload (request and response): 6 MB each (synchronous)", with the names in AWS's own messages.
PAYLOAD_BYTES = 6_291_556
_PREFIX = "/2018-06-01/runtime/"


class FunctionFailed(Exception):
    """A function gave no answer: it raised, did not load, ended, or got or sent too much. `kind` as AWS names it."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.trace = trace or []


class TimedOut(FunctionFailed):
    """The function was ended because its time was over."""


class Invocation:
    """One event for one worker. Times are of time.perf_counter()."""

    def __init__(self, body: bytes, arn: str, timeout_s: float) -> None:
        self.id = str(uuid.uuid4())
        self.body = body
        self.arn = arn
        self.deadline_ms = int((time.time() + timeout_s) * 1000)
        self.answer: Future[bytes] = Future()
        self.handed_at = 0.0
        self.answered_at = 0.0


class RuntimeApi(ThreadingHTTPServer):
    """API server of one worker until `close`. An event is passed on when the worker asks for its next one."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _Call)
        self.address = f"{LOOPBACK}:{self.server_address[1]}"
        self.is_decided = threading.Event()  # the worker has asked for an event, or has said why it never will
        self.init_failure: FunctionFailed | None = None
        self.has_refused = False  # an answer was too large: the runtime client raises then, and ends
        self.current: Invocation | None = None
        self.waiting: queue.Queue[Invocation | None] = queue.Queue()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def hand(self, invocation: Invocation) -> None:
        self.waiting.put(invocation)

    def close(self) -> None:
        self.waiting.put(None)
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        """Ignore errors: a worker that ends closes its connection."""


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet for each answer; else the client's delayed acknowledgement costs 40 ms
    server: RuntimeApi

    def do_GET(self) -> None:
        if self.path != f"{_PREFIX}invocation/next":
            self._answer(404, b"{}")
            return
        self.server.is_decided.set()
        invocation = self.server.waiting.get()
        if invocation is None:
            self.close_connection = True
            return
        self.server.current = invocation
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{invocation.id.replace('-', '')[:24]};Sampled=0",
        }
        invocation.handed_at = time.perf_counter()
        self._answer(200, invocation.body, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answered_at = time.perf_counter()
        what = self.path.removeprefix(_PREFIX)
        if what == "init/error":
            self.server.init_failure = _failure(body)
            self.server.is_decided.set()
            self._answer(202, b"{}")
            return
        invocation = self.server.current
        if invocation is None or not what.startswith(f"invocation/{invocation.id}/"):
            self._answer(400, b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}')
            return
        invocation.answered_at = answered_at
        status = 202
        if what.endswith("/error"):
            _settle(invocation, _failure(body))
        elif len(body) > PAYLOAD_BYTES:
            status, self.server.has_refused = 413, True
            message = f"Response payload size exceeded maximum allowed payload size ({PAYLOAD_BYTES} bytes)."
            _settle(invocation, FunctionFailed("Function.ResponseSizeTooLarge", message))
        else:
            _settle(invocation, body)
        self._answer(status, b"{}")

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


def _settle(invocation: Invocation, outcome: bytes | FunctionFailed) -> None:
    # The time may have been over just before.
    with contextlib.suppress(InvalidStateError):
        if isinstance(outcome, bytes):
            invocation.answer.set_result(outcome)
        else:
            invocation.answer.set_exception(outcome)


def _failure(body: bytes) -> FunctionFailed:
    """Convert the runtime client's error report."""
    try:
        failure = json.loads(body)
    except ValueError:
        failure = {}
    return FunctionFailed(
        str(failure.get("errorType") or "Runtime.Unknown"),
        str(failure.get("errorMessage") or ""),
        [str(line) for line in failure.get("stackTrace") or []],
    )
