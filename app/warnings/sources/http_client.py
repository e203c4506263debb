"""HTTP client for sources and the map file: GET from one host, with limits on time, size and redirects."""

import socket
import ssl
import threading
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from math import inf
from typing import Self
from urllib.parse import SplitResult, urljoin, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from app.core import clock
from app.core.config import VERSION
from app.core.settings_groups import LOOPBACK_HOSTS

CONNECT_S = 3.0
READ_S = 5.0  # for each piece
WHOLE_S = 20.0  # for the whole answer, with redirects and the second attempt
MOST_BYTES = 20_000_000  # decompressed
MOST_REDIRECTS = 2
ATTEMPTS = 2
_PIECE = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DEFAULT_PORTS = {"http": 80, "https": 443}


class NotFetched(Exception):
    """Error: no answer was fetched. The message gives the reason, without the query of the address."""


class Unreachable(NotFetched):
    """The host is missing, silent, too slow, or closes the connection."""


class Refused(NotFetched):
    """An answer or address is refused: another host, an error status, too many bytes."""

    def __init__(self, reason: str, *, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Response:
    """A good answer: its decompressed body, and the validators for the next conditional request."""

    body: bytes
    validators: Mapping[str, str]
    is_not_modified: bool = False


def mistake_in(address: str) -> str:
    """Return what is wrong with a configured address; empty if it is valid."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or port == 0 or not address.isascii():
        return "is not an address that begins with https://"
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        return "must begin with https:// (http is for this machine only)"
    return "must not hold a name or password" if "@" in parts.netloc else ""


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


class Fetcher:
    """Client for the host of the configured address, and for the `further` hosts of the configuration.

    For one thread; close it, or use it as a context manager.
    """

    def __init__(
        self,
        address: str,
        *,
        contact: str = "",
        whole_s: float = WHOLE_S,
        last_s: float = inf,
        further: Iterable[str] = (),
    ) -> None:
        """Create without connecting. `last_s`: when all requests together must have ended, by `clock.running_s`."""
        if mistake := mistake_in(address):
            raise Refused(f"the address {mistake}")
        self.address = address
        self._home = urlsplit(address)
        self._whole_s = whole_s
        self._last_s = last_s
        # api.weather.gov answers 403 to callers that do not identify themselves.
        self._agent = f"FloodManager/{VERSION}" + (f" (+{contact})" if contact else "")
        self._connection: HTTPConnection | None = None
        self._further = {
            _host_of(address_further): Fetcher(address_further, contact=contact, whole_s=whole_s)
            for address_further in further
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def base(self) -> str:
        """Return the address as a prefix for others."""
        return self.address.rstrip("/")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        for other in self._further.values():
            other.close()

    def get(self, url: str, *, validators: Mapping[str, str] | None = None, accept: str = "*/*") -> Response:
        """Fetch an address of this host or of a further one; raises Unreachable or Refused."""
        host = _host_of(url)
        if host != self._home.hostname and host in self._further:
            return self._further[host].get(url, validators=validators, accept=accept)
        return self._follow(url, {"Accept": accept, "Accept-Encoding": "gzip", **_conditions(validators)})

    def get_range(self, url: str, first: int, length: int) -> Response:
        """Fetch `length` bytes of a file from byte `first` on, fewer at its end; raises Unreachable or Refused."""
        asked = f"bytes={first}-{first + length - 1}"
        return self._follow(url, {"Accept": "*/*", "Accept-Encoding": "identity", "Range": asked}, status=206)

    def _follow(self, url: str, more_headers: dict[str, str], *, status: int = 200) -> Response:
        until = min(clock.running_s() + self._whole_s, self._last_s)
        headers = {"User-Agent": self._agent, **more_headers}
        target = self._own(url)
        for _ in range(MOST_REDIRECTS + 1):
            fetched, location = self._ask(target, headers, until, status)
            if fetched is not None:
                return fetched
            target = self._own(location, beside=target.geturl())
        raise Refused(f"{self._home.hostname} redirects more than {MOST_REDIRECTS} times")

    def _own(self, url: str, *, beside: str = "") -> SplitResult:
        """Return the address at the configured host, scheme and port; raises Refused for any other host or port."""
        if any(ord(character) <= 0x20 or ord(character) > 0x7E for character in url):
            raise Refused("an address holds characters that addresses do not have")
        try:
            parts = urlsplit(urljoin(beside, url))
            port = parts.port
        except ValueError as error:
            raise Refused("an address cannot be read") from error
        if "@" in parts.netloc or parts.scheme not in _DEFAULT_PORTS or parts.hostname != self._home.hostname:
            raise Refused(f"an address leads away from {self._home.hostname}")
        # The Environment Agency still names its resources with http; they are fetched by https.
        if port not in (None, _DEFAULT_PORTS[parts.scheme], self._port()):
            raise Refused(f"an address leads to another port of {self._home.hostname}")
        return parts._replace(scheme=self._home.scheme, netloc=self._home.netloc, fragment="")

    def _port(self) -> int:
        return self._home.port or _DEFAULT_PORTS[self._home.scheme]

    def _ask(
        self, target: SplitResult, headers: dict[str, str], until: float, wanted_status: int
    ) -> tuple[Response | None, str]:
        """Return the answer, or the address of a redirect; a lost connection is tried once more."""
        for attempt in range(ATTEMPTS):
            watch = _Watch(until)
            try:
                answer = self._answer(self._send(target, headers, watch), until, wanted_status)
                if watch.has_rung:  # a truncated answer may look complete
                    raise TimeoutError
                return answer
            except (HTTPError, HTTPException, OSError, zlib.error, ValueError) as error:
                self.close()
                if watch.has_rung or clock.running_s() >= until or attempt == ATTEMPTS - 1:
                    raise Unreachable(self._reason(error, watch)) from error
            except NotFetched:
                self.close()
                raise
            finally:
                watch.stop()
        raise AssertionError("every attempt returns or raises")

    def _reason(self, error: Exception, watch: "_Watch") -> str:
        if watch.has_rung or clock.running_s() >= watch.until:
            return f"{self._home.hostname} took longer than {self._whole_s:g} s"
        return f"{self._home.hostname} gives no whole answer ({type(error).__name__})"

    def _send(self, target: SplitResult, headers: dict[str, str], watch: "_Watch") -> HTTPResponse:
        connection = self._connect(watch.until)
        if connection.sock is not None:
            connection.sock.settimeout(READ_S)
            watch.over(connection.sock)
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        connection.request("GET", path, headers=headers, preload_content=False, decode_content=True)
        return connection.getresponse()

    def _connect(self, until: float) -> HTTPConnection:
        if self._connection is None:
            host, timeout = self._home.hostname or "", min(CONNECT_S, max(until - clock.running_s(), 0.1))
            if self._home.scheme == "https":
                context = ssl.create_default_context()
                self._connection = HTTPSConnection(host, self._port(), timeout=timeout, ssl_context=context)
            else:
                self._connection = HTTPConnection(host, self._port(), timeout=timeout)
            self._connection.connect()
        return self._connection

    def _answer(self, response: HTTPResponse, until: float, wanted_status: int) -> tuple[Response | None, str]:
        host, status = self._home.hostname, response.status
        if status in _REDIRECTS and (location := response.headers.get("Location")):
            self.close()
            return None, location
        if status == 304:
            self.close()
            return Response(b"", {}, is_not_modified=True), ""
        if status != wanted_status:
            raise Refused(f"{host} answers {status}", status=status)
        fetched = Response(self._body(response, until), _validators(response))
        if response.headers.get("Connection", "").lower() == "close":
            self.close()
        return fetched, ""

    def _body(self, response: HTTPResponse, until: float) -> bytes:
        """Read the body in pieces and decompress them as they come, so that a huge answer is never held in memory."""
        pieces, size = [], 0
        while piece := response.read1(_PIECE, decode_content=True):
            size += len(piece)
            if size > MOST_BYTES:
                raise Refused(f"{self._home.hostname} answers more than {MOST_BYTES} bytes")
            if clock.running_s() > until:
                raise Unreachable(f"{self._home.hostname} took longer than {self._whole_s:g} s")
            pieces.append(piece)
        if response.length_remaining:
            raise Unreachable(f"{self._home.hostname} broke off before the end of its answer")
        return b"".join(pieces)


class _Watch:
    """Closes a connection at the deadline, even one that sends a byte now and then, which no timeout notices."""

    def __init__(self, until: float) -> None:
        self.has_rung = False
        self.until = until
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(max(until - clock.running_s(), 0.0), self._ring)
        self._timer.daemon = True
        self._timer.start()

    def over(self, connected: socket.socket) -> None:
        self._socket = connected
        if self.has_rung:
            raise TimeoutError

    def stop(self) -> None:
        self._timer.cancel()

    def _ring(self) -> None:
        self.has_rung = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it is closed already


def _conditions(validators: Mapping[str, str] | None) -> dict[str, str]:
    known_validators = validators or {}
    headers = (
        ("If-None-Match", known_validators.get("etag")),
        ("If-Modified-Since", known_validators.get("last_modified")),
    )
    return {header: value for header, value in headers if value and value.isascii() and value.isprintable()}


def _validators(response: HTTPResponse) -> dict[str, str]:
    headers = (("etag", response.headers.get("ETag")), ("last_modified", response.headers.get("Last-Modified")))
    return {name: value for name, value in headers if value and len(value) <= 500}
