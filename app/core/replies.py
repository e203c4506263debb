"""Check the replies of the database before they are used, and limit the time that a request waits for them.

botocore accepts an empty or foreign answer with status 200 as an empty result, ignores a wrong checksum at the last
attempt, and its timeout restarts with each byte. So replies are checked before botocore parses them, and each call has
an end. An invalid reply counts as a network failure: botocore tries once more.
"""

import io
import json
import math
from binascii import crc32
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from threading import Event, Lock
from typing import Any

from botocore.awsrequest import AWSHTTPConnection, AWSHTTPSConnection
from botocore.exceptions import HTTPClientError

from app.core import clock

_ASKED, _TOLD = b'"ReturnConsumedCapacity"', b'"ConsumedCapacity"'
LONG_READ_S, LONG_CALL_S = 20, 60
_ends: ContextVar[float] = ContextVar("ends", default=math.inf)
_is_long = Event()


class InvalidReply(HTTPClientError):
    """The answer is not from the database, or is incomplete."""

    fmt = "Not a reply of the database: {error}"


class Checked:
    """botocore's HTTP session, which reads each reply completely and checks it before it is parsed."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.close: Callable[[], None] = session.close

    def send(self, request: Any) -> Any:
        """Make one attempt. Raises exceptions that botocore retries."""
        if clock.running_s() >= _ends.get():
            raise HTTPClientError(error="no time is left for another attempt")
        reply = self._session.send(request)
        if fault := _fault(request.body, reply):
            raise InvalidReply(error=fault)
        return reply


def check_all(client: Any) -> Any:
    """Make this client accept replies of DynamoDB only. Safe to repeat."""
    for connection in (AWSHTTPConnection, AWSHTTPSConnection):
        connection.response_class = _Punctual  # type: ignore[assignment]  # its stubs know their own class only
    endpoint = client._endpoint  # noqa: SLF001 - botocore's events come after it has parsed a reply
    if not isinstance(endpoint.http_session, Checked):
        endpoint.http_session = Checked(endpoint.http_session)
    return client


def _fault(request_body: bytes, reply: Any) -> str:
    """Return what is wrong with a reply; empty if it is valid. A right checksum proves that the body is complete."""
    headers, body = reply.headers, reply.content
    if not headers.get("x-amzn-requestid"):
        return "it has no request id"
    if headers.get("x-amz-crc32") != str(crc32(body)):
        return "its checksum is absent or wrong"
    if reply.status_code != 200:
        return "" if _is_refusal(body) else f"status {reply.status_code} without a reason"
    if not (body.startswith(b"{") and body.endswith(b"}")):
        return "it is no JSON object"
    return "it tells no consumed capacity" if _ASKED in request_body and _TOLD not in body else ""


def _is_refusal(body: bytes) -> bool:
    try:
        error = json.loads(body)
    except ValueError:
        return False
    return isinstance(error, dict) and isinstance(error.get("__type"), str)


class _Punctual(HTTPResponse):
    """A reply whose head and body must arrive before the call's end and within the timeout of one attempt.

    Replies of other services, whose calls have no end, are read as usual.
    """

    fp: Any

    def __init__(self, sock: Any, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        if (ends := _ends.get()) < math.inf:
            ends = min(ends, clock.running_s() + sock.gettimeout())
            self.fp = io.BufferedReader(_UntilThen(self.fp.detach(), sock, ends))


class _UntilThen(io.RawIOBase):
    """The bytes of a socket until a deadline; then a timeout."""

    def __init__(self, raw: Any, sock: Any, ends: float) -> None:
        self._raw, self._sock, self._ends = raw, sock, ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read the bytes available, waiting no longer than until the deadline."""
        left_s = self._ends - clock.running_s()
        if left_s <= 0:
            raise TimeoutError("the reply took too long")
        self._sock.settimeout(left_s)
        got: int | None = self._raw.readinto(buffer)
        return got

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class Patience:
    """Total time that a request may wait for the database. Parallel calls share the same waiting time."""

    def __init__(self, most_s: float) -> None:
        self._left_s, self._under_way, self._since = most_s, 0, 0.0
        self._lock = Lock()

    def begin(self) -> float:
        """Begin a call; return the time left for it in seconds, which may be zero or less."""
        with self._lock:
            now = clock.running_s()
            if not self._under_way:
                self._since = now
            self._under_way += 1
            return self._left_s - (now - self._since)

    def end(self) -> None:
        """End a call."""
        with self._lock:
            self._under_way -= 1
            if not self._under_way:
                self._left_s -= clock.running_s() - self._since


@contextmanager
def ending_within(seconds: float) -> Iterator[None]:
    """Let every attempt of one call end within `seconds` from now."""
    before = _ends.set(min(_ends.get(), clock.running_s() + seconds))
    try:
        yield
    finally:
        _ends.reset(before)


@contextmanager
def waiting_longer() -> Iterator[None]:
    """Let each call of this process take up to a minute in the block: a command rather waits for a slow database.

    Begin it before the first call.
    """
    _is_long.set()
    try:
        yield
    finally:
        _is_long.clear()


def read_s(short_s: float) -> float:
    """Return the seconds that an attempt may take: `short_s`, or more where this process waits longer."""
    return LONG_READ_S if _is_long.is_set() else short_s


def call_s(short_s: float) -> float:
    """Return the seconds that a call with all its attempts may take: `short_s`, or more as above."""
    return LONG_CALL_S if _is_long.is_set() else short_s
