"""A proxy before the database that does to its calls what networks and services do, as a rule says.

with FaultProxy(address) as proxy:
    proxy.rule = sometimes(0.3, seed=1)
"""

import http.client
import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit
from zlib import crc32

SLOW_S = 2.5  # longer than the product waits
SILENT_AT_MOST_S = 600
DRIP_PAUSE_S = 0.1
# How often each kind comes among the faults; a slow reply costs two seconds and so comes seldom.
KINDS = {
    "throttle": 10,
    "err500_before": 10,
    "err500_after": 20,
    "drop_before": 10,
    "drop_after": 20,
    "dup": 20,
    "conflict": 10,
    "slow_after": 1,
}
QUICK_KINDS = {kind: weight for kind, weight in KINDS.items() if kind != "slow_after"}


class Call(NamedTuple):
    """One call to the database, as it came."""

    operation: str
    body: bytes
    number: int

    def said(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


Rule = Callable[[Call], str]


def never(call: Call) -> str:
    """The rule of good weather."""
    return ""


def sometimes(rate: float, *, seed: int, kinds: Mapping[str, int] = KINDS) -> Rule:
    """Each call meets a fault with this probability."""
    dice, names, weights = random.Random(seed), list(kinds), list(kinds.values())
    lock = threading.Lock()

    def rule(call: Call) -> str:
        with lock:
            return dice.choices(names, weights)[0] if dice.random() < rate else ""

    return rule


def once(operation: str, kind: str) -> Rule:
    """The first call of an operation meets a fault, and no other."""
    left = [kind]

    def rule(call: Call) -> str:
        return left.pop() if left and call.operation == operation else ""

    return rule


class Answer(NamedTuple):
    """`pause_s` lies before each of its bytes."""

    status: int
    body: bytes
    headers: dict[str, str]
    pause_s: float = 0


def _genuine(status: int, told: dict[str, Any]) -> Answer:
    """As DynamoDB sends it: with an id, and the checksum of its body."""
    body = json.dumps(told).encode()
    signed = {"x-amzn-RequestId": "PROXY", "x-amz-crc32": str(crc32(body))}
    return Answer(status, body, {"Content-Type": "application/x-amz-json-1.0"} | signed)


def _refusal(status: int, kind: str, **members: Any) -> Answer:
    told = {"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", "message": kind, **members}
    return _genuine(status, told)


THROTTLED = _refusal(400, "ProvisionedThroughputExceededException")
BROKEN = _refusal(500, "InternalServerError")
NOTHING_FOUND = _genuine(
    200, {"Items": [], "Count": 0, "ScannedCount": 0, "ConsumedCapacity": {"TableName": "any", "CapacityUnits": 0.5}}
)
HTML = b"<!DOCTYPE html><title>Sign in to the network</title>"
# What stands between us and the database says, or leaves of what it said. Each is a kind of fault of the proxy.
LIES = ("empty", "cut", "html", "html_refused", "foreign", "foreign_refused", "foreign_signed", "list", "unsigned")


def _conflict(call: Call) -> Answer:
    """Two transactions at once; single writes know no such failure."""
    if call.operation != "TransactWriteItems":
        return THROTTLED
    reasons = [{"Code": "TransactionConflict", "Message": "conflict"}] + [{"Code": "None"}] * (
        len(call.said()["TransactItems"]) - 1
    )
    return _refusal(400, "TransactionCanceledException", CancellationReasons=reasons)


class FaultProxy:
    """Listens on the loopback. `met` counts what was done to whom; `delay_s` is the length of the road, each way."""

    def __init__(self, address: str, *, delay_s: float = 0) -> None:
        self.target = urlsplit(address)
        self.rule: Rule = never
        self.delay_s = delay_s
        self.met: Counter[str] = Counter()
        self.ended = threading.Event()
        self._calls = 0
        self._lock = threading.Lock()
        self._earlier: dict[bytes, Answer] = {}
        self._server = _Server(("127.0.0.1", 0), _Connection, self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def clear(self) -> None:
        """Good weather, and nothing remembered."""
        self.rule, self.delay_s = never, 0
        self.met.clear()
        self._earlier.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.close_all()

    def answer(self, operation: str, body: bytes, forward: Callable[[], Answer]) -> Answer | None:
        """Return the client's answer; None for none, with its connection closed."""
        with self._lock:
            self._calls += 1
            call = Call(operation, body, self._calls)
        kind = self.rule(call)
        with self._lock:
            self.met[kind] += 1
        return getattr(self, f"_{kind or 'well'}")(call, forward)

    def _well(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        time.sleep(self.delay_s)
        answer = forward()
        time.sleep(self.delay_s)
        if call.operation == "Query":
            self._earlier[call.body] = answer
        return answer

    def _throttle(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        return THROTTLED

    def _err500_before(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        return BROKEN

    def _err500_after(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        forward()
        return BROKEN

    def _drop_before(self, call: Call, forward: Callable[[], Answer]) -> None:
        return None

    def _drop_after(self, call: Call, forward: Callable[[], Answer]) -> None:
        forward()

    def _slow_after(self, call: Call, forward: Callable[[], Answer]) -> None:
        forward()
        self.ended.wait(SLOW_S)

    def _dup(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        forward()
        return forward()

    def _conflict(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        return _conflict(call)

    def _black_hole(self, call: Call, forward: Callable[[], Answer]) -> None:
        self.ended.wait(SILENT_AT_MOST_S)

    def _empty(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        return Answer(200, b"", {})

    def _cut(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        """Half of the body under complete headers, without a sign that more should follow."""
        answer = forward()
        return answer._replace(body=answer.body[: len(answer.body) // 2])

    def _html(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        return Answer(200, HTML, {"Content-Type": "text/html"})

    def _html_refused(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        return Answer(403, HTML, {"Content-Type": "text/html"})

    def _foreign(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        return Answer(200, b'{"status":"ok","Item":null}', {"Content-Type": "application/json"})

    def _foreign_refused(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        return Answer(404, b'{"__type":5,"message":["no such route"]}', {"Content-Type": "application/json"})

    def _foreign_signed(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        """Another service of the same family."""
        return _genuine(200, {"QueueUrl": "https://queues.example/1"})

    def _list(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        body = b'[{"Item":{}},"ConsumedCapacity"]'
        return Answer(200, body, {"x-amzn-RequestId": "PROXY", "x-amz-crc32": str(crc32(body))})

    def _unsigned(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        """A plausible answer without a checksum, as from a cache."""
        return Answer(200, b'{"ConsumedCapacity":{"TableName":"any","CapacityUnits":0.5}}', {"x-amzn-RequestId": "x"})

    def _drip(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        """The right answer, its head and body a byte at a time, and no two bytes far apart."""
        return forward()._replace(pause_s=DRIP_PAUSE_S)

    def _stale(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        """The index's previous answer, or an empty one at first, as if it had not caught up."""
        return self._earlier.get(call.body, NOTHING_FOUND)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], proxy: FaultProxy) -> None:
        super().__init__(address, handler)
        self.proxy = proxy
        self.open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, client = super().get_request()
        self.open.add(connection)
        return connection, client

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in mid-call is what the proxy is for."""

    def close_all(self) -> None:
        self.server_close()
        for connection in list(self.open):
            self.shutdown_request(connection)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        target = self.server.proxy.target
        self.onward = http.client.HTTPConnection(target.hostname or "", target.port, timeout=600)

    def finish(self) -> None:
        self.onward.close()
        super().finish()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        answer = self.server.proxy.answer(operation, body, lambda: self._forward(body))
        if answer is None:
            self.close_connection = True
            return
        head = [f"HTTP/1.1 {answer.status} -", f"Content-Length: {len(answer.body)}"]
        head += [f"{name}: {value}" for name, value in answer.headers.items()]
        whole = "\r\n".join([*head, "", ""]).encode() + answer.body
        if not answer.pause_s:
            self.wfile.write(whole)
            return
        for byte in whole:
            self.server.proxy.ended.wait(answer.pause_s)
            self.wfile.write(bytes([byte]))

    def _forward(self, body: bytes) -> Answer:
        self.onward.request("POST", "/", body, {name: value for name, value in self.headers.items() if name != "Host"})
        reply = self.onward.getresponse()
        kept = ("content-type", "x-amz-crc32", "x-amzn-requestid")
        return Answer(
            reply.status, reply.read(), {name: value for name, value in reply.getheaders() if name.lower() in kept}
        )

    def log_message(self, *arguments: Any) -> None:
        """Says nothing."""
