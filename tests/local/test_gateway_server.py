"""The local gateway on the wire and in its log; the artifacts that it refuses."""

import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.local.gateway import Gateway, running
from infra.local.gateway_api import Api
from infra.local.gateway_menu import CATCH_ALL, Function, Menu, Route, read_menu
from infra.local.gateway_request import Request
from infra.local.processes import Failed
from infra.local.runtime_api import TimedOut
from tests.local.calling import TINY, call, send
from tests.local.local_run import HANGS_S, await_none_with, await_true, processes_with

ROOT = Path(__file__).parents[2]


def raw(api: Gateway, sent: bytes) -> bytes:
    """Everything that comes back until the gateway closes."""
    parts = urlsplit(api.url)
    received = b""
    with socket.create_connection((parts.hostname, parts.port), timeout=HANGS_S) as line:
        line.sendall(sent)
        while more := line.recv(65536):
            received += more
    return received


def test_connection_is_kept(http_api: Gateway) -> None:
    connection = http.client.HTTPConnection(urlsplit(http_api.url).netloc, timeout=HANGS_S)

    send(connection, "/?do=process")
    line = connection.sock
    second = send(connection, "/?do=process")

    assert second.status == 200
    assert connection.sock is line
    connection.close()


def test_reply_leaves_in_one_packet(http_api: Gateway) -> None:
    """If an answer is sent in two parts, the second waits 40 ms for an acknowledgement of the first."""
    parts = urlsplit(http_api.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=HANGS_S) as line:
        for _ in range(20):
            line.sendall(
                b"POST /?do=size HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"
            )
            assert line.recv(65536).endswith(b"\r\n\r\n2")


def test_chunked_body_arrives_whole(http_api: Gateway) -> None:
    chunks = b"5\r\nhello\r\n7;a=b\r\n, world\r\n0\r\nTrailer: x\r\n\r\n"

    received = raw(
        http_api,
        b"POST /?do=size HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"
        b"Connection: close\r\n\r\n" + chunks,
    )

    assert received.startswith(b"HTTP/1.1 200")
    assert received.endswith(b"\r\n\r\n12")


def test_caller_that_asks_first_is_told_to_go_on(http_api: Gateway) -> None:
    head = b"POST /?do=size HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n"

    received = raw(http_api, head + b"Expect: 100-continue\r\nConnection: close\r\n\r\nhi")

    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: 1\r\nContent-Length: 1\r\n", 400),
        (b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400),
        (b"Content-Length: one\r\n", 400),
        (b"Content-Length: -1\r\n", 400),
        (b"Transfer-Encoding: gzip, chunked\r\n", 400),
        (b"Content-Length: 99999999999999999999\r\n", 413),
        (b"X-Large: " + b"x" * 11_000 + b"\r\n", 431),
        (b"X-Many: 1\r\n" * 200, 431),
    ],
)
def test_head_that_no_gateway_takes_is_refused_and_the_line_closed(http_api: Gateway, head: bytes, status: int) -> None:
    received = raw(http_api, b"POST / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\nGET /smuggled HTTP/1.1\r\n\r\n")

    assert received.startswith(f"HTTP/1.1 {status} ".encode())
    assert received.count(b"HTTP/1.1 ") == 1
    assert json.loads(received.partition(b"\r\n\r\n")[2])["message"]


@pytest.mark.parametrize("chunks", [b"zz\r\n", b"-5\r\nhello\r\n", b"5\r\nhelloXX0\r\n\r\n", b"fffffff\r\n"])
def test_bad_chunks_are_refused(http_api: Gateway, chunks: bytes) -> None:
    received = raw(http_api, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)

    assert received.split()[1] in (b"400", b"413")


def test_answer_to_an_absurd_line_is_json(http_api: Gateway) -> None:
    assert b'{"message": ' in raw(http_api, b"BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n")
    assert raw(http_api, b"GET http://elsewhere.example/ HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_host_of_the_caller_reaches_nobody(http_api: Gateway) -> None:
    event = call(http_api.url, headers=[("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https")]).json
    received = raw(http_api, b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")

    assert b"evil.example" not in received
    assert event["headers"]["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    assert event["headers"]["x-forwarded-proto"] == "http"
    assert event["requestContext"]["domainName"] == urlsplit(http_api.url).netloc


def refusing(timeout_s: float, kind: str) -> tuple[int, str]:
    """The reply of an API whose function is still at work when its time is over."""

    def at_work(function: str, event: bytes, given_s: float) -> bytes:
        raise TimedOut("Sandbox.Timedout", f"Task timed out after {given_s:.2f} seconds")

    function = Function("slow", "slow.handler", timeout_s)
    api = Api(Menu({"slow": function}, (Route(CATCH_ALL, function),)), kind, at_work, log=io.StringIO())
    reply = api.answer(Request("GET", "/dev/x", [], b"", "127.0.0.1", "localhost"))
    return reply.status, json.loads(reply.body)["message"]


def test_patience_of_the_gateway_ends_before_that_of_a_function() -> None:
    assert refusing(60, "http") == (503, "Service Unavailable")
    assert refusing(60, "rest") == (504, "Endpoint request timed out")
    assert refusing(15, "http") == (500, "Internal Server Error")
    assert refusing(15, "rest") == (502, "Internal server error")


def test_log_has_a_line_for_each_request_without_its_query(capsys: pytest.CaptureFixture[str], tiny_zip: Path) -> None:
    with running(tiny_zip, {}, menu=TINY / "serverless.yml") as gateway:
        call(gateway.url, '/a"b?do=process&lat=51.0375')
        call(gateway.url, "/broken?do=process")

    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first == {"method": "GET", "path": '/a"b', "route": "$default", "status": 200, "error": "-"}
    assert (second["route"], second["status"], second["error"]) == ("ANY /broken", 500, "Internal Server Error")


def test_no_address_outside_this_machine_is_bound(http_api: Gateway) -> None:
    port = urlsplit(http_api.url).port
    outside = [address for _, _, _, _, (address, *_) in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]

    for address in set(outside) - {"127.0.0.1"}:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address, port), timeout=HANGS_S)


def test_artifact_for_another_machine_is_refused(tmp_path: Path) -> None:
    artifact = tmp_path / "other.zip"
    elf_for_nobody = b"\x7fELF" + b"\x00" * 60
    with zipfile.ZipFile(artifact, "w") as packed:
        packed.writestr("_native.cpython-310-x86_64-linux-gnu.so", elf_for_nobody)

    with pytest.raises(Failed, match=r"was not built for this machine .* _native"), running(artifact, {}):
        pass


@pytest.mark.parametrize(("content", "said"), [(None, "There is no"), (b"no zip", "is no zip")])
def test_artifact_that_is_none_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    artifact = tmp_path / "some.zip"
    if content:
        artifact.write_bytes(content)

    with pytest.raises(Failed, match=said), running(artifact, {}):
        pass


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked at as Linux shows them")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_worker_ends_with_its_gateway_however_that_ends(tiny_zip: Path, tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "infra.local.gateway", tiny_zip, "--menu", TINY / "serverless.yml"]
    with (tmp_path / "said").open("w+b") as said:
        gateway = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"FLOOD_MARK": str(tmp_path), "TMPDIR": str(tmp_path)},
            stdout=said,
            stderr=said,
        )
        await_true(lambda: b"Serving" in (tmp_path / "said").read_bytes(), HANGS_S, gateway)
    url = (tmp_path / "said").read_text().split()[-1]
    assert int(call(url, "/?do=process").body) in processes_with(f"FLOOD_MARK={tmp_path}")

    gateway.send_signal(number)
    gateway.wait(HANGS_S)

    assert await_none_with(f"FLOOD_MARK={tmp_path}", HANGS_S) == []


def test_menu_of_the_product_is_read() -> None:
    menu = read_menu()

    def served_by(method: str, path: str) -> str:
        found = menu.route_to(method, path)
        return found[0].function.name if found else ""

    assert served_by("GET", "/v1/reports") == "api"
    assert served_by("POST", "/v1/tokens") == served_by("POST", "/v1/accounts") == "sign_in"
    assert served_by("DELETE", "/v1/tokens") == "api"
    assert menu.functions["api"].timeout_s == 15
    assert "$context.requestId" in menu.log_format
    assert "query" not in menu.log_format.lower()
