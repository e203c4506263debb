"""The HTTP server of the local gateway: bytes to requests, replies to bytes.

Python's own server and not a WSGI one: those join repeated headers and change their names before we see them.
Limits are API Gateway's quotas; which status goes with too large a head is not documented.
"""

import contextlib
import re
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local.gateway_api import Api
from infra.local.gateway_reply import Reply, message
from infra.local.gateway_request import Request
from infra.local.processes import LOOPBACK

# "Payload size: 10 MB" and "Total combined size of request line and header values: 10240 bytes".
BODY_BYTES = 10 * 1024 * 1024
HEAD_BYTES = 10_240
IDLE_S = 60
LINGER_S = 2
PIECE_BYTES = 65_536


class GatewayServer(ThreadingHTTPServer):
    """Server of one API on one port of this machine."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, api: Api) -> None:
        super().__init__((LOOPBACK, port), _Connection)
        self.api = api
        self.port: int = self.server_address[1]
        self.url = f"http://{LOOPBACK}:{self.port}{api.mount}"

    def handle_error(self, *_: Any) -> None:
        """Ignore callers that have left; show any other error, which is ours."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(*_)


class _Refused(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.reply = message(status, text)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE_S
    server: GatewayServer

    def do_ANY(self) -> None:
        try:
            self._check_head()
            body = self._read_body()
        except _Refused as refused:
            self._refuse(refused)
            return
        self._send(self.server.api.answer(self._request(body)))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_ANY  # noqa: N815 - the library's names

    def _request(self, body: bytes) -> Request:
        own = f":{self.server.port}"
        host = self.headers.get("Host", "")
        return Request(
            self.command,
            self.path,
            [(name, _utf8(value)) for name, value in self.headers.items()],
            body,
            str(self.client_address[0]),
            host if host in (f"localhost{own}", f"{LOOPBACK}{own}") else f"{LOOPBACK}{own}",
            self.request_version,
        )

    def _check_head(self) -> None:
        size = len(self.requestline) + sum(len(value) for value in self.headers.values())
        if size > HEAD_BYTES:
            raise _Refused(431, "Request Header Fields Too Large")
        if not self.path.startswith("/") or not self.path.isascii():
            raise _Refused(400, "Bad Request")

    def _read_body(self) -> bytes:
        lengths = self.headers.get_all("Content-Length") or []
        codings = self.headers.get_all("Transfer-Encoding") or []
        if len(lengths) > 1 or (lengths and codings) or (codings and codings != ["chunked"]):
            raise _Refused(400, "Bad Request")
        if codings:
            return self._read_chunks()
        length = lengths[0] if lengths else "0"
        if not (length.isascii() and length.isdigit()):
            raise _Refused(400, "Bad Request")
        if len(length) > len(str(BODY_BYTES)) or int(length) > BODY_BYTES:
            raise _Refused(413, "Request Entity Too Large")
        return self._read_exactly(int(length))

    def _read_chunks(self) -> bytes:
        """RFC 9112 §7.1; trailers are read and dropped."""
        body = bytearray()
        while size := self._chunk_size():
            if len(body) + size > BODY_BYTES:
                raise _Refused(413, "Request Entity Too Large")
            body += self._read_exactly(size)
            if self._read_exactly(2) != b"\r\n":
                raise _Refused(400, "Bad Request")
        while self.rfile.readline(HEAD_BYTES).strip():
            pass
        return bytes(body)

    def _chunk_size(self) -> int:
        text = self.rfile.readline(HEAD_BYTES).partition(b";")[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", text):
            raise _Refused(400, "Bad Request")
        return int(text, 16)

    def _read_exactly(self, size: int) -> bytes:
        data = self.rfile.read(size)
        if len(data) < size:
            raise ConnectionError("the caller went away")
        return data

    def _refuse(self, refused: _Refused) -> None:
        """Reply and close. Further input is read and dropped: closing before would discard the reply."""
        self.close_connection = True
        self._send(refused.reply)
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER_S)
            left = 2 * BODY_BYTES
            while left > 0 and (thrown := self.connection.recv(PIECE_BYTES)):
                left -= len(thrown)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        has_body = self.command != "HEAD" and reply.status not in (204, 304)
        length = reply.header("content-length")
        for name, value in reply.headers:
            if name.lower() not in ("content-length", "date", "server"):
                self.send_header(name, value.encode().decode("latin-1"))
        if has_body:
            self.send_header("content-length", str(len(reply.body)))
        elif self.command == "HEAD":
            self.send_header("content-length", length or str(len(reply.body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if has_body:
            self.wfile.write(reply.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Send the library's own refusals in the gateway's format."""
        self.command = self.command or "GET"
        self._refuse(_Refused(code, message or self.responses.get(code, ("Bad Request", ""))[0]))

    def version_string(self) -> str:
        return "local-gateway"

    def log_message(self, *_: Any) -> None:
        """Log nothing: the access log is ours."""


def _utf8(text: str) -> str:
    """Decode header values as UTF-8; the library reads them as Latin-1."""
    with contextlib.suppress(UnicodeError):
        return text.encode("latin-1").decode()
    return text
