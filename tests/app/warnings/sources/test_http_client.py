"""A source that behaves badly costs seconds and some bytes, never more, and leads nowhere else."""

import gzip
import ssl
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from socket import socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.warnings.sources.http_client import MOST_BYTES, Fetcher, Refused, Response, Unreachable, mistake_in
from tests.rig.upstream import Asked, Reply, Upstream

PATIENCE_S = 0.8
DRIP_EVERY_S = 0.1
MINUTES_S = 120  # only what hangs takes so long


def fetch(answering: Callable[[Asked], Reply] | Reply, *, path: str = "/feed", whole_s: float = MINUTES_S) -> Response:
    """The answer of a host that answers so."""
    answer = answering if callable(answering) else lambda _: answering
    with Upstream(answer) as host, Fetcher(host.address, whole_s=whole_s) as fetcher:
        return fetcher.get(host.address + path)


def test_good_answer_comes_with_its_validators() -> None:
    reply = Reply(b"all is well", headers={"ETag": '"v1"', "Last-Modified": "Sat, 10 Jan 2026 08:00:00 GMT"})

    fetched = fetch(reply)

    assert fetched == Response(b"all is well", {"etag": '"v1"', "last_modified": "Sat, 10 Jan 2026 08:00:00 GMT"})


def test_second_request_asks_whether_anything_changed() -> None:
    def answering(asked: Asked) -> Reply:
        return (
            Reply(status=304) if asked.headers.get("If-None-Match") == '"v1"' else Reply(b"x", headers={"ETag": '"v1"'})
        )

    with Upstream(answering) as host, Fetcher(host.address) as fetcher:
        first = fetcher.get(host.address)
        second = fetcher.get(host.address, validators=first.validators)

    assert (first.is_not_modified, second.is_not_modified, second.body) == (False, True, b"")


def test_stored_validators_cannot_add_headers() -> None:
    with Upstream(lambda _: Reply(b"x")) as host, Fetcher(host.address) as fetcher:
        fetcher.get(host.address, validators={"etag": '"v1"\r\nX-Evil: 1'})

        assert "If-None-Match" not in host.asked[0].headers


def test_caller_says_who_it_is_and_where_to_find_it() -> None:
    with Upstream(lambda _: Reply(b"x")) as host, Fetcher(host.address, contact="https://floods.example") as fetcher:
        fetcher.get(host.address)

        assert host.asked[0].headers["User-Agent"].endswith("(+https://floods.example)")


def test_packed_answer_is_unpacked() -> None:
    packed = Reply(gzip.compress(b"river " * 1000), headers={"Content-Encoding": "gzip"})

    assert fetch(packed).body == b"river " * 1000


def test_bomb_is_let_go_before_it_fills_the_memory() -> None:
    bomb = Reply(gzip.compress(bytes(MOST_BYTES * 5)), headers={"Content-Encoding": "gzip"})
    tracemalloc.start()

    with pytest.raises(Refused, match="more than 20000000 bytes"):
        fetch(bomb)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MOST_BYTES * 2


def test_endless_answer_is_cut_off() -> None:
    def forever(connection: socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b" " * 65536)

    with pytest.raises(Refused, match="more than 20000000 bytes"):
        fetch(Reply(by_hand=forever))


def stalling(beginning: bytes, dripping: bytes = b"") -> Reply:
    """Sends a beginning and then nothing, or a byte now and then, for as long as anybody listens."""

    def by_hand(connection: socket) -> None:
        connection.sendall(beginning)
        connection.settimeout(DRIP_EVERY_S)
        for _ in range(round(MINUTES_S / DRIP_EVERY_S)):
            with suppress(TimeoutError):
                if not connection.recv(1):
                    return
            connection.sendall(dripping)

    return Reply(by_hand=by_hand)


@pytest.mark.parametrize(
    "reply",
    [
        stalling(b""),
        stalling(b"HTTP/1.1 200 OK\r\n", b"x"),
        stalling(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"x"),
        stalling(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        stalling(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x")[:10], b"\x00"),
    ],
    ids=["silent", "dripping headers", "dripping body", "dripping chunks", "dripping gzip"],
)
def test_slow_host_is_left_at_the_deadline(reply: Reply) -> None:
    """Nothing but the deadline ends these: each reading of a piece may take longer."""
    with pytest.raises(Unreachable, match=rf"took longer than {PATIENCE_S} s"):
        fetch(reply, whole_s=PATIENCE_S)


def test_answer_shorter_than_it_says_is_no_answer() -> None:
    def by_hand(connection: socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[1, 2")

    with pytest.raises(Unreachable, match=r"whole answer|broke off"):
        fetch(Reply(by_hand=by_hand))


@pytest.mark.parametrize("said", [b"-5", b"many", b"99999999999999999999"])
def test_senseless_content_length_does_no_harm(said: bytes) -> None:
    def by_hand(connection: socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: " + said + b"\r\n\r\n{}")

    try:
        assert fetch(Reply(by_hand=by_hand)).body == b"{}"
    except (Unreachable, Refused) as reason:
        assert "127.0.0.1" in str(reason)


def test_noise_instead_of_http_is_no_answer() -> None:
    with pytest.raises(Unreachable):
        fetch(Reply(by_hand=lambda connection: connection.sendall(b"\x00\xff\x00 SSH-2.0 hello\r\n\r\n")))


def test_false_packing_is_no_answer() -> None:
    with pytest.raises(Unreachable):
        fetch(Reply(b"this is not gzip", headers={"Content-Encoding": "gzip"}))


def test_connection_lost_once_is_tried_once_more() -> None:
    tries: list[Asked] = []

    def answering(asked: Asked) -> Reply:
        tries.append(asked)
        return Reply(by_hand=lambda connection: connection.close()) if len(tries) == 1 else Reply(b"at last")

    assert fetch(answering).body == b"at last"


def test_nobody_at_home_is_told() -> None:
    with Upstream(lambda _: Reply(b"")) as host:
        address = host.address

    with Fetcher(address) as fetcher, pytest.raises(Unreachable, match=r"127\.0\.0\.1 gives no whole answer"):
        fetcher.get(address)


@pytest.mark.parametrize("status", [204, 206, 400, 401, 403, 404, 429, 500, 503])
def test_other_statuses_are_refused_by_name(status: int) -> None:
    with pytest.raises(Refused) as refused:
        fetch(Reply(b"<html>sorry</html>", status))

    assert refused.value.status == status


def test_redirect_on_the_same_host_is_followed() -> None:
    def answering(asked: Asked) -> Reply:
        return Reply(b"here") if asked.path == "/new" else Reply(status=302, headers={"Location": "/new"})

    assert fetch(answering).body == b"here"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://127.0.0.2/",
        "https://example.org/",
        "//example.org/",
        "http://127.0.0.1:1/",
        "http://127.0.0.1@example.org/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://[::1]/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:notaport/",
        "http://[broken/",
    ],
)
def test_redirect_to_another_place_is_refused(elsewhere: str) -> None:
    with pytest.raises(Refused, match=r"address"):
        fetch(Reply(status=301, headers={"Location": elsewhere}))


def test_circle_of_redirects_ends() -> None:
    with pytest.raises(Refused, match="more than 2 times"):
        fetch(Reply(status=302, headers={"Location": "/feed"}))


def test_reason_does_not_tell_the_query() -> None:
    with pytest.raises(Refused) as refused:
        fetch(Reply(status=500), path="/feed?key=topsecret")

    assert "topsecret" not in str(refused.value)


@pytest.mark.parametrize("address", ["https://host.example/feed?a=b", "http://localhost:8080", "http://[::1]:99/x"])
def test_address_that_may_be_asked(address: str) -> None:
    assert mistake_in(address) == ""


@pytest.mark.parametrize(
    "address",
    ["", "host.example", "ftp://host.example", "http://host.example", "https://", "https://a:b@host.example",
     "https://host.example:0", "https://host.example:x", "https://[", "http://127.0.0.1.example.org", "https://höst.example"],
)  # fmt: skip
def test_address_that_may_not_be_asked(address: str) -> None:
    assert mistake_in(address)

    with pytest.raises(Refused):
        Fetcher(address)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A host with a self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), made, made.replace(year=2126)
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    pem.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with Upstream(lambda _: Reply(b"trust me"), context) as host:
        yield host.address.replace("http://127.0.0.1", "https://localhost")


def test_host_that_cannot_prove_its_name_is_not_believed(stranger: str) -> None:
    with Fetcher(stranger) as fetcher, pytest.raises(Unreachable, match="SSL"):
        fetcher.get(stranger)
